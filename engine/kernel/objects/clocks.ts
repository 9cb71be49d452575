// All clocks by number (clock_gettime(2)): what each shows, and what a sleep or a timer by it follows. CPU-time clocks of any process or task have negative numbers
// (include/linux/posix-timers.h).
import { COARSE_NANOS, clocks } from "../../abi/constants/clocks.ts";
import { type Timespec, timespecOf } from "../../abi/structs/timespec.ts";
import type { Kernel } from "../kernel.ts";
import { realtime } from "./clock.ts";
import { cpuTime } from "./scheduling.ts";
import { processOf, taskOf } from "./tasks.ts";

export interface Clock {
  read(kernel: Kernel): Timespec;
  readonly resolutionNanos: number;
  /** What a sleep by this clock follows; none: it cannot be slept by. */
  readonly sleepsBy?: "monotonic" | "realtime";
  /** A CPU-time clock's process, or its task as a negative number. */
  readonly measures?: number;
}
const realtimeSpec = (kernel: Kernel): Timespec => {
  const { seconds, nanos } = realtime(kernel);
  return { tv_sec: seconds, tv_nsec: nanos };
};
const coarse = ({ tv_sec, tv_nsec }: Timespec): Timespec => ({ tv_sec, tv_nsec: tv_nsec - (tv_nsec % COARSE_NANOS) });
const monotonic = (kernel: Kernel): Timespec => timespecOf(kernel.nowNanos);

const CLOCKS: Readonly<Record<number, Clock>> = {
  [clocks.CLOCK_REALTIME]: { read: realtimeSpec, resolutionNanos: 1, sleepsBy: "realtime" },
  [clocks.CLOCK_MONOTONIC]: { read: monotonic, resolutionNanos: 1, sleepsBy: "monotonic" },
  [clocks.CLOCK_MONOTONIC_RAW]: { read: monotonic, resolutionNanos: 1 },
  [clocks.CLOCK_REALTIME_COARSE]: { read: kernel => coarse(realtimeSpec(kernel)), resolutionNanos: COARSE_NANOS },
  [clocks.CLOCK_MONOTONIC_COARSE]: { read: kernel => coarse(monotonic(kernel)), resolutionNanos: COARSE_NANOS },
  [clocks.CLOCK_BOOTTIME]: { read: monotonic, resolutionNanos: 1, sleepsBy: "monotonic" },
  [clocks.CLOCK_REALTIME_ALARM]: { read: realtimeSpec, resolutionNanos: 1, sleepsBy: "realtime" },
  [clocks.CLOCK_BOOTTIME_ALARM]: { read: monotonic, resolutionNanos: 1, sleepsBy: "monotonic" },
  [clocks.CLOCK_TAI]: { read: realtimeSpec, resolutionNanos: 1, sleepsBy: "realtime" },
};
const ofProcess = (pid: number): Clock => ({
  read(kernel) {
    const { userNanos, systemNanos } = cpuTime(kernel, processOf(kernel, pid));
    return timespecOf(userNanos + systemNanos);
  },
  resolutionNanos: 1,
  measures: pid,
});
const ofTask = (tid: number): Clock => ({
  read(kernel) {
    const { userNanos, systemNanos } = cpuTime(kernel, taskOf(kernel, tid));
    return timespecOf(userNanos + systemNanos);
  },
  resolutionNanos: 1,
  measures: -tid,
});

const PER_THREAD = 4;
const KIND = 3;
/** By descriptor: there are no such clocks here. */
const BY_DESCRIPTOR = 3;
export function clockBy(kernel: Kernel, { tid, pid }: { readonly tid: number; readonly pid: number }, id: number): Clock | null {
  if (id === clocks.CLOCK_PROCESS_CPUTIME_ID) return ofProcess(pid);
  if (id === clocks.CLOCK_THREAD_CPUTIME_ID) return ofTask(tid);
  if (id >= 0) return CLOCKS[id] ?? null;
  if ((id & KIND) === BY_DESCRIPTOR) return null;
  const number = ~(id >> 3);
  if ((id & PER_THREAD) !== 0) {
    const task = kernel.procTable.tasks.get(number === 0 ? tid : number);
    return task?.pid === pid && task.state !== "dead" ? ofTask(task.tid) : null;
  }
  const process = kernel.procTable.processes.get(number === 0 ? pid : number);
  return process && process.exitStatus === null ? ofProcess(process.pid) : null;
}
