// When a read from a terminal has enough: lines where they are edited, else VMIN and VTIME (termios(3), "Canonical and noncanonical mode").
import type { Draft } from "immer";
import { CHARACTERS } from "../../abi/constants/termios-flags.ts";
import type { Bytes } from "../../abi/memory-view.ts";
import type { Kernel } from "../kernel.ts";
import type { Due } from "../state/proc-table.ts";
import type { Terminal } from "../state/tty.ts";
import type { IoResult } from "./file-kinds.ts";
import { isCanonical } from "./line-discipline.ts";
import { hasLine, terminalChannel, terminalRead } from "./terminals.ts";

export interface TerminalReading {
  readonly count: number;
  readonly isNonBlocking: boolean;
  readonly due: Due;
  readonly memo: unknown;
}
/** Kept while the read waits: when it gives up, and how many bytes there were when that was decided. */
interface Patience {
  readonly deadlineNanos: number;
  readonly available: number;
}
const TENTH_NANOS = 100_000_000;
const EAGAIN: IoResult<never> = { kind: "fail", errno: "EAGAIN" };

export function readWhenReady(kernel: Kernel, terminal: Draft<Terminal>, reading: TerminalReading): IoResult<Bytes> {
  const take = (): IoResult<Bytes> => ({ kind: "done", value: terminalRead(kernel, terminal, reading.count) });
  const channels = [terminalChannel(terminal.id)];
  if (isCanonical(terminal.termios)) {
    if (hasLine(terminal)) return take();
    return reading.isNonBlocking ? EAGAIN : { kind: "block", channels };
  }
  const { characters } = terminal.termios;
  const minimum = Math.min(characters[CHARACTERS.VMIN]!, reading.count);
  const patienceNanos = characters[CHARACTERS.VTIME]! * TENTH_NANOS;
  const available = terminal.discipline.queue.length;
  const isTimeless = patienceNanos === 0;
  const isOver = reading.due === "timeout" || (reading.due === "interrupt" && available > 0) || (minimum === 0 && isTimeless);
  if (available >= Math.max(1, minimum) || isOver) return take();
  if (reading.isNonBlocking) return available > 0 ? take() : EAGAIN;
  // With VMIN the clock starts at the first byte and again at each; without it, at once.
  if (isTimeless || (minimum > 0 && available === 0)) return { kind: "block", channels };
  const before = reading.memo as Patience | null;
  const patience = before?.available === available ? before : { deadlineNanos: kernel.nowNanos + patienceNanos, available };
  return { kind: "block", channels, deadlineNanos: patience.deadlineNanos, memo: patience };
}
