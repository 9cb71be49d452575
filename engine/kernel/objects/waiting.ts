// Waiting and waking: who sleeps on which channel. A woken task's call is presented again; what it finds then decides.
import type { Draft } from "immer";
import type { Kernel } from "../kernel.ts";
import type { Due, Task, Waiting } from "../state/proc-table.ts";
import { addDeadline, removeDeadline } from "./deadlines.ts";
import { tellOwners } from "./input-signals.ts";
import { countSwitch, enqueue, leaveRunQueue } from "./scheduling.ts";
import { areWatched, tellWatchers } from "./watching.ts";

/** The task sleeps until one of the channels is woken, the deadline passes or a signal comes. A signal that is there already (sigsuspend unblocks it) interrupts at once. */
export function sleep(kernel: Kernel, tid: number, waiting: Waiting): void {
  const { procTable } = kernel;
  const task = procTable.tasks.get(tid)!;
  task.state = "waiting";
  task.waiting = waiting as typeof task.waiting;
  for (const channel of waiting.channels) joinChannel(kernel, tid, channel);
  if (waiting.deadlineNanos !== null) addDeadline(kernel, tid, waiting.deadlineNanos);
  leaveRunQueue(kernel, tid);
  countSwitch(kernel, tid, "voluntary");
  if (procTable.attention.includes(tid)) wakeTask(kernel, tid, "interrupt");
}

/** The task stops waiting for its channels; its call is presented again as `due` when its turn comes. */
export function wakeTask(kernel: Kernel, tid: number, due: Due): void {
  const task = kernel.procTable.tasks.get(tid);
  if (!task?.waiting || task.due !== "run") return;
  leaveChannels(kernel, task);
  if (task.waiting.deadlineNanos !== null) removeDeadline(kernel, tid);
  task.due = due;
  if (task.state !== "waiting") return;
  task.state = "ready";
  enqueue(kernel, tid);
}
/** While there are no more channels than this, those where nobody waits any more stay: to delete the last has V8 make the map anew, and tasks that take turns wait on the same few again and again. */
const MOST_DESERTED = 64;
export function joinChannel(kernel: Kernel, tid: number, channel: string): void {
  const { waiters } = kernel.procTable;
  const there = waiters.get(channel);
  if (there) there.push(tid);
  else waiters.set(channel, [tid]);
}
export function leaveChannel(kernel: Kernel, tid: number, channel: string): void {
  const { waiters } = kernel.procTable;
  const there = waiters.get(channel);
  if (!there) return;
  // Who has waited longest is woken first: the place is looked for from the front.
  const at = there.indexOf(tid);
  if (there.length === 1 && at === 0) {
    if (waiters.size > MOST_DESERTED) waiters.delete(channel);
    else there.pop();
  } else if (at === 0) there.shift();
  else if (at > 0) there.splice(at, 1);
}
/** Nobody who wakes a channel finds the task there any more. */
export function leaveChannels(kernel: Kernel, task: Draft<Task>): void {
  for (const channel of task.waiting?.channels ?? []) leaveChannel(kernel, task.tid, channel);
}

/** Everybody who waits for the channel tries again, in the order they came. */
export function wake(kernel: Kernel, channel: string): void {
  const watchers = kernel.poll.watchers.size === 0 ? undefined : kernel.poll.watchers.get(channel);
  if (watchers) tellWatchers(kernel, watchers);
  const owners = kernel.poll.asyncs?.get(channel);
  if (owners) tellOwners(kernel, channel, owners);
  const waiters = kernel.procTable.waiters.get(channel);
  if (!waiters) return;
  if (waiters.length === 1) wakeTask(kernel, waiters[0]!, "resume");
  else for (const tid of [...waiters]) wakeTask(kernel, tid, "resume");
}
/** Whoever would be told by `wake`: there is somebody. */
export function isAwaited(kernel: Kernel, channel: string): boolean {
  const { poll, procTable } = kernel;
  return (procTable.waiters.get(channel) ?? []).length > 0 || poll.asyncs?.has(channel) === true || areWatched(kernel, poll.watchers.get(channel) ?? []);
}
