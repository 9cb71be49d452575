// Calls that change what an inode tells of itself: mode, owner, times, size (chmod(2), chown(2), utimensat(2), truncate(2), fallocate(2)).
import type { Draft } from "immer";
import * as at from "../../abi/constants/at-flags.ts";
import { S_ISGID } from "../../abi/constants/file-mode.ts";
import { inotifyEvents } from "../../abi/constants/inotify-events.ts";
import { O_ACCMODE, O_RDONLY, O_WRONLY } from "../../abi/constants/open-flags.ts";
import { seals, WRITE_SEALS } from "../../abi/constants/seals.ts";
import type { Bytes } from "../../abi/memory-view.ts";
import { awaitAnswer } from "../answers.ts";
import type { Kernel } from "../kernel.ts";
import { MAX_FILE_BYTES, mayGrowTo } from "../kinds/regular.ts";
import { dropSetIds, isOwner, withoutSetIds } from "../objects/attributes.ts";
import { clearContent, hasRoomToOwn, reserveContent, resizeContent } from "../objects/content.ts";
import { can, isMember, mayAccess } from "../objects/credentials.ts";
import { notify, notifyOpenFile } from "../objects/file-events.ts";
import { inodeOf, isReadOnly, touchChanged, touchModified } from "../objects/inodes.ts";
import { breakLeases } from "../objects/leases.ts";
import { isAnonymous } from "../objects/locations.ts";
import { openFileOf } from "../objects/open-files.ts";
import { isExecuted } from "../objects/opening.ts";
import { AT_FDCWD, plainCredentials, type ResolveOptions, resolveBytes } from "../objects/paths.ts";
import { presentStamp, stampOf } from "../objects/stamps.ts";
import { taskOf } from "../objects/tasks.ts";
import { type Calls, fail, OK, type PlainOutcome } from "../service.ts";
import type { Credentials, Task } from "../state/proc-table.ts";
import type { Inode, OpenFile, Stamp } from "../state/vfs.ts";

type Change = (kernel: Kernel, credentials: Credentials, inode: Draft<Inode>) => PlainOutcome;
const FOLLOW: ResolveOptions = { followLast: true };
const NO_FOLLOW: ResolveOptions = { followLast: false };
const optionsOf = (flags: number): ResolveOptions => ({ followLast: (flags & at.AT_SYMLINK_NOFOLLOW) === 0, allowEmpty: (flags & at.AT_EMPTY_PATH) !== 0 });

/** Changes the inode that the path leads to; files of /proc cannot be changed (EPERM). */
function changePath(kernel: Kernel, tid: number, dirfd: number, path: Bytes | null, options: ResolveOptions, change: Change): PlainOutcome {
  const task = taskOf(kernel, tid);
  const resolved = resolveBytes(kernel, task, dirfd, path, options);
  if (resolved.kind === "fail") return resolved;
  if (resolved.kind === "missing") return fail("ENOENT");
  return "inode" in resolved.location ? changeInode(kernel, task, resolved.location.inode, change) : fail("EPERM");
}
function changeInode(kernel: Kernel, task: Draft<Task>, id: number, change: Change): PlainOutcome {
  const inode = inodeOf(kernel, id);
  return isReadOnly(kernel, inode) ? fail("EROFS") : change(kernel, plainCredentials(kernel, task), inode);
}
function changeOpen(kernel: Kernel, tid: number, fd: number, change: Change): PlainOutcome {
  const task = taskOf(kernel, tid);
  const open = openFileOf(kernel, task, fd);
  if (!open) return fail("EBADF");
  return open.inode === 0 ? fail("EPERM") : changeInode(kernel, task, open.inode, change);
}

const setMode =
  (mode: number): Change =>
  (kernel, credentials, inode) => {
    if (inode.kind === "symlink") return fail("EOPNOTSUPP");
    if (!isOwner(credentials, inode)) return fail("EPERM");
    const isForeign = !isMember(credentials, inode.gid) && !can(credentials, "CAP_FSETID");
    inode.mode = mode & 0o7777 & (isForeign ? ~S_ISGID : -1);
    touchChanged(kernel, inode);
    notify(kernel, inode, inotifyEvents.IN_ATTRIB);
    return OK;
  };

