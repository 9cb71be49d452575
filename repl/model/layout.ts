// Where panes lie on a screen of a given size: one with the prompt on a small one, all of them on a large one.
import type { PaneName } from "./panes/pane.ts";

export interface PlacedPane {
  readonly pane: PaneName;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  /** With its title line. */
  readonly height: number;
}
export interface Layout {
  readonly panes: readonly PlacedPane[];
  readonly barHeight: number;
}
/** Status line and prompt. */
const FOOT_LINES = 2;
const LARGE = { columns: 150, rows: 42 };
const MEDIUM = { columns: 110, rows: 30 };

/** A column of panes; the last one gets what is left over. */
function stack(left: number, width: number, height: number, parts: readonly (readonly [pane: PaneName, share: number])[]): readonly PlacedPane[] {
  let top = 0;
  return parts.map(([pane, share], i) => {
    const own = i === parts.length - 1 ? height - top : Math.max(3, Math.round(height * share));
    const placed = { pane, left, top, width, height: own };
    top += own;
    return placed;
  });
}
export function layoutOf(columns: number, rows: number, main: PaneName): Layout {
  if (columns >= LARGE.columns && rows >= LARGE.rows) {
    const barHeight = 4;
    const height = rows - barHeight - FOOT_LINES;
    const left = Math.max(82, Math.floor(columns / 2));
    const panes = [
      ...stack(0, left, height, [
        ["terminal", Math.max(0.5, 25 / height)],
        ["console", 0],
      ]),
      ...stack(left + 1, columns - left - 1, height, [
        ["events", 0.4],
        ["processes", 0.36],
        ["registers", 0],
      ]),
    ];
    return { panes, barHeight };
  }
  const barHeight = rows >= MEDIUM.rows ? 2 : 1;
  const height = Math.max(2, rows - barHeight - FOOT_LINES);
  if (columns < MEDIUM.columns || rows < MEDIUM.rows) return { panes: [{ pane: main, left: 0, top: 0, width: columns, height }], barHeight };
  const left = Math.max(80, Math.floor(columns * 0.6));
  const beside: PaneName = main === "events" ? "terminal" : "events";
  const below: PaneName = main === "processes" ? "registers" : "processes";
  return {
    panes: [
      ...stack(0, left, height, [[main, 1]]),
      ...stack(left + 1, columns - left - 1, height, [
        [beside, 0.6],
        [below, 0],
      ]),
    ],
    barHeight,
  };
}
/** The guest's terminal on a screen of this size. */
export function terminalSize(columns: number, rows: number): { readonly columns: number; readonly rows: number } {
  const { width, height } = layoutOf(columns, rows, "terminal").panes.find(({ pane }) => pane === "terminal")!;
  return { columns: width, rows: height - 1 };
}
