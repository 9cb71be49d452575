// The lines that commands print, the last of them kept.
import type { Span, Style } from "./line.ts";

const MOST_LINES = 2000;

export class Console {
  #lines: readonly Span[] = [];
  #count = 0;
  get lines(): readonly Span[] {
    return this.#lines;
  }
  /** Lines printed since the beginning. */
  get count(): number {
    return this.#count;
  }
  get last(): Span | undefined {
    return this.#lines.at(-1);
  }
  print(text: string, style: Style = {}): void {
    const rows = text.replace(/\n$/, "").split("\n");
    this.#count += rows.length;
    this.#lines = [...this.#lines, ...rows.map(row => ({ text: row.replaceAll("\t", "        "), ...style }))].slice(-MOST_LINES);
  }
  clear(): void {
    this.#lines = [];
  }
}
