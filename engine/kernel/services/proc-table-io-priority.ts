// ioprio_get(2) and ioprio_set(2): priorities are kept and told; nothing here waits for a disk.
import type { Draft } from "immer";
import { IO_CLASS_SHIFT, ioClasses, ioClassOf, ioTargets } from "../../abi/constants/io-priorities.ts";
import { policies } from "../../abi/constants/scheduling-policies.ts";
import type { Errno } from "../../abi/errno.ts";
import type { Kernel } from "../kernel.ts";
import { can } from "../objects/credentials.ts";
import { groupMembers, liveTasks, processesWhere, processOf } from "../objects/tasks.ts";
import { type Call, type Calls, done, fail, OK } from "../service.ts";
import type { Task } from "../state/proc-table.ts";

const LEVEL_MASK = 7;
const { IOPRIO_CLASS_NONE, IOPRIO_CLASS_RT, IOPRIO_CLASS_BE, IOPRIO_CLASS_IDLE } = ioClasses;

/** Whom the two calls mean; `null`: nobody could be meant so. */
function targets(kernel: Kernel, call: Call<unknown>, which: number, who: number): readonly Draft<Task>[] | null {
  const tasksOf = (processes: ReturnType<typeof groupMembers>): readonly Draft<Task>[] => processes.flatMap(process => liveTasks(kernel, process));
  if (which === ioTargets.IOPRIO_WHO_PROCESS) {
    const task = kernel.procTable.tasks.get(who === 0 ? call.tid : who);
    return task && task.state !== "dead" ? [task] : [];
  }
  if (which === ioTargets.IOPRIO_WHO_PGRP) return tasksOf(groupMembers(kernel, who || processOf(kernel, call.pid).group));
  if (which !== ioTargets.IOPRIO_WHO_USER) return null;
  const uid = who || processOf(kernel, call.pid).credentials.ruid;
  return tasksOf(processesWhere(kernel, process => process.credentials.ruid === uid));
}
/** block/ioprio.c, ioprio_check_cap. */
function refusal(kernel: Kernel, call: Call<unknown>, priority: number): Errno | null {
  const level = priority & LEVEL_MASK;
  const kind = ioClassOf(priority);
  if (kind === IOPRIO_CLASS_RT) {
    const { credentials } = processOf(kernel, call.pid);
    return can(credentials, "CAP_SYS_ADMIN") || can(credentials, "CAP_SYS_NICE") ? null : "EPERM";
  }
  if (kind === IOPRIO_CLASS_NONE) return level === 0 ? null : "EINVAL";
  return kind === IOPRIO_CLASS_BE || kind === IOPRIO_CLASS_IDLE ? null : "EINVAL";
}
/** What a task has that set none: its niceness says it (ioprio_set(2), "Notes"). */
function effective({ ioPriority, niceness, scheduling }: Draft<Task>): number {
  if (ioPriority !== undefined && ioClassOf(ioPriority) !== IOPRIO_CLASS_NONE) return ioPriority;
  const { policy } = scheduling;
  const isRealtime = policy === policies.SCHED_FIFO || policy === policies.SCHED_RR;
  const kind = policy === policies.SCHED_IDLE ? IOPRIO_CLASS_IDLE : isRealtime ? IOPRIO_CLASS_RT : IOPRIO_CLASS_BE;
  return (kind << IO_CLASS_SHIFT) | Math.floor((niceness + 20) / 5);
}

export const ioPriorityCalls: Pick<Calls<"procTable">, "ioprio_get" | "ioprio_set"> = {
  ioprio_set(kernel, call) {
    const { which, who, ioprio } = call.args;
    const refused = refusal(kernel, call, ioprio);
    if (refused) return fail(refused);
    const tasks = targets(kernel, call, which, who);
    if (!tasks) return fail("EINVAL");
    if (tasks.length === 0) return fail("ESRCH");
    const { credentials } = processOf(kernel, call.pid);
    for (const task of tasks) {
      const { ruid } = processOf(kernel, task.pid).credentials;
      if (ruid !== credentials.euid && ruid !== credentials.ruid && !can(credentials, "CAP_SYS_NICE")) return fail("EPERM");
      task.ioPriority = ioprio & 0xffff;
    }
    return OK;
  },
  ioprio_get(kernel, call) {
    const tasks = targets(kernel, call, call.args.which, call.args.who);
    if (!tasks) return fail("EINVAL");
    if (tasks.length === 0) return fail("ESRCH");
    // Of a single task what was set is told, of several the highest that counts.
    const isSingle = call.args.which === ioTargets.IOPRIO_WHO_PROCESS;
    return done(isSingle ? (tasks[0]!.ioPriority ?? 0) : Math.min(...tasks.map(effective)), {});
  },
};
