// fanotify_init and fanotify_mark, with the order of errors of fs/notify/fanotify/fanotify_user.c.
import type { Draft } from "immer";
import {
  DIRECTORY_EVENTS,
  EVENT_FLAGS,
  FAN_ALL_CLASS_BITS,
  FILE_EVENTS,
  fanotifyEvents,
  fanotifyInit,
  fanotifyMarks,
  HANDLE_EVENTS,
  PERMISSION_EVENTS,
} from "../../abi/constants/fanotify.ts";
import * as openFlags from "../../abi/constants/open-flags.ts";
import type { Errno } from "../../abi/errno.ts";
import type { Bytes } from "../../abi/memory-view.ts";
import type { Kernel } from "../kernel.ts";
import { openAnonymous } from "../objects/anonymous-files.ts";
import { can, mayAccess } from "../objects/credentials.ts";
import { groupOf, type Marked, markKey } from "../objects/fanotify.ts";
import { inodeOf } from "../objects/inodes.ts";
import { isBeyond } from "../objects/landlock.ts";
import { nodeAt, placeOfOpenFile } from "../objects/locations.ts";
import { openFileOf } from "../objects/open-files.ts";
import { plainCredentials, resolveBytes } from "../objects/paths.ts";
import { taskOf } from "../objects/tasks.ts";
import { type Calls, fail, OK, type PlainOutcome } from "../service.ts";
import type { Fanotify, FanotifyMark } from "../state/poll.ts";
import type { Task } from "../state/proc-table.ts";
import type { Inode, Location } from "../state/vfs.ts";

const { FAN_REPORT_PIDFD, FAN_REPORT_TID, FAN_UNLIMITED_QUEUE, FAN_UNLIMITED_MARKS } = fanotifyInit;
const { FAN_REPORT_FID, FAN_REPORT_DIR_FID, FAN_REPORT_NAME, FAN_REPORT_TARGET_FID } = fanotifyInit;
const HANDLES = FAN_REPORT_FID | FAN_REPORT_DIR_FID | FAN_REPORT_NAME | FAN_REPORT_TARGET_FID;
const PRIVILEGED = FAN_ALL_CLASS_BITS | FAN_REPORT_TID | FAN_REPORT_PIDFD | FAN_UNLIMITED_QUEUE | FAN_UNLIMITED_MARKS;
const ALL_FLAGS = Object.values(fanotifyInit).reduce((sum, flag) => sum | flag, 0);
const { O_ACCMODE, O_APPEND, O_NONBLOCK, O_SYNC, O_DSYNC, O_CLOEXEC, O_LARGEFILE, O_NOATIME, O_RDWR } = openFlags;
const FILE_FLAGS = O_ACCMODE | O_APPEND | O_NONBLOCK | O_SYNC | O_DSYNC | O_CLOEXEC | O_LARGEFILE | O_NOATIME;
/** /proc/sys/fs/fanotify/max_user_groups and max_user_marks. */
const MOST_GROUPS = 128;
const MOST_MARKS = 8192;

function refusalToCreate(kernel: Kernel, task: Draft<Task>, flags: number, eventFlags: number): Errno | null {
  const credentials = plainCredentials(kernel, task);
  const handles = flags & HANDLES;
  const isPrivileged = can(credentials, "CAP_SYS_ADMIN");
  if (!isPrivileged && ((flags & PRIVILEGED) !== 0 || handles === 0)) return "EPERM";
  if ((flags & ~ALL_FLAGS) !== 0) return "EINVAL";
  if ((flags & FAN_REPORT_PIDFD) !== 0 && (flags & FAN_REPORT_TID) !== 0) return "EINVAL";
  if ((eventFlags & ~FILE_FLAGS) !== 0 || (eventFlags & O_ACCMODE) === O_ACCMODE) return "EINVAL";
  if (handles !== 0 && (flags & FAN_ALL_CLASS_BITS) !== 0) return "EINVAL";
  if ((handles & FAN_REPORT_NAME) !== 0 && (handles & FAN_REPORT_DIR_FID) === 0) return "EINVAL";
  if ((handles & FAN_REPORT_TARGET_FID) !== 0 && ((handles & FAN_REPORT_NAME) === 0 || (handles & FAN_REPORT_FID) === 0)) return "EINVAL";
  const own = [...(kernel.poll.fanotifies?.values() ?? [])].filter(({ uid }) => uid === credentials.euid);
  if (own.length >= MOST_GROUPS) return "EMFILE";
  if ((flags & FAN_ALL_CLASS_BITS) === FAN_ALL_CLASS_BITS) return "EINVAL";
  return (flags & fanotifyInit.FAN_ENABLE_AUDIT) !== 0 && !can(credentials, "CAP_AUDIT_WRITE") ? "EPERM" : null;
}

