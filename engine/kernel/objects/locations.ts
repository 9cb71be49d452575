// Places in the tree of files, whether they lie in an inode or are made from kernel state (/proc): what they are, and where they lie.
import type { Draft } from "immer";
import type { Kernel } from "../kernel.ts";
import type { Task } from "../state/proc-table.ts";
import type { BinaryString, Inode, Location, OpenFile } from "../state/vfs.ts";
import { inodeOf } from "./inodes.ts";
import { procTree } from "./proc-tree.ts";
import { entriesOf } from "./unlisted-folders.ts";

/** What permission checks and the walk need of a place. */
export type Node = Pick<Inode, "kind" | "mode" | "uid" | "gid">;

export const isSamePlace = (a: Location, b: Location): boolean =>
  "inode" in a ? "inode" in b && a.inode === b.inode : "virtual" in b && a.virtual === b.virtual;
/** `undefined`: a virtual place that is no more, as /proc/PID of a process that has ended. */
export const nodeAt = (kernel: Kernel, task: Draft<Task>, place: Location): Node | undefined =>
  "inode" in place ? inodeOf(kernel, place.inode) : procTree.find(kernel, task, place.virtual);
export const isDirectory = (kernel: Kernel, task: Draft<Task>, place: Location): boolean => nodeAt(kernel, task, place)?.kind === "directory";

export const ANONYMOUS_NAME = "anon_inode";
/** Open files that lie in no directory and have no inode of their own share one (fs/anon_inodes.c). */
export function anonymousInode(kernel: Kernel): number {
  const root = kernel.vfs.mounts.find(mount => mount?.type === "anon_inodefs")?.root;
  if (!root || !("inode" in root)) throw new Error("The machine was booted without the file system of files that lie nowhere.");
  return inodeOf(kernel, root.inode).entries!.get(ANONYMOUS_NAME)!;
}
export const isAnonymous = (kernel: Kernel, { fileSystem }: Pick<Inode, "fileSystem">): boolean => kernel.vfs.mounts[fileSystem]?.type === "anon_inodefs";
export function placeOfOpenFile(kernel: Kernel, { virtual, inode }: Draft<OpenFile>): Location {
  if (virtual) return { virtual: virtual.path };
  return { inode: inode === 0 ? anonymousInode(kernel) : inode };
}

/** Steps down into whatever is mounted there. */
export function throughMounts(kernel: Kernel, place: Location): Location {
  let here = place;
  while ("inode" in here) {
    const { mounted } = inodeOf(kernel, here.inode);
    if (mounted === undefined) return here;
    here = { ...kernel.vfs.mounts[mounted]!.root };
  }
  return here;
}
/** The child of that name, before mounts; `undefined` where there is none. */
export function childOf(kernel: Kernel, task: Draft<Task>, directory: Location, name: BinaryString): Location | undefined {
  if ("inode" in directory) {
    const inode = entriesOf(kernel, inodeOf(kernel, directory.inode)).get(name);
    return inode === undefined ? undefined : { inode };
  }
  const path = directory.virtual === "" ? name : `${directory.virtual}/${name}`;
  return procTree.find(kernel, task, path) ? { virtual: path } : undefined;
}
/** The directory above, across mounts; the topmost is its own. */
export function parentOf(kernel: Kernel, place: Location): Location {
  if ("virtual" in place) {
    if (place.virtual !== "") return { virtual: place.virtual.slice(0, Math.max(0, place.virtual.lastIndexOf("/"))) };
    const point = kernel.vfs.mounts.find(mount => mount && "virtual" in mount.root)?.point;
    return point ? parentOf(kernel, { inode: point }) : place;
  }
  const inode = inodeOf(kernel, place.inode);
  const mount = kernel.vfs.mounts[inode.fileSystem]!;
  if (!("inode" in mount.root) || mount.root.inode !== inode.id) return { inode: inode.parent! };
  return mount.point === null ? place : parentOf(kernel, { inode: mount.point });
}

const join = (directory: BinaryString, name: BinaryString): BinaryString => (directory === "/" ? `/${name}` : `${directory}/${name}`);
/** The absolute path of a directory (or of any virtual place). */
export function pathOf(kernel: Kernel, place: Location): BinaryString {
  if ("virtual" in place) {
    const point = kernel.vfs.mounts.find(mount => mount && "virtual" in mount.root)?.point;
    const top = point ? pathOf(kernel, { inode: point }) : "/proc";
    return place.virtual === "" ? top : join(top, place.virtual);
  }
  const inode = inodeOf(kernel, place.inode);
  const mount = kernel.vfs.mounts[inode.fileSystem]!;
  if ("inode" in mount.root && mount.root.inode === inode.id) return mount.point === null ? "/" : pathOf(kernel, { inode: mount.point });
  return join(pathOf(kernel, { inode: inode.parent! }), inode.name!);
}
export const pathOfChild = (kernel: Kernel, directory: Location, name: BinaryString): BinaryString => join(pathOf(kernel, directory), name);
/** Whether `directory` is `ancestor` or lies below it. */
export function isWithin(kernel: Kernel, directory: Location, ancestor: Location): boolean {
  for (let here = directory; ; ) {
    if (isSamePlace(here, ancestor)) return true;
    const above = parentOf(kernel, here);
    if (isSamePlace(above, here)) return false;
    here = above;
  }
}
