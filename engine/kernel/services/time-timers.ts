// Timers that signal (timer_create(2)) and timers that are read (timerfd_create(2)).
import type { Draft } from "immer";
import { clocks } from "../../abi/constants/clocks.ts";
import { O_CLOEXEC, O_NONBLOCK, O_RDWR } from "../../abi/constants/open-flags.ts";
import { LAST_SIGNAL, signals } from "../../abi/constants/signals.ts";
import { notifications, type sigevent } from "../../abi/structs/sigevent.ts";
import { isValid, type itimerspec, nanosOf, type Timespec, timespecOf } from "../../abi/structs/timespec.ts";
import type { Kernel } from "../kernel.ts";
import { openAnonymous } from "../objects/anonymous-files.ts";
import { deadlineAtRealtime, NEVER } from "../objects/clock.ts";
import { clockBy } from "../objects/clocks.ts";
import {
  armTimerAt,
  continueDescriptorTimer,
  createTimer,
  destroyTimer,
  kernelTimerOf,
  type NewTimer,
  processTimer,
  timerChannel,
  timerNow,
  timerRemaining,
} from "../objects/kernel-timers.ts";
import { openFileOf } from "../objects/open-files.ts";
import { taskOf } from "../objects/tasks.ts";
import { wake } from "../objects/waiting.ts";
import { type Call, type Calls, done, fail, OK, type Outcome } from "../service.ts";
import type { KernelTimer } from "../state/time.ts";

type Setting = ReturnType<(typeof itimerspec)["get"]>;
const TIMER_ABSTIME = 1;
const TIMER_CANCEL_ON_SET = 2;
const settingOf = (kernel: Kernel, timer: Draft<KernelTimer>): Setting => {
  const { valueNanos, intervalNanos } = timerRemaining(kernel, timer);
  return { it_interval: timespecOf(intervalNanos), it_value: timespecOf(valueNanos) };
};
const isSettingValid = ({ it_interval, it_value }: Setting): boolean => isValid(it_interval) && isValid(it_value);
const isZero = ({ tv_sec, tv_nsec }: Timespec): boolean => tv_sec === 0 && tv_nsec === 0;
const REALTIME: readonly number[] = [clocks.CLOCK_REALTIME, clocks.CLOCK_REALTIME_ALARM, clocks.CLOCK_TAI];

function set(kernel: Kernel, timer: Draft<KernelTimer>, { it_interval, it_value }: Setting, isAbsolute: boolean): void {
  const at = isZero(it_value)
    ? null
    : !isAbsolute
      ? Math.min(timerNow(kernel, timer) + nanosOf(it_value), NEVER)
      : REALTIME.includes(timer.clock)
        ? deadlineAtRealtime(kernel, it_value)
        : nanosOf(it_value);
  timer.isQueued = false;
  timer.count = 0;
  armTimerAt(kernel, timer, at, nanosOf(it_interval));
}

/** Without a sigevent: SIGALRM for the process, with the timer's number as its value. */
function targetOf(kernel: Kernel, call: Call<unknown>, event: ReturnType<(typeof sigevent)["get"]> | null, timer: number): NewTimer["target"] | null {
  const { pid } = call;
  if (!event) return { kind: "signal", pid, timer, signal: signals.SIGALRM, tid: 0, value: timer };
  const { sigev_value: value, sigev_signo: signal, sigev_notify: how, sigev_notify_thread_id: tid } = event;
  if (how === notifications.SIGEV_NONE) return { kind: "signal", pid, timer, signal: 0, tid: 0, value };
  const isToTask = how === notifications.SIGEV_THREAD_ID;
  if (how !== notifications.SIGEV_SIGNAL && how !== notifications.SIGEV_THREAD && !isToTask) return null;
  if (signal < 1 || signal > LAST_SIGNAL) return null;
  if (isToTask && kernel.procTable.tasks.get(tid)?.pid !== pid) return null;
  return { kind: "signal", pid, timer, signal, tid: isToTask ? tid : 0, value };
}

