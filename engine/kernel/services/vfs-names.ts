// Calls that make, remove and rename entries of directories (mkdir(2), unlink(2), rename(2), link(2), symlink(2), mknod(2)).
import type { Draft } from "immer";
import * as at from "../../abi/constants/at-flags.ts";
import { kindOfMode, S_IFMT } from "../../abi/constants/file-mode.ts";
import { inotifyEvents } from "../../abi/constants/inotify-events.ts";
import type { Errno } from "../../abi/errno.ts";
import type { Bytes } from "../../abi/memory-view.ts";
import { unpackDevice } from "../../abi/structs/stat.ts";
import type { Kernel } from "../kernel.ts";
import { isOwner } from "../objects/attributes.ts";
import { binary } from "../objects/binary-string.ts";
import { can, mayAccess } from "../objects/credentials.ts";
import { notifySelf } from "../objects/file-events.ts";
import {
  addEntry,
  createInode,
  exchangeEntries,
  inodeOf,
  isReadOnly,
  MAX_LINKS,
  moveEntry,
  type NewInode,
  removeEntry,
  touchChanged,
} from "../objects/inodes.ts";
import { directoryOf, refusalIn, removing } from "../objects/landlock.ts";
import { refusalToRefer } from "../objects/landlock-referral.ts";
import { isWithin } from "../objects/locations.ts";
import { newInode, refusalToMake } from "../objects/opening.ts";
import { AT_FDCWD, type Missing, plainCredentials, resolveBytes } from "../objects/paths.ts";
import { AS_ENTRY, type Entry, entryOf, refusalToRemove, unlinkPath, WRITE_AND_SEARCH } from "../objects/removal.ts";
import { taskOf } from "../objects/tasks.ts";
import { entriesOf } from "../objects/unlisted-folders.ts";
import { type Calls, fail, OK, type Outcome, type PlainOutcome } from "../service.ts";
import type { Credentials, Task } from "../state/proc-table.ts";
import type { Inode } from "../state/vfs.ts";

/** A name in a directory that is to be made: the directory and the name, or why not. */
function vacancy(kernel: Kernel, task: Draft<Task>, dirfd: number, path: Bytes | null, kind: NewInode["kind"]): Missing | Outcome<never> {
  const resolved = resolveBytes(kernel, task, dirfd, path, AS_ENTRY);
  if (resolved.kind === "fail") return resolved;
  if (resolved.kind === "found") return fail("EEXIST");
  if (resolved.hasSlash && kind !== "directory") return fail("ENOENT");
  const errno = refusalToMake(kernel, task, resolved.parent, kind);
  return errno ? fail(errno) : resolved;
}
function make(
  kernel: Kernel,
  task: Draft<Task>,
  { parent, name }: Missing,
  kind: NewInode["kind"],
  mode: number,
  more: Pick<NewInode, "target" | "device"> = {},
): PlainOutcome {
  addEntry(kernel, parent, name, createInode(kernel, { ...newInode(kernel, task, parent, kind, mode), ...more }));
  return OK;
}

