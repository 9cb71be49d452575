// Mounting a file system on a directory, and taking it away (mount(2)). Each file system is mounted once.
import type { Kernel } from "../kernel.ts";
import type { BinaryString, Location, Mount } from "../state/vfs.ts";
import { notifyUnmounted } from "./file-events.ts";
import { IMAGE_FILE_SYSTEM, plantAll } from "./image-inodes.ts";
import { createInode, dropInode, hold, inodeOf, release } from "./inodes.ts";

export const mountFlags = { MS_RDONLY: 1, MS_NOSUID: 2, MS_NODEV: 4, MS_NOEXEC: 8 } as const;
/** Flags of mount(2) that a mount keeps. */
export const KEPT_MOUNT_FLAGS = 15;

export interface NewMount {
  readonly type: Mount["type"];
  readonly source: BinaryString;
  readonly point: number | null;
  readonly flags?: number;
  /** Permission bits of the root directory; without them the file system is virtual. */
  readonly rootMode?: number;
  readonly rootOwner?: { readonly uid: number; readonly gid: number };
}
/** Answers the file system's index. Its root is an empty directory, or the tree made from kernel state. */
export function addMount(kernel: Kernel, { type, source, point, flags = 0, rootMode, rootOwner = { uid: 0, gid: 0 } }: NewMount): number {
  const { mounts } = kernel.vfs;
  const free = mounts.indexOf(null);
  const id = free === -1 ? mounts.length : free;
  const root: Location =
    rootMode === undefined ? { virtual: "" } : { inode: createInode(kernel, { fileSystem: id, kind: "directory", mode: rootMode, ...rootOwner }) };
  if ("inode" in root) {
    // Without a name, its own `.` and `..` are its links, and the mount keeps it.
    inodeOf(kernel, root.inode).links = 2;
    hold(kernel, root.inode);
  }
  mounts[id] = { type, source, point: null, root, flags };
  if (point !== null) attachMount(kernel, id, point);
  return id;
}
/** The file system covers this directory from now on, and no other. */
export function attachMount(kernel: Kernel, id: number, point: number): void {
  const mount = kernel.vfs.mounts[id]!;
  const before = mount.point;
  hold(kernel, point);
  inodeOf(kernel, point).mounted = id;
  mount.point = point;
  if (before === null) return;
  if (before !== point) delete inodeOf(kernel, before).mounted;
  release(kernel, before);
}

/** Another mount, which covered a directory, is the root; what was the root covers the directory instead. */
export function swapRoot(kernel: Kernel, fresh: number, before: number, point: number): void {
  const [mount, old] = [kernel.vfs.mounts[fresh]!, kernel.vfs.mounts[before]!];
  const covered = mount.point!;
  // Where the old root was mounted the new one is, which is nowhere for the first of all.
  const above = old.point;
  delete inodeOf(kernel, covered).mounted;
  mount.point = above;
  if (above !== null) inodeOf(kernel, above).mounted = fresh;
  else kernel.vfs.rootMount = fresh;
  hold(kernel, point);
  inodeOf(kernel, point).mounted = before;
  old.point = point;
  release(kernel, covered);
}

/** Whether an open file, a working directory or another mount lies in it (EBUSY). */
export function isMountBusy(kernel: Kernel, id: number): boolean {
  const { root } = kernel.vfs.mounts[id]!;
  if (!("inode" in root))
    return (
      [...kernel.vfs.contexts.values()].some(context => "virtual" in context.workingDirectory) || kernel.vfs.openFiles.some(open => open?.virtual !== undefined)
    );
  return kernel.vfs.inodes.some(inode => inode?.fileSystem === id && inode.holders > (inode.id === root.inode ? 1 : 0));
}
/** The file system and all that is in it are gone; it must not be busy. */
export function removeMount(kernel: Kernel, id: number): void {
  const { vfs } = kernel;
  const { point, root } = vfs.mounts[id]!;
  if ("inode" in root) {
    if (id === IMAGE_FILE_SYSTEM) plantAll(kernel);
    for (const inode of vfs.inodes) {
      if (inode?.fileSystem !== id) continue;
      inode.links = 0;
      inode.holders = 0;
      delete inode.keepsParent;
      dropInode(kernel, inode.id);
    }
  }
  vfs.mounts[id] = null;
  notifyUnmounted(kernel, id);
  if (point !== null) {
    delete inodeOf(kernel, point).mounted;
    release(kernel, point);
  }
}
