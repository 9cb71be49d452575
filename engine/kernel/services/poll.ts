// Waiting for descriptors to be ready: poll, ppoll, select, pselect6 (poll(2), select(2)).
import type { Draft } from "immer";
import { POLLERR, POLLHUP, POLLIN, POLLNVAL, POLLOUT, POLLPRI, POLLRDBAND, POLLRDNORM, POLLWRBAND, POLLWRNORM } from "../../abi/constants/poll-events.ts";
import type { Bytes } from "../../abi/memory-view.ts";
import { descriptorSet, hasDescriptor } from "../../abi/structs/fd-set.ts";
import type { PollEntry } from "../../abi/structs/pollfd.ts";
import type { Kernel } from "../kernel.ts";
import { deadlineAfter } from "../objects/clock.ts";
import { fileKinds, type Readiness } from "../objects/file-kinds.ts";
import { descriptorLimit, openFileOf, tableOf } from "../objects/open-files.ts";
import { restoreMask, setTemporaryMask } from "../objects/pending.ts";
import { taskOf } from "../objects/tasks.ts";
import { type Call, type Calls, done, fail, type Outcome, wait } from "../service.ts";
import type { Task } from "../state/proc-table.ts";
import { epollCalls } from "./poll-epoll.ts";
import { fanotifyCalls } from "./poll-fanotify.ts";
import { inotifyCalls } from "./poll-inotify.ts";

const NOT_OPEN: Readiness = { mask: POLLNVAL, channels: [] };
const IGNORED: Readiness = { mask: 0, channels: [] };
const SIGSET_SIZE = 8;
const BILLION = 1_000_000_000;

function readiness(kernel: Kernel, task: Draft<Task>, fd: number): Readiness {
  if (fd < 0) return IGNORED;
  const open = openFileOf(kernel, task, fd);
  return open ? fileKinds[open.kind].poll(kernel, open, task) : NOT_OPEN;
}

/** How long to wait: nanoseconds, `null` for ever. The first presentation turns it into a moment. */
interface Patience {
  readonly timeoutNanos: number | null;
  /** The signal mask while it waits (ppoll, pselect). */
  readonly mask: bigint | null;
}
interface PollMemo {
  readonly deadlineNanos: number | null;
}
/** Waits for the channels, or says that there is no time to (`null`). */
function waitFor(kernel: Kernel, call: Call<unknown>, channels: readonly string[], { timeoutNanos, mask }: Patience): Outcome<never> | null {
  if (call.due === "timeout" || timeoutNanos === 0) return null;
  const memo = (call.memo as PollMemo | null) ?? { deadlineNanos: timeoutNanos === null ? null : deadlineAfter(kernel, timeoutNanos) };
  if (mask !== null && call.due === "run") setTemporaryMask(kernel, call.tid, mask);
  return wait(
    call,
    { channels: [...new Set(channels)], ...(memo.deadlineNanos === null ? {} : { deadlineNanos: memo.deadlineNanos }), memo },
    "ERESTARTNOHAND",
  );
}
/** The call returns: its mask goes. */
function finish(kernel: Kernel, call: Call<unknown>, { mask }: Patience): void {
  if (mask !== null && call.due !== "run") restoreMask(kernel, call.tid);
}
/** What is left of the time, for select and ppoll to tell. */
function leftNanos(kernel: Kernel, call: Call<unknown>, { timeoutNanos }: Patience): number | null {
  if (timeoutNanos === null) return null;
  const deadline = (call.memo as PollMemo | null)?.deadlineNanos ?? null;
  return deadline === null ? timeoutNanos : Math.max(0, deadline - kernel.nowNanos);
}
const nanosOf = ({ tv_sec, tv_nsec }: { tv_sec: number; tv_nsec: number }): number => Math.min(tv_sec * BILLION + tv_nsec, Number.MAX_SAFE_INTEGER);
const isValidTime = ({ tv_sec, tv_nsec }: { tv_sec: number; tv_nsec: number }): boolean => tv_sec >= 0 && tv_nsec >= 0 && tv_nsec < BILLION;
const timespecOf = (nanos: number) => ({ tv_sec: Math.floor(nanos / BILLION), tv_nsec: nanos % BILLION });

function pollEntries(kernel: Kernel, call: Call<unknown>, entries: readonly PollEntry[] | null, patience: Patience): Outcome<{ fds: readonly number[] }> {
  const task = taskOf(kernel, call.tid);
  if (!entries || entries.length > descriptorLimit(kernel, task)) return fail("EINVAL");
  const channels: string[] = [];
  const fds: number[] = [];
  let ready = 0;
  for (const { fd, events } of entries) {
    const { mask, channels: more } = readiness(kernel, task, fd);
    const revents = mask & (events | POLLERR | POLLHUP | POLLNVAL);
    fds.push(revents);
    if (revents !== 0) ready++;
    else channels.push(...more);
  }
  const waiting = ready > 0 ? null : waitFor(kernel, call, channels, patience);
  if (waiting) return waiting;
  finish(kernel, call, patience);
  return done(ready, { fds });
}

