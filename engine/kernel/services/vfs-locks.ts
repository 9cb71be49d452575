// Locks by fcntl(2) and flock(2): which range is meant, what forbids it, waiting for it. The locks themselves are objects/locks.ts.
import type { Draft } from "immer";
import { O_ACCMODE, O_RDONLY, O_WRONLY } from "../../abi/constants/open-flags.ts";
import type { Errno } from "../../abi/errno.ts";
import { lockTypes } from "../../abi/structs/flock.ts";
import type { Kernel } from "../kernel.ts";
import { inodeOf } from "../objects/inodes.ts";
import { conflictingLock, lockChannel, NO_END, ownLock, setLock } from "../objects/locks.ts";
import { openFileOf } from "../objects/open-files.ts";
import { taskOf } from "../objects/tasks.ts";
import { type Call, type Calls, done, fail, OK, type PlainOutcome, wait } from "../service.ts";
import type { Task } from "../state/proc-table.ts";
import type { FileLock, OpenFile } from "../state/vfs.ts";

export interface FlockValue {
  readonly l_type: number;
  readonly l_whence: number;
  readonly l_start: number;
  readonly l_len: number;
  readonly l_pid: number;
}
const { F_RDLCK, F_WRLCK, F_UNLCK } = lockTypes;

/** [start, end) of what is meant. */
function rangeOf(kernel: Kernel, open: Draft<OpenFile>, { l_whence, l_start, l_len }: FlockValue): { readonly start: number; readonly end: number } | Errno {
  const bases = [() => 0, () => open.offset, () => (open.inode === 0 ? 0 : inodeOf(kernel, open.inode).size)];
  const base = bases[l_whence];
  if (!base) return "EINVAL";
  const from = base() + l_start;
  const start = l_len < 0 ? from + l_len : from;
  if (start < 0) return "EINVAL";
  const end = l_len === 0 ? NO_END : l_len < 0 ? from : from + l_len;
  return end > NO_END ? "EOVERFLOW" : { start, end };
}
function lockOf(kernel: Kernel, task: Draft<Task>, open: Draft<OpenFile>, value: FlockValue, kind: "posix" | "ofd"): FileLock | Errno {
  const range = rangeOf(kernel, open, value);
  if (typeof range === "string") return range;
  // fcntl(2): for open file description locks l_pid must be zero.
  if (kind === "ofd" && value.l_pid !== 0) return "EINVAL";
  return { kind, owner: kind === "posix" ? task.files : open.id, pid: kind === "posix" ? task.pid : -1, isExclusive: value.l_type === F_WRLCK, ...range };
}

/** F_GETLK: the lock that forbids this one, or F_UNLCK. */
export function queryLock(kernel: Kernel, task: Draft<Task>, open: Draft<OpenFile>, value: FlockValue, kind: "posix" | "ofd"): FlockValue | Errno {
  const asksForOwn = kind === "ofd" && value.l_type === F_UNLCK;
  if (value.l_type !== F_RDLCK && value.l_type !== F_WRLCK && !asksForOwn) return "EINVAL";
  const wanted = lockOf(kernel, task, open, value, kind);
  if (typeof wanted === "string") return wanted;
  const found = asksForOwn ? ownLock(kernel, open.inode, wanted) : conflictingLock(kernel, open.inode, wanted);
  if (!found) return { ...value, l_type: F_UNLCK };
  return {
    l_type: found.isExclusive ? F_WRLCK : F_RDLCK,
    l_whence: 0,
    l_start: found.start,
    l_len: found.end === NO_END ? 0 : found.end - found.start,
    l_pid: found.pid,
  };
}

const forbiddenAccess: Readonly<Record<number, number>> = { [F_RDLCK]: O_WRONLY, [F_WRLCK]: O_RDONLY };
/** F_SETLK and F_SETLKW. */
export function changeLock(
  kernel: Kernel,
  call: Call<unknown>,
  open: Draft<OpenFile>,
  value: FlockValue,
  { kind, waits }: { kind: "posix" | "ofd"; waits: boolean },
): PlainOutcome {
  const task = taskOf(kernel, call.tid);
  if (![F_RDLCK, F_WRLCK, F_UNLCK].includes(value.l_type as 0 | 1 | 2)) return fail("EINVAL");
  const wanted = lockOf(kernel, task, open, value, kind);
  if (typeof wanted === "string") return fail(wanted);
  if ((open.flags & O_ACCMODE) === forbiddenAccess[value.l_type]) return fail("EBADF");
  const isUnlock = value.l_type === F_UNLCK;
  const found = isUnlock ? undefined : conflictingLock(kernel, open.inode, wanted);
  if (!found) {
    setLock(kernel, open.inode, wanted, isUnlock);
    return OK;
  }
  if (!waits) return fail("EAGAIN");
  if (kind === "posix" && wouldDeadlock(kernel, wanted, found)) return fail("EDEADLK");
  return wait(call, { channels: [lockChannel(open.inode)], memo: { inode: open.inode, wanted } });
}
/** What a call that waits for a lock keeps: others find deadlocks by it. */
interface LockMemo {
  readonly inode: number;
  readonly wanted: FileLock;
}
/** Follows who waits for whom from the lock's holder on; back at the caller, nobody would ever go on. */
function wouldDeadlock(kernel: Kernel, wanted: FileLock, holding: FileLock): boolean {
  const waits = [...kernel.procTable.tasks.values()].flatMap(task =>
    task.waiting?.channels[0]?.startsWith("lock:") && task.waiting.memo ? [task.waiting.memo as LockMemo] : [],
  );
  let blocker: FileLock | undefined = holding;
  for (let steps = 0; blocker && steps <= waits.length; steps++) {
    if (blocker.kind !== "posix") return false;
    if (blocker.owner === wanted.owner) return true;
    const owner: number = blocker.owner;
    const next: LockMemo | undefined = waits.find(memo => memo.wanted.kind === "posix" && memo.wanted.owner === owner);
    blocker = next && conflictingLock(kernel, next.inode, next.wanted);
  }
  return false;
}

const LOCK_SH = 1;
const LOCK_EX = 2;
const LOCK_NB = 4;
const LOCK_UN = 8;
export const lockCalls = {
  flock(kernel, call) {
    const { fd, op } = call.args;
    const what = op & ~LOCK_NB;
    if (what !== LOCK_SH && what !== LOCK_EX && what !== LOCK_UN) return fail("EINVAL");
    const task = taskOf(kernel, call.tid);
    const open = openFileOf(kernel, task, fd);
    if (!open) return fail("EBADF");
    const wanted: FileLock = { kind: "flock", owner: open.id, pid: task.pid, isExclusive: what === LOCK_EX, start: 0, end: NO_END };
    if (what !== LOCK_UN && conflictingLock(kernel, open.inode, wanted)) {
      return (op & LOCK_NB) !== 0 ? fail("EAGAIN") : wait(call, { channels: [lockChannel(open.inode)] });
    }
    setLock(kernel, open.inode, wanted, what === LOCK_UN);
    return done(0, {});
  },
} satisfies Partial<Calls<"vfs">>;
