// The operations of futex(2) on words that name their owner: taking, giving up, and waiting for a word with the lock to be taken after it (futex(2), "Priority-inheritance futexes").
import { FUTEX_CLOCK_REALTIME, futexCommand, futexOperations } from "../../abi/constants/futex-operations.ts";
import { isValid, nanosOf } from "../../abi/structs/timespec.ts";
import type { InsOf, OutsOf } from "../../abi/syscalls.ts";
import type { Kernel } from "../kernel.ts";
import { deadlineAtRealtime } from "../objects/clock.ts";
import { FUTEX_OWNER_DIED, FUTEX_WAITERS, handOver, ownerChannel, ownerOf, storeWord } from "../objects/futex-owners.ts";
import { ANY_BITS, type FutexMemo, futexChannel, futexWaiters, requeueFutex } from "../objects/futexes.ts";
import { taskOf } from "../objects/tasks.ts";
import { wakeTask } from "../objects/waiting.ts";
import { type Call, done, fail, type Outcome, wait } from "../service.ts";

type FutexCall = Call<InsOf<"futex">>;
type Answer = Outcome<OutsOf<"futex">>;
const answer = (value: number, uaddr?: number, uaddr2?: number): Answer => done(value, { uaddr, uaddr2 });

/** FUTEX_LOCK_PI's moment is always CLOCK_REALTIME's; the later operations say which. */
function deadlineOf(kernel: Kernel, { args: { futex_op, timeout } }: FutexCall): number | null {
  if (!timeout.time) return null;
  const isRealtime = futexCommand(futex_op) === futexOperations.FUTEX_LOCK_PI || (futex_op & FUTEX_CLOCK_REALTIME) !== 0;
  return isRealtime ? deadlineAtRealtime(kernel, timeout.time) : nanosOf(timeout.time);
}
/** The word as its new owner leaves it: that its owner died stays to be seen. */
function taken(kernel: Kernel, channel: string, tid: number, word: number): number {
  const isWanted = futexWaiters(kernel, ownerChannel(channel), 1).length > 0;
  return (tid | (word & FUTEX_OWNER_DIED) | (isWanted ? FUTEX_WAITERS : 0)) >>> 0;
}
function lock(kernel: Kernel, call: FutexCall, mayWait: boolean): Answer {
  const { uaddr, timeout } = call.args;
  // Handed over by the owner before: the word says so already.
  if (call.due === "resume") return answer(0);
  if (call.due === "timeout") return fail("ETIMEDOUT");
  if (timeout.time && !isValid(timeout.time)) return fail("EINVAL");
  const task = taskOf(kernel, call.tid);
  const channel = futexChannel(kernel, task, uaddr.address);
  const word = uaddr.value!;
  const owner = ownerOf(word);
  if (call.due === "run") {
    if (owner === call.tid) return fail("EDEADLK");
    if (owner === 0) return answer(0, taken(kernel, channel, call.tid, word));
    const holder = kernel.procTable.tasks.get(owner);
    if (!holder || holder.state === "dead") return fail("ESRCH");
    if (!mayWait) return fail("EAGAIN");
    if ((word & FUTEX_WAITERS) === 0) storeWord(kernel, task.space, uaddr.address, (word | FUTEX_WAITERS) >>> 0);
  }
  const deadlineNanos = deadlineOf(kernel, call);
  if (deadlineNanos !== null && deadlineNanos <= kernel.nowNanos) return fail("ETIMEDOUT");
  return wait(call, { channels: [ownerChannel(channel)], ...(deadlineNanos === null ? {} : { deadlineNanos }) }, "ERESTARTNOINTR");
}
function unlock(kernel: Kernel, call: FutexCall): Answer {
  const { uaddr } = call.args;
  if (ownerOf(uaddr.value!) !== call.tid) return fail("EPERM");
  return answer(0, handOver(kernel, futexChannel(kernel, taskOf(kernel, call.tid), uaddr.address)) ?? 0);
}
function waitForRequeue(kernel: Kernel, call: FutexCall): Answer {
  const { uaddr, uaddr2, val, timeout, val3 } = call.args;
  if (call.due === "resume") return answer(0);
  if (call.due === "timeout") return fail("ETIMEDOUT");
  if (uaddr.address === uaddr2.address || val3 === 0) return fail("EINVAL");
  if (timeout.time && !isValid(timeout.time)) return fail("EINVAL");
  if (call.due === "run" && uaddr.value !== val) return fail("EAGAIN");
  const task = taskOf(kernel, call.tid);
  const memo: FutexMemo = { bitset: ANY_BITS, target: futexChannel(kernel, task, uaddr2.address) };
  const deadlineNanos = deadlineOf(kernel, call);
  if (deadlineNanos !== null && deadlineNanos <= kernel.nowNanos) return fail("ETIMEDOUT");
  return wait(
    call,
    { channels: [futexChannel(kernel, task, uaddr.address)], memo, ...(deadlineNanos === null ? {} : { deadlineNanos }) },
    deadlineNanos === null ? "ERESTARTNOINTR" : "EAGAIN",
  );
}
/** The first waiter gets the lock where it is free; the others, and it where not, wait for the lock from now on. */
function requeueToLock(kernel: Kernel, call: FutexCall): Answer {
  const { uaddr, uaddr2, val, val3, timeout } = call.args;
  if (uaddr.address === uaddr2.address || val !== 1 || timeout.count < 0) return fail("EINVAL");
  if (uaddr.value !== val3) return fail("EAGAIN");
  const task = taskOf(kernel, call.tid);
  const [from, to] = [futexChannel(kernel, task, uaddr.address), futexChannel(kernel, task, uaddr2.address)];
  const waiters = futexWaiters(kernel, from, timeout.count + 1);
  if (waiters.some(tid => (kernel.procTable.tasks.get(tid)?.waiting?.memo as FutexMemo | null)?.target !== to)) return fail("EINVAL");
  let word = uaddr2.value!;
  let woken = 0;
  if (ownerOf(word) === 0 && waiters[0] !== undefined) {
    word = taken(kernel, to, waiters[0], word);
    wakeTask(kernel, waiters[0], "resume");
    woken = 1;
  }
  const moved = requeueFutex(kernel, from, ownerChannel(to), timeout.count + 1 - woken);
  if (moved > 0) word = (word | FUTEX_WAITERS) >>> 0;
  return answer(woken + moved, undefined, word === uaddr2.value ? undefined : word);
}

export const ownerOperations: Readonly<Record<number, (kernel: Kernel, call: FutexCall) => Answer>> = {
  [futexOperations.FUTEX_LOCK_PI]: (kernel, call) => lock(kernel, call, true),
  [futexOperations.FUTEX_LOCK_PI2]: (kernel, call) => lock(kernel, call, true),
  [futexOperations.FUTEX_TRYLOCK_PI]: (kernel, call) => lock(kernel, call, false),
  [futexOperations.FUTEX_UNLOCK_PI]: unlock,
  [futexOperations.FUTEX_WAIT_REQUEUE_PI]: waitForRequeue,
  [futexOperations.FUTEX_CMP_REQUEUE_PI]: requeueToLock,
};
