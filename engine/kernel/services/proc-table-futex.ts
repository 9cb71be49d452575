// futex(2): waiting for a word of memory to change, and waking who waits.
import { FUTEX_CLOCK_REALTIME, futexCommand, futexOperations } from "../../abi/constants/futex-operations.ts";
import { isValid, nanosOf, type Timespec } from "../../abi/structs/timespec.ts";
import type { InsOf, OutsOf } from "../../abi/syscalls.ts";
import type { Kernel } from "../kernel.ts";
import { deadlineAfter, deadlineAtRealtime } from "../objects/clock.ts";
import { ANY_BITS, type FutexMemo, futexChannel, requeueFutex, wakeFutex } from "../objects/futexes.ts";
import { taskOf } from "../objects/tasks.ts";
import { type Call, type Calls, done, fail, OK, type Outcome, wait } from "../service.ts";

type FutexCall = Call<InsOf<"futex">>;
type Answer = Outcome<OutsOf<"futex">>;
interface WaitMemo extends FutexMemo {
  readonly deadlineNanos: number | null;
}

/** FUTEX_WAIT's time is a length, FUTEX_WAIT_BITSET's a moment. */
function deadlineOf(kernel: Kernel, operation: number, time: Timespec): number {
  if (futexCommand(operation) === futexOperations.FUTEX_WAIT) return deadlineAfter(kernel, nanosOf(time));
  return (operation & FUTEX_CLOCK_REALTIME) !== 0 ? deadlineAtRealtime(kernel, time) : nanosOf(time);
}
function waitOn(kernel: Kernel, call: FutexCall, bitset: number): Answer {
  // Nobody but a waker wakes these channels.
  if (call.due === "resume") return OK;
  if (call.due === "timeout") return fail("ETIMEDOUT");
  if (bitset === 0) return fail("EINVAL");
  const { uaddr, timeout, val, futex_op } = call.args;
  if (timeout.time && !isValid(timeout.time)) return fail("EINVAL");
  if (call.due === "run" && uaddr.value !== val) return fail("EAGAIN");
  const memo: WaitMemo = (call.memo as WaitMemo | null) ?? { bitset, deadlineNanos: timeout.time && deadlineOf(kernel, futex_op, timeout.time) };
  const { deadlineNanos } = memo;
  if (deadlineNanos !== null && deadlineNanos <= kernel.nowNanos) return fail("ETIMEDOUT");
  const channels = [futexChannel(kernel, taskOf(kernel, call.tid), uaddr.address)];
  // A wait with a limit is not made again by SA_RESTART (signal(7)).
  return wait(call, { channels, memo, ...(deadlineNanos === null ? {} : { deadlineNanos }) }, deadlineNanos === null ? "ERESTARTSYS" : "ERESTARTNOHAND");
}
function wakeOn(kernel: Kernel, call: FutexCall, bitset: number): Answer {
  if (bitset === 0) return fail("EINVAL");
  // One is woken even where none is asked for (kernel/futex/waitwake.c).
  return done(wakeFutex(kernel, taskOf(kernel, call.tid), call.args.uaddr.address, Math.max(1, call.args.val | 0), bitset), {});
}
function requeue(kernel: Kernel, call: FutexCall, counts: (woken: number, moved: number) => number): Answer {
  const { uaddr, val, timeout, uaddr2 } = call.args;
  if ((val | 0) < 0 || timeout.count < 0) return fail("EINVAL");
  const task = taskOf(kernel, call.tid);
  const woken = (val | 0) === 0 ? 0 : wakeFutex(kernel, task, uaddr.address, val);
  const moved = requeueFutex(kernel, futexChannel(kernel, task, uaddr.address), futexChannel(kernel, task, uaddr2), timeout.count);
  return done(counts(woken, moved), {});
}

const operations: Readonly<Record<number, (kernel: Kernel, call: FutexCall) => Answer>> = {
  [futexOperations.FUTEX_WAIT]: (kernel, call) => waitOn(kernel, call, ANY_BITS),
  [futexOperations.FUTEX_WAIT_BITSET]: (kernel, call) => waitOn(kernel, call, call.args.val3),
  [futexOperations.FUTEX_WAKE]: (kernel, call) => wakeOn(kernel, call, ANY_BITS),
  [futexOperations.FUTEX_WAKE_BITSET]: (kernel, call) => wakeOn(kernel, call, call.args.val3),
  [futexOperations.FUTEX_REQUEUE]: (kernel, call) => requeue(kernel, call, woken => woken),
  [futexOperations.FUTEX_CMP_REQUEUE]: (kernel, call) =>
    call.args.uaddr.value === call.args.val3 ? requeue(kernel, call, (woken, moved) => woken + moved) : fail("EAGAIN"),
};

export const futexCalls: Pick<Calls<"procTable">, "futex"> = {
  futex(kernel, call) {
    const { futex_op } = call.args;
    const perform = operations[futexCommand(futex_op)];
    if (!perform) return fail("ENOSYS");
    // Only waits for a moment go by a clock.
    if ((futex_op & FUTEX_CLOCK_REALTIME) !== 0 && futexCommand(futex_op) !== futexOperations.FUTEX_WAIT_BITSET) return fail("ENOSYS");
    if (Number(call.raws[0]) % 4 !== 0) return fail("EINVAL");
    return perform(kernel, call);
  },
};
