// The state of the machine as a whole: names, randomness, limits.

import type { BootParameters } from "../../../events/kernel-event.ts";
import type { KeysState } from "./keys.ts";

export interface SystemState {
  readonly hostname: string;
  readonly domainname: string;
  /** The state of the generator behind getrandom and /dev/urandom: four 32-bit words. */
  readonly random: readonly [number, number, number, number];
  readonly parameters: BootParameters;
  /** Processes, open files and bytes of files there may be: a guest that grows without end meets them. */
  readonly limits: { readonly tasks: number; readonly openFiles: number; readonly fileBytes: number; readonly inodes: number };
  readonly fileBytesInUse: number;
  /** The inode of the vdso and its data; 0: none. */
  readonly vdso: number;
  /** The open file that acct(2) writes to. */
  readonly accounting?: number;
  /** How many have logged in: /proc/PID/loginuid was written. */
  readonly logins?: number;
  /** keyrings(7); absent until the first is asked for. */
  readonly keys?: KeysState;
  /** Calls made since boot, for virtual time. */
  readonly calls: number;
}

/** Enough for a busy guest, little enough that one that grows without end stops early. */
const LIMITS = { tasks: 1024, openFiles: 65_536 };
/** tmpfs(5): files take half of the memory at most, and one inode for each two pages of it. They are the host process's memory like the guest's pages. */
const fileLimits = ({ memoryBytes }: BootParameters) => ({ fileBytes: Math.floor(memoryBytes / 2), inodes: Math.floor(memoryBytes / 8192) });

export const initialSystem = (parameters: BootParameters): SystemState => ({
  hostname: parameters.hostname,
  domainname: "(none)",
  random: seeded(parameters.seed),
  parameters,
  limits: { ...LIMITS, ...fileLimits(parameters) },
  fileBytesInUse: 0,
  vdso: 0,
  calls: 0,
});

/** SplitMix32 spreads one number over the generator's four words, the last of which is never zero: a generator of zeros alone stands still. */
function seeded(seed: number): readonly [number, number, number, number] {
  let state = (seed ^ Math.floor(seed / 0x1_0000_0000)) | 0;
  const next = (): number => {
    state = (state + 0x9e37_79b9) | 0;
    let word = Math.imul(state ^ (state >>> 16), 0x21f0_aaad);
    word = Math.imul(word ^ (word >>> 15), 0x735a_2d97);
    return (word ^ (word >>> 15)) >>> 0;
  };
  return [next(), next(), next(), next() | 1];
}
