// Opening what a path leads to (open(2)): creating it, checking permission, choosing the kind of open file. FIFOs that must wait are services/vfs-opening.ts.
import type { Draft } from "immer";
import { fanotifyEvents } from "../../abi/constants/fanotify.ts";
import { S_ISGID } from "../../abi/constants/file-mode.ts";
import {
  O_ACCMODE,
  O_CLOEXEC,
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_LARGEFILE,
  O_NOATIME,
  O_NOCTTY,
  O_NOFOLLOW,
  O_NONBLOCK,
  O_PATH,
  O_RDONLY,
  O_TMPFILE,
  O_TRUNC,
  O_WRONLY,
} from "../../abi/constants/open-flags.ts";
import type { Errno } from "../../abi/errno.ts";
import type { Kernel } from "../kernel.ts";
import type { Credentials, Task } from "../state/proc-table.ts";
import type { BinaryString, Inode, Location } from "../state/vfs.ts";
import { dropSetIds, isOwner } from "./attributes.ts";
import { resizeContent } from "./content.ts";
import { can, isMember, mayAccess } from "./credentials.ts";
import { openingOfDevice } from "./devices.ts";
import { fileKinds } from "./file-kinds.ts";
import { contextOf } from "./fs-contexts.ts";
import { addEntry, createInode, hasRoomForInode, inodeOf, isReadOnly, type NewInode, touchModified } from "./inodes.ts";
import { MAKING, refusalIn, refusalToOpenFile } from "./landlock.ts";
import { breakLeases } from "./leases.ts";
import { isAnonymous, type Node, nodeAt, pathOf, pathOfChild } from "./locations.ts";
import { createOpenFile, type NewOpenFile } from "./open-files.ts";
import { type Found, type Missing, pathOfFound, plainCredentials, resolve } from "./paths.ts";
import type { Pending, Questions } from "./permission-events.ts";
import { attachPipe } from "./pipes.ts";
import { procTree } from "./proc-tree.ts";

const EXECUTE = 1;
const WRITE = 2;
const READ = 4;
const TMPFILE_BIT = O_TMPFILE & ~O_DIRECTORY;
const MS_NODEV = 4;
/** Flags that matter to open(2) alone and are not kept (fcntl(2), F_GETFL). */
const NOT_KEPT = O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_CLOEXEC;

/** `isCutOff`: O_TRUNC had a file to cut off, which is told after the opening (fs/namei.c, do_open). */
export type Opened = { readonly kind: "opened"; readonly openFile: number; readonly isCutOff?: boolean } | { readonly kind: "fail"; readonly errno: Errno };
/** As long as somebody has not said whether it may be, or holds a lease. */
export type OpenedOrPending = Opened | Pending;
const failed = (errno: Errno): Opened => ({ kind: "fail", errno });

export interface OpenPathRequest {
  readonly dirfd: number;
  readonly path: BinaryString | null;
  readonly flags: number;
  readonly mode: number;
  /** openat2(2)'s. */
  readonly confinement?: number;
}
/** What is wrong with the flags alone (EINVAL). */
export const areFlagsInvalid = (flags: number): boolean =>
  (flags & O_PATH) === 0 &&
  (((flags & TMPFILE_BIT) !== 0 && ((flags & O_DIRECTORY) === 0 || (flags & O_ACCMODE) === O_RDONLY)) ||
    (flags & (O_CREAT | O_DIRECTORY)) === (O_CREAT | O_DIRECTORY));

