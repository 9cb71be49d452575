// The arguments of futex(2), whose types depend on the operation.
import type { Arg } from "../argument.ts";
import { formatFutexOperation, futexCommand, futexOperations } from "../constants/futex-operations.ts";
import { decodeField } from "../field.ts";
import { int32, type Raw, uint32, uint64 } from "../memory-view.ts";
import { type Timespec, timespec } from "../structs/timespec.ts";

const COMPARING: readonly number[] = [futexOperations.FUTEX_WAIT, futexOperations.FUTEX_WAIT_BITSET, futexOperations.FUTEX_CMP_REQUEUE];
const TIMED: readonly number[] = [futexOperations.FUTEX_WAIT, futexOperations.FUTEX_WAIT_BITSET];
const commandOf = (raws: Readonly<Record<string, Raw>>): number => futexCommand(int32(raws.futex_op!));
const address = (raw: Raw): string => (uint64(raw) === 0 ? "NULL" : `0x${uint64(raw).toString(16)}`);

export interface FutexWord {
  readonly address: number;
  /** What lies there, where the operation compares it. */
  readonly value: number | null;
}
export const futexTarget: Arg<FutexWord> = {
  label: "futex",
  decode(raw, memory, raws) {
    const isRead = COMPARING.includes(commandOf(raws)) && uint64(raw) % 4 === 0;
    const word = isRead ? memory.read(uint64(raw), 4) : null;
    return { address: uint64(raw), value: word && new DataView(word.buffer, word.byteOffset, 4).getUint32(0, true) };
  },
  format: address,
};
export const FutexOperation: Arg<number> = { label: "futex operation", decode: int32, format: raw => formatFutexOperation(int32(raw)) };

export interface FutexLimit {
  /** Waiting: how long; `null`: for ever. */
  readonly time: Timespec | null;
  /** Requeueing: how many at most. */
  readonly count: number;
}
export const futexTimeout: Arg<FutexLimit> = {
  label: "timeout or count",
  decode(raw, memory, raws) {
    const isTimed = TIMED.includes(commandOf(raws)) && uint64(raw) !== 0;
    return { time: isTimed ? decodeField(timespec, memory.read(uint64(raw), timespec.size)) : null, count: int32(raw) };
  },
  format(raw, view) {
    if (!TIMED.includes(commandOf(view.raws))) return String(uint32(raw));
    try {
      return uint64(raw) === 0 ? "NULL" : timespec.format(decodeField(timespec, view.before.read(uint64(raw), timespec.size)));
    } catch {
      return address(raw);
    }
  },
};
