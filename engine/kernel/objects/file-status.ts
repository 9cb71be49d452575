// What stat(2) and statfs(2) tell of a place, whether it lies in an inode or is made from kernel state.
import type { Draft } from "immer";
import { fileTypeBits } from "../../abi/constants/file-mode.ts";
import { packDevice } from "../../abi/structs/stat.ts";
import type { Kernel } from "../kernel.ts";
import type { Task } from "../state/proc-table.ts";
import { anonymousKinds, type Inode, type Location, type Mount, type OpenFile, type Timestamp } from "../state/vfs.ts";
import { realtime } from "./clock.ts";
import { usedBlocks } from "./content.ts";
import { inodeOf } from "./inodes.ts";
import { isAnonymous, placeOfOpenFile } from "./locations.ts";
import { mqueueOf } from "./mqueues.ts";
import { procTree } from "./proc-tree.ts";
import { timestampOf } from "./stamps.ts";
import { entriesOf } from "./unlisted-folders.ts";
import type { VirtualNode } from "./virtual-files.ts";

export interface FileStatus {
  /** Major and minor. */
  readonly device: readonly [number, number];
  readonly inode: number;
  readonly mode: number;
  readonly links: number;
  readonly uid: number;
  readonly gid: number;
  readonly special: readonly [number, number];
  readonly size: number;
  readonly blockSize: number;
  readonly blocks: number;
  readonly accessed: Timestamp;
  readonly modified: Timestamp;
  readonly changed: Timestamp;
}
/** File systems without a device of their own have major 0; small minors are Linux's own. */
const FIRST_MINOR = 20;
export const deviceOf = (fileSystem: number): readonly [number, number] => [0, FIRST_MINOR + fileSystem];
const NO_DEVICE = [0, 0] as const;
const BLOCK_BYTES = 4096;
const VIRTUAL_BLOCK_BYTES = 1024;
/** A directory is shown as one block, as an ext4 one without many entries is. */
const DIRECTORY_BYTES = 4096;
const DIRECTORY_BLOCKS = 8;

function statusOfInode(kernel: Kernel, inode: Draft<Inode>): FileStatus {
  const { kind } = inode;
  const isDirectory = kind === "directory";
  // The folders in it are its links.
  if (isDirectory) entriesOf(kernel, inode);
  // Of secret memory (memfd_secret(2)) nothing tells how much of it has been used.
  const isSecret = kind === "file" && isAnonymous(kernel, inode);
  return {
    device: deviceOf(inode.fileSystem),
    inode: inode.id,
    mode: fileTypeBits[kind] | inode.mode,
    links: isSecret ? 1 : inode.links,
    uid: inode.uid,
    gid: inode.gid,
    special: inode.device ?? NO_DEVICE,
    size: isDirectory ? DIRECTORY_BYTES : inode.size,
    blockSize: BLOCK_BYTES,
    blocks: isDirectory ? DIRECTORY_BLOCKS : kind === "file" && !isSecret ? usedBlocks(inode) : 0,
    accessed: timestampOf(inode.accessed),
    modified: timestampOf(inode.modified),
    changed: timestampOf(inode.changed),
  };
}
/** Of a process that has ended, whose file is still open. */
const DEPARTED: VirtualNode = { kind: "file", mode: 0o444, uid: 0, gid: 0, links: 0, size: 0, inode: 0 };
function statusOfVirtual(kernel: Kernel, { kind, mode, uid, gid, links, size, inode }: VirtualNode): FileStatus {
  const now = realtime(kernel);
  const fileSystem = kernel.vfs.mounts.findIndex(mount => mount && "virtual" in mount.root);
  return {
    device: deviceOf(fileSystem),
    inode,
    mode: fileTypeBits[kind] | mode,
    links,
    uid,
    gid,
    special: NO_DEVICE,
    size,
    blockSize: VIRTUAL_BLOCK_BYTES,
    blocks: 0,
    accessed: now,
    modified: now,
    changed: now,
  };
}
export const statusOf = (kernel: Kernel, task: Draft<Task>, place: Location): FileStatus =>
  "inode" in place ? statusOfInode(kernel, inodeOf(kernel, place.inode)) : statusOfVirtual(kernel, procTree.find(kernel, task, place.virtual) ?? DEPARTED);
