// From a device's number to the kind of file that opening it gives (admin-guide/devices.txt), and the nodes of pseudo-terminals.
import type { Draft } from "immer";
import type { Errno } from "../../abi/errno.ts";
import type { Kernel } from "../kernel.ts";
import { isMemoryDevice } from "../kinds/device.ts";
import type { Task } from "../state/proc-table.ts";
import type { FileKindName, Inode } from "../state/vfs.ts";
import { addEntry, createInode, inodeOf, removeEntry } from "./inodes.ts";
import { processOf } from "./tasks.ts";

/** Which terminal the world sees: the console too. */
const WORLD_TERMINAL = 0;
export const PTS_MAJOR = 136;

export type Opening = { readonly kind: FileKindName; readonly object: number } | { readonly errno: Errno };
const NO_DEVICE: Opening = { errno: "ENXIO" };

const terminals: Readonly<Record<number, (kernel: Kernel, task: Draft<Task>) => Opening>> = {
  // tty(4): the controlling terminal of whoever opens it.
  0(kernel, task) {
    const { terminal } = processOf(kernel, task.pid);
    return terminal === null ? NO_DEVICE : { kind: "terminal", object: terminal };
  },
  1: () => ({ kind: "terminal", object: WORLD_TERMINAL }),
  2: () => ({ kind: "ptmx", object: -1 }),
};
const majors: Readonly<Record<number, (kernel: Kernel, task: Draft<Task>, minor: number) => Opening>> = {
  1: (_, __, minor) => (isMemoryDevice(minor) ? { kind: "device", object: minor } : NO_DEVICE),
  5: (kernel, task, minor) => terminals[minor]?.(kernel, task) ?? NO_DEVICE,
  [PTS_MAJOR]: (kernel, _, minor) => (kernel.tty.terminals.has(minor) ? { kind: "terminal", object: minor } : { errno: "EIO" }),
};

/** What opening a device's inode opens. */
export function openingOfDevice(kernel: Kernel, task: Draft<Task>, inode: Draft<Inode>): Opening {
  if (inode.kind === "block" || !inode.device) return NO_DEVICE;
  const [major, minor] = inode.device;
  return majors[major]?.(kernel, task, minor) ?? NO_DEVICE;
}

const TTY_GROUP = 5;
const ptsDirectory = (kernel: Kernel): number | null => {
  const root = kernel.vfs.mounts.find(mount => mount?.type === "devpts")?.root;
  return root && "inode" in root ? root.inode : null;
};
/** devpts(5): the node /dev/pts/N of a new pseudo-terminal. */
export function addTerminalNode(kernel: Kernel, terminal: number, uid: number, mode = 0o620): void {
  const directory = ptsDirectory(kernel);
  if (directory === null) return;
  const { fileSystem } = inodeOf(kernel, directory);
  addEntry(kernel, directory, String(terminal), createInode(kernel, { fileSystem, kind: "character", mode, uid, gid: TTY_GROUP, device: [PTS_MAJOR, terminal] }));
}
/** The pseudo-terminal is no more. */
export function removeTerminalNode(kernel: Kernel, terminal: number): void {
  const directory = ptsDirectory(kernel);
  if (directory !== null && inodeOf(kernel, directory).entries!.has(String(terminal))) removeEntry(kernel, directory, String(terminal));
}
