// All that the screen shows, for a size: what views draw and tests read.
import { layoutOf, type PlacedPane } from "./layout.ts";
import type { Line } from "./line.ts";
import { grouped } from "./moments.ts";
import { consolePane } from "./panes/console-pane.ts";
import { eventPane } from "./panes/event-pane.ts";
import type { Pane, PaneContent, PaneName } from "./panes/pane.ts";
import { processPane } from "./panes/process-pane.ts";
import { registerPane } from "./panes/register-pane.ts";
import { terminalPane } from "./panes/terminal-pane.ts";
import { timelineBar, timelinePane } from "./panes/timeline-pane.ts";
import type { PromptLine } from "./prompt-line.ts";
import type { Workbench } from "./workbench.ts";

export const panes: { readonly [N in PaneName]: Pane } = {
  terminal: terminalPane,
  events: eventPane,
  processes: processPane,
  registers: registerPane,
  timelines: timelinePane,
  console: consolePane,
};
export interface ShownPane extends PlacedPane, PaneContent {
  readonly key: string;
  readonly isFocused: boolean;
}
export interface View {
  readonly columns: number;
  readonly rows: number;
  readonly panes: readonly ShownPane[];
  readonly bar: readonly Line[];
  readonly status: Line;
  readonly prompt: { readonly label: string; readonly text: string; readonly cursor: number; readonly isFocused: boolean };
}

export function viewOf(bench: Workbench, prompt: PromptLine, candidates: readonly string[] = []): View {
  const { columns, rows, main, focus } = bench;
  const layout = layoutOf(columns, rows, main);
  const shown = layout.panes.map((placed): ShownPane => {
    const isFocused = placed.pane === focus;
    const size = { width: placed.width, height: placed.height - 1 };
    return { ...placed, key: panes[placed.pane].key, isFocused, ...panes[placed.pane].show(bench, size, isFocused) };
  });
  return {
    columns,
    rows,
    panes: shown,
    bar: timelineBar(bench, columns, layout.barHeight),
    status: statusLine(bench, candidates),
    prompt: { label: promptLabel(bench), text: prompt.text, cursor: prompt.cursor, isFocused: focus !== "terminal" },
  };
}
function promptLabel({ guest, here }: Workbench): string {
  return `(${guest.name} ${here.seq}${here.plus > 0 ? `+${here.plus}` : ""}${guest.isAtEnd ? "" : ` of ${guest.length}`}) `;
}
function statusLine(bench: Workbench, candidates: readonly string[]): Line {
  const { guest, columns } = bench;
  if (candidates.length > 0) return [{ text: candidates.join("  ").slice(0, columns), color: "cyan" }];
  const state = bench.isRunning ? (bench.isWaiting ? "waits for input" : "running") : guest.status !== undefined && guest.isAtEnd ? "ended" : "stopped";
  const right = ` ${state} · ${grouped(guest.position.tick)} instructions`;
  const hint =
    bench.focus === "terminal"
      ? "keys go to the guest; Ctrl-] leaves"
      : "F1 help · F2 terminal · F3 events · F4 processes · F5 registers · F6 timelines · F7 console";
  const { last } = bench.console;
  const left = bench.focus !== "terminal" && last && !bench.isShown("console") ? last : { text: hint, isDim: true };
  const room = Math.max(0, columns - right.length);
  return [
    { ...left, text: left.text.slice(0, room).padEnd(room) },
    { text: right, isDim: true },
  ];
}