/** What each set of select asks for, in poll's words (fs/select.c). */
const SET_EVENTS = [POLLRDNORM | POLLRDBAND | POLLIN | POLLHUP | POLLERR, POLLWRBAND | POLLWRNORM | POLLOUT | POLLERR, POLLPRI] as const;
type Sets = readonly [read: Bytes | null, write: Bytes | null, except: Bytes | null];
type SetsOut = { readfds: Bytes | undefined; writefds: Bytes | undefined; exceptfds: Bytes | undefined };
function selectSets(kernel: Kernel, call: Call<unknown>, asked: number, sets: Sets, patience: Patience): Outcome<SetsOut> {
  if (asked < 0) return fail("EINVAL");
  const task = taskOf(kernel, call.tid);
  const { slots } = tableOf(kernel, task);
  const channels: string[] = [];
  const found: readonly number[][] = [[], [], []];
  // Beyond the table nothing is open, and Linux does not look.
  for (let fd = 0; fd < Math.min(asked, Math.max(slots.length, 64)); fd++) {
    if (!sets.some(set => set && hasDescriptor(set, fd))) continue;
    const { mask, channels: more } = readiness(kernel, task, fd);
    if (mask === POLLNVAL) return fail("EBADF");
    channels.push(...more);
    sets.forEach((set, i) => {
      if (set && hasDescriptor(set, fd) && (mask & SET_EVENTS[i]!) !== 0) found[i]!.push(fd);
    });
  }
  const ready = found.reduce((sum, list) => sum + list.length, 0);
  const waiting = ready > 0 ? null : waitFor(kernel, call, channels, patience);
  if (waiting) return waiting;
  finish(kernel, call, patience);
  const [readfds, writefds, exceptfds] = sets.map((set, i) => (set ? descriptorSet(found[i]!, set.length) : undefined));
  return done(ready, { readfds, writefds, exceptfds });
}

const MILLION = 1_000_000;
export const pollCalls: Calls<"poll"> = {
  ...epollCalls,
  ...fanotifyCalls,
  ...inotifyCalls,
  poll: (kernel, call) => pollEntries(kernel, call, call.args.fds, { timeoutNanos: call.args.timeout < 0 ? null : call.args.timeout * MILLION, mask: null }),
  ppoll(kernel, call) {
    const { tmo_p: time, sigmask, sigsetsize } = call.args;
    if (time && !isValidTime(time)) return fail("EINVAL");
    if (sigmask !== null && sigsetsize !== SIGSET_SIZE) return fail("EINVAL");
    const patience = { timeoutNanos: time && nanosOf(time), mask: sigmask };
    const outcome = pollEntries(kernel, call, call.args.fds, patience);
    if (outcome.kind !== "done") return outcome;
    const left = leftNanos(kernel, call, patience);
    return done(outcome.value, { ...outcome.outs, tmo_p: left === null ? undefined : timespecOf(left) });
  },
  select(kernel, call) {
    const { nfds, readfds, writefds, exceptfds, timeout: time } = call.args;
    // select(2): microseconds beyond a second are carried.
    if (time && (time.tv_sec < 0 || time.tv_usec < 0)) return fail("EINVAL");
    const patience = { timeoutNanos: time && nanosOf({ tv_sec: time.tv_sec, tv_nsec: time.tv_usec * 1000 }), mask: null };
    const outcome = selectSets(kernel, call, nfds, [readfds, writefds, exceptfds], patience);
    if (outcome.kind !== "done") return outcome;
    const left = leftNanos(kernel, call, patience);
    return done(outcome.value, {
      ...outcome.outs,
      timeout: left === null ? undefined : { tv_sec: Math.floor(left / BILLION), tv_usec: Math.floor((left % BILLION) / 1000) },
    });
  },
  pselect6(kernel, call) {
    const { nfds, readfds, writefds, exceptfds, timeout: time, sigmask } = call.args;
    if (time && !isValidTime(time)) return fail("EINVAL");
    if (sigmask && sigmask.mask !== null && sigmask.size !== SIGSET_SIZE) return fail("EINVAL");
    const patience = { timeoutNanos: time && nanosOf(time), mask: sigmask?.mask ?? null };
    const outcome = selectSets(kernel, call, nfds, [readfds, writefds, exceptfds], patience);
    if (outcome.kind !== "done") return outcome;
    const left = leftNanos(kernel, call, patience);
    return done(outcome.value, { ...outcome.outs, timeout: left === null ? undefined : timespecOf(left) });
  },
};
