// Sets of memory nodes (set_mempolicy(2)): a bitmap, and how many bits of it count, one more than there are.
import { Address, type Arg } from "../argument.ts";
import { type Bytes, uint64 } from "../memory-view.ts";

/** MAX_NUMNODES, as distributions build their kernels. */
export const MAX_NODES = 1024;
const WORD_BITS = 64;
const MOST_BYTES = 4096;
const MOST_BITS = 8 * MOST_BYTES;
/** Bytes of a mask of `maxnode`, in whole words. */
const bytesFor = (maxnode: number): number => Math.ceil(Math.max(0, maxnode - 1) / WORD_BITS) * 8;
export const isMaskTooLong = (maxnode: number): boolean => bytesFor(maxnode) > MOST_BYTES;

/** `null`: more bits than a kernel looks at, or one that no node could have. */
export const nodeMask = (maxnode: string): Arg<bigint | null> => ({
  label: `node mask[${maxnode}]`,
  decode(raw, memory, raws) {
    const bits = uint64(raws[maxnode]!) - 1;
    if (bits <= 0 || uint64(raw) === 0) return 0n;
    if (bits > MOST_BITS) return null;
    const bytes = memory.read(uint64(raw), Math.ceil(bits / WORD_BITS) * 8);
    let mask = 0n;
    for (let i = bytes.length - 1; i >= 0; i--) mask = (mask << 8n) | BigInt(bytes[i]!);
    mask = BigInt.asUintN(bits, mask);
    return mask >> BigInt(MAX_NODES) === 0n ? mask : null;
  },
  format: (raw, view) => Address.format(raw, view),
});
/** What get_mempolicy stores: as many words as `maxnode` asks for, zeros behind the nodes that there are. */
export const outNodeMask = (maxnode: string): Arg<number, bigint | undefined> => ({
  label: `out node mask[${maxnode}]`,
  decode: uint64,
  extent: (raw, raws) => (uint64(raw) === 0 ? 0 : Math.min(bytesFor(uint64(raws[maxnode]!)), MOST_BYTES)),
  encode(out, raw, raws) {
    const length = bytesFor(uint64(raws[maxnode]!));
    if (out === undefined || uint64(raw) === 0 || length === 0) return [];
    const bytes: Bytes = Uint8Array.from({ length }, (_, i) => Number((out >> BigInt(8 * i)) & 0xffn));
    return [{ address: uint64(raw), bytes }];
  },
  format: (raw, view) => Address.format(raw, view),
});
