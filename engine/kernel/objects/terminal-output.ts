// Output as a terminal shows it: OPOST's translations, and the column that follows from them (termios(3), c_oflag).
import { INPUT_FLAGS, OUTPUT_FLAGS } from "../../abi/constants/termios-flags.ts";
import type { Termios } from "../state/tty.ts";

/** The kernel's character classes are those of Latin-1, but for 0x80 to 0x9f, which are none. */
export const isControl = (byte: number): boolean => byte < 32 || byte === 127;
const isLower = (byte: number): boolean => (byte >= 97 && byte <= 122) || (byte >= 223 && byte !== 247 && byte <= 255);
const isUpper = (byte: number): boolean => (byte >= 65 && byte <= 90) || (byte >= 192 && byte !== 215 && byte <= 222);
export const isAlphanumeric = (byte: number): boolean => isLower(byte) || isUpper(byte) || (byte >= 48 && byte <= 57);
export const toLower = (byte: number): number => (isUpper(byte) ? byte + 32 : byte);
const toUpper = (byte: number): number => (isLower(byte) ? byte - 32 : byte);
/** IUTF8: a byte that belongs to the character before it. */
export const isContinuation = (termios: Termios, byte: number): boolean => (termios.input & INPUT_FLAGS.IUTF8) !== 0 && (byte & 0xc0) === 0x80;

/** Where output goes on, and what is to be shown. */
export interface Screen {
  column: number;
  lineColumn: number;
  readonly shown: number[];
}
const [BACKSPACE, TAB, NEWLINE, RETURN, SPACE] = [8, 9, 10, 13, 32];
const TAB_WIDTH = 8;

type Translation = (screen: Screen, flags: number) => void;
const translations: Readonly<Record<number, Translation>> = {
  [NEWLINE](screen, flags) {
    if (flags & OUTPUT_FLAGS.ONLRET) screen.column = 0;
    if (flags & OUTPUT_FLAGS.ONLCR) {
      screen.column = 0;
      screen.shown.push(RETURN);
    }
    screen.lineColumn = screen.column;
    screen.shown.push(NEWLINE);
  },
  [RETURN](screen, flags) {
    if (flags & OUTPUT_FLAGS.ONOCR && screen.column === 0) return;
    if (flags & OUTPUT_FLAGS.OCRNL) {
      if (flags & OUTPUT_FLAGS.ONLRET) screen.lineColumn = screen.column = 0;
      screen.shown.push(NEWLINE);
      return;
    }
    screen.lineColumn = screen.column = 0;
    screen.shown.push(RETURN);
  },
  [TAB](screen, flags) {
    const width = TAB_WIDTH - (screen.column % TAB_WIDTH);
    screen.column += width;
    if ((flags & OUTPUT_FLAGS.TAB3) !== OUTPUT_FLAGS.TAB3) screen.shown.push(TAB);
    else for (let i = 0; i < width; i++) screen.shown.push(SPACE);
  },
  [BACKSPACE](screen) {
    if (screen.column > 0) screen.column--;
    screen.shown.push(BACKSPACE);
  },
};

/** One byte of output, or of an echo. */
export function show(screen: Screen, termios: Termios, byte: number): void {
  const flags = termios.output;
  if (!(flags & OUTPUT_FLAGS.OPOST)) {
    screen.shown.push(byte);
    return;
  }
  const translate = translations[byte];
  if (translate) translate(screen, flags);
  else if (isControl(byte)) screen.shown.push(byte);
  else {
    if (!isContinuation(termios, byte)) screen.column++;
    screen.shown.push(flags & OUTPUT_FLAGS.OLCUC ? toUpper(byte) : byte);
  }
}
