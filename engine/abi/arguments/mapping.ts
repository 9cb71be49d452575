// How the arguments of mmap and mremap read in a trace.
import { Address, type Arg, flags, formatFlags, Offset } from "../argument.ts";
import { MAP_TYPE, mapFlags, mapTypes, protections, remapFlags } from "../constants/mmap.ts";
import { int32, int64 } from "../memory-view.ts";

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
