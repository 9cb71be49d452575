// Terminals as objects: made, typed into, read, written, resized, set, hung up. How typed bytes are processed is line-discipline.ts; the other
// side of pseudo-terminals is pseudo-terminals.ts.
import type { Draft } from "immer";
import { signals } from "../../abi/constants/signals.ts";
import { CHARACTERS, DISABLED, INPUT_FLAGS, LOCAL_FLAGS, OUTPUT_FLAGS } from "../../abi/constants/termios-flags.ts";
import type { Bytes } from "../../abi/memory-view.ts";
import type { Kernel } from "../kernel.ts";
import type { Discipline, Master, Terminal, Termios } from "../state/tty.ts";
import { clearQueue, flushEchoes, isCanonical, type Line, QUEUE_LIMIT, start, takeBytes } from "./line-discipline.ts";
import { abandonSession, signalForeground } from "./terminal-jobs.ts";
import { type Screen, show } from "./terminal-output.ts";
import { FRESH_TERMIOS } from "./terminal-settings.ts";
import { wake } from "./waiting.ts";

/** Waited for by readers and writers, and by the master's. */
export const terminalChannel = (id: number): string => `terminal:${id}`;
export const masterChannel = (id: number): string => `master:${id}`;

const NOTHING = new Uint8Array(0);
/** A new value each time: a draft takes new objects in as they are, and would change a shared one. */
const freshDiscipline = (): Discipline => ({
  queue: NOTHING,
  complete: 0,
  lineEnds: [],
  arriving: NOTHING,
  echoes: [],
  isErasing: false,
  isLiteralNext: false,
  column: 0,
  lineColumn: 0,
  isStopped: false,
  isHeld: false,
});
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}
/** A terminal in its first state; without a master it is the world's. */
export const freshTerminal = (id: number, size: TerminalSize, master: Master | null): Terminal => ({
  id,
  termios: { ...FRESH_TERMIOS, characters: [...FRESH_TERMIOS.characters] },
  ...size,
  pixels: [0, 0],
  session: 0,
  foreground: 0,
  abandoned: null,
  discipline: freshDiscipline(),
  isHungUp: false,
  isExclusive: false,
  opens: 0,
  wasOpen: false,
  master,
});
/** The world's terminal, or another, is made. */
export function createTerminal(kernel: Kernel, id: number, size: TerminalSize, master: Master | null = null): void {
  kernel.tty.terminals.set(id, freshTerminal(id, size, master) as Draft<Terminal>);
}
export function terminalOf(kernel: Kernel, id: number): Draft<Terminal> {
  const terminal = kernel.tty.terminals.get(id);
  if (!terminal) throw new Error(`Terminal ${id} does not exist at tick ${kernel.tick}.`);
  return terminal;
}

// The line discipline's working copy

function editLine(terminal: Draft<Terminal>): Line {
  const { queue, complete, lineEnds, echoes, isErasing, isLiteralNext, isStopped, isHeld, column, lineColumn } = terminal.discipline;
  return {
    termios: terminal.termios,
    queue: [...queue],
    complete,
    lineEnds: [...lineEnds],
    echoes: [...echoes],
    isErasing,
    isLiteralNext,
    isStopped,
    isHeld,
    column,
    lineColumn,
    shown: [],
    signals: [],
    isFlushed: false,
  };
}
/** What the master still has of its queue where the rest is flushed: the part that has reached it. */
export const QUEUE_REACHED = QUEUE_LIMIT - 1;
function settleLine(kernel: Kernel, terminal: Draft<Terminal>, line: Line, arriving: Bytes): void {
  const { queue, complete, lineEnds, echoes, isErasing, isLiteralNext, isStopped, isHeld, column, lineColumn } = line;
  if (isStopped !== terminal.discipline.isStopped) tellMaster(kernel, terminal, isStopped ? PACKET.STOP : PACKET.START);
  terminal.discipline = {
    queue: Uint8Array.from(queue),
    complete,
    lineEnds,
    arriving,
    echoes,
    isErasing,
    isLiteralNext,
    isStopped,
    isHeld,
    column,
    lineColumn,
  };
  if (line.isFlushed) {
    if (terminal.master) terminal.master.output = terminal.master.output.slice(0, QUEUE_REACHED);
    tellMaster(kernel, terminal, PACKET.FLUSHREAD | PACKET.FLUSHWRITE);
  }
  emit(kernel, terminal, Uint8Array.from(line.shown));
  for (const signal of line.signals) signalForeground(kernel, terminal, signal);
  wake(kernel, terminalChannel(terminal.id));
}
function changeLine(kernel: Kernel, terminal: Draft<Terminal>, change: (line: Line) => void): void {
  const line = editLine(terminal);
  change(line);
  settleLine(kernel, terminal, line, terminal.discipline.arriving);
}

