// The state of terminals: settings, line discipline, who controls them. Every terminal is a pseudo-terminal; the world is the master of the first.
import type { Bytes } from "../../abi/memory-view.ts";

/** struct termios (termios(3)), as the kernel keeps it. */
export interface Termios {
  readonly input: number;
  readonly output: number;
  readonly control: number;
  readonly local: number;
  readonly line: number;
  /** c_cc, 19 characters. */
  readonly characters: readonly number[];
  readonly inputSpeed: number;
  readonly outputSpeed: number;
}
/** What lies between the keyboard and read(2). */
export interface Discipline {
  /** Bytes typed and processed, not yet read. */
  readonly queue: Bytes;
  /** Canonical mode: how many of them are whole lines; what follows is being edited. */
  readonly complete: number;
  /** Canonical mode: where in `queue` the lines end. A NUL there is an end of file, and is not read. */
  readonly lineEnds: readonly number[];
  /** Bytes typed that wait for room in `queue`. */
  readonly arriving: Bytes;
  /** Echoes that wait until output goes on: see objects/terminal-echo.ts. */
  readonly echoes: readonly number[];
  /** ECHOPRT: between \ and /. */
  readonly isErasing: boolean;
  /** VLNEXT was typed. */
  readonly isLiteralNext: boolean;
  /** The cursor's column, and where the line being edited began, for the erasure of tabs. */
  readonly column: number;
  readonly lineColumn: number;
  /** By VSTOP, and by TCXONC. */
  readonly isStopped: boolean;
  readonly isHeld: boolean;
}
/** A pseudo-terminal's other side. The world's terminal has none: its output leaves the machine. */
export interface Master {
  readonly output: Bytes;
  readonly isOpen: boolean;
  readonly isLocked: boolean;
  /** TIOCPKT, and what there is to tell (ioctl_tty(2)). */
  readonly isPacket: boolean;
  readonly packetStatus: number;
}
export interface Terminal {
  /** N of /dev/pts/N. */
  readonly id: number;
  readonly termios: Termios;
  /** TIOCSLCKTRMIOS: bits that are set here nobody can change. */
  readonly locked?: Termios;
  readonly columns: number;
  readonly rows: number;
  readonly pixels: readonly [width: number, height: number];
  /** 0: none. */
  readonly session: number;
  readonly foreground: number;
  /** After a hang-up: who led the session, and the group to be told when the leader ends. */
  readonly abandoned: { readonly leader: number; readonly group: number } | null;
  readonly discipline: Discipline;
  readonly isHungUp: boolean;
  readonly isExclusive: boolean;
  /** Open files of the slave; `wasOpen`: a master without a slave yet waits, one whose slave was closed reads EIO. */
  readonly opens: number;
  readonly wasOpen: boolean;
  readonly master: Master | null;
}
/** Of all there may be (/proc/sys/kernel/pty/max). */
export const MOST_TERMINALS = 4096;
export interface TtyState {
  readonly terminals: ReadonlyMap<number, Terminal>;
}
export const emptyTty: TtyState = { terminals: new Map() };