function mkdir(kernel: Kernel, tid: number, dirfd: number, path: Bytes | null, mode: number): PlainOutcome {
  const task = taskOf(kernel, tid);
  const place = vacancy(kernel, task, dirfd, path, "directory");
  if (place.kind !== "missing") return place;
  if (inodeOf(kernel, place.parent).links >= MAX_LINKS) return fail("EMLINK");
  return make(kernel, task, place, "directory", mode & 0o1777);
}
function mknod(kernel: Kernel, tid: number, dirfd: number, path: Bytes | null, mode: number, device: number): PlainOutcome {
  const task = taskOf(kernel, tid);
  const kind = (mode & S_IFMT) === 0 ? "file" : kindOfMode.get(mode & S_IFMT);
  if (kind === "directory") return fail("EPERM");
  if (!kind || kind === "symlink") return fail("EINVAL");
  const place = vacancy(kernel, task, dirfd, path, kind);
  if (place.kind !== "missing") return place;
  const isDevice = kind === "character" || kind === "block";
  if (isDevice && !can(plainCredentials(kernel, task), "CAP_MKNOD")) return fail("EPERM");
  return make(kernel, task, place, kind, mode, isDevice ? { device: unpackDevice(device) } : {});
}
function symlink(kernel: Kernel, tid: number, target: Bytes | null, dirfd: number, path: Bytes | null): PlainOutcome {
  if (target === null) return fail("ENAMETOOLONG");
  if (target.length === 0) return fail("ENOENT");
  const task = taskOf(kernel, tid);
  const place = vacancy(kernel, task, dirfd, path, "symlink");
  if (place.kind !== "missing") return place;
  const made = newInode(kernel, task, place.parent, "symlink", 0o777);
  addEntry(kernel, place.parent, place.name, createInode(kernel, { ...made, mode: 0o777, target: binary(target) }));
  return OK;
}
function link(kernel: Kernel, tid: number, olddirfd: number, oldpath: Bytes | null, newdirfd: number, newpath: Bytes | null, flags: number): PlainOutcome {
  if ((flags & ~(at.AT_SYMLINK_FOLLOW | at.AT_EMPTY_PATH)) !== 0) return fail("EINVAL");
  const task = taskOf(kernel, tid);
  const credentials = plainCredentials(kernel, task);
  const allowEmpty = (flags & at.AT_EMPTY_PATH) !== 0;
  const source = resolveBytes(kernel, task, olddirfd, oldpath, { followLast: (flags & at.AT_SYMLINK_FOLLOW) !== 0, allowEmpty });
  if (source.kind === "fail") return source;
  if (source.kind === "missing") return fail("ENOENT");
  const place = resolveBytes(kernel, task, newdirfd, newpath, AS_ENTRY);
  if (place.kind === "fail") return place;
  if (place.kind === "found") return fail("EEXIST");
  if (place.hasSlash) return fail("ENOENT");
  if (!("inode" in source.location)) return fail("EXDEV");
  const inode = inodeOf(kernel, source.location.inode);
  const directory = inodeOf(kernel, place.parent);
  if (isReadOnly(kernel, directory)) return fail("EROFS");
  if (inode.fileSystem !== directory.fileSystem) return fail("EXDEV");
  if (!isOwner(credentials, inode) && !isSafeToLink(credentials, inode)) return fail("EPERM");
  const from = source.parent && "inode" in source.parent ? source.parent.inode : (directoryOf(kernel, inode.id)?.inode ?? directory.id);
  const referral = { file: inode, from, to: directory.id, target: null, isMoved: false, isExchanged: false };
  const refusal = refusalToRefer(kernel, task, referral) ?? refusalToAdd(credentials, directory);
  if (refusal) return fail(refusal);
  if (inode.kind === "directory") return fail("EPERM");
  if (inode.links === 0 && !inode.isUnnamed) return fail("ENOENT");
  if (inode.links >= MAX_LINKS) return fail("EMLINK");
  notifySelf(kernel, inode, inotifyEvents.IN_ATTRIB);
  addEntry(kernel, place.parent, place.name, inode.id);
  delete inode.isUnnamed;
  touchChanged(kernel, inode);
  return OK;
}

/** proc_sys_fs(5), protected_hardlinks: to another's file only where it could be copied as well. */
const isSafeToLink = (credentials: Credentials, inode: Inode): boolean =>
  inode.kind === "file" && (inode.mode & 0o4000) === 0 && (inode.mode & 0o2010) !== 0o2010 && mayAccess(credentials, inode, 6);

