// From a device's number to the kind of file that opening it gives (admin-guide/devices.txt).
import type { Draft } from "immer";
import type { Errno } from "../../abi/errno.ts";
import type { Kernel } from "../kernel.ts";
import { isMemoryDevice } from "../kinds/device.ts";
import type { FileKindName, Inode } from "../state/vfs.ts";
import { PTS_MAJOR } from "./pseudo-terminals.ts";

/** Which terminal the world sees: the console too. */
const WORLD_TERMINAL = 0;
const CONTROLLING_TERMINAL = -1;
const NEW_TERMINAL = -1;

export type Opening = { readonly kind: FileKindName; readonly object: number } | { readonly errno: Errno };
const NO_DEVICE: Opening = { errno: "ENXIO" };

const terminals: Readonly<Record<number, Opening>> = {
  0: { kind: "terminal", object: CONTROLLING_TERMINAL },
  1: { kind: "terminal", object: WORLD_TERMINAL },
  2: { kind: "ptmx", object: NEW_TERMINAL },
};
const majors: Readonly<Record<number, (kernel: Kernel, minor: number) => Opening>> = {
  1: (_, minor) => (isMemoryDevice(minor) ? { kind: "device", object: minor } : NO_DEVICE),
  5: (_, minor) => terminals[minor] ?? NO_DEVICE,
  [PTS_MAJOR]: (kernel, minor) => (kernel.tty.terminals.has(minor) ? { kind: "terminal", object: minor } : { errno: "EIO" }),
};

/** What opening a device's inode opens. */
export function openingOfDevice(kernel: Kernel, inode: Draft<Inode>): Opening {
  if (inode.kind === "block" || !inode.device) return NO_DEVICE;
  const [major, minor] = inode.device;
  return majors[major]?.(kernel, minor) ?? NO_DEVICE;
}
