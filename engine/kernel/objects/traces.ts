// Who traces whom (ptrace(2)): the relation, and what tracers are told. What stops a traced task and lets it go on is trace-stops.ts; whether one may trace another is tracing.ts.
import type { Draft } from "immer";
import { bigOf, type Raw } from "../../abi/memory-view.ts";
import type { Kernel } from "../kernel.ts";
import type { Task } from "../state/proc-table.ts";
import { demandAttention, refreshAttention } from "./pending.ts";
import { charge, enqueue } from "./scheduling.ts";
import { processOf, taskOf } from "./tasks.ts";
import { wakeTask } from "./waiting.ts";

export const tracedTasks = (kernel: Kernel): readonly Draft<Task>[] => (kernel.procTable.traced ?? []).map(tid => taskOf(kernel, tid));
export const traceesOf = (kernel: Kernel, tracer: number): readonly Draft<Task>[] => tracedTasks(kernel).filter(task => task.trace!.tracer === tracer);
/** The process that traces the task. */
export const tracerOf = (kernel: Kernel, task: Draft<Task>): number => taskOf(kernel, task.trace!.tracer).pid;
/** It is traced by others than its parent. */
export const isReparented = (kernel: Kernel, task: Draft<Task>): boolean => tracerOf(kernel, task) !== processOf(kernel, task.pid).parent;

export function link(kernel: Kernel, task: Draft<Task>, tracer: number, isSeized: boolean, options: number): void {
  task.trace = { tracer, isSeized, options, message: 0, stop: null, stopsAtCalls: false, isStepping: false, isEmulating: false, isTrapDue: false };
  kernel.procTable.traced = [...(kernel.procTable.traced ?? []), task.tid];
  kernel.disturb();
}
export function unlink(kernel: Kernel, task: Draft<Task>): void {
  if (task.trace?.isStepping) kernel.effect({ kind: "step", task: task.tid, isOn: false });
  delete task.trace;
  if (task.tracedCall?.stage === "made") delete task.tracedCall;
  kernel.procTable.traced = kernel.procTable.traced!.filter(tid => tid !== task.tid);
  kernel.disturb();
}
/** A thread takes over its process's number (execve(2)): as a tracee and as a tracer it has that one now, and what its leader was is no more. */
export function renumber(kernel: Kernel, from: number, to: number): void {
  const { procTable } = kernel;
  if (!procTable.traced) return;
  procTable.traced = procTable.traced.filter(tid => tid !== to).map(tid => (tid === from ? to : tid));
  for (const task of traceesOf(kernel, from)) task.trace!.tracer = to;
}

/** The task goes on, unless its process is stopped and nobody traces it. */
export function standUp(kernel: Kernel, task: Draft<Task>): void {
  if (task.trace) task.trace.stop = null;
  if (!task.trace && processOf(kernel, task.pid).isStopped) {
    task.state = "stopped";
    return;
  }
  task.state = "ready";
  enqueue(kernel, task.tid);
  refreshAttention(kernel, task);
}
/** It is to stop as soon as it can. */
export function callForStop(kernel: Kernel, task: Draft<Task>): void {
  const trace = task.trace!;
  trace.isTrapDue = true;
  if (trace.stop?.isListening) standUp(kernel, task);
  demandAttention(kernel, task.tid);
  wakeTask(kernel, task.tid, "interrupt");
}
/** SIGCONT has come, whatever will become of it: who was seized tells its tracer, who was not has nothing to stop for any more (kernel/signal.c, prepare_signal). */
export function noticeContinuation(kernel: Kernel, task: Draft<Task>): void {
  if (!task.trace) return;
  if (task.trace.isSeized) callForStop(kernel, task);
  else {
    task.trace.isTrapDue = false;
    refreshAttention(kernel, task);
  }
}

/** orig_rax: the number of the call that the task is in, or has made and done nothing since; -1 where there is none. */
export function originalRax(kernel: Kernel, task: Draft<Task>): Raw {
  if (task.waiting) return task.waiting.number;
  if (task.restart) return task.restart.number;
  const call = task.tracedCall;
  if (!call) return -1;
  if (call.stage !== "made") return call.number;
  charge(kernel);
  return call.ticks === task.ticks ? call.number : -1;
}
export const isNoCall = (number: Raw): boolean => bigOf(number) === 0xffff_ffff_ffff_ffffn;
