// Waiting and waking: who sleeps on which channel. A woken task's call is presented again; what it finds then decides.
import type { Kernel } from "../kernel.ts";
import type { Due, Waiting } from "../state/proc-table.ts";

/** The task sleeps until one of the channels is woken, the deadline passes or a signal comes. */
export function sleep(kernel: Kernel, tid: number, waiting: Waiting): void {
  const { procTable } = kernel;
  const task = procTable.tasks.get(tid)!;
  task.state = "waiting";
  task.waiting = waiting as typeof task.waiting;
  for (const channel of waiting.channels) procTable.waiters.set(channel, [...(procTable.waiters.get(channel) ?? []), tid]);
  procTable.runQueue = procTable.runQueue.filter(other => other !== tid);
}

/** The task stops waiting for its channels; its call is presented again as `due` when its turn comes. */
export function wakeTask(kernel: Kernel, tid: number, due: Due): void {
  const { procTable } = kernel;
  const task = procTable.tasks.get(tid);
  if (!task?.waiting || task.due !== "run") return;
  for (const channel of task.waiting.channels) {
    const left = (procTable.waiters.get(channel) ?? []).filter(other => other !== tid);
    if (left.length > 0) procTable.waiters.set(channel, left);
    else procTable.waiters.delete(channel);
  }
  task.due = due;
  if (task.state !== "waiting") return;
  task.state = "ready";
  procTable.runQueue.push(tid);
}

/** Everybody who waits for the channel tries again, in the order they came. */
export function wake(kernel: Kernel, channel: string): void {
  const waiters = kernel.procTable.waiters.get(channel);
  if (!waiters) return;
  for (const tid of [...waiters]) wakeTask(kernel, tid, "resume");
}
