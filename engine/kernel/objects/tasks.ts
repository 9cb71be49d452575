// Finding tasks and processes, and choosing their ids. Their birth is objects/births.ts, their end objects/exits.ts.
import type { Draft } from "immer";
import type { Kernel } from "../kernel.ts";
import { FIRST_RECYCLED_PID, PID_MAX, type Process, type Task } from "../state/proc-table.ts";
import type { HandlerTable } from "../state/signal.ts";

/** Never runs; takes in orphans and forgets them. */
export const INIT_PROCESS = 1;
/** The program the user runs; the machine halts when it ends. */
export const FIRST_PROCESS = 2;

export function taskOf(kernel: Kernel, tid: number): Draft<Task> {
  const task = kernel.procTable.tasks.get(tid);
  if (!task) throw new Error(`Task ${tid} does not exist at tick ${kernel.tick}.`);
  return task;
}
export function processOf(kernel: Kernel, pid: number): Draft<Process> {
  const process = kernel.procTable.processes.get(pid);
  if (!process) throw new Error(`Process ${pid} does not exist at tick ${kernel.tick}.`);
  return process;
}
/** Whose turn it is: who does what is done now. */
export const runningTask = (kernel: Kernel): Draft<Task> => taskOf(kernel, kernel.procTable.runQueue[0]!);
export const processOfTask = (kernel: Kernel, tid: number): Draft<Process> => processOf(kernel, taskOf(kernel, tid).pid);

/** Its tasks that have not ended. */
export const liveTasks = (kernel: Kernel, process: Draft<Process>): readonly Draft<Task>[] =>
  process.tasks.map(tid => taskOf(kernel, tid)).filter(task => task.state !== "dead");
export const isZombie = (process: Pick<Process, "exitStatus">): boolean => process.exitStatus !== null;

/** In order of creation, zombies too. */
export const processesWhere = (kernel: Kernel, holds: (process: Draft<Process>) => boolean): readonly Draft<Process>[] =>
  [...kernel.procTable.processes.values()].filter(holds);
export const groupMembers = (kernel: Kernel, group: number): readonly Draft<Process>[] => processesWhere(kernel, process => process.group === group);

export function handlersOf(kernel: Kernel, process: Draft<Process>): Draft<HandlerTable> {
  const table = kernel.signal.tables.get(taskOf(kernel, process.tasks[0]!).handlers);
  if (!table) throw new Error(`Process ${process.pid} has no signal handlers at tick ${kernel.tick}.`);
  return table;
}

/** The next free number, as Linux gives them: upwards, and after pid_max from 300 again; ids of groups and sessions in use are left out. */
export function allocatePid(kernel: Kernel): number {
  const { procTable } = kernel;
  const isTaken = (id: number): boolean =>
    procTable.tasks.has(id) || (procTable.nextPid > PID_MAX && processesWhere(kernel, one => one.group === id || one.session === id).length > 0);
  let pid = procTable.nextPid;
  // Once around: from then on nextPid counts on above pid_max, which says that numbers recur.
  const numbered = (n: number): number => (n < PID_MAX ? n : FIRST_RECYCLED_PID + ((n - PID_MAX) % (PID_MAX - FIRST_RECYCLED_PID)));
  while (isTaken(numbered(pid))) pid++;
  procTable.nextPid = pid + 1;
  return numbered(pid);
}
