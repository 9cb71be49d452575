// What commands have printed.
import { type Line, wrapText } from "../line.ts";
import type { Pane } from "./pane.ts";

export const consolePane: Pane = {
  key: "F7",
  show(bench, { width, height }) {
    const lines = bench.console.lines.flatMap(({ text, ...style }): readonly Line[] => wrapText(text, width).map(row => [{ text: row, ...style }]));
    const end = Math.max(height, lines.length - bench.scroll.console);
    return { title: "console", lines: lines.slice(Math.max(0, end - height), end) };
  },
};
