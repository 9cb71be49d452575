// epoll(7), eventfd(2) and signalfd(2): making them, saying what is of interest, waiting.
import { EPOLLET, EPOLLEXCLUSIVE, EPOLLWAKEUP, epollOperations } from "../../abi/constants/epoll.ts";
import { O_CLOEXEC, O_NONBLOCK, O_RDWR } from "../../abi/constants/open-flags.ts";
import { POLLERR, POLLHUP, POLLIN, POLLOUT } from "../../abi/constants/poll-events.ts";
import { UNBLOCKABLE } from "../../abi/constants/signals.ts";
import type { EpollEvent } from "../../abi/structs/epoll-event.ts";
import { SIGSET_SIZE } from "../../abi/structs/sigaction.ts";
import { isValid, nanosOf } from "../../abi/structs/timespec.ts";
import type { Kernel } from "../kernel.ts";
import { openAnonymous } from "../objects/anonymous-files.ts";
import { deadlineAfter } from "../objects/clock.ts";
import { addItem, changeItem, createEpoll, depthOf, itemOf, takeEvents } from "../objects/epolls.ts";
import { descriptor, openFileOf } from "../objects/open-files.ts";
import { restoreMask, setTemporaryMask } from "../objects/pending.ts";
import { signalChannel } from "../objects/signals.ts";
import { taskOf } from "../objects/tasks.ts";
import { wake } from "../objects/waiting.ts";
import { epollOf, removeItem, waitChannel, wakeWaiter } from "../objects/watching.ts";
import { type Call, type Calls, done, fail, OK, type Outcome, type PlainOutcome, wait } from "../service.ts";
import type { FileKindName } from "../state/vfs.ts";

/** Files that are always ready cannot be watched (EPERM). */
const UNWATCHABLE: readonly FileKindName[] = ["regular", "directory", "proc", "proc-directory", "landlock"];
/** What may stand beside EPOLLEXCLUSIVE. */
const EXCLUSIVE_ONLY = POLLIN | POLLOUT | POLLERR | POLLHUP | EPOLLWAKEUP | EPOLLET | EPOLLEXCLUSIVE;
/** EP_MAX_NESTS in fs/eventpoll.c. */
const MOST_NESTED = 4;
const MOST_EVENTS = Math.floor(0x7fff_ffff / 12);
const MILLION = 1_000_000;

function control(kernel: Kernel, call: Call<{ epfd: number; op: number; fd: number; event: EpollEvent | null }>): PlainOutcome {
  const { epfd, op, fd, event } = call.args;
  const task = taskOf(kernel, call.tid);
  const { EPOLL_CTL_ADD, EPOLL_CTL_DEL, EPOLL_CTL_MOD } = epollOperations;
  if (op !== EPOLL_CTL_DEL && !event) return fail("EFAULT");
  const instance = openFileOf(kernel, task, epfd);
  const target = openFileOf(kernel, task, fd);
  if (!instance || !target) return fail("EBADF");
  if (UNWATCHABLE.includes(target.kind)) return fail("EPERM");
  if (instance.kind !== "epoll" || instance === target) return fail("EINVAL");
  const isExclusive = event !== null && op !== EPOLL_CTL_DEL && (event.events & EPOLLEXCLUSIVE) !== 0;
  if (isExclusive && (op === EPOLL_CTL_MOD || target.kind === "epoll" || (event.events & ~EXCLUSIVE_ONLY) !== 0)) return fail("EINVAL");
  if (op === EPOLL_CTL_ADD && target.kind === "epoll" && (reaches(kernel, target.object, instance.object) || isTooDeep(kernel, target.object)))
    return fail("ELOOP");
  const found = itemOf(kernel, instance.object, fd, target.id);
  if (op === EPOLL_CTL_ADD) {
    if (found) return fail("EEXIST");
    addItem(kernel, task, instance.object, { fd, openFile: target.id }, event!);
    return OK;
  }
  if (op !== EPOLL_CTL_DEL && op !== EPOLL_CTL_MOD) return fail("EINVAL");
  if (!found) return fail("ENOENT");
  if (op === EPOLL_CTL_DEL) removeItem(kernel, found.id);
  else {
    if ((found.events & EPOLLEXCLUSIVE) !== 0) return fail("EINVAL");
    changeItem(kernel, task, found, event!);
  }
  return OK;
}
const isTooDeep = (kernel: Kernel, inner: number): boolean => depthOf(kernel, inner, MOST_NESTED) > MOST_NESTED;
function reaches(kernel: Kernel, from: number, to: number): boolean {
  if (from === to) return true;
  for (const id of epollOf(kernel, from).items.values()) {
    const open = kernel.vfs.openFiles[kernel.poll.items.get(id)!.openFile]!;
    if (open.kind === "epoll" && reaches(kernel, open.object, to)) return true;
  }
  return false;
}

