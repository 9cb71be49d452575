// The tree of timelines drawn to one scale: what was executed, where each leaves its parent, and where we are.

import type { Guest } from "../guest.ts";
import type { Line, Span } from "../line.ts";
import { grouped } from "../moments.ts";
import type { Workbench } from "../workbench.ts";
import type { Pane } from "./pane.ts";

const NAME_WIDTH = 12;
const COUNT_WIDTH = 10;

/** One timeline as a bar: `main        ├━━━━━━●────┤      1,591`. */
function bar(bench: Workbench, timeline: Guest, width: number, longest: number): Line {
  const room = Math.max(8, width - NAME_WIDTH - COUNT_WIDTH - 1);
  const column = (seq: number): number => Math.min(room - 1, Math.floor((seq * (room - 1)) / Math.max(1, longest)));
  const isCurrent = timeline === bench.guest;
  const from = timeline.forkedAt === undefined ? 0 : column(timeline.forkedAt);
  const to = column(timeline.length);
  const here = column(timeline.position.seq);
  const marks = new Map<number, string>(
    [...bench.timelines.tags.values(), ...bench.timelines.checkpoints].filter(mark => mark.timeline === timeline).map(mark => [column(mark.position.seq), "◆"]),
  );
  const drawn = Array.from({ length: room }, (_, at): Span => {
    if (isCurrent && at === here) return { text: "●", color: "cyan", isBold: true };
    const mark = marks.get(at);
    if (mark) return { text: mark, color: "yellow" };
    if (at < from || at > to) return { text: " " };
    if (at === from) return { text: timeline.forkedAt === undefined ? "├" : "╰", isDim: !isCurrent };
    if (at === to) return { text: "┤", isDim: !isCurrent };
    return isCurrent && at < here ? { text: "━", color: "cyan" } : { text: "─", isDim: true };
  });
  return [
    { text: timeline.name.slice(0, NAME_WIDTH - 1).padEnd(NAME_WIDTH), isBold: isCurrent },
    ...joined(drawn),
    { text: ` ${grouped(timeline.length).padStart(COUNT_WIDTH - 1)}`, isDim: !isCurrent },
  ];
}
/** Neighbours of one style become one span. */
function joined(spans: readonly Span[]): readonly Span[] {
  const out: Span[] = [];
  for (const { text, ...style } of spans) {
    const last = out.at(-1);
    const { text: lastText, ...lastStyle } = last ?? { text: "" };
    if (last && JSON.stringify(lastStyle) === JSON.stringify(style)) out[out.length - 1] = { text: lastText + text, ...style };
    else out.push({ text, ...style });
  }
  return out;
}
export function timelineLines(bench: Workbench, width: number): readonly Line[] {
  const longest = Math.max(...bench.timelines.all.map(one => one.length));
  return bench.timelines.tree().map(({ timeline }) => bar(bench, timeline, width, longest));
}
/** The tree in at most `height` lines, the current timeline always among them. */
export function timelineBar(bench: Workbench, width: number, height: number): readonly Line[] {
  const lines = timelineLines(bench, width);
  const at = bench.timelines.tree().findIndex(({ timeline }) => timeline === bench.guest);
  const top = Math.max(0, Math.min(at - height + 1, lines.length - height));
  return lines.slice(top, top + height);
}

export const timelinePane: Pane = {
  key: "F6",
  show(bench, { width, height }) {
    const marks = [
      ...[...bench.timelines.tags].map(([name, { timeline, position }]) => `◆ ${name}: ${timeline.name} ${position.seq}`),
      ...bench.timelines.checkpoints.map(({ timeline, position }, i) => `◆ checkpoint ${i + 1}: ${timeline.name} ${position.seq}`),
    ];
    return { title: "timelines", lines: [...timelineLines(bench, width), [], ...marks.map((text): Line => [{ text, color: "yellow" }])].slice(0, height) };
  },
};
