// What the ABI needs of guest memory: readers for arguments, and the bytes an outcome stores. Not the memory itself (engine/memory).

/** Bytes held in events and state: replaced, never written. */
export type Bytes = Readonly<Uint8Array>;

/** An argument register as a signed 64-bit value: a Number where that is exact, else a bigint. */
export type Raw = number | bigint;

/** Bytes to be stored in guest memory when an outcome is applied. */
export interface Store {
  readonly address: number;
  readonly bytes: Bytes;
}

/** Reads guest memory for one call. Both throw `Fault` where a byte is not readable. */
export interface GuestReader {
  read(address: number, length: number): Bytes;
  /** The bytes before the first NUL; `limit` bytes without one are returned as they are. */
  readString(address: number, limit: number): Bytes;
  /** Another task's memory: as many of the bytes as can be read, from the address on. */
  readOf(tid: number, address: number, length: number): Bytes;
  /** How many bytes of another task's memory can be stored to, from the address on. */
  roomOf(tid: number, address: number, length: number): number;
  /** For each page from the address on, whether it has been touched: 1 or 0. Of the task itself where `tid` is 0. */
  touched(tid: number, address: number, pages: number): Bytes;
  /** As `readOf` and `roomOf`, for a debugger: what the pages' permissions forbid is no obstacle (ptrace(2)). */
  forcedOf(tid: number, address: number, length: number): Bytes;
  forcedRoomOf(tid: number, address: number, length: number): number;
  /** Another task's registers: struct user_regs_struct, without orig_rax; or as XSAVE lays them out, FXSAVE where there is none. Empty where there is no such task. */
  registersOf(tid: number, which: "general" | "vectors"): Bytes;
  /** What an open file that shows a process's memory has at a place, or how many bytes it takes there; `undefined`: it is no such file, and nothing is kept of having asked. */
  behind(place: FilePlace): Bytes | undefined;
}
/** Where a call reads from an open file of the task itself, or writes to it. */
export interface FilePlace {
  readonly fd: number;
  /** `null`: at the open file's own offset. */
  readonly offset: number | null;
  readonly count: number;
  readonly isWritten?: true;
}
/** What leads to other tasks. */
export type OtherReader = Omit<GuestReader, "read" | "readString">;
/** What `roomOf` answers, as a record keeps it. */
export function countAsBytes(count: number): Bytes {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(count), true);
  return bytes;
}
export const countFromBytes = (bytes: Bytes): number => Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true));

/** A pointer argument leads nowhere: EFAULT, unless the call fails for another reason first. */
export class Fault extends Error {}
/** `null` where what is read leads nowhere. */
export function orNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof Fault) return null;
    throw error;
  }
}
/** One after another. */
export function joined(parts: readonly Bytes[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part as Uint8Array, at);
    at += part.length;
  }
  return all;
}

const nowhere = (): never => {
  throw new Fault();
};
/** For readers that have one memory only. */
export const noOtherMemory: OtherReader = {
  readOf: nowhere,
  roomOf: nowhere,
  touched: nowhere,
  forcedOf: nowhere,
  forcedRoomOf: nowhere,
  registersOf: nowhere,
  behind: () => undefined,
};

const WORD = 0x1_0000_0000;
export const int32 = (raw: Raw): number => (typeof raw === "number" ? raw | 0 : Number(BigInt.asIntN(32, raw)));
export const uint32 = (raw: Raw): number => int32(raw) >>> 0;
/** An address or a size_t. Above 2^53 it is rounded: no such address or size is valid. */
export const uint64 = (raw: Raw): number => (typeof raw === "number" ? (raw < 0 ? raw + WORD * WORD : raw) : Number(BigInt.asUintN(64, raw)));
export const int64 = (raw: Raw): number => Number(raw);
export const bigOf = (raw: Raw): bigint => BigInt.asUintN(64, BigInt(raw));
