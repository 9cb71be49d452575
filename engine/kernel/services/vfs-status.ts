// Calls that tell what something is: stat, statx, access, readlink, statfs, and the entries of directories.
import type { Draft } from "immer";
import * as at from "../../abi/constants/at-flags.ts";
import { entryType } from "../../abi/constants/file-mode.ts";
import { inotifyEvents } from "../../abi/constants/inotify-events.ts";
import type { Bytes } from "../../abi/memory-view.ts";
import { type DirectoryRecord, dirent, dirent64, packRecords, type RecordLayout } from "../../abi/structs/dirent.ts";
import { statxMask } from "../../abi/structs/statx.ts";
import type { Kernel } from "../kernel.ts";
import { bytesOf } from "../objects/binary-string.ts";
import { asRealUser, mayAccess } from "../objects/credentials.ts";
import { notifyOpenFile } from "../objects/file-events.ts";
import { type FileStatus, fileSystemOf, fileSystemStatus, statOf, statusOf, statusOfOpenFile } from "../objects/file-status.ts";
import { inodeOf, isReadOnly, touchAccessed } from "../objects/inodes.ts";
import { nodeAt, parentOf, placeOfOpenFile } from "../objects/locations.ts";
import { anyOpenFileOf, openFileOf } from "../objects/open-files.ts";
import { AT_FDCWD, plainCredentials, type ResolveOptions, resolveBytes } from "../objects/paths.ts";
import { procTree } from "../objects/proc-tree.ts";
import { taskOf } from "../objects/tasks.ts";
import { entriesOf } from "../objects/unlisted-folders.ts";
import { type Call, type Calls, done, fail, OK, type Outcome, type PlainOutcome } from "../service.ts";
import type { Credentials, Task } from "../state/proc-table.ts";
import type { Location, OpenFile, Timestamp } from "../state/vfs.ts";
import { allowedToRead } from "./vfs-transfer.ts";

const { AT_SYMLINK_NOFOLLOW, AT_NO_AUTOMOUNT, AT_EMPTY_PATH, AT_EACCESS, AT_STATX_SYNC_TYPE } = at;
const FOLLOW: ResolveOptions = { followLast: true };
const NO_FOLLOW: ResolveOptions = { followLast: false };
const optionsOf = (flags: number): ResolveOptions => ({ followLast: (flags & AT_SYMLINK_NOFOLLOW) === 0, allowEmpty: (flags & AT_EMPTY_PATH) !== 0 });

/** The place, or why there is none. */
function find(kernel: Kernel, task: Draft<Task>, dirfd: number, path: Bytes | null, options: ResolveOptions): Location | Outcome<never> {
  const resolved = resolveBytes(kernel, task, dirfd, path, options);
  if (resolved.kind === "found") return resolved.location;
  return resolved.kind === "missing" ? fail("ENOENT") : resolved;
}
const isPlace = (found: Location | Outcome<never>): found is Location => !("kind" in found);

function statPath(kernel: Kernel, tid: number, dirfd: number, path: Bytes | null, options: ResolveOptions): Outcome<{ statbuf: ReturnType<typeof statOf> }> {
  const task = taskOf(kernel, tid);
  if (path?.length === 0 && options.allowEmpty && dirfd !== AT_FDCWD) return statDescriptor(kernel, task, dirfd);
  const place = find(kernel, task, dirfd, path, options);
  return isPlace(place) ? done(0, { statbuf: statOf(statusOf(kernel, task, place)) }) : place;
}
function statDescriptor(kernel: Kernel, task: Draft<Task>, fd: number): Outcome<{ statbuf: ReturnType<typeof statOf> }> {
  const open = anyOpenFileOf(kernel, task, fd);
  return open ? done(0, { statbuf: statOf(statusOfOpenFile(kernel, task, open)) }) : fail("EBADF");
}