function rmdir(kernel: Kernel, tid: number, dirfd: number, path: Bytes | null): PlainOutcome {
  const task = taskOf(kernel, tid);
  const resolved = resolveBytes(kernel, task, dirfd, path, AS_ENTRY);
  if (resolved.kind === "fail") return resolved;
  if (resolved.kind === "missing") return fail(isReadOnly(kernel, inodeOf(kernel, resolved.parent)) ? "EROFS" : "ENOENT");
  if (resolved.last !== "name") return fail(NOT_REMOVABLE[resolved.last]);
  const entry = entryOf(kernel, resolved);
  if (!entry) return fail("EPERM");
  if (isReadOnly(kernel, inodeOf(kernel, entry.directory))) return fail("EROFS");
  const forbidden = refusalIn(kernel, task, entry.directory, removing({ kind: "directory" }));
  const errno = forbidden ?? refusalToRemove(kernel, plainCredentials(kernel, task), entry, true);
  if (errno) return fail(errno);
  if (entry.inode.mounted !== undefined) return fail("EBUSY");
  if (entriesOf(kernel, entry.inode).size > 0) return fail("ENOTEMPTY");
  removeEntry(kernel, entry.directory, entry.name);
  return OK;
}
const NOT_REMOVABLE: { readonly [L in "." | ".." | "/"]: Errno } = { ".": "EINVAL", "..": "ENOTEMPTY", "/": "EBUSY" };

function unlink(kernel: Kernel, tid: number, dirfd: number, path: Bytes | null): PlainOutcome {
  const errno = unlinkPath(kernel, taskOf(kernel, tid), dirfd, path && binary(path));
  return errno ? fail(errno) : OK;
}

interface RenameEnds {
  readonly olddirfd: number;
  readonly oldpath: Bytes | null;
  readonly newdirfd: number;
  readonly newpath: Bytes | null;
}
function rename(kernel: Kernel, tid: number, ends: RenameEnds, flags: number): PlainOutcome {
  const isExchange = (flags & at.RENAME_EXCHANGE) !== 0;
  const isExclusive = (flags & at.RENAME_NOREPLACE) !== 0;
  // RENAME_WHITEOUT is for overlay file systems' own use.
  if ((flags & ~(at.RENAME_NOREPLACE | at.RENAME_EXCHANGE)) !== 0 || (isExchange && isExclusive)) return fail("EINVAL");
  const task = taskOf(kernel, tid);
  const credentials = plainCredentials(kernel, task);
  const from = resolveBytes(kernel, task, ends.olddirfd, ends.oldpath, AS_ENTRY);
  if (from.kind === "fail" && !from.isForName) return from;
  const to = resolveBytes(kernel, task, ends.newdirfd, ends.newpath, AS_ENTRY);
  if (to.kind === "fail" && !to.isForName) return to;
  if (from.kind === "found" && from.last !== "name") return fail("EBUSY");
  if (to.kind === "found" && to.last !== "name") return fail(isExclusive ? "EEXIST" : "EBUSY");
  if (from.kind === "fail") return from;
  if (from.kind === "missing") return fail("ENOENT");
  if (to.kind === "fail") return to;
  const source = entryOf(kernel, from);
  const target = to.kind === "found" ? entryOf(kernel, to) : null;
  if (!source || target === undefined) return fail(!source && target === undefined ? "EPERM" : "EXDEV");
  const directory = to.kind === "missing" ? to.parent : target!.directory;
  const name = to.name;
  const [oldParent, newParent] = [inodeOf(kernel, source.directory), inodeOf(kernel, directory)];
  if (oldParent.fileSystem !== newParent.fileSystem) return fail("EXDEV");
  if (isReadOnly(kernel, oldParent)) return fail("EROFS");
  if (isExclusive && target) return fail("EEXIST");
  if (isExchange && !target) return fail("ENOENT");
  const isDirectory = source.inode.kind === "directory";
  if (!isDirectory && (from.hasSlash || (!isExchange && to.hasSlash))) return fail("ENOTDIR");
  if (isExchange && target!.inode.kind !== "directory" && to.hasSlash) return fail("ENOTDIR");
  if (isDirectory && isWithin(kernel, { inode: directory }, { inode: source.inode.id })) return fail("EINVAL");
  if (target && target.inode.kind === "directory" && isWithin(kernel, { inode: source.directory }, { inode: target.inode.id }))
    return fail(isExchange ? "EINVAL" : "ENOTEMPTY");
  const referral = { file: source.inode, from: source.directory, to: directory, target: target?.inode ?? null, isMoved: true, isExchanged: isExchange };
  const forbidden = refusalToRefer(kernel, task, referral);
  if (forbidden) return fail(forbidden);
  if (target?.inode.id === source.inode.id) return OK;

  const errno =
    refusalToRemove(kernel, credentials, source, isDirectory) ??
    (target
      ? refusalToRemove(kernel, credentials, target, isExchange ? target.inode.kind === "directory" : isDirectory)
      : refusalToAdd(credentials, newParent)) ??
    refusalToMove(credentials, source, directory) ??
    (isExchange ? refusalToMove(credentials, target!, source.directory) : null);
  if (errno) return fail(errno);
  if (source.inode.mounted !== undefined || target?.inode.mounted !== undefined) return fail("EBUSY");
  const end = { directory, name };
  if (isExchange) {
    exchangeEntries(kernel, source, end);
    return OK;
  }
  if (isDirectory && target && entriesOf(kernel, target.inode).size > 0) return fail("ENOTEMPTY");
  if (isDirectory && !target && source.directory !== directory && newParent.links >= MAX_LINKS) return fail("EMLINK");
  if (target) removeEntry(kernel, directory, name);
  moveEntry(kernel, source, end);
  return OK;
}
const refusalToAdd = (credentials: Credentials, directory: Inode): Errno | null =>
  directory.links === 0 ? "ENOENT" : mayAccess(credentials, directory, WRITE_AND_SEARCH) ? null : "EACCES";
