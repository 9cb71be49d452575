// CPU masks (sched_setaffinity(2)): as many bytes as the caller says; of the answer, as many as the kernel has.
import type { Arg } from "../argument.ts";
import { type Bytes, uint32, uint64 } from "../memory-view.ts";

/** The kernel's own mask: one 64-bit word. */
export const MASK_SIZE = 8;
const shown = (bytes: Bytes | undefined, at: number): string => {
  const cpus = bytes ? [...bytes].flatMap((byte, i) => [0, 1, 2, 3, 4, 5, 6, 7].filter(bit => byte & (1 << bit)).map(bit => 8 * i + bit)) : null;
  return cpus ? `[${cpus.join(" ")}]` : `0x${at.toString(16)}`;
};
export const affinityMask: Arg<Bytes> = {
  label: "in cpu mask",
  decode: (raw, memory, raws) => memory.read(uint64(raw), Math.min(uint32(raws.cpusetsize!), MASK_SIZE)),
  format(raw, view) {
    try {
      return shown(this.decode(raw, view.before, view.raws), uint64(raw));
    } catch {
      return shown(undefined, uint64(raw));
    }
  },
};
export const outAffinityMask: Arg<number, Bytes | undefined> = {
  label: "out cpu mask",
  decode: uint64,
  encode: (out, raw) => (out ? [{ address: uint64(raw), bytes: out }] : []),
  extent: () => MASK_SIZE,
  format: (raw, view) => shown(view.after(uint64(raw), MASK_SIZE), uint64(raw)),
};