/** Opens the path; the open file has no descriptor yet. There must be room for it. A FIFO counts as open, whether or not its other end is. */
export function openPath(kernel: Kernel, task: Draft<Task>, request: OpenPathRequest): Opened {
  const opened = openOrAsk(kernel, task, request, null);
  if (opened.kind === "wait") throw new Error("Nobody was asked, and yet an answer is waited for.");
  return opened;
}
/** The same, once whoever watches allows it (fanotify(7), FAN_OPEN_PERM). */
export function openOrAsk(
  kernel: Kernel,
  task: Draft<Task>,
  { dirfd, path, flags: wanted, mode, confinement = 0 }: OpenPathRequest,
  questions: Questions | null,
): OpenedOrPending {
  const asked = questions?.hasCreated ? wanted & ~O_EXCL : wanted;
  const flags = (asked & O_PATH) !== 0 ? asked & (O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : asked | O_LARGEFILE;
  const isExclusive = (flags & (O_CREAT | O_EXCL)) === (O_CREAT | O_EXCL);
  const followLast = (flags & O_NOFOLLOW) === 0 && !isExclusive;
  const resolved = resolve(kernel, task, dirfd, path, { followLast, refusesSlash: (flags & O_CREAT) !== 0, confinement });
  if (resolved.kind === "fail") return resolved;
  if ((flags & TMPFILE_BIT) !== 0) return resolved.kind === "missing" ? failed("ENOENT") : openUnnamed(kernel, task, resolved, flags, mode);
  if (resolved.kind === "missing") return (flags & O_CREAT) === 0 ? failed("ENOENT") : createAndOpen(kernel, task, resolved, flags, mode, questions);
  if (isExclusive) return failed("EEXIST");
  return openFound(kernel, task, resolved, flags, questions);
}

/** `null`: the file may be opened, as far as others have a say. */
const refusedByWatchers = (questions: Questions | null, inode: Draft<Inode>, path: BinaryString): OpenedOrPending | null => {
  const refused = questions?.ask(inode, path, fanotifyEvents.FAN_OPEN_PERM) ?? null;
  return typeof refused === "string" ? failed(refused) : refused;
};
function createAndOpen(
  kernel: Kernel,
  task: Draft<Task>,
  { parent, name }: Missing,
  flags: number,
  mode: number,
  questions: Questions | null,
): OpenedOrPending {
  const errno = refusalToMake(kernel, task, parent, "file");
  if (errno) return failed(errno);
  const inode = createInode(kernel, newInode(kernel, task, parent, "file", mode));
  addEntry(kernel, parent, name, inode);
  // The file stays: only opening it is forbidden.
  const forbidden = refusalToOpenFile(kernel, task, { location: { inode }, parent: { inode: parent } }, flags, false);
  if (forbidden) return failed(forbidden);
  const path = pathOfChild(kernel, { inode: parent }, name);
  const refused = refusedByWatchers(questions, inodeOf(kernel, inode), path);
  if (refused?.kind === "wait") questions!.noteCreated();
  if (refused) return refused;
  return { kind: "opened", openFile: createOpenFile(kernel, { kind: "regular", flags: flags & ~NOT_KEPT, inode, path }) };
}
/** O_TMPFILE: a file without a name in the directory's file system. */
function openUnnamed(kernel: Kernel, task: Draft<Task>, { location }: Found, flags: number, mode: number): Opened {
  if (!("inode" in location)) return failed("EOPNOTSUPP");
  if (inodeOf(kernel, location.inode).kind !== "directory") return failed("ENOTDIR");
  const errno = refusalToCreate(kernel, plainCredentials(kernel, task), location.inode);
  if (errno) return failed(errno);
  const forbidden = refusalToOpenFile(kernel, task, { location, parent: null }, flags, false);
  if (forbidden) return failed(forbidden);
  const inode = createInode(kernel, newInode(kernel, task, location.inode, "file", mode));
  if ((flags & O_EXCL) === 0) inodeOf(kernel, inode).isUnnamed = true;
  const path = `${pathOf(kernel, location)}/#${inode} (deleted)`;
  return { kind: "opened", openFile: createOpenFile(kernel, { kind: "regular", flags: flags & ~NOT_KEPT, inode, path }) };
}

/** Why nothing may be made in the directory. */
export function refusalToCreate(kernel: Kernel, credentials: Credentials, directory: number): Errno | null {
  const parent = inodeOf(kernel, directory);
  if (isReadOnly(kernel, parent)) return "EROFS";
  // Removed while somebody is still in it.
  if (parent.links === 0) return "ENOENT";
  if (!mayAccess(credentials, parent, WRITE | EXECUTE)) return "EACCES";
  return hasRoomForInode(kernel) ? null : "ENOSPC";
}
/** The same for what a task would make there. */
export const refusalToMake = (kernel: Kernel, task: Draft<Task>, directory: number, kind: Inode["kind"]): Errno | null =>
  refusalToCreate(kernel, plainCredentials(kernel, task), directory) ?? refusalIn(kernel, task, directory, MAKING[kind]);
/** Who owns what is made in the directory: its maker, or the directory's group where that has set-group-ID (inode(7)). */
export function newInode(kernel: Kernel, task: Draft<Task>, directory: number, kind: NewInode["kind"], mode: number): NewInode {
  const credentials = plainCredentials(kernel, task);
  const { fileSystem, mode: parentMode, gid } = inodeOf(kernel, directory);
  const isInherited = (parentMode & S_ISGID) !== 0;
  const group = isInherited ? gid : credentials.fsgid;
  let bits = mode & 0o7777 & ~contextOf(kernel, task).umask;
  if (isInherited && kind === "directory") bits |= S_ISGID;
  // A program that runs as a group its maker is not in would give it that group.
  else if (isInherited && (bits & 0o2010) === 0o2010 && !isMember(credentials, group) && !can(credentials, "CAP_FSETID")) bits &= ~S_ISGID;
  return { fileSystem, kind, mode: bits, uid: credentials.fsuid, gid: group };
}

const wantedAccess = (flags: number): number => {
  const access = flags & O_ACCMODE;
  return (access !== O_WRONLY ? READ : 0) | (access !== O_RDONLY || (flags & O_TRUNC) !== 0 ? WRITE : 0);
};
function openFound(kernel: Kernel, task: Draft<Task>, found: Found, flags: number, questions: Questions | null): OpenedOrPending {
  const { location } = found;
  const node = nodeAt(kernel, task, location);
  if (!node) return failed("ENOENT");
  const isDirectory = node.kind === "directory";
  if ((flags & O_CREAT) !== 0 && isDirectory) return failed("EISDIR");
  if ((flags & O_DIRECTORY) !== 0 && !isDirectory) return failed("ENOTDIR");
  if ((flags & O_PATH) !== 0) return openAsPath(kernel, found, flags, node);
  if (node.kind === "symlink") return failed("ELOOP");
  if (isDirectory && (wantedAccess(flags) & WRITE) !== 0) return failed("EISDIR");
  const credentials = plainCredentials(kernel, task);
  const errno =
    "inode" in location
      ? refusalToOpen(kernel, credentials, inodeOf(kernel, location.inode), flags)
      : mayAccess(credentials, node, wantedAccess(flags))
        ? null
        : "EACCES";
  if (errno) return failed(errno);
  const forbidden = refusalToOpenFile(kernel, task, found, flags, isDirectory);
  if (forbidden) return failed(forbidden);
  const refused = "inode" in location ? refusedByWatchers(questions, inodeOf(kernel, location.inode), pathOfFound(kernel, found)) : null;
  if (refused) return refused;
  // Who cannot wait is refused while the lease is broken.
  const broken = "inode" in location ? breakLeases(kernel, { id: location.inode }, questions ? flags : flags | O_NONBLOCK) : null;
  if (broken) return typeof broken === "string" ? failed(broken) : broken;
  return "inode" in location ? openInode(kernel, task, found, location.inode, flags) : openVirtual(kernel, task, location.virtual, node, flags);
}
function refusalToOpen(kernel: Kernel, credentials: Credentials, inode: Draft<Inode>, flags: number): Errno | null {
  const wanted = wantedAccess(flags);
  const isContent = inode.kind === "file" || inode.kind === "directory";
  if (isContent && (wanted & WRITE) !== 0 && isReadOnly(kernel, inode)) return "EROFS";
  const isDevice = inode.kind === "character" || inode.kind === "block";
  if (isDevice && (kernel.vfs.mounts[inode.fileSystem]!.flags & MS_NODEV) !== 0) return "EACCES";
  if (!mayAccess(credentials, inode, wanted)) return "EACCES";
  if ((flags & O_NOATIME) !== 0 && !isOwner(credentials, inode)) return "EPERM";
  if ((wanted & WRITE) !== 0 && inode.kind === "file" && isExecuted(kernel, inode)) return "ETXTBSY";
  return null;
}
/** A running program cannot be written to (execve(2)). */
export function isExecuted(kernel: Kernel, { id, mode }: Pick<Inode, "id" | "mode">): boolean {
  if ((mode & 0o111) === 0) return false;
  for (const process of kernel.procTable.processes.values()) if (process.executable.inode === id && process.exitStatus === null) return true;
  return false;
}

/** O_PATH: only a place, whatever lies there. */
function openAsPath(kernel: Kernel, found: Found, flags: number, node: Node): Opened {
  const { location } = found;
  const path = pathOfFound(kernel, found);
  const kind = node.kind === "directory" ? ("inode" in location ? "directory" : "proc-directory") : "inode" in location ? "regular" : "proc";
  const virtual = "inode" in location ? {} : { virtual: { path: location.virtual } };
  return {
    kind: "opened",
    openFile: createOpenFile(kernel, { kind, flags: flags & ~NOT_KEPT, inode: "inode" in location ? location.inode : 0, path, ...virtual }),
  };
}
function openVirtual(kernel: Kernel, task: Draft<Task>, path: BinaryString, node: Node, flags: number): Opened {
  const place: Location = { virtual: path };
  if (node.kind === "directory")
    return {
      kind: "opened",
      openFile: createOpenFile(kernel, {
        kind: "proc-directory",
        flags: flags & ~NOT_KEPT,
        inode: 0,
        path: pathOf(kernel, place),
        virtual: { path },
      }),
    };
  const opened = procTree.open(kernel, task, path, flags);
  if ("errno" in opened) return failed(opened.errno);
  return {
    kind: "opened",
    openFile: createOpenFile(kernel, {
      kind: "proc",
      flags: flags & ~NOT_KEPT,
      inode: 0,
      path: pathOf(kernel, place),
      virtual: { path, ...opened },
    }),
  };
}

/** What the inode's open file is, before its kind has had its say. */
function openingOf(kernel: Kernel, inode: Draft<Inode>): (Pick<NewOpenFile, "kind"> & { readonly object: number }) | { readonly errno: Errno } {
  if (isAnonymous(kernel, inode)) return { errno: "ENXIO" };
  if (inode.opens) return { kind: inode.opens.kind, object: inode.opens.object };
  if (inode.kind === "file") return { kind: "regular", object: 0 };
  if (inode.kind === "directory") return { kind: "directory", object: 0 };
  if (inode.kind === "fifo") return { kind: "pipe", object: 0 };
  return openingOfDevice(kernel, inode);
}
function openInode(kernel: Kernel, task: Draft<Task>, found: Found, id: number, flags: number): Opened {
  const inode = inodeOf(kernel, id);
  const opening = openingOf(kernel, inode);
  if ("errno" in opening) return failed(opening.errno);
  const path = pathOfFound(kernel, found) || (inode.kind === "fifo" ? `pipe:[${id}]` : "");
  const answer = fileKinds[opening.kind].open?.(kernel, { task, inode: id, object: opening.object, flags });
  if (answer?.kind === "fail") return answer;
  const isCutOff = (flags & O_TRUNC) !== 0 && opening.kind === "regular";
  if (isCutOff) truncate(kernel, task, inode);
  const object = opening.kind === "pipe" ? attachPipe(kernel, id, flags) : (answer?.object ?? opening.object);
  return { kind: "opened", openFile: createOpenFile(kernel, { kind: opening.kind, flags: flags & ~NOT_KEPT, inode: id, object, path }), isCutOff };
}
function truncate(kernel: Kernel, task: Draft<Task>, inode: Draft<Inode>): void {
  resizeContent(kernel, inode, 0);
  dropSetIds(kernel, task, inode);
  touchModified(kernel, inode);
}