/** chown(2): -1, here the largest id, leaves as it is. */
const SAME = 0xffff_ffff;
const setOwner =
  (owner: number, group: number): Change =>
  (kernel, credentials, inode) => {
    const isPrivileged = can(credentials, "CAP_CHOWN");
    const isOwn = credentials.fsuid === inode.uid;
    if (owner !== SAME && !isPrivileged && !(isOwn && owner === inode.uid)) return fail("EPERM");
    if (group !== SAME && !isPrivileged && !(isOwn && (isMember(credentials, group) || group === inode.gid))) return fail("EPERM");
    if (inode.kind !== "directory") inode.mode = withoutSetIds(inode.mode);
    if (owner !== SAME) inode.uid = owner;
    if (group !== SAME) inode.gid = group;
    touchChanged(kernel, inode);
    notify(kernel, inode, inotifyEvents.IN_ATTRIB);
    return OK;
  };

/** A time to be set, the present, or none. */
type NewTime = Stamp | "now" | "same";
/** One of the two alone is told as what it stands for (include/linux/fsnotify.h, fsnotify_change). */
const timesEvent = (accessed: NewTime, modified: NewTime): number =>
  accessed === "same" ? inotifyEvents.IN_MODIFY : modified === "same" ? inotifyEvents.IN_ACCESS : inotifyEvents.IN_ATTRIB;
const setTimes =
  (accessed: NewTime, modified: NewTime): Change =>
  (kernel, credentials, inode) => {
    if (accessed === "same" && modified === "same") return OK;
    if (!isOwner(credentials, inode)) {
      // utime(2): to the present whoever may write may set them.
      if (accessed !== "now" || modified !== "now") return fail("EPERM");
      if (!mayAccess(credentials, inode, 2)) return fail("EACCES");
    }
    const now = presentStamp(kernel);
    if (accessed !== "same") inode.accessed = accessed === "now" ? now : accessed;
    if (modified !== "same") inode.modified = modified === "now" ? now : modified;
    inode.changed = now;
    inode.accessDueSeconds = 0;
    notify(kernel, inode, timesEvent(accessed, modified));
    return OK;
  };
const UTIME_NOW = 0x3fff_ffff;
const UTIME_OMIT = 0x3fff_fffe;
const BILLION = 1_000_000_000;
const newTime = ({ tv_sec: seconds, tv_nsec: nanos }: { tv_sec: number; tv_nsec: number }): NewTime | null =>
  nanos === UTIME_NOW ? "now" : nanos === UTIME_OMIT ? "same" : nanos >= 0 && nanos < BILLION ? stampOf({ seconds, nanos }) : null;
function timesOfTimevals(times: readonly { tv_sec: number; tv_usec: number }[] | null): readonly [NewTime, NewTime] | null {
  if (!times) return ["now", "now"];
  const [accessed, modified] = times.map(({ tv_sec: seconds, tv_usec: micros }) =>
    micros >= 0 && micros < 1_000_000 ? stampOf({ seconds, nanos: micros * 1000 }) : null,
  );
  return accessed === undefined || accessed === null || modified === undefined || modified === null ? null : [accessed, modified];
}

function setSize(kernel: Kernel, task: Draft<Task>, inode: Draft<Inode>, size: number): PlainOutcome {
  if (size > MAX_FILE_BYTES) return fail("EFBIG");
  const held = inode.seals ?? 0;
  if ((size < inode.size && (held & seals.F_SEAL_SHRINK) !== 0) || (size > inode.size && (held & seals.F_SEAL_GROW) !== 0)) return fail("EPERM");
  if (size > inode.size && !mayGrowTo(kernel, task, size)) return fail("EFBIG");
  if (size !== 0 && !hasRoomToOwn(kernel, inode)) return fail("ENOSPC");
  if ((inode.mode & 0o6000) !== 0) dropSetIds(kernel, task, inode);
  resizeContent(kernel, inode, size);
  touchModified(kernel, inode);
  notify(kernel, inode, inotifyEvents.IN_MODIFY);
  return OK;
}