/** A directory that moves gets another `..`: it must be writable itself. */
const refusalToMove = (credentials: Credentials, { inode, directory }: Entry, to: number): Errno | null =>
  inode.kind === "directory" && directory !== to && !mayAccess(credentials, inode, 2) ? "EACCES" : null;

const here = { olddirfd: AT_FDCWD, newdirfd: AT_FDCWD };
export const nameCalls = {
  mkdir: (kernel, { tid, args }) => mkdir(kernel, tid, AT_FDCWD, args.pathname, args.mode),
  mkdirat: (kernel, { tid, args }) => mkdir(kernel, tid, args.dirfd, args.pathname, args.mode),
  mknod: (kernel, { tid, args }) => mknod(kernel, tid, AT_FDCWD, args.pathname, args.mode, args.dev),
  mknodat: (kernel, { tid, args }) => mknod(kernel, tid, args.dirfd, args.pathname, args.mode, args.dev),
  symlink: (kernel, { tid, args }) => symlink(kernel, tid, args.target, AT_FDCWD, args.linkpath),
  symlinkat: (kernel, { tid, args }) => symlink(kernel, tid, args.target, args.newdirfd, args.linkpath),
  link: (kernel, { tid, args }) => link(kernel, tid, AT_FDCWD, args.oldpath, AT_FDCWD, args.newpath, 0),
  linkat: (kernel, { tid, args }) => link(kernel, tid, args.olddirfd, args.oldpath, args.newdirfd, args.newpath, args.flags),
  rmdir: (kernel, { tid, args }) => rmdir(kernel, tid, AT_FDCWD, args.pathname),
  unlink: (kernel, { tid, args }) => unlink(kernel, tid, AT_FDCWD, args.pathname),
  unlinkat(kernel, { tid, args }) {
    const { dirfd, pathname, flags } = args;
    if ((flags & ~at.AT_REMOVEDIR) !== 0) return fail("EINVAL");
    return (flags & at.AT_REMOVEDIR) !== 0 ? rmdir(kernel, tid, dirfd, pathname) : unlink(kernel, tid, dirfd, pathname);
  },
  rename: (kernel, { tid, args: { oldpath, newpath } }) => rename(kernel, tid, { ...here, oldpath, newpath }, 0),
  renameat: (kernel, { tid, args: { olddirfd, oldpath, newdirfd, newpath } }) => rename(kernel, tid, { olddirfd, oldpath, newdirfd, newpath }, 0),
  renameat2: (kernel, { tid, args: { olddirfd, oldpath, newdirfd, newpath, flags } }) => rename(kernel, tid, { olddirfd, oldpath, newdirfd, newpath }, flags),
} satisfies Partial<Calls<"vfs">>;
