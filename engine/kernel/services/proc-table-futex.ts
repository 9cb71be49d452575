// futex(2): waiting for a word of memory to change, and waking who waits. The operations that know an owner are proc-table-futex-owner.ts.
import { FUTEX_32, type FutexWait } from "../../abi/arguments/futex.ts";
import { clocks } from "../../abi/constants/clocks.ts";
import { FUTEX_CLOCK_REALTIME, futexCommand, futexOperations } from "../../abi/constants/futex-operations.ts";
import { isValid, nanosOf, type Timespec } from "../../abi/structs/timespec.ts";
import type { InsOf, OutsOf } from "../../abi/syscalls.ts";
import type { Kernel } from "../kernel.ts";
import { deadlineAfter, deadlineAtRealtime } from "../objects/clock.ts";
import { ANY_BITS, type FutexMemo, futexChannel, requeueFutex, wakeChannel, wakeFutex } from "../objects/futexes.ts";
import { taskOf } from "../objects/tasks.ts";
import { type Call, type Calls, done, fail, type Outcome, wait } from "../service.ts";
import { ownerOperations } from "./proc-table-futex-owner.ts";

type FutexCall = Call<InsOf<"futex">>;
type Answer = Outcome<OutsOf<"futex">>;
interface WaitMemo extends FutexMemo {
  readonly deadlineNanos: number | null;
}
const NO_OUTS = { uaddr: undefined, uaddr2: undefined };

/** FUTEX_WAIT's time is a length, FUTEX_WAIT_BITSET's a moment. */
function deadlineOf(kernel: Kernel, operation: number, time: Timespec): number {
  if (futexCommand(operation) === futexOperations.FUTEX_WAIT) return deadlineAfter(kernel, nanosOf(time));
  return (operation & FUTEX_CLOCK_REALTIME) !== 0 ? deadlineAtRealtime(kernel, time) : nanosOf(time);
}
function waitOn(kernel: Kernel, call: FutexCall, bitset: number): Answer {
  // Nobody but a waker wakes these channels.
  if (call.due === "resume") return done(0, NO_OUTS);
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
  return done(wakeFutex(kernel, taskOf(kernel, call.tid), call.args.uaddr.address, Math.max(1, call.args.val | 0), bitset), NO_OUTS);
}
function requeue(kernel: Kernel, call: FutexCall, counts: (woken: number, moved: number) => number): Answer {
  const { uaddr, val, timeout, uaddr2 } = call.args;
  if ((val | 0) < 0 || timeout.count < 0) return fail("EINVAL");
  const task = taskOf(kernel, call.tid);
  const [from, to] = [futexChannel(kernel, task, uaddr.address), futexChannel(kernel, task, uaddr2.address)];
  const woken = (val | 0) === 0 ? 0 : wakeChannel(kernel, from, val);
  return done(counts(woken, requeueFutex(kernel, from, to, timeout.count)), NO_OUTS);
}

/** FUTEX_WAKE_OP's `val3`: what becomes of the second word, and which comparison of what it was decides about its waiters. */
const changes: readonly ((old: number, by: number) => number)[] = [
  (_, by) => by,
  (old, by) => old + by,
  (old, by) => old | by,
  (old, by) => old & ~by,
  (old, by) => old ^ by,
];
const comparisons: readonly ((old: number, to: number) => boolean)[] = [
  (old, to) => old === to,
  (old, to) => old !== to,
  (old, to) => old < to,
  (old, to) => old <= to,
  (old, to) => old > to,
  (old, to) => old >= to,
];
const twelveBits = (value: number): number => (value << 20) >> 20;
function wakeAndChange(kernel: Kernel, call: FutexCall): Answer {
  const { uaddr, val, timeout, uaddr2, val3 } = call.args;
  const change = changes[(val3 >>> 28) & 7];
  const compares = comparisons[(val3 >>> 24) & 15];
  if (!change || !compares) return fail("ENOSYS");
  const argument = twelveBits(val3 >>> 12);
  const isShift = (val3 & 0x8000_0000) !== 0;
  const old = uaddr2.value! | 0;
  const task = taskOf(kernel, call.tid);
  let woken = wakeFutex(kernel, task, uaddr.address, Math.max(1, val | 0));
  if (compares(old, twelveBits(val3))) woken += wakeFutex(kernel, task, uaddr2.address, Math.max(1, timeout.count));
  return done(woken, { uaddr: undefined, uaddr2: change(old, isShift ? 1 << (argument & 31) : argument) >>> 0 });
}

