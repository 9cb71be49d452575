// The guest's terminal as a screen: its output fed to a terminal emulator, read back as styled lines. After a jump in history it is fed anew.

import type { IBufferCell } from "@xterm/headless";
import headless from "@xterm/headless";
import type { Guest } from "./guest.ts";
import type { Line, Span, Style } from "./line.ts";

/** More output than this is fed from its last part only: nobody waits for a screen of megabytes long gone. */
const MOST_FED = 1 << 20;
const PALETTE = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"] as const;

export class GuestScreen {
  readonly #terminal: headless.Terminal;
  #guest: Guest | undefined;
  #fedSeq = 0;
  #fedBytes = 0;
  #isAnswering = false;
  /** The emulator answers a question of the guest (where is the cursor?): to be typed as if by the user. */
  onAnswer: (bytes: Uint8Array) => void = () => {};
  onChange: () => void = () => {};

  constructor(columns: number, rows: number) {
    this.#terminal = new headless.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 2000 });
    this.#terminal.onData(text => {
      if (this.#isAnswering) this.onAnswer(Buffer.from(text, "latin1"));
    });
  }
  get columns(): number {
    return this.#terminal.cols;
  }
  get rows(): number {
    return this.#terminal.rows;
  }
  resize(columns: number, rows: number): void {
    if (columns !== this.columns || rows !== this.rows) this.#terminal.resize(columns, rows);
  }
  /** Shows the terminal as of the guest's position. */
  show(guest: Guest): void {
    const { screen, position } = guest;
    const isContinued = guest === this.#guest && position.seq >= this.#fedSeq && screen.length >= this.#fedBytes;
    if (!isContinued) {
      this.#terminal.reset();
      this.#fedBytes = Math.max(0, screen.length - MOST_FED);
    }
    const more = screen.subarray(this.#fedBytes);
    this.#guest = guest;
    this.#fedSeq = position.seq;
    this.#fedBytes = screen.length;
    if (more.length === 0 && isContinued) return;
    const isAnswering = isContinued && guest.isAtEnd;
    this.#terminal.write("", () => {
      this.#isAnswering = isAnswering;
    });
    this.#terminal.write(more, () => {
      this.#isAnswering = false;
      this.onChange();
    });
  }
  /** The last lines that fit, the cursor among them; `scroll` lines further up. */
  lines(height: number, scroll = 0, isCursorShown = false): readonly Line[] {
    const { active } = this.#terminal.buffer;
    const cursorRow = active.baseY + active.cursorY;
    const bottom = Math.max(cursorRow, this.#lastUsedRow());
    const top = Math.max(0, Math.min(bottom - height + 1, active.type === "alternate" ? Math.max(0, bottom - height + 1) : bottom - height + 1) - scroll);
    return Array.from({ length: height }, (_, i) => this.#line(top + i, isCursorShown && top + i === cursorRow ? active.cursorX : -1));
  }
  #lastUsedRow(): number {
    const { active } = this.#terminal.buffer;
    for (let row = active.baseY + this.rows - 1; row > active.baseY; row--) {
      if (active.getLine(row)?.translateToString(true)) return row;
    }
    return active.baseY;
  }
  #line(row: number, cursor: number): Line {
    const cells = this.#terminal.buffer.active.getLine(row);
    if (!cells) return [];
    const spans: { text: string; style: Style; key: string }[] = [];
    const used = Math.max(cells.translateToString(true).length, cursor + 1);
    for (let column = 0; column < Math.min(used, this.columns); column++) {
      const cell = cells.getCell(column);
      if (!cell || cell.getWidth() === 0) continue;
      const style = styleOf(cell, column === cursor);
      const key = JSON.stringify(style);
      const last = spans.at(-1);
      const text = cell.getChars() || " ";
      if (last?.key === key) last.text += text;
      else spans.push({ text, style, key });
    }
    return spans.map(({ text, style }): Span => ({ text, ...style }));
  }
  dispose(): void {
    this.#terminal.dispose();
  }
}

function styleOf(cell: IBufferCell, isCursor: boolean): Style {
  const color = colorOf(cell.getFgColor(), cell.isFgPalette(), cell.isFgRGB());
  const background = colorOf(cell.getBgColor(), cell.isBgPalette(), cell.isBgRGB());
  return {
    ...(color === undefined ? {} : { color }),
    ...(background === undefined ? {} : { background }),
    ...(cell.isBold() ? { isBold: true } : {}),
    ...(cell.isDim() ? { isDim: true } : {}),
    ...(cell.isUnderline() ? { isUnderlined: true } : {}),
    ...((cell.isInverse() !== 0) !== isCursor ? { isInverse: true } : {}),
  };
}
function colorOf(color: number, isPalette: boolean, isRgb: boolean): string | undefined {
  if (isRgb) return `#${color.toString(16).padStart(6, "0")}`;
  if (!isPalette) return undefined;
  if (color < 8) return PALETTE[color];
  return color < 16 ? `${PALETTE[color - 8]!}Bright`.replace("blackBright", "gray") : `ansi256(${color})`;
}
