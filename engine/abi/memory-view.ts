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
}

/** A pointer argument leads nowhere: EFAULT, unless the call fails for another reason first. */
export class Fault extends Error {}

const WORD = 0x1_0000_0000;
export const int32 = (raw: Raw): number => (typeof raw === "number" ? raw | 0 : Number(BigInt.asIntN(32, raw)));
export const uint32 = (raw: Raw): number => int32(raw) >>> 0;
/** An address or a size_t. Above 2^53 it is rounded: no such address or size is valid. */
export const uint64 = (raw: Raw): number => (typeof raw === "number" ? (raw < 0 ? raw + WORD * WORD : raw) : Number(BigInt.asUintN(64, raw)));
export const int64 = (raw: Raw): number => Number(raw);
export const bigOf = (raw: Raw): bigint => BigInt.asUintN(64, BigInt(raw));
