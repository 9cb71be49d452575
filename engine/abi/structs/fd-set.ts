// fd_set (select(2)): one bit for each descriptor below `nfds`, in whole 64-bit words; and pselect6's mask with its size.
import type { Arg } from "../argument.ts";
import { type Bytes, int32, uint64 } from "../memory-view.ts";

const bytesFor = (descriptors: number): number => Math.ceil(Math.max(0, descriptors) / 64) * 8;
/** No set is larger than any table of descriptors. */
const MOST_DESCRIPTORS = 1_048_576;
const sizeOf = (count: number): number => bytesFor(Math.min(count, MOST_DESCRIPTORS));

export const hasDescriptor = (set: Bytes, fd: number): boolean => ((set[fd >> 3]! >> (fd & 7)) & 1) === 1;
export function descriptorSet(descriptors: readonly number[], length: number): Uint8Array {
  const set = new Uint8Array(length);
  for (const fd of descriptors) set[fd >> 3]! |= 1 << (fd & 7);
  return set;
}
const shownSet = (set: Bytes): string => {
  const descriptors: number[] = [];
  for (let fd = 0; fd < set.length * 8; fd++) if (hasDescriptor(set, fd)) descriptors.push(fd);
  return `[${descriptors.join(" ")}]`;
};

/** The set asked for, and the set answered; NULL is `null`. */
/** `word` is how its answer is introduced in a trace: `in [0]`. */
export const fdSet = (count: string, word: string): Arg<Bytes | null, Bytes | undefined> => ({
  label: `fd_set[${count}]`,
  decode: (raw, memory, raws) => (uint64(raw) === 0 ? null : memory.read(uint64(raw), sizeOf(int32(raws[count]!)))),
  encode: (out, raw) => (out && out.length > 0 && uint64(raw) !== 0 ? [{ address: uint64(raw), bytes: out }] : []),
  extent: (raw, raws) => (uint64(raw) === 0 ? 0 : sizeOf(int32(raws[count]!))),
  isLate: false,
  remark(raw, { after, raws, value }) {
    if (value === 0) return word === "in" ? "Timeout" : undefined;
    const set = value ? after(uint64(raw), sizeOf(int32(raws[count]!))) : undefined;
    return set?.some(byte => byte !== 0) ? `${word} ${shownSet(set)}` : undefined;
  },
  format: (raw, { before, raws }) => (uint64(raw) === 0 ? "NULL" : shownSet(before.read(uint64(raw), sizeOf(int32(raws[count]!))))),
});

export interface MaskWithSize {
  /** `null`: no mask is given. */
  readonly mask: bigint | null;
  readonly size: number;
}
/** pselect6's sixth argument: a pointer to a pointer to a sigset_t and its size. */
export const maskWithSize: Arg<MaskWithSize | null> = {
  label: "sigset with size",
  decode(raw, memory) {
    if (uint64(raw) === 0) return null;
    const pair = memory.read(uint64(raw), 16).slice();
    const [address, size] = new BigUint64Array(pair.buffer);
    if (address === 0n) return { mask: null, size: Number(size) };
    return { mask: new BigUint64Array(memory.read(Number(address), 8).slice().buffer)[0]!, size: Number(size) };
  },
  format(raw, { before, raws }) {
    const value = this.decode(raw, before, raws);
    return value ? `{sigmask=${value.mask === null ? "NULL" : `0x${value.mask.toString(16)}`}, sigsetsize=${value.size}}` : "NULL";
  },
};
