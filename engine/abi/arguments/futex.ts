// The arguments of futex(2), whose types depend on the operation, and futex_waitv(2)'s list.
import { Address, type Arg } from "../argument.ts";
import { formatFutexOperation, futexCommand, futexOperations } from "../constants/futex-operations.ts";
import { decodeField, struct, u32, u64 } from "../field.ts";
import { type Bytes, int32, type Raw, uint32, uint64 } from "../memory-view.ts";
import { type Timespec, timespec } from "../structs/timespec.ts";

/** A bit for each: every call asks several of these. */
type Operations = number;
const operationsOf = (...commands: readonly number[]): Operations => commands.reduce((all, command) => all | (1 << command), 0);
const has = (operations: Operations, command: number): boolean => command < 32 && ((operations >>> command) & 1) !== 0;
const {
  FUTEX_WAIT,
  FUTEX_WAIT_BITSET,
  FUTEX_CMP_REQUEUE,
  FUTEX_WAKE_OP,
  FUTEX_LOCK_PI,
  FUTEX_LOCK_PI2,
  FUTEX_UNLOCK_PI,
  FUTEX_TRYLOCK_PI,
  FUTEX_WAIT_REQUEUE_PI,
  FUTEX_CMP_REQUEUE_PI,
} = futexOperations;
const TIMED: Operations = operationsOf(FUTEX_WAIT, FUTEX_WAIT_BITSET, FUTEX_LOCK_PI, FUTEX_LOCK_PI2, FUTEX_WAIT_REQUEUE_PI);
/** Operations that change the word at `uaddr`. */
const LOCKING: Operations = operationsOf(FUTEX_LOCK_PI, FUTEX_LOCK_PI2, FUTEX_UNLOCK_PI, FUTEX_TRYLOCK_PI);
const READING: Operations = operationsOf(FUTEX_WAIT, FUTEX_WAIT_BITSET, FUTEX_CMP_REQUEUE, FUTEX_WAIT_REQUEUE_PI, FUTEX_CMP_REQUEUE_PI) | LOCKING;
/** Operations that read and change the word at `uaddr2`. */
const READING_SECOND: Operations = operationsOf(FUTEX_WAKE_OP, FUTEX_CMP_REQUEUE_PI);
const commandOf = (raws: Readonly<Record<string, Raw>>): number => futexCommand(int32(raws.futex_op!));
const shown = (raw: Raw): string => (uint64(raw) === 0 ? "NULL" : `0x${uint64(raw).toString(16)}`);

export interface FutexWord {
  readonly address: number;
  /** What lies there, where the operation looks at it. */
  readonly value: number | null;
}
const wordOf = (bytes: Bytes): number => (bytes[0]! | (bytes[1]! << 8) | (bytes[2]! << 16) | (bytes[3]! << 24)) >>> 0;
const wordBytes = (value: number): Bytes => {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
};
/** The reducer answers the word's new value where the operation changes it. */
const futexWord = (reading: Operations, changing: Operations): Arg<FutexWord, number | undefined> => ({
  label: "futex",
  decode(raw, memory, raws) {
    const isRead = has(reading, commandOf(raws)) && uint64(raw) % 4 === 0;
    return { address: uint64(raw), value: isRead ? wordOf(memory.read(uint64(raw), 4)) : null };
  },
  encode: (value, raw) => (value === undefined ? [] : [{ address: uint64(raw), bytes: wordBytes(value) }]),
  extent: (raw, raws) => (has(changing, commandOf(raws)) && uint64(raw) % 4 === 0 ? 4 : 0),
  isLate: false,
  format: shown,
});
export const futexTarget = futexWord(READING, LOCKING);
export const futexSecond = futexWord(READING_SECOND, READING_SECOND);
export const FutexOperation: Arg<number> = {
  label: "futex operation",
  values: Object.values(futexOperations),
  decode: int32,
  format: raw => formatFutexOperation(int32(raw)),
};

export interface FutexLimit {
  /** Waiting: how long or until when; `null`: for ever. */
  readonly time: Timespec | null;
  /** Requeueing and FUTEX_WAKE_OP: how many at most. */
  readonly count: number;
}
export const futexTimeout: Arg<FutexLimit> = {
  label: "timeout or count",
  decode(raw, memory, raws) {
    const isTimed = has(TIMED, commandOf(raws)) && uint64(raw) !== 0;
    return { time: isTimed ? decodeField(timespec, memory.read(uint64(raw), timespec.size)) : null, count: int32(raw) };
  },
  format(raw, view) {
    if (!has(TIMED, commandOf(view.raws))) return String(uint32(raw));
    try {
      return uint64(raw) === 0 ? "NULL" : timespec.format(decodeField(timespec, view.before.read(uint64(raw), timespec.size)));
    } catch {
      return shown(raw);
    }
  },
};

export const FUTEX_WAITV_MAX = 128;
export const FUTEX_32 = 2;
const waiter = struct({ val: u64, uaddr: u64, flags: u32, __reserved: u32 });
export interface FutexWait {
  readonly expected: number;
  readonly word: FutexWord;
  readonly flags: number;
  readonly reserved: number;
}
/** futex_waitv's list; `null` where its length makes no sense. */
export const futexWaiters: Arg<readonly FutexWait[] | null> = {
  label: "futex_waitv[nr_futexes]",
  decode(raw, memory, raws) {
    const count = uint32(raws.nr_futexes!);
    if (count === 0 || count > FUTEX_WAITV_MAX || uint64(raw) === 0) return null;
    const all = memory.read(uint64(raw), count * waiter.size);
    return Array.from({ length: count }, (_, i) => {
      const { val, uaddr, flags, __reserved: reserved } = decodeField(waiter, all, i * waiter.size);
      const isRead = uaddr % 4 === 0 && (flags & ~128) === FUTEX_32;
      return { expected: val, word: { address: uaddr, value: isRead ? wordOf(memory.read(uaddr, 4)) : null }, flags, reserved };
    });
  },
  format: Address.format,
};
