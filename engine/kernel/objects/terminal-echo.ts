// Echoes: what the line discipline wants to be shown for typed bytes. They are kept as small steps, since the cursor's column is known only
// when they are shown, which may be later (output is stopped by ^S).
import type { Termios } from "../state/tty.ts";
import { type Screen, show } from "./terminal-output.ts";

/** A step is a byte to be shown, or a number above. */
const CARET = 0x100;
const MARK_COLUMN = 0x200;
const STEP_BACK = 0x300;
const ERASE_TAB = 0x1000;
const AFTER_TAB = 0x80;

/** A control character as ^X. */
export const caretStep = (byte: number): number => CARET | byte;
/** Here the line being edited begins. */
export const MARK_COLUMN_STEP = MARK_COLUMN;
/** The last byte shown took no column of its own. */
export const STEP_BACK_STEP = STEP_BACK;
/** Back over a tab before which `columns` columns were typed, since the line's beginning or another tab. */
export const eraseTabStep = (columns: number, isAfterTab: boolean): number => ERASE_TAB | (columns & 7) | (isAfterTab ? AFTER_TAB : 0);

/** N_TTY's echo buffer; what does not fit is not echoed. */
export const ECHO_LIMIT = 4096;
const [BACKSPACE, CARET_SIGN, MARK] = [8, 94, 255];

function eraseTab(screen: Screen, step: number): void {
  const before = (step & 7) + (step & AFTER_TAB ? 0 : screen.lineColumn);
  for (let left = 8 - (before & 7); left > 0; left--) {
    screen.shown.push(BACKSPACE);
    if (screen.column > 0) screen.column--;
  }
}
function echo(screen: Screen, termios: Termios, step: number): void {
  // N_TTY marks its steps by this byte, and so shows the byte itself without OPOST's translations.
  if (step === MARK) {
    screen.shown.push(MARK);
    screen.column++;
  } else if (step < CARET) show(screen, termios, step);
  else if (step >= ERASE_TAB) eraseTab(screen, step);
  else if (step === MARK_COLUMN) screen.lineColumn = screen.column;
  else if (step === STEP_BACK) screen.column = Math.max(0, screen.column - 1);
  else {
    screen.shown.push(CARET_SIGN, (step & 0xff) ^ 0x40);
    screen.column += 2;
  }
}
export function playEchoes(screen: Screen, termios: Termios, steps: readonly number[]): void {
  for (const step of steps) echo(screen, termios, step);
}