const { FAN_MARK_ADD, FAN_MARK_REMOVE, FAN_MARK_FLUSH, FAN_MARK_MOUNT, FAN_MARK_FILESYSTEM, FAN_MARK_IGNORE, FAN_MARK_IGNORED_MASK } = fanotifyMarks;
const { FAN_MARK_IGNORED_SURV_MODIFY, FAN_MARK_EVICTABLE, FAN_MARK_ONLYDIR, FAN_MARK_DONT_FOLLOW } = fanotifyMarks;
const { FAN_EVENT_ON_CHILD, FAN_RENAME, FAN_FS_ERROR } = fanotifyEvents;
const TYPES = FAN_MARK_MOUNT | FAN_MARK_FILESYSTEM;
const COMMANDS = FAN_MARK_ADD | FAN_MARK_REMOVE | FAN_MARK_FLUSH;
const IGNORES = FAN_MARK_IGNORE | FAN_MARK_IGNORED_MASK;
const ALL_MARKS = Object.values(fanotifyMarks).reduce((sum, flag) => sum | flag, 0);
const ALL_EVENTS = FILE_EVENTS | HANDLE_EVENTS | PERMISSION_EVENTS | EVENT_FLAGS;
const READ = 4;

interface Asked {
  readonly flags: number;
  readonly mask: number;
  readonly type: number;
  readonly command: number;
  readonly ignore: number;
}
/** What is wrong before anything is looked at. */
function areFlagsWrong({ flags, mask, type, command, ignore }: Asked): boolean {
  if ((flags & ~ALL_MARKS) !== 0 || type === TYPES) return true;
  if (command === FAN_MARK_FLUSH ? (flags & ~(TYPES | FAN_MARK_FLUSH)) !== 0 : (command !== FAN_MARK_ADD && command !== FAN_MARK_REMOVE) || mask === 0)
    return true;
  return (mask & ~ALL_EVENTS) !== 0 || ignore === IGNORES;
}
/** What the group cannot tell. */
function isBeyondGroup({ flags: own }: Draft<Fanotify>, { flags, mask, type }: Asked): boolean {
  if ((mask & PERMISSION_EVENTS) !== 0 && (own & FAN_ALL_CLASS_BITS) === 0) return true;
  if ((mask & FAN_FS_ERROR) !== 0 && type !== FAN_MARK_FILESYSTEM) return true;
  if ((flags & FAN_MARK_EVICTABLE) !== 0 && type !== 0) return true;
  if ((mask & HANDLE_EVENTS) !== 0 && ((own & HANDLES) === 0 || type === FAN_MARK_MOUNT)) return true;
  return (mask & FAN_RENAME) !== 0 && (own & FAN_REPORT_NAME) === 0;
}
function placeToMark(kernel: Kernel, task: Draft<Task>, dirfd: number, path: Bytes | null | undefined, flags: number): Location | Errno {
  let place: Location;
  if (path === undefined) {
    const open = openFileOf(kernel, task, dirfd);
    if (!open) return "EBADF";
    place = placeOfOpenFile(kernel, open);
  } else {
    const found = resolveBytes(kernel, task, dirfd, path, { followLast: (flags & FAN_MARK_DONT_FOLLOW) === 0 });
    if (found.kind === "fail") return found.errno;
    if (found.kind === "missing") return "ENOENT";
    place = found.location;
  }
  const node = nodeAt(kernel, task, place);
  if (!node) return "ENOENT";
  if ((flags & FAN_MARK_ONLYDIR) !== 0 && node.kind !== "directory") return "ENOTDIR";
  return mayAccess(plainCredentials(kernel, task), node, READ) ? place : "EACCES";
}
function refusalToMark(kernel: Kernel, group: Draft<Fanotify>, asked: Asked, place: Location): Errno | null {
  const { flags, mask, type, command, ignore } = asked;
  if (command === FAN_MARK_ADD) {
    if (type !== 0 && isBeyond(kernel, place)) return "EINVAL";
    const isStrict = (group.flags & FAN_REPORT_TARGET_FID) !== 0 || (mask & FAN_RENAME) !== 0 || (flags & FAN_MARK_IGNORE) !== 0;
    const isFile = "inode" in place && inodeOf(kernel, place.inode).kind !== "directory";
    if (isStrict && type === 0 && isFile && (mask & (DIRECTORY_EVENTS | EVENT_FLAGS)) !== 0) return "ENOTDIR";
  }
  // No file system here gives handles; and what is made from kernel state tells of nothing.
  if ((group.flags & HANDLES) !== 0) return "EOPNOTSUPP";
  if (!("inode" in place)) return command === FAN_MARK_ADD ? "EOPNOTSUPP" : "ENOENT";
  const isDirectory = inodeOf(kernel, place.inode).kind === "directory";
  const survives = (flags & FAN_MARK_IGNORED_SURV_MODIFY) !== 0;
  if (command === FAN_MARK_ADD && ignore === FAN_MARK_IGNORE && (type !== 0 || isDirectory) && !survives) return type !== 0 ? "EINVAL" : "EISDIR";
  return null;
}
const markedBy = (type: number): Marked => (type === 0 ? "inode" : type === FAN_MARK_MOUNT ? "mount" : "filesystem");
const keyOf = ({ id, fileSystem }: Pick<Inode, "id" | "fileSystem">, type: number): string => markKey(markedBy(type), type === 0 ? id : fileSystem);
const isOpenForWriting = (kernel: Kernel, inode: number): boolean =>
  kernel.vfs.openFiles.some(open => open?.inode === inode && (open.flags & openFlags.O_PATH) === 0 && (open.flags & O_ACCMODE) !== openFlags.O_RDONLY);

