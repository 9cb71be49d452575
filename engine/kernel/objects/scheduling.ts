// Who runs: the run queue, whose first task has the processor, and what CPU time each process has used. The scheduler's choice of moment is the machine's.
import type { Draft } from "immer";
import type { Kernel } from "../kernel.ts";
import type { Process, Switches } from "../state/proc-table.ts";
import { CALL_NANOS } from "./clock.ts";

/** What ran since the last charge is put down to the running task's process. */
export function charge(kernel: Kernel): void {
  const { procTable } = kernel;
  const ticks = kernel.tick - procTable.chargedTicks;
  const calls = kernel.calls - procTable.chargedCalls;
  if (ticks === 0 && calls === 0) return;
  const running = procTable.tasks.get(procTable.runQueue[0] ?? 0);
  const process = running && procTable.processes.get(running.pid);
  if (process) {
    process.ticks += ticks;
    process.calls += calls;
    running.ticks += ticks;
    running.calls += calls;
  }
  procTable.chargedTicks = kernel.tick;
  procTable.chargedCalls = kernel.calls;
}
/** For getrusage(2) and /proc/PID/status. */
export function countSwitch(kernel: Kernel, tid: number, kind: keyof Switches): void {
  const task = kernel.procTable.tasks.get(tid);
  const process = task && kernel.procTable.processes.get(task.pid);
  if (task) countOne(task, kind);
  if (process) countOne(process, kind);
}
function countOne(one: { switches?: { -readonly [K in keyof Switches]: Switches[K] } }, kind: keyof Switches): void {
  one.switches ??= { voluntary: 0, involuntary: 0 };
  one.switches[kind]++;
}
/** The turn ends: the first task goes behind all others. */
export function rotate(kernel: Kernel): void {
  charge(kernel);
  kernel.disturb();
  const { procTable } = kernel;
  const [first, ...others] = procTable.runQueue;
  if (first !== undefined) procTable.runQueue = [...others, first];
  if (first !== undefined && others.length > 0) countSwitch(kernel, first, "involuntary");
  procTable.switchedAtTick = kernel.tick;
}
export function enqueue(kernel: Kernel, tid: number): void {
  kernel.disturb();
  kernel.procTable.runQueue.push(tid);
}
export function leaveRunQueue(kernel: Kernel, tid: number): void {
  const { procTable } = kernel;
  const { runQueue } = procTable;
  kernel.disturb();
  if (runQueue[0] === tid) {
    charge(kernel);
    runQueue.shift();
  } else if (runQueue.includes(tid)) procTable.runQueue = runQueue.filter(other => other !== tid);
}

export interface CpuTime {
  readonly userNanos: number;
  readonly systemNanos: number;
}
/** Instructions count as user time, calls as system time. */
export function cpuTime(kernel: Kernel, used: Pick<Draft<Process>, "ticks" | "calls">): CpuTime {
  charge(kernel);
  return { userNanos: used.ticks, systemNanos: used.calls * CALL_NANOS };
}
export const childrenCpuTime = (process: Draft<Process>): CpuTime => ({ userNanos: process.childTicks, systemNanos: process.childCalls * CALL_NANOS });