const FALLOC_FL_KEEP_SIZE = 1;
const FALLOC_FL_PUNCH_HOLE = 2;
const FALLOC_FL_ZERO_RANGE = 16;
const KNOWN_FALLOCATE_MODES = 0x7f;
interface FallocateRange {
  readonly mode: number;
  readonly offset: number;
  readonly length: number;
}
function allocate(kernel: Kernel, task: Draft<Task>, open: Draft<OpenFile>, { mode, offset, length }: FallocateRange): PlainOutcome {
  const inode = inodeOf(kernel, open.inode);
  const end = offset + length;
  const keepsSize = (mode & FALLOC_FL_KEEP_SIZE) !== 0;
  if (end > MAX_FILE_BYTES) return fail("EFBIG");
  const held = inode.seals ?? 0;
  if ((mode & (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE)) !== 0 && (held & WRITE_SEALS) !== 0) return fail("EPERM");
  if (!keepsSize && end > inode.size && (held & seals.F_SEAL_GROW) !== 0) return fail("EPERM");
  const isPunch = (mode & FALLOC_FL_PUNCH_HOLE) !== 0;
  if (!isPunch && !keepsSize && end > inode.size && !mayGrowTo(kernel, task, end)) return fail("EFBIG");
  if (!hasRoomToOwn(kernel, inode)) return fail("ENOSPC");
  if ((mode & (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE)) !== 0) clearContent(kernel, inode, offset, end);
  if (!isPunch && !reserveContent(kernel, inode, offset, keepsSize ? Math.min(end, inode.size) : end)) return fail("ENOSPC");
  if (!isPunch && !keepsSize && end > inode.size) resizeContent(kernel, inode, end);
  if ((inode.mode & 0o6000) !== 0) dropSetIds(kernel, task, inode);
  touchModified(kernel, inode);
  return OK;
}

