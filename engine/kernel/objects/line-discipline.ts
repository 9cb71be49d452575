// The line discipline: what becomes of each byte that is typed (termios(3); N_TTY). It works on a mutable copy of a terminal's state,
// and only notes what is to be shown and signalled: objects/terminals.ts does the rest.
import { CHARACTERS, DISABLED, INPUT_FLAGS, LOCAL_FLAGS } from "../../abi/constants/termios-flags.ts";
import type { Termios } from "../state/tty.ts";
import { caretStep, ECHO_LIMIT, eraseTabStep, MARK_COLUMN_STEP, playEchoes, STEP_BACK_STEP } from "./terminal-echo.ts";
import { isAlphanumeric, isContinuation, isControl, type Screen, toLower } from "./terminal-output.ts";

export interface Line extends Screen {
  readonly termios: Termios;
  queue: number[];
  complete: number;
  lineEnds: number[];
  echoes: number[];
  isErasing: boolean;
  isLiteralNext: boolean;
  isStopped: boolean;
  isHeld: boolean;
  /** For the foreground group, in order. */
  readonly signals: number[];
  /** A signal discarded what was not yet read and shown. */
  isFlushed: boolean;
}

/** N_TTY_BUF_SIZE. */
export const QUEUE_LIMIT = 4096;
const [SIGINT, SIGQUIT, SIGTSTP] = [2, 3, 20];
const [BACKSPACE, TAB, NEWLINE, RETURN, SPACE, SLASH, BACKSLASH, CARET_SIGN, UNDERSCORE, MARK] = [8, 9, 10, 13, 32, 47, 92, 94, 95, 255];

const hasInput = (line: Line, flag: number): boolean => (line.termios.input & flag) !== 0;
const hasLocal = (line: Line, flag: number): boolean => (line.termios.local & flag) !== 0;
export const isCanonical = (termios: Termios): boolean => (termios.local & LOCAL_FLAGS.ICANON) !== 0;

// Echoing

const echoRaw = (line: Line, ...steps: readonly number[]): void => {
  if (line.echoes.length < ECHO_LIMIT) line.echoes.push(...steps);
};
const echoByte = (line: Line, byte: number): void =>
  echoRaw(line, hasLocal(line, LOCAL_FLAGS.ECHOCTL) && isControl(byte) && byte !== TAB ? caretStep(byte) : byte);
function finishErasing(line: Line): void {
  if (!line.isErasing) return;
  echoRaw(line, SLASH);
  line.isErasing = false;
}
function echoInLine(line: Line, byte: number): void {
  if (line.complete === line.queue.length) echoRaw(line, MARK_COLUMN_STEP);
  echoByte(line, byte);
}
function echoTyped(line: Line, byte: number): void {
  finishErasing(line);
  echoInLine(line, byte);
}
/** Shows the echoes that wait, unless output is stopped. */
export function flushEchoes(line: Line): void {
  if (line.isStopped || line.echoes.length === 0) return;
  playEchoes(line, line.termios, line.echoes);
  line.echoes = [];
}

// Flow

export function start(line: Line): void {
  if (!line.isHeld) line.isStopped = false;
}
function restart(line: Line): void {
  start(line);
  flushEchoes(line);
}
const stop = (line: Line): void => {
  line.isStopped = true;
};

/** Drops what was typed and not read. */
export function clearQueue(line: Line): void {
  line.queue = [];
  line.complete = 0;
  line.lineEnds = [];
  line.isErasing = false;
}
const signalKey =
  (signal: number) =>
  (line: Line, byte: number): void => {
    line.signals.push(signal);
    if (!hasLocal(line, LOCAL_FLAGS.NOFLSH)) {
      line.echoes = [];
      // What this batch has shown is still on its way, and lost too.
      line.shown.length = 0;
      line.isFlushed = true;
      clearQueue(line);
    }
    if (hasInput(line, INPUT_FLAGS.IXON)) start(line);
    if (hasLocal(line, LOCAL_FLAGS.ECHO)) echoByte(line, byte);
    else flushEchoes(line);
  };

// Erasing

