// The event stream around the current position: what has happened above the line, what is recorded to come below it.
import type { KernelEvent } from "../../../events/kernel-event.ts";
import type { EventTest } from "../event-filter.ts";
import { eventText, taskOf } from "../event-text.ts";
import type { Guest } from "../guest.ts";
import type { Line, Style } from "../line.ts";
import type { Pane } from "./pane.ts";

/** Events looked at for one pane: a filter that lets little through shows less then, but soon. */
const MOST_SEARCHED = 20_000;

const styles: { readonly [K in KernelEvent["kind"]]?: Style } = {
  signal: { color: "yellow" },
  fault: { color: "red" },
  exit: { color: "magenta" },
  input: { color: "green" },
  boot: { color: "cyan" },
};
const styleOf = (event: KernelEvent): Style => styles[event.kind] ?? ("result" in event && event.result.kind === "fail" ? { color: "red" } : {});

/** Up to `count` events from `seq` in one direction that the test lets through. */
export function eventsFrom(guest: Guest, seq: number, step: 1 | -1, count: number, test: EventTest): readonly number[] {
  const found: number[] = [];
  for (let at = seq, searched = 0; found.length < count && at >= 0 && at < guest.length && searched < MOST_SEARCHED; at += step, searched++) {
    const event = guest.event(at);
    if (event && test(event)) found.push(at);
  }
  return found;
}
export function eventLine(seq: number, event: KernelEvent, isPast: boolean, isChosen: boolean): Line {
  const task = taskOf(event);
  const style = styleOf(event);
  return [
    { text: String(seq).padStart(7), isDim: true },
    { text: ` ${task === undefined ? "" : task}`.padEnd(5), color: "blue", isDim: !isPast },
    { text: eventText(event), ...style, isDim: !isPast, ...(isChosen ? { isInverse: true } : {}) },
  ];
}

export const eventPane: Pane = {
  key: "F3",
  show(bench, { width, height }, isFocused) {
    const { guest, filter, eventCursor } = bench;
    const { seq } = guest.position;
    const centre = eventCursor ?? seq;
    const wantedAfter = Math.min(guest.length - centre, Math.floor(height / 3));
    const before = eventsFrom(guest, centre - 1, -1, height - 1 - Math.max(0, wantedAfter), filter.test).toReversed();
    const after = eventsFrom(guest, centre, 1, height - 1 - before.length, filter.test);
    const rows: Line[] = [];
    let isDrawn = false;
    for (const at of [...before, ...after]) {
      if (at >= seq && !isDrawn) {
        rows.push(hereLine(width, seq, guest));
        isDrawn = true;
      }
      rows.push(eventLine(at, guest.event(at)!, at < seq, isFocused && at === eventCursor));
    }
    if (!isDrawn && centre >= seq) rows.push(hereLine(width, seq, guest));
    return { title: `events${filter.text ? ` -e ${filter.text}` : ""}`, lines: rows.slice(0, height) };
  },
};
function hereLine(width: number, seq: number, guest: Guest): Line {
  const label = ` ${guest.isAtEnd ? "now" : "here"}: ${seq} `;
  return [{ text: `──${label}${"─".repeat(Math.max(0, width - label.length - 2))}`, color: "cyan" }];
}