function addMark(kernel: Kernel, group: Draft<Fanotify>, { flags, type, ignore }: Asked, mask: number, inode: Draft<Inode>): PlainOutcome {
  const survives = (flags & FAN_MARK_IGNORED_SURV_MODIFY) !== 0;
  const isEvictable = (flags & FAN_MARK_EVICTABLE) !== 0;
  // What is being written would clear it at once.
  if (type === 0 && ignore !== 0 && !survives && isOpenForWriting(kernel, inode.id)) return OK;
  const key = keyOf(inode, type);
  let mark = group.marks.get(key);
  if (!mark) {
    const isLimited = (group.flags & FAN_UNLIMITED_MARKS) === 0;
    const own = [...kernel.poll.fanotifies!.values()].filter(one => one.uid === group.uid).reduce((sum, one) => sum + one.marks.size, 0);
    if (isLimited && own >= MOST_MARKS) return fail("ENOSPC");
    const made: FanotifyMark = { inode: type === 0 ? inode.id : 0, mask: 0, ignored: 0, hasIgnoreFlags: false, survivesModify: false, isEvictable };
    group.marks.set(key, made);
    mark = group.marks.get(key)!;
  }
  if (isEvictable && !mark.isEvictable) return fail("EEXIST");
  if (ignore === FAN_MARK_IGNORED_MASK && mark.hasIgnoreFlags) return fail("EEXIST");
  if (ignore === FAN_MARK_IGNORE && !survives && mark.survivesModify) return fail("EEXIST");
  if (ignore === 0) mark.mask |= mask;
  else mark.ignored |= mask;
  if (ignore === FAN_MARK_IGNORE) mark.hasIgnoreFlags = true;
  if (ignore !== 0 && survives) mark.survivesModify = true;
  if (!isEvictable) mark.isEvictable = false;
  return OK;
}
function removeMark(group: Draft<Fanotify>, { type, ignore }: Asked, mask: number, unremoved: number, inode: Draft<Inode>): PlainOutcome {
  const key = keyOf(inode, type);
  const mark = group.marks.get(key);
  if (!mark) return fail("ENOENT");
  if (ignore === 0) mark.mask &= ~(mask & ~unremoved);
  else mark.ignored &= ~(mask & ~unremoved);
  if (((mark.mask | mark.ignored) & ~unremoved) === 0) group.marks.delete(key);
  return OK;
}
function flush({ marks }: Draft<Fanotify>, type: number): void {
  for (const key of [...marks.keys()]) if (key.startsWith(markKey(markedBy(type)))) marks.delete(key);
}