/** What open files without an inode share (fs/anon_inodes.c): permissions, and no type. */
function statusOfAnonymous(kernel: Kernel): FileStatus {
  const node: VirtualNode = { kind: "file", mode: 0o600, uid: 0, gid: 0, links: 1, size: 0, inode: 1 };
  return { ...statusOfVirtual(kernel, node), device: ANONYMOUS_DEVICE, mode: 0o600, blockSize: BLOCK_BYTES };
}
const MQUEUE_DEVICE = [0, 15] as const;
const ANONYMOUS_DEVICE = [0, 14] as const;
export function statusOfOpenFile(kernel: Kernel, task: Draft<Task>, open: Draft<OpenFile>): FileStatus {
  const { inode } = open;
  if (open.kind === "mqueue") {
    const { mode, uid, gid } = mqueueOf(kernel, open.object);
    const node: VirtualNode = { kind: "file", mode, uid, gid, links: 1, size: 80, inode: open.object + 2 };
    return { ...statusOfVirtual(kernel, node), device: MQUEUE_DEVICE, blockSize: BLOCK_BYTES };
  }
  if (open.kind in anonymousKinds) return statusOfAnonymous(kernel);
  return inode === 0 ? statusOf(kernel, task, placeOfOpenFile(kernel, open)) : statusOfInode(kernel, inodeOf(kernel, inode));
}

const timespecOf = ({ seconds, nanos }: Timestamp) => ({ tv_sec: seconds, tv_nsec: nanos });
/** As struct stat. */
export const statOf = (status: FileStatus) => ({
  st_dev: packDevice(...status.device),
  st_ino: status.inode,
  st_nlink: status.links,
  st_mode: status.mode,
  st_uid: status.uid,
  st_gid: status.gid,
  _pad: 0,
  st_rdev: packDevice(...status.special),
  st_size: status.size,
  st_blksize: status.blockSize,
  st_blocks: status.blocks,
  st_atim: timespecOf(status.accessed),
  st_mtim: timespecOf(status.modified),
  st_ctim: timespecOf(status.changed),
  _unused: [],
});

/** Magic numbers of statfs(2). */
const magics: { readonly [T in Mount["type"]]: number } = {
  overlay: 0x794c_7630,
  tmpfs: 0x0102_1994,
  devtmpfs: 0x0102_1994,
  devpts: 0x1cd1,
  proc: 0x9fa0,
  sysfs: 0x6265_6572,
  pipefs: 0x5049_5045,
  sockfs: 0x534f_434b,
  anon_inodefs: 0x0904_1934,
};
const hasBlocks = new Set<Mount["type"]>(["overlay", "tmpfs", "devtmpfs"]);
const ST_VALID = 0x20;
const ST_RELATIME = 0x1000;
const NAME_MAX = 255;
export function fileSystemStatus(kernel: Kernel, fileSystem: number) {
  const { type, flags } = kernel.vfs.mounts[fileSystem]!;
  const { limits, fileBytesInUse } = kernel.system;
  const isCounted = hasBlocks.has(type);
  const free = isCounted ? Math.max(0, Math.floor((limits.fileBytes - fileBytesInUse) / BLOCK_BYTES)) : 0;
  return {
    f_type: magics[type],
    f_bsize: BLOCK_BYTES,
    f_blocks: isCounted ? Math.floor(limits.fileBytes / BLOCK_BYTES) : 0,
    f_bfree: free,
    f_bavail: free,
    f_files: isCounted ? limits.inodes : 0,
    f_ffree: isCounted ? limits.inodes - (kernel.vfs.inodes.length - 1) + kernel.vfs.freeInodes.length : 0,
    f_fsid: [deviceOf(fileSystem)[1], 0],
    f_namelen: NAME_MAX,
    f_frsize: BLOCK_BYTES,
    f_flags: ST_VALID | ST_RELATIME | flags,
    _spare: [],
  };
}
export const fileSystemOf = (kernel: Kernel, place: Location): number =>
  "inode" in place ? inodeOf(kernel, place.inode).fileSystem : kernel.vfs.mounts.findIndex(mount => mount && "virtual" in mount.root);
/** Whether a place is the root of its mount. */
export function isRootOfMount(kernel: Kernel, place: Location): boolean {
  const { root } = kernel.vfs.mounts[fileSystemOf(kernel, place)]!;
  return "inode" in place ? "inode" in root && root.inode === place.inode : place.virtual === "";
}
