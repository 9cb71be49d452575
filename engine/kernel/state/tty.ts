// The state of terminals: line discipline, queues, who controls them.
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
}
export interface Terminal {
  readonly id: number;
  readonly termios: Termios;
  readonly columns: number;
  readonly rows: number;
  readonly session: number;
  readonly foreground: number;
  /** Bytes ready for reading; in canonical mode whole lines, each an entry (an empty one is an end of file). */
  readonly ready: readonly Bytes[];
  /** Canonical mode: the line being edited. */
  readonly editing: readonly number[];
  readonly column: number;
  readonly isStopped: boolean;
  readonly isHungUp: boolean;
  /** For pseudo-terminals: bytes for the master to read; the world's terminal has none. */
  readonly master: { readonly output: readonly Bytes[]; readonly isOpen: boolean; readonly isLocked: boolean } | null;
}
export interface TtyState {
  readonly terminals: ReadonlyMap<number, Terminal>;
  readonly nextTerminal: number;
}