const TIMERFD_CLOCKS: readonly number[] = [
  clocks.CLOCK_REALTIME,
  clocks.CLOCK_MONOTONIC,
  clocks.CLOCK_BOOTTIME,
  clocks.CLOCK_REALTIME_ALARM,
  clocks.CLOCK_BOOTTIME_ALARM,
];
function timerOfDescriptor(kernel: Kernel, call: Call<unknown>, fd: number): Draft<KernelTimer> | Outcome<never> {
  const open = openFileOf(kernel, taskOf(kernel, call.tid), fd);
  if (!open) return fail("EBADF");
  return open.kind === "timerfd" ? kernelTimerOf(kernel, open.object) : fail("EINVAL");
}
const isTimer = (found: Draft<KernelTimer> | Outcome<never>): found is Draft<KernelTimer> => !("kind" in found);

type Names =
  | "timer_create"
  | "timer_settime"
  | "timer_gettime"
  | "timer_getoverrun"
  | "timer_delete"
  | "timerfd_create"
  | "timerfd_settime"
  | "timerfd_gettime";
export const timerCalls: Pick<Calls<"time">, Names> = {
  timer_create(kernel, call) {
    const { clockid, sevp } = call.args;
    const clock = clockBy(kernel, call, clockid);
    if (!clock) return fail("EINVAL");
    if (!clock.sleepsBy && clock.measures === undefined) return fail("EOPNOTSUPP");
    const timers = kernel.time.processTimers.get(call.pid) ?? [];
    const number = timers.length;
    const target = targetOf(kernel, call, sevp, number);
    if (!target) return fail("EINVAL");
    const id = createTimer(kernel, { clock: clockid, target, measures: clock.measures ?? 0 });
    kernel.time.processTimers.set(call.pid, [...timers, id]);
    return done(0, { timerid: number });
  },
  timer_settime(kernel, call) {
    const { timerid, flags, new_value } = call.args;
    if (!new_value) return fail("EINVAL");
    if (!isSettingValid(new_value)) return fail("EINVAL");
    const timer = processTimer(kernel, call.pid, timerid);
    if (!timer) return fail("EINVAL");
    const old_value = settingOf(kernel, timer);
    set(kernel, timer, new_value, (flags & TIMER_ABSTIME) !== 0);
    return done(0, { old_value });
  },
  timer_gettime(kernel, call) {
    const timer = processTimer(kernel, call.pid, call.args.timerid);
    return timer ? done(0, { curr_value: settingOf(kernel, timer) }) : fail("EINVAL");
  },
  timer_getoverrun(kernel, call) {
    const timer = processTimer(kernel, call.pid, call.args.timerid);
    return timer ? done(Math.min(timer.count, 0x7fff_ffff), {}) : fail("EINVAL");
  },
  timer_delete(kernel, call) {
    const timer = processTimer(kernel, call.pid, call.args.timerid);
    if (!timer) return fail("EINVAL");
    kernel.time.processTimers.get(call.pid)![call.args.timerid] = 0;
    destroyTimer(kernel, timer.id);
    return OK;
  },

  timerfd_create(kernel, call) {
    const { clockid, flags } = call.args;
    if ((flags & ~(O_NONBLOCK | O_CLOEXEC)) !== 0 || !TIMERFD_CLOCKS.includes(clockid)) return fail("EINVAL");
    const make = (): number => createTimer(kernel, { clock: clockid, target: { kind: "file" }, measures: 0 });
    return openAnonymous(kernel, taskOf(kernel, call.tid), "timerfd", O_RDWR | flags, make);
  },
  timerfd_settime(kernel, call) {
    const { fd, flags, new_value } = call.args;
    if (!new_value) return fail("EFAULT");
    if ((flags & ~(TIMER_ABSTIME | TIMER_CANCEL_ON_SET)) !== 0 || !isSettingValid(new_value)) return fail("EINVAL");
    const timer = timerOfDescriptor(kernel, call, fd);
    if (!isTimer(timer)) return timer;
    const old_value = settingOf(kernel, timer);
    set(kernel, timer, new_value, (flags & TIMER_ABSTIME) !== 0);
    wake(kernel, timerChannel(timer.id));
    return done(0, { old_value });
  },
  timerfd_gettime(kernel, call) {
    const timer = timerOfDescriptor(kernel, call, call.args.fd);
    if (!isTimer(timer)) return timer;
    continueDescriptorTimer(kernel, timer);
    return done(0, { curr_value: settingOf(kernel, timer) });
  },
};