export const attributeCalls = {
  chmod: (kernel, { tid, args }) => changePath(kernel, tid, AT_FDCWD, args.pathname, FOLLOW, setMode(args.mode)),
  fchmodat: (kernel, { tid, args }) => changePath(kernel, tid, args.dirfd, args.pathname, FOLLOW, setMode(args.mode)),
  fchmod: (kernel, { tid, args }) => changeOpen(kernel, tid, args.fd, setMode(args.mode)),
  chown: (kernel, { tid, args }) => changePath(kernel, tid, AT_FDCWD, args.pathname, FOLLOW, setOwner(args.owner, args.group)),
  lchown: (kernel, { tid, args }) => changePath(kernel, tid, AT_FDCWD, args.pathname, NO_FOLLOW, setOwner(args.owner, args.group)),
  fchown: (kernel, { tid, args }) => changeOpen(kernel, tid, args.fd, setOwner(args.owner, args.group)),
  fchownat(kernel, { tid, args }) {
    const { dirfd, pathname, owner, group, flags } = args;
    if ((flags & ~(at.AT_SYMLINK_NOFOLLOW | at.AT_EMPTY_PATH)) !== 0) return fail("EINVAL");
    return changePath(kernel, tid, dirfd, pathname, optionsOf(flags), setOwner(owner, group));
  },
  utime(kernel, { tid, args: { filename, times } }) {
    const [accessed, modified]: readonly [NewTime, NewTime] = times
      ? [stampOf({ seconds: times.actime, nanos: 0 }), stampOf({ seconds: times.modtime, nanos: 0 })]
      : ["now", "now"];
    return changePath(kernel, tid, AT_FDCWD, filename, FOLLOW, setTimes(accessed, modified));
  },
  utimes(kernel, { tid, args }) {
    const times = timesOfTimevals(args.times);
    return times ? changePath(kernel, tid, AT_FDCWD, args.filename, FOLLOW, setTimes(...times)) : fail("EINVAL");
  },
  futimesat(kernel, { tid, args }) {
    const times = timesOfTimevals(args.times);
    return times ? changePath(kernel, tid, args.dirfd, args.pathname, FOLLOW, setTimes(...times)) : fail("EINVAL");
  },
  utimensat(kernel, { tid, args }) {
    const { dirfd, times, flags } = args;
    const [accessed, modified] = times ? [newTime(times[0]!), newTime(times[1]!)] : (["now", "now"] as const);
    if (accessed === null || modified === null) return fail("EINVAL");
    if (accessed === "same" && modified === "same") return OK;
    if ((flags & ~(at.AT_SYMLINK_NOFOLLOW | at.AT_EMPTY_PATH)) !== 0) return fail("EINVAL");
    if (args.pathname === undefined) {
      if (dirfd === AT_FDCWD) return fail("EFAULT");
      return flags === 0 ? changeOpen(kernel, tid, dirfd, setTimes(accessed, modified)) : fail("EINVAL");
    }
    return changePath(kernel, tid, dirfd, args.pathname, optionsOf(flags), setTimes(accessed, modified));
  },
  truncate(kernel, call) {
    const { tid, args } = call;
    const { path, length } = args;
    if (length < 0) return fail("EINVAL");
    return changePath(kernel, tid, AT_FDCWD, path, FOLLOW, (_, credentials, inode) => {
      if (inode.kind === "directory") return fail("EISDIR");
      if (inode.kind !== "file" || isAnonymous(kernel, inode)) return fail("EINVAL");
      if (!mayAccess(credentials, inode, 2)) return fail("EACCES");
      if (isExecuted(kernel, inode)) return fail("ETXTBSY");
      const broken = breakLeases(kernel, inode, O_WRONLY);
      if (broken) return typeof broken === "string" ? fail(broken) : awaitAnswer(kernel, call, broken);
      return setSize(kernel, taskOf(kernel, tid), inode, length);
    });
  },
  ftruncate(kernel, { tid, args: { fd, length } }) {
    if (length < 0) return fail("EINVAL");
    const task = taskOf(kernel, tid);
    const open = openFileOf(kernel, task, fd);
    if (!open) return fail("EBADF");
    // A file of /proc has nothing to cut off, and says so to nobody (fs/proc/base.c, proc_setattr).
    if (open.kind === "proc" && (open.flags & O_ACCMODE) !== O_RDONLY) return OK;
    if ((open.kind !== "regular" && open.kind !== "secretmem") || (open.flags & O_ACCMODE) === O_RDONLY) return fail("EINVAL");
    const inode = inodeOf(kernel, open.inode);
    // Its length is said once (mm/secretmem.c, secretmem_setattr).
    if (open.kind === "secretmem" && inode.size !== 0) return fail("EINVAL");
    return setSize(kernel, task, inode, length);
  },
  fallocate(kernel, { tid, args: { fd, mode, offset, len } }) {
    const task = taskOf(kernel, tid);
    const open = openFileOf(kernel, task, fd);
    if (!open) return fail("EBADF");
    if (offset < 0 || len <= 0) return fail("EINVAL");
    const isPunch = (mode & FALLOC_FL_PUNCH_HOLE) !== 0;
    const isSupported = (mode & ~(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE)) === 0;
    if ((mode & ~KNOWN_FALLOCATE_MODES) !== 0 || (isPunch && (mode & (FALLOC_FL_KEEP_SIZE | FALLOC_FL_ZERO_RANGE)) !== FALLOC_FL_KEEP_SIZE))
      return fail("EOPNOTSUPP");
    if ((open.flags & O_ACCMODE) === O_RDONLY) return fail("EBADF");
    if (open.kind === "pipe" || open.kind === "world-input" || open.kind === "world-output") return fail("ESPIPE");
    if (open.kind === "directory") return fail("EISDIR");
    if (open.kind !== "regular" && open.kind !== "secretmem") return fail("ENODEV");
    if (!isSupported || open.kind === "secretmem") return fail("EOPNOTSUPP");
    const outcome = allocate(kernel, task, open, { mode, offset, length: len });
    if (outcome.kind === "done") notifyOpenFile(kernel, open, inotifyEvents.IN_MODIFY);
    return outcome;
  },
} satisfies Partial<Calls<"vfs">>;