export const fanotifyCalls: Pick<Calls<"poll">, "fanotify_init" | "fanotify_mark"> = {
  fanotify_init(kernel, call) {
    const { flags, event_f_flags: eventFlags } = call.args;
    const task = taskOf(kernel, call.tid);
    const errno = refusalToCreate(kernel, task, flags, eventFlags);
    if (errno) return fail(errno);
    const { euid, capabilities } = plainCredentials(kernel, task);
    const own = ((flags & fanotifyInit.FAN_CLOEXEC) !== 0 ? O_CLOEXEC : 0) | ((flags & fanotifyInit.FAN_NONBLOCK) !== 0 ? O_NONBLOCK : 0);
    const isUnprivileged = !can({ capabilities }, "CAP_SYS_ADMIN");
    return openAnonymous(kernel, task, "fanotify", O_RDWR | own, () => {
      const id = kernel.poll.nextId++;
      kernel.poll.fanotifies ??= new Map();
      kernel.poll.fanotifies.set(id, { flags, eventFlags: eventFlags | O_LARGEFILE, uid: euid, isUnprivileged, marks: new Map(), queue: [] });
      return id;
    });
  },
  fanotify_mark(kernel, call) {
    const { fanotify_fd, flags, mask: wide, dirfd, pathname } = call.args;
    if (wide > 0xffff_ffff) return fail("EINVAL");
    const type = flags & TYPES;
    const ignore = flags & IGNORES;
    const all: Asked = { flags, mask: wide | 0, type, command: flags & COMMANDS, ignore };
    if (areFlagsWrong(all)) return fail("EINVAL");
    const isOlder = ignore === FAN_MARK_IGNORED_MASK;
    const asked = isOlder ? { ...all, mask: all.mask & ~EVENT_FLAGS } : all;
    const task = taskOf(kernel, call.tid);
    const open = openFileOf(kernel, task, fanotify_fd);
    if (!open) return fail("EBADF");
    if (open.kind !== "fanotify") return fail("EINVAL");
    const group = groupOf(kernel, open.object);
    if (type !== 0 && (group.isUnprivileged || !can(plainCredentials(kernel, task), "CAP_SYS_ADMIN"))) return fail("EPERM");
    if (isBeyondGroup(group, asked)) return fail("EINVAL");
    if (asked.command === FAN_MARK_FLUSH) {
      flush(group, type);
      return OK;
    }
    const place = placeToMark(kernel, task, dirfd, pathname, flags);
    if (typeof place === "string") return fail(place);
    const refused = refusalToMark(kernel, group, asked, place);
    if (refused) return fail(refused);
    const inode = inodeOf(kernel, (place as { readonly inode: number }).inode);
    // What is no directory has no children.
    const isChildless = type !== 0 || inode.kind !== "directory";
    const mask = isChildless ? asked.mask & ~FAN_EVENT_ON_CHILD : asked.mask;
    if (asked.command === FAN_MARK_ADD) return addMark(kernel, group, asked, mask, inode);
    return removeMark(group, asked, mask, (isOlder ? EVENT_FLAGS : 0) | (isChildless ? FAN_EVENT_ON_CHILD : 0), inode);
  },
};
