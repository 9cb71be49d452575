// The state of the machine as a whole: names, randomness, limits.
import type { BootParameters } from "../../../events/kernel-event.ts";

export interface SystemState {
  readonly hostname: string;
  readonly domainname: string;
  /** The state of the generator behind getrandom and /dev/urandom: four 32-bit words. */
  readonly random: readonly [number, number, number, number];
  readonly parameters: BootParameters;
  /** Processes, open files and bytes of files there may be: a guest that grows without end meets them. */
  readonly limits: { readonly tasks: number; readonly openFiles: number; readonly fileBytes: number; readonly inodes: number };
  readonly fileBytesInUse: number;
  /** Calls made since boot, for virtual time. */
  readonly calls: number;
}