// Output

/** TIOCPKT_…: what a master in packet mode is told (ioctl_tty(2)). */
export const PACKET = { FLUSHREAD: 1, FLUSHWRITE: 2, STOP: 4, START: 8, NOSTOP: 16, DOSTOP: 32 } as const;
function tellMaster(kernel: Kernel, terminal: Draft<Terminal>, bits: number): void {
  const { master } = terminal;
  if (!master?.isPacket) return;
  const opposite =
    bits & PACKET.STOP ? PACKET.START : bits & PACKET.START ? PACKET.STOP : bits & PACKET.NOSTOP ? PACKET.DOSTOP : bits & PACKET.DOSTOP ? PACKET.NOSTOP : 0;
  master.packetStatus = (master.packetStatus & ~opposite) | bits;
  wake(kernel, masterChannel(terminal.id));
}
export function joined(first: Bytes, second: Bytes): Bytes {
  if (first.length === 0) return second;
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
function emit(kernel: Kernel, terminal: Draft<Terminal>, bytes: Bytes): void {
  if (bytes.length === 0) return;
  const { master } = terminal;
  if (!master) kernel.effect({ kind: "output", to: "terminal", bytes });
  else if (master.isOpen) {
    master.output = joined(master.output, bytes);
    wake(kernel, masterChannel(terminal.id));
  }
}
/** What a pseudo-terminal holds of output that nobody reads: measured on Linux. */
const OUTPUT_LIMIT = 12_288;
/** How many bytes may be shown now. */
export const outputRoom = (terminal: Draft<Terminal>): number =>
  terminal.discipline.isStopped ? 0 : terminal.master ? Math.max(0, OUTPUT_LIMIT - terminal.master.output.length) : Number.POSITIVE_INFINITY;
/** Shows bytes, as many as there is room for; answers how many. */
export function terminalWrite(kernel: Kernel, terminal: Draft<Terminal>, bytes: Bytes): number {
  const room = outputRoom(terminal);
  const termios = terminal.termios as Termios;
  if ((termios.output & OUTPUT_FLAGS.OPOST) === 0) {
    const part = bytes.length <= room ? bytes : bytes.subarray(0, room);
    emit(kernel, terminal, part.slice());
    return part.length;
  }
  const { discipline } = terminal;
  const screen: Screen = { column: discipline.column, lineColumn: discipline.lineColumn, shown: [] };
  const settings = { ...termios };
  let taken = 0;
  while (taken < bytes.length && screen.shown.length < room) show(screen, settings, bytes[taken++]!);
  discipline.column = screen.column;
  discipline.lineColumn = screen.lineColumn;
  emit(kernel, terminal, Uint8Array.from(screen.shown));
  return taken;
}

// Input

/** Bytes typed ahead beyond the queue: for a pseudo-terminal its master waits then, the world's keyboard is deaf. */
export const ARRIVING_LIMIT = 8192;
const WORLD_ARRIVING_LIMIT = 1 << 20;
/** Bytes are typed, or written by the master. What the queue cannot hold waits. */
export function feedTerminal(kernel: Kernel, id: number, bytes: Bytes): void {
  const terminal = kernel.tty.terminals.get(id);
  if (!terminal || terminal.isHungUp) return;
  const typed = joined(terminal.discipline.arriving, bytes);
  const line = editLine(terminal);
  const taken = takeBytes(line, typed);
  settleLine(kernel, terminal, line, typed.slice(taken, taken + WORLD_ARRIVING_LIMIT));
}
/** After reading there is room in the queue. */
function takeArriving(kernel: Kernel, terminal: Draft<Terminal>): void {
  const { arriving } = terminal.discipline;
  if (arriving.length === 0) return;
  const line = editLine(terminal);
  const taken = takeBytes(line, arriving);
  settleLine(kernel, terminal, line, arriving.slice(taken));
  if (taken > 0 && terminal.master) wake(kernel, masterChannel(terminal.id));
}
/** Bytes that FIONREAD tells: whole lines only where lines are edited, without the marks of ends of files. */
export function readable(terminal: Draft<Terminal>): number {
  const { queue, complete, lineEnds } = terminal.discipline;
  return isCanonical(terminal.termios) ? complete - lineEnds.filter(at => queue[at] === DISABLED).length : queue.length;
}
export const hasLine = (terminal: Draft<Terminal>): boolean => terminal.discipline.complete > 0;

/** Takes up to `count` bytes: a line or its beginning where lines are edited. To be called only where there is one. */
export function terminalRead(kernel: Kernel, terminal: Draft<Terminal>, count: number): Bytes {
  const { discipline } = terminal;
  const { queue, complete, lineEnds } = discipline;
  const end = isCanonical(terminal.termios) ? lineEnds[0] : undefined;
  const limit = isCanonical(terminal.termios) ? complete : Math.min(queue.length, QUEUE_REACHED);
  const isEndOfFile = end !== undefined && queue[end] === DISABLED && end <= count;
  const length = isEndOfFile ? end : Math.min(count, end === undefined ? limit : end + 1, limit);
  const used = length + (isEndOfFile ? 1 : 0);
  discipline.queue = queue.slice(used);
  discipline.complete = Math.max(0, complete - used);
  if (lineEnds.length > 0) discipline.lineEnds = lineEnds.filter(at => at >= used).map(at => at - used);
  takeArriving(kernel, terminal);
  return queue.slice(0, length);
}

// Settings and control

/** What a change of settings does to what is typed already: lines begin and end anew (tcsetattr(3)). */
export function changeTermios(kernel: Kernel, terminal: Draft<Terminal>, termios: Termios): void {
  const old = { ...terminal.termios } as Termios;
  terminal.termios = termios as Draft<Termios>;
  changeLine(kernel, terminal, line => {
    if ((old.local ^ termios.local) & (LOCAL_FLAGS.ICANON | LOCAL_FLAGS.EXTPROC)) {
      const isWhole = isCanonical(termios) && line.queue.length > 0;
      line.complete = isWhole ? line.queue.length : 0;
      line.lineEnds = isWhole ? [line.queue.length - 1] : [];
      line.isErasing = false;
      line.isLiteralNext = false;
    }
    // What ^S stopped goes on where ^Q has no meaning any more.
    if (old.input & ~termios.input & INPUT_FLAGS.IXON && !line.isHeld) {
      start(line);
      flushEchoes(line);
    }
  });
  const [hadStop, hasStop] = [stopsByKeys(old), stopsByKeys(termios)];
  if (hadStop !== hasStop) tellMaster(kernel, terminal, hasStop ? PACKET.DOSTOP : PACKET.NOSTOP);
}
const [CONTROL_Q, CONTROL_S] = [17, 19];
const stopsByKeys = ({ input, characters }: Termios): boolean =>
  (input & INPUT_FLAGS.IXON) !== 0 && characters[CHARACTERS.VSTOP] === CONTROL_S && characters[CHARACTERS.VSTART] === CONTROL_Q;

export function flushInput(kernel: Kernel, terminal: Draft<Terminal>, withArriving: boolean): void {
  if (withArriving) terminal.discipline.arriving = NOTHING;
  changeLine(kernel, terminal, clearQueue);
  tellMaster(kernel, terminal, PACKET.FLUSHREAD);
  takeArriving(kernel, terminal);
  if (terminal.master) wake(kernel, masterChannel(terminal.id));
}
export function flushOutput(kernel: Kernel, terminal: Draft<Terminal>): void {
  if (!terminal.master) return;
  terminal.master.output = terminal.master.output.slice(0, QUEUE_REACHED);
  tellMaster(kernel, terminal, PACKET.FLUSHWRITE);
  wake(kernel, terminalChannel(terminal.id));
}
/** TCXONC: output is held until it is let go; keys do not change that. */
export function holdOutput(kernel: Kernel, terminal: Draft<Terminal>, isHeld: boolean): void {
  if (terminal.discipline.isHeld === isHeld) return;
  changeLine(kernel, terminal, line => {
    line.isHeld = isHeld;
    line.isStopped = isHeld;
    flushEchoes(line);
  });
}
/** The terminal sends a character of its own accord: TCIOFF's stop, TCION's start. */
export function sendCharacter(kernel: Kernel, terminal: Draft<Terminal>, byte: number): void {
  if (byte !== DISABLED) emit(kernel, terminal, Uint8Array.of(byte));
}
export function resizeTerminal(kernel: Kernel, id: number, columns: number, rows: number, pixels: readonly [number, number] = [0, 0]): void {
  const terminal = terminalOf(kernel, id);
  if (terminal.columns === columns && terminal.rows === rows && terminal.pixels[0] === pixels[0] && terminal.pixels[1] === pixels[1]) return;
  terminal.columns = columns;
  terminal.rows = rows;
  terminal.pixels = [...pixels];
  signalForeground(kernel, terminal, signals.SIGWINCH);
}
/** The line is cut: readers find the end, writers an error, the session's leader gets SIGHUP. */
export function hangUp(kernel: Kernel, id: number): void {
  const terminal = terminalOf(kernel, id);
  if (terminal.isHungUp) return;
  terminal.isHungUp = true;
  terminal.discipline = freshDiscipline() as Draft<Discipline>;
  abandonSession(kernel, terminal);
  wake(kernel, terminalChannel(id));
  wake(kernel, masterChannel(id));
}