const statxTime = ({ seconds, nanos }: Timestamp) => ({ tv_sec: seconds, tv_nsec: nanos, _pad: 0 });
const statxOf = (status: FileStatus) => ({
  stx_mask: statxMask.STATX_BASIC_STATS | statxMask.STATX_MNT_ID,
  stx_blksize: status.blockSize,
  stx_attributes: 0,
  stx_nlink: status.links,
  stx_uid: status.uid,
  stx_gid: status.gid,
  stx_mode: status.mode,
  _spare0: 0,
  stx_ino: status.inode,
  stx_size: status.size,
  stx_blocks: status.blocks,
  stx_attributes_mask: 0,
  stx_atime: statxTime(status.accessed),
  stx_btime: { tv_sec: 0, tv_nsec: 0, _pad: 0 },
  stx_ctime: statxTime(status.changed),
  stx_mtime: statxTime(status.modified),
  stx_rdev_major: status.special[0],
  stx_rdev_minor: status.special[1],
  stx_dev_major: status.device[0],
  stx_dev_minor: status.device[1],
  stx_mnt_id: status.device[1],
  _spare: [],
});

const W_OK = 2;
function access(kernel: Kernel, tid: number, dirfd: number, path: Bytes | null, mode: number, flags: number): PlainOutcome {
  if ((mode & ~7) !== 0 || (flags & ~(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) !== 0) return fail("EINVAL");
  const task = taskOf(kernel, tid);
  const own = plainCredentials(kernel, task);
  const credentials: Credentials = (flags & AT_EACCESS) !== 0 ? own : asRealUser(own);
  const place = find(kernel, task, dirfd, path, { ...optionsOf(flags), credentials });
  if (!isPlace(place)) return place;
  const node = nodeAt(kernel, task, place);
  if (!node) return fail("ENOENT");
  const isContent = node.kind === "file" || node.kind === "directory" || node.kind === "symlink";
  if ((mode & W_OK) !== 0 && isContent && "inode" in place && isReadOnly(kernel, inodeOf(kernel, place.inode))) return fail("EROFS");
  return mode === 0 || mayAccess(credentials, node, mode) ? OK : fail("EACCES");
}

function readlink(kernel: Kernel, tid: number, dirfd: number, path: Bytes | null, size: number): Outcome<{ buf: Bytes }> {
  if (size <= 0) return fail("EINVAL");
  const task = taskOf(kernel, tid);
  const isEmpty = path?.length === 0;
  // readlinkat(2): an empty path is the link that `dirfd` was opened on with O_PATH.
  const place = find(kernel, task, dirfd, path, isEmpty && dirfd !== AT_FDCWD ? { followLast: false, allowEmpty: true } : NO_FOLLOW);
  if (!isPlace(place)) return place;
  if (nodeAt(kernel, task, place)?.kind !== "symlink") return fail(isEmpty ? "ENOENT" : "EINVAL");
  const target = "inode" in place ? { text: inodeOf(kernel, place.inode).target! } : procTree.readlink(kernel, task, place.virtual);
  if ("errno" in target) return fail(target.errno);
  const buf = bytesOf(target.text).subarray(0, size);
  return done(buf.length, { buf });
}

/** `.` and `..` come first; an offset counts entries. */
const DOTS = 2;
function* recordsFrom(kernel: Kernel, task: Draft<Task>, open: Draft<OpenFile>): Generator<DirectoryRecord> {
  const place = placeOfOpenFile(kernel, open);
  const from = open.offset;
  const directory = entryType("directory");
  const inodeAt = (at: Location): number => ("inode" in at ? at.inode : statusOf(kernel, task, at).inode);
  if (from < 1) yield { inode: inodeAt(place), offset: 1, type: directory, name: "." };
  if (from < DOTS) yield { inode: inodeAt(parentOf(kernel, place)), offset: DOTS, type: directory, name: ".." };
  if (!("inode" in place)) {
    const entries = procTree.list(kernel, task, place.virtual);
    for (let i = Math.max(0, from - DOTS); i < entries.length; i++) {
      const { inode, kind, name } = entries[i]!;
      yield { inode, offset: i + DOTS + 1, type: entryType(kind), name };
    }
    return;
  }
  const entries = entriesOf(kernel, inodeOf(kernel, place.inode));
  const { listing = [] } = open;
  for (let i = Math.max(0, from - DOTS); i < listing.length; i++) {
    const name = listing[i]!;
    const inode = entries.get(name);
    if (inode !== undefined) yield { inode, offset: i + DOTS + 1, type: entryType(inodeOf(kernel, inode).kind), name };
  }
}
function getdents(kernel: Kernel, call: Call<{ readonly fd: number; readonly count: number }>, layout: RecordLayout): Outcome<{ dirp: Bytes }> {
  const {
    tid,
    args: { fd, count },
  } = call;
  const task = taskOf(kernel, tid);
  const open = openFileOf(kernel, task, fd);
  if (!open) return fail("EBADF");
  if (open.kind !== "directory" && open.kind !== "proc-directory") return fail("ENOTDIR");
  const pending = allowedToRead(kernel, call, task, open);
  if (pending) return pending;
  const inode = open.kind === "directory" ? inodeOf(kernel, open.inode) : null;
  if (inode?.links === 0) return fail("ENOENT");
  if (inode && open.offset === 0) open.listing = [...entriesOf(kernel, inode).keys()];
  const { bytes, last, isTooSmall } = packRecords(layout, recordsFrom(kernel, task, open), count);
  if (isTooSmall) return fail("EINVAL");
  if (last) open.offset = last.offset;
  if (inode) touchAccessed(kernel, inode);
  notifyOpenFile(kernel, open, inotifyEvents.IN_ACCESS);
  return done(bytes.length, { dirp: bytes });
}

export const statusCalls = {
  stat: (kernel, { tid, args }) => statPath(kernel, tid, AT_FDCWD, args.pathname, FOLLOW),
  lstat: (kernel, { tid, args }) => statPath(kernel, tid, AT_FDCWD, args.pathname, NO_FOLLOW),
  fstat: (kernel, { tid, args }) => statDescriptor(kernel, taskOf(kernel, tid), args.fd),
  newfstatat(kernel, { tid, args }) {
    const { dirfd, pathname, flags } = args;
    if ((flags & ~(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH)) !== 0) return fail("EINVAL");
    return statPath(kernel, tid, dirfd, pathname, optionsOf(flags));
  },
  statx(kernel, { tid, args }) {
    const { dirfd, pathname, flags, mask } = args;
    if (mask < 0 || (flags & AT_STATX_SYNC_TYPE) === AT_STATX_SYNC_TYPE) return fail("EINVAL");
    if ((flags & ~(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH | AT_STATX_SYNC_TYPE)) !== 0) return fail("EINVAL");
    const task = taskOf(kernel, tid);
    if (pathname?.length === 0 && (flags & AT_EMPTY_PATH) !== 0 && dirfd !== AT_FDCWD) {
      const open = anyOpenFileOf(kernel, task, dirfd);
      return open ? done(0, { statxbuf: statxOf(statusOfOpenFile(kernel, task, open)) }) : fail("EBADF");
    }
    const place = find(kernel, task, dirfd, pathname, optionsOf(flags));
    return isPlace(place) ? done(0, { statxbuf: statxOf(statusOf(kernel, task, place)) }) : place;
  },
  access: (kernel, { tid, args }) => access(kernel, tid, AT_FDCWD, args.pathname, args.mode, 0),
  faccessat: (kernel, { tid, args }) => access(kernel, tid, args.dirfd, args.pathname, args.mode, 0),
  faccessat2: (kernel, { tid, args }) => access(kernel, tid, args.dirfd, args.pathname, args.mode, args.flags),
  readlink: (kernel, { tid, args }) => readlink(kernel, tid, AT_FDCWD, args.pathname, args.bufsiz),
  readlinkat: (kernel, { tid, args }) => readlink(kernel, tid, args.dirfd, args.pathname, args.bufsiz),
  statfs(kernel, { tid, args }) {
    const place = find(kernel, taskOf(kernel, tid), AT_FDCWD, args.path, FOLLOW);
    return isPlace(place) ? done(0, { buf: fileSystemStatus(kernel, fileSystemOf(kernel, place)) }) : place;
  },
  fstatfs(kernel, { tid, args }) {
    const open = anyOpenFileOf(kernel, taskOf(kernel, tid), args.fd);
    return open ? done(0, { buf: fileSystemStatus(kernel, fileSystemOf(kernel, placeOfOpenFile(kernel, open))) }) : fail("EBADF");
  },
  getdents: (kernel, call) => getdents(kernel, call, dirent),
  getdents64: (kernel, call) => getdents(kernel, call, dirent64),
} satisfies Partial<Calls<"vfs">>;