const operations: Readonly<Record<number, (kernel: Kernel, call: FutexCall) => Answer>> = {
  [futexOperations.FUTEX_WAIT]: (kernel, call) => waitOn(kernel, call, ANY_BITS),
  [futexOperations.FUTEX_WAIT_BITSET]: (kernel, call) => waitOn(kernel, call, call.args.val3),
  [futexOperations.FUTEX_WAKE]: (kernel, call) => wakeOn(kernel, call, ANY_BITS),
  [futexOperations.FUTEX_WAKE_BITSET]: (kernel, call) => wakeOn(kernel, call, call.args.val3),
  [futexOperations.FUTEX_REQUEUE]: (kernel, call) => requeue(kernel, call, woken => woken),
  [futexOperations.FUTEX_CMP_REQUEUE]: (kernel, call) =>
    call.args.uaddr.value === call.args.val3 ? requeue(kernel, call, (woken, moved) => woken + moved) : fail("EAGAIN"),
  [futexOperations.FUTEX_WAKE_OP]: wakeAndChange,
  ...ownerOperations,
};
/** Only waits for a moment go by a clock. */
const CLOCKED: readonly number[] = [futexOperations.FUTEX_WAIT_BITSET, futexOperations.FUTEX_WAIT_REQUEUE_PI, futexOperations.FUTEX_LOCK_PI2];

/** Operations with two words. */
const WITH_SECOND: readonly number[] = [
  futexOperations.FUTEX_REQUEUE,
  futexOperations.FUTEX_CMP_REQUEUE,
  futexOperations.FUTEX_WAKE_OP,
  futexOperations.FUTEX_WAIT_REQUEUE_PI,
  futexOperations.FUTEX_CMP_REQUEUE_PI,
];

const isSound = ({ flags, reserved, word, expected }: FutexWait): boolean =>
  (flags & ~128) === FUTEX_32 && reserved === 0 && word.address % 4 === 0 && expected <= 0xffff_ffff;

export const futexCalls: Pick<Calls<"procTable">, "futex" | "futex_waitv"> = {
  futex(kernel, call) {
    const { futex_op } = call.args;
    const command = futexCommand(futex_op);
    const perform = operations[command];
    if (!perform) return fail("ENOSYS");
    if ((futex_op & FUTEX_CLOCK_REALTIME) !== 0 && !CLOCKED.includes(command)) return fail("ENOSYS");
    if (Number(call.raws[0]) % 4 !== 0 || (WITH_SECOND.includes(command) && Number(call.raws[4]) % 4 !== 0)) return fail("EINVAL");
    return perform(kernel, call);
  },
  futex_waitv(kernel, call) {
    const { flags, timeout, clockid } = call.args;
    if (flags !== 0) return fail("EINVAL");
    if (timeout && clockid !== clocks.CLOCK_MONOTONIC && clockid !== clocks.CLOCK_REALTIME) return fail("EINVAL");
    if (timeout && !isValid(timeout)) return fail("EINVAL");
    const list = call.args.waiters;
    if (!list?.every(isSound)) return fail("EINVAL");
    const task = taskOf(kernel, call.tid);
    const channels = list.map(({ word }) => futexChannel(kernel, task, word.address));
    if (call.due === "resume") return done(channels.lastIndexOf((call.memo as FutexMemo).woken ?? channels[0]!), {});
    if (call.due === "timeout") return fail("ETIMEDOUT");
    if (call.due === "run" && list.some(({ word, expected }) => word.value !== expected)) return fail("EAGAIN");
    const deadlineNanos = timeout ? (clockid === clocks.CLOCK_REALTIME ? deadlineAtRealtime(kernel, timeout) : nanosOf(timeout)) : null;
    if (deadlineNanos !== null && deadlineNanos <= kernel.nowNanos) return fail("ETIMEDOUT");
    const memo: FutexMemo = { bitset: ANY_BITS };
    return wait(call, { channels: [...new Set(channels)], memo, ...(deadlineNanos === null ? {} : { deadlineNanos }) });
  },
};
