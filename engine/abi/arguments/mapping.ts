// How the arguments of mmap, mremap and mincore read in a trace, and what mincore stores.
import { Address, type Arg, flags, formatFlags, Offset } from "../argument.ts";
import { PAGE_BYTES } from "../constants/address-space.ts";
import { MAP_TYPE, mapFlags, mapTypes, protections, remapFlags } from "../constants/mmap.ts";
import { type Bytes, int32, int64, uint64 } from "../memory-view.ts";

export const Protection = flags(protections, "PROT_NONE");

const typeNames = new Map(Object.entries(mapTypes).map(([name, type]) => [type as number, name]));
export const MapFlags: Arg<number> = {
  label: "flags",
  values: [...Object.values(mapTypes), ...Object.values(mapFlags)],
  decode: int32,
  format(raw) {
    const value = int32(raw);
    const type = typeNames.get(value & MAP_TYPE) ?? `0x${(value & MAP_TYPE).toString(16)} /* MAP_??? */`;
    const rest = value & ~MAP_TYPE;
    return rest === 0 ? type : `${type}|${formatFlags(mapFlags, rest)}`;
  },
};
export const FileOffset: Arg<number> = { ...Offset, format: raw => (int64(raw) === 0 ? "0" : `0x${BigInt.asUintN(64, BigInt(raw)).toString(16)}`) };
/** Only a call with one of the flags has it. */
export const NewAddress: Arg<number> = {
  ...Address,
  format: (raw, view) => (int32(view.raws.flags!) & (remapFlags.MREMAP_FIXED | remapFlags.MREMAP_DONTUNMAP) ? Address.format(raw, view) : ""),
};

const pagesIn = (length: number): number => Math.min(Math.ceil(length / PAGE_BYTES), 0x1000_0000);
/** mincore's answer: a byte for each page of `length` bytes. */
export const residency = (length: string): Arg<number, Bytes> => ({
  label: `residency of bytes[${length}]`,
  decode: uint64,
  encode: (out, raw) => (out && out.length > 0 ? [{ address: uint64(raw), bytes: out }] : []),
  extent: (_, raws) => pagesIn(uint64(raws[length]!)),
  format(raw, view) {
    const stored = view.value === 0 ? view.after(uint64(raw), pagesIn(uint64(view.raws[length]!))) : undefined;
    return stored ? `[${[...stored].join(", ")}]` : Address.format(raw, view);
  },
});