interface Patience {
  readonly timeoutNanos: number | null;
  readonly mask: bigint | null;
}
interface WaitMemo {
  readonly deadlineNanos: number | null;
}
type Events = Outcome<{ events: readonly EpollEvent[] | undefined }>;
function waitForEvents(kernel: Kernel, call: Call<{ epfd: number; maxevents: number }>, { timeoutNanos, mask }: Patience): Events {
  const { epfd, maxevents } = call.args;
  const task = taskOf(kernel, call.tid);
  if (maxevents <= 0 || maxevents > MOST_EVENTS) return fail("EINVAL");
  const open = openFileOf(kernel, task, epfd);
  if (!open) return fail("EBADF");
  if (open.kind !== "epoll") return fail("EINVAL");
  const events = takeEvents(kernel, task, open.object, maxevents);
  if (events.length === 0 && call.due !== "timeout" && timeoutNanos !== 0) {
    const memo = (call.memo as WaitMemo | null) ?? { deadlineNanos: timeoutNanos === null ? null : deadlineAfter(kernel, timeoutNanos) };
    if (mask !== null && call.due === "run") setTemporaryMask(kernel, call.tid, mask);
    const { deadlineNanos } = memo;
    return wait(call, { channels: [waitChannel(open.object)], ...(deadlineNanos === null ? {} : { deadlineNanos }), memo }, "EINTR");
  }
  if (mask !== null && call.due !== "run") restoreMask(kernel, call.tid);
  if (epollOf(kernel, open.object).ready.length > 0) wakeWaiter(kernel, open.object);
  return done(events.length, { events });
}

const EFD_SEMAPHORE = 1;
const MOST_COUNTED = 0xffff_ffff;
function openCounter(kernel: Kernel, call: Call<unknown>, count: number, flags: number): PlainOutcome {
  if ((flags & ~(EFD_SEMAPHORE | O_NONBLOCK | O_CLOEXEC)) !== 0) return fail("EINVAL");
  return openAnonymous(kernel, taskOf(kernel, call.tid), "eventfd", O_RDWR | (flags & ~EFD_SEMAPHORE), () => {
    const id = kernel.poll.nextId++;
    kernel.poll.counters.set(id, { count: BigInt(count & MOST_COUNTED) & 0xffff_ffffn, isSemaphore: (flags & EFD_SEMAPHORE) !== 0 });
    return id;
  });
}
function openSignals(kernel: Kernel, call: Call<{ ufd: number; mask: bigint | null; sizemask: number }>, flags: number): PlainOutcome {
  const { ufd, mask, sizemask } = call.args;
  if (sizemask !== SIGSET_SIZE) return fail("EINVAL");
  if (mask === null) return fail("EFAULT");
  if ((flags & ~(O_NONBLOCK | O_CLOEXEC)) !== 0) return fail("EINVAL");
  const task = taskOf(kernel, call.tid);
  const kept = mask & ~UNBLOCKABLE;
  if (ufd !== -1) {
    const open = descriptor(kernel, task, ufd) && openFileOf(kernel, task, ufd);
    if (!open) return fail("EBADF");
    if (open.kind !== "signalfd") return fail("EINVAL");
    kernel.poll.signalMasks.set(open.object, kept);
    wake(kernel, signalChannel(task.pid));
    return done(ufd, {});
  }
  return openAnonymous(kernel, task, "signalfd", O_RDWR | flags, () => {
    const id = kernel.poll.nextId++;
    kernel.poll.signalMasks.set(id, kept);
    return id;
  });
}

const millis = (timeout: number): number | null => (timeout < 0 ? null : timeout * MILLION);
type Names = "epoll_create" | "epoll_create1" | "epoll_ctl" | "epoll_wait" | "epoll_pwait" | "epoll_pwait2" | "eventfd" | "eventfd2" | "signalfd" | "signalfd4";
export const epollCalls: Pick<Calls<"poll">, Names> = {
  epoll_create: (kernel, call) =>
    call.args.size <= 0 ? fail("EINVAL") : openAnonymous(kernel, taskOf(kernel, call.tid), "epoll", O_RDWR, () => createEpoll(kernel)),
  epoll_create1: (kernel, call) =>
    (call.args.flags & ~O_CLOEXEC) !== 0
      ? fail("EINVAL")
      : openAnonymous(kernel, taskOf(kernel, call.tid), "epoll", O_RDWR | call.args.flags, () => createEpoll(kernel)),
  epoll_ctl: control,
  epoll_wait: (kernel, call) => waitForEvents(kernel, call, { timeoutNanos: millis(call.args.timeout), mask: null }),
  epoll_pwait(kernel, call) {
    const { timeout, sigmask, sigsetsize } = call.args;
    if (sigmask !== null && sigsetsize !== SIGSET_SIZE) return fail("EINVAL");
    return waitForEvents(kernel, call, { timeoutNanos: millis(timeout), mask: sigmask });
  },
  epoll_pwait2(kernel, call) {
    const { timeout, sigmask, sigsetsize } = call.args;
    if (timeout && !isValid(timeout)) return fail("EINVAL");
    if (sigmask !== null && sigsetsize !== SIGSET_SIZE) return fail("EINVAL");
    return waitForEvents(kernel, call, { timeoutNanos: timeout && nanosOf(timeout), mask: sigmask });
  },
  eventfd: (kernel, call) => openCounter(kernel, call, call.args.initval, 0),
  eventfd2: (kernel, call) => openCounter(kernel, call, call.args.initval, call.args.flags),
  signalfd: (kernel, call) => openSignals(kernel, call, 0),
  signalfd4: (kernel, call) => openSignals(kernel, call, call.args.flags),
};