/** The columns typed before the queue's end: since the line's beginning, or since a tab. */
function columnsBefore(line: Line): { columns: number; isAfterTab: boolean } {
  let columns = 0;
  for (let at = line.queue.length - 1; at >= line.complete; at--) {
    const byte = line.queue[at]!;
    if (byte === TAB) return { columns, isAfterTab: true };
    if (isControl(byte)) columns += hasLocal(line, LOCAL_FLAGS.ECHOCTL) ? 2 : 0;
    else if (!isContinuation(line.termios, byte)) columns++;
  }
  return { columns, isAfterTab: false };
}
/** Where the last character begins, which with IUTF8 may have several bytes; undefined where it is not whole. */
function lastCharacter(line: Line): number | undefined {
  let at = line.queue.length - 1;
  while (at > line.complete && isContinuation(line.termios, line.queue[at]!)) at--;
  return isContinuation(line.termios, line.queue[at]!) ? undefined : at;
}
function echoErasure(line: Line, erased: readonly number[], isSingle: boolean): void {
  const byte = erased[0]!;
  if (hasLocal(line, LOCAL_FLAGS.ECHOPRT)) {
    if (!line.isErasing) echoRaw(line, BACKSLASH);
    line.isErasing = true;
    echoByte(line, byte);
    for (const rest of erased.slice(1)) echoRaw(line, rest, STEP_BACK_STEP);
  } else if (isSingle && !hasLocal(line, LOCAL_FLAGS.ECHOE)) echoByte(line, line.termios.characters[CHARACTERS.VERASE]!);
  else if (byte === TAB) {
    const { columns, isAfterTab } = columnsBefore(line);
    echoRaw(line, eraseTabStep(columns, isAfterTab));
  } else {
    const hasCaret = hasLocal(line, LOCAL_FLAGS.ECHOCTL);
    if (isControl(byte) && hasCaret) echoRaw(line, BACKSPACE, SPACE, BACKSPACE);
    if (!isControl(byte) || hasCaret) echoRaw(line, BACKSPACE, SPACE, BACKSPACE);
  }
}
/** Takes characters off the line's end while `goesOn`, which is told each one's first byte. */
function eraseWhile(line: Line, isSingle: boolean, goesOn: (byte: number) => boolean): void {
  while (line.queue.length > line.complete) {
    const at = lastCharacter(line);
    if (at === undefined || !goesOn(line.queue[at]!)) break;
    const erased = line.queue.splice(at);
    if (hasLocal(line, LOCAL_FLAGS.ECHO)) echoErasure(line, erased, isSingle);
    if (isSingle) break;
  }
  if (line.queue.length === line.complete && hasLocal(line, LOCAL_FLAGS.ECHO)) finishErasing(line);
}
function eraseCharacter(line: Line): void {
  if (line.queue.length > line.complete) eraseWhile(line, true, () => true);
}
function eraseWord(line: Line): void {
  if (line.queue.length === line.complete) return;
  let isInWord = false;
  eraseWhile(line, false, byte => {
    const isPart = isAlphanumeric(byte) || byte === UNDERSCORE;
    if (isInWord && !isPart) return false;
    isInWord ||= isPart;
    return true;
  });
}
const KILL_SHOWN = LOCAL_FLAGS.ECHOK | LOCAL_FLAGS.ECHOKE | LOCAL_FLAGS.ECHOE;
function eraseLine(line: Line): void {
  if (line.queue.length === line.complete) return;
  const { local, characters } = line.termios;
  if (local & LOCAL_FLAGS.ECHO && (local & KILL_SHOWN) === KILL_SHOWN) {
    eraseWhile(line, false, () => true);
    return;
  }
  line.queue.length = line.complete;
  if (!(local & LOCAL_FLAGS.ECHO)) return;
  finishErasing(line);
  echoByte(line, characters[CHARACTERS.VKILL]!);
  if (local & LOCAL_FLAGS.ECHOK) echoRaw(line, NEWLINE);
}

// Lines

function takeLiterally(line: Line): void {
  line.isLiteralNext = true;
  if (!hasLocal(line, LOCAL_FLAGS.ECHO)) return;
  finishErasing(line);
  if (hasLocal(line, LOCAL_FLAGS.ECHOCTL)) echoRaw(line, CARET_SIGN, BACKSPACE);
}
function reprint(line: Line, byte: number): void {
  finishErasing(line);
  echoByte(line, byte);
  echoRaw(line, NEWLINE);
  for (const typed of line.queue.slice(line.complete)) echoByte(line, typed);
}
function endLine(line: Line, byte: number): void {
  line.lineEnds.push(line.queue.length);
  line.queue.push(byte);
  line.complete = line.queue.length;
}
function newline(line: Line): void {
  if (line.termios.local & (LOCAL_FLAGS.ECHO | LOCAL_FLAGS.ECHONL)) echoRaw(line, NEWLINE);
  endLine(line, NEWLINE);
}
function otherEnd(line: Line, byte: number): void {
  if (hasLocal(line, LOCAL_FLAGS.ECHO)) echoInLine(line, byte);
  if (byte === MARK && hasInput(line, INPUT_FLAGS.PARMRK)) line.queue.push(byte);
  endLine(line, byte);
}

