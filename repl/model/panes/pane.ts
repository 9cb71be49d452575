// What a pane is to the layout: a name, a key, and lines for a given size. Each is a pure projection of the workbench.
import type { Line } from "../line.ts";
import type { Workbench } from "../workbench.ts";

export const PANE_NAMES = ["terminal", "events", "processes", "registers", "timelines", "console"] as const;
export type PaneName = (typeof PANE_NAMES)[number];
export interface PaneSize {
  readonly width: number;
  readonly height: number;
}
export interface PaneContent {
  readonly title: string;
  readonly lines: readonly Line[];
}
export interface Pane {
  readonly key: string;
  show(bench: Workbench, size: PaneSize, isFocused: boolean): PaneContent;
}