interface Key {
  readonly character: keyof typeof CHARACTERS;
  /** Flags that must be set. */
  readonly local?: number;
  readonly input?: number;
  readonly act: (line: Line, byte: number) => void;
}
const { ISIG, ICANON, IEXTEN, ECHO } = LOCAL_FLAGS;
/** Keys that act in every mode, before carriage returns are translated. Where two share a character, the first counts. */
const controlKeys: readonly Key[] = [
  { character: "VSTART", input: INPUT_FLAGS.IXON, act: restart },
  { character: "VSTOP", input: INPUT_FLAGS.IXON, act: stop },
  { character: "VINTR", local: ISIG, act: signalKey(SIGINT) },
  { character: "VQUIT", local: ISIG, act: signalKey(SIGQUIT) },
  { character: "VSUSP", local: ISIG, act: signalKey(SIGTSTP) },
];
/** Keys of the canonical mode. */
const editingKeys: readonly Key[] = [
  { character: "VERASE", local: ICANON, act: eraseCharacter },
  { character: "VWERASE", local: ICANON | IEXTEN, act: eraseWord },
  { character: "VKILL", local: ICANON, act: eraseLine },
  { character: "VLNEXT", local: ICANON | IEXTEN, act: takeLiterally },
  { character: "VREPRINT", local: ICANON | IEXTEN | ECHO, act: reprint },
  { character: "VEOF", local: ICANON, act: line => endLine(line, DISABLED) },
  { character: "VEOL", local: ICANON, act: otherEnd },
  { character: "VEOL2", local: ICANON | IEXTEN, act: otherEnd },
];
type Keyboard = ReadonlyMap<number, Key["act"]>;
function keyboardOf(keys: readonly Key[], termios: Termios): Map<number, Key["act"]> {
  const byByte = new Map<number, Key["act"]>();
  for (const { character, local = 0, input = 0, act } of keys) {
    const byte = termios.characters[CHARACTERS[character]] ?? DISABLED;
    const isOn = (termios.local & local) === local && (termios.input & input) === input;
    if (isOn && byte !== DISABLED && !byByte.has(byte)) byByte.set(byte, act);
  }
  return byByte;
}

// Bytes

function put(line: Line, byte: number): void {
  if (byte === MARK && hasInput(line, INPUT_FLAGS.PARMRK)) line.queue.push(byte);
  line.queue.push(byte);
}
function resumeByAnyKey(line: Line): void {
  const flags = INPUT_FLAGS.IXON | INPUT_FLAGS.IXANY;
  if (line.isStopped && !line.isHeld && (line.termios.input & flags) === flags) restart(line);
}
function takePlain(line: Line, byte: number): void {
  resumeByAnyKey(line);
  if (hasLocal(line, ECHO)) echoTyped(line, byte);
  put(line, byte);
}
const stripped = (line: Line, byte: number): number => {
  const bits = hasInput(line, INPUT_FLAGS.ISTRIP) ? byte & 0x7f : byte;
  return hasInput(line, INPUT_FLAGS.IUCLC) && hasLocal(line, IEXTEN) ? toLower(bits) : bits;
};
/** ICRNL, INLCR, IGNCR: what a line's end becomes; undefined where it is dropped. */
function translated(line: Line, byte: number): number | undefined {
  if (byte === RETURN && hasInput(line, INPUT_FLAGS.IGNCR)) return undefined;
  if (byte === RETURN && hasInput(line, INPUT_FLAGS.ICRNL)) return NEWLINE;
  return byte === NEWLINE && hasInput(line, INPUT_FLAGS.INLCR) ? RETURN : byte;
}
/** A carriage return that became a newline is echoed as one even where control characters show as ^X. */
function takeTranslatedReturn(line: Line): void {
  resumeByAnyKey(line);
  if (hasLocal(line, ECHO)) {
    finishErasing(line);
    echoRaw(line, NEWLINE);
  }
  put(line, NEWLINE);
}
/** What a byte that is no control key does, translated or not. */
function actOf(line: Line, byte: number, meant: number, editing: Keyboard): Key["act"] {
  const edit = editing.get(meant) ?? (meant === NEWLINE && hasLocal(line, ICANON) ? newline : undefined);
  if (edit) {
    resumeByAnyKey(line);
    return edit;
  }
  return meant === NEWLINE && byte === RETURN ? takeTranslatedReturn : takePlain;
}
function takeByte(line: Line, raw: number, control: Keyboard, editing: Keyboard): void {
  const byte = stripped(line, raw);
  const key = line.isLiteralNext ? undefined : control.get(byte);
  const meant = line.isLiteralNext ? byte : translated(line, byte);
  if (key) key(line, byte);
  else if (line.isLiteralNext) {
    line.isLiteralNext = false;
    takePlain(line, byte);
  } else if (meant === undefined) resumeByAnyKey(line);
  else actOf(line, byte, meant, editing)(line, meant);
}

/** How many more bytes the queue takes now. A line without an end never stops the typing: its last place is written again and again. */
function roomFor(line: Line): number {
  const left = QUEUE_LIMIT - line.queue.length;
  const room = (hasInput(line, INPUT_FLAGS.PARMRK) ? Math.ceil(left / 3) : left) - 1;
  if (room > 0) return room;
  if (!isCanonical(line.termios) || line.complete > 0) return 0;
  if (room < 0) line.queue.pop();
  return 1;
}
/** Processes what is typed, as far as there is room; answers how many bytes were taken. */
export function takeBytes(line: Line, bytes: Readonly<Uint8Array>): number {
  const control = keyboardOf(controlKeys, line.termios);
  const editing = keyboardOf(editingKeys, line.termios);
  let at = 0;
  while (at < bytes.length) {
    const end = Math.min(bytes.length, at + roomFor(line));
    if (end === at) break;
    for (; at < end; at++) takeByte(line, bytes[at]!, control, editing);
    if (line.termios.local & (ECHO | LOCAL_FLAGS.ECHONL)) flushEchoes(line);
  }
  return at;
}
