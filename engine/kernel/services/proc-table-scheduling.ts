// The calls about scheduling: one processor, on which tasks take turns. Niceness, policies and affinity are kept and told, and change nothing.
import type { Draft } from "immer";
import { MASK_SIZE } from "../../abi/arguments/affinity.ts";
import { resources } from "../../abi/constants/resource-limits.ts";
import { policies, priorityOf, priorityRanges, SCHED_RESET_ON_FORK } from "../../abi/constants/scheduling-policies.ts";
import type { Errno } from "../../abi/errno.ts";
import { schedAttr } from "../../abi/structs/scheduling.ts";
import type { Kernel } from "../kernel.ts";
import { can } from "../objects/credentials.ts";
import { rotate } from "../objects/scheduling.ts";
import { groupMembers, INIT_PROCESS, liveTasks, processesWhere, processOf } from "../objects/tasks.ts";
import { type Call, type Calls, done, fail, OK, type PlainOutcome } from "../service.ts";
import type { Process, Task } from "../state/proc-table.ts";

/** The only processor, as a mask. */
const ONLY_CPU = 1;
const MOST_NICE = 19;
const LEAST_NICE = -20;
/** sched_setattr(2). */
const SCHED_FLAG_RESET_ON_FORK = 1;
const SCHED_FLAG_KEEP_POLICY = 8;
const SCHED_FLAG_KEEP_PARAMS = 16;
const KNOWN_SCHED_FLAGS = SCHED_FLAG_RESET_ON_FORK | SCHED_FLAG_KEEP_POLICY | SCHED_FLAG_KEEP_PARAMS;
/** SCHED_RR's turn, and what CFS would tell of its own. */
const TURN_NANOS = 100_000_000;
const CFS_TURN_NANOS = 4_000_000;

const target = (kernel: Kernel, call: Call<unknown>, pid: number): Draft<Task> | undefined => {
  const task = kernel.procTable.tasks.get(pid === 0 ? call.tid : pid);
  return task?.state === "dead" ? undefined : task;
};
/** Init has no task, but what can be asked of its is answered. */
const INIT_TASK: Pick<Task, "niceness" | "scheduling"> = { niceness: 0, scheduling: { policy: policies.SCHED_OTHER, priority: 0, resetsOnFork: false } };
const asked = (kernel: Kernel, call: Call<unknown>, pid: number): Pick<Task, "niceness" | "scheduling"> | undefined =>
  pid === INIT_PROCESS ? INIT_TASK : target(kernel, call, pid);
function onTask(kernel: Kernel, call: Call<unknown>, pid: number, act: (task: Draft<Task>) => PlainOutcome): PlainOutcome {
  if (pid < 0) return fail("EINVAL");
  const task = target(kernel, call, pid);
  return task ? act(task) : fail("ESRCH");
}
const isOwner = (caller: Draft<Process>, task: Draft<Task>, kernel: Kernel): boolean => {
  const { credentials } = processOf(kernel, task.pid);
  return caller.credentials.euid === credentials.euid || caller.credentials.euid === credentials.ruid || can(caller.credentials, "CAP_SYS_NICE");
};

function setPolicy(kernel: Kernel, call: Call<unknown>, task: Draft<Task>, policyAndFlag: number | null, priority: number): PlainOutcome {
  const policy = policyAndFlag === null ? task.scheduling.policy : policyAndFlag & ~SCHED_RESET_ON_FORK;
  const range = priorityRanges[policy];
  // Deadlines are set by sched_setattr alone.
  if (!range || policy === policies.SCHED_DEADLINE || priority < range[0] || priority > range[1]) return fail("EINVAL");
  const caller = processOf(kernel, call.pid);
  const [realtimeLimit] = caller.limits[resources.RLIMIT_RTPRIO]!;
  if (!isOwner(caller, task, kernel) || (priority > realtimeLimit && !can(caller.credentials, "CAP_SYS_NICE"))) return fail("EPERM");
  Object.assign(task.scheduling, { policy, priority });
  if (policyAndFlag !== null) task.scheduling.resetsOnFork = (policyAndFlag & SCHED_RESET_ON_FORK) !== 0;
  return OK;
}

/** Whom getpriority and setpriority mean. */
const selections: Readonly<Record<number, (kernel: Kernel, call: Call<unknown>, who: number) => readonly Draft<Task>[]>> = {
  [priorityOf.PRIO_PROCESS](kernel, call, who) {
    const task = target(kernel, call, who);
    return task ? [task] : [];
  },
  [priorityOf.PRIO_PGRP]: (kernel, call, who) => groupMembers(kernel, who || processOf(kernel, call.pid).group).flatMap(process => liveTasks(kernel, process)),
  [priorityOf.PRIO_USER](kernel, call, who) {
    const uid = who || processOf(kernel, call.pid).credentials.ruid;
    return processesWhere(kernel, process => process.credentials.ruid === uid).flatMap(process => liveTasks(kernel, process));
  },
};
function setNiceness(kernel: Kernel, caller: Draft<Process>, task: Draft<Task>, wanted: number): Errno | null {
  if (!isOwner(caller, task, kernel)) return "EPERM";
  const lowest = 20 - caller.limits[resources.RLIMIT_NICE]![0];
  if (wanted < task.niceness && wanted < lowest && !can(caller.credentials, "CAP_SYS_NICE")) return "EACCES";
  task.niceness = wanted;
  return null;
}

type Names =
  | "getpriority"
  | "setpriority"
  | "sched_yield"
  | "sched_getparam"
  | "sched_setparam"
  | "sched_getscheduler"
  | "sched_setscheduler"
  | "sched_get_priority_max"
  | "sched_get_priority_min"
  | "sched_rr_get_interval"
  | "sched_setaffinity"
  | "sched_getaffinity"
  | "sched_getattr"
  | "sched_setattr"
  | "getcpu";
export const schedulingCalls: Pick<Calls<"procTable">, Names> = {
  getpriority(kernel, call) {
    const select = selections[call.args.which];
    if (!select) return fail("EINVAL");
    const tasks = select(kernel, call, call.args.who);
    // Answered as 20 less the niceness, so that it is never negative (getpriority(2), "C library/kernel differences").
    return tasks.length === 0 ? fail("ESRCH") : done(20 - Math.min(...tasks.map(task => task.niceness)), {});
  },
  setpriority(kernel, call) {
    const select = selections[call.args.which];
    if (!select) return fail("EINVAL");
    const wanted = Math.max(LEAST_NICE, Math.min(MOST_NICE, call.args.prio));
    let error: Errno | null = "ESRCH";
    for (const task of select(kernel, call, call.args.who)) {
      const refused = setNiceness(kernel, processOf(kernel, call.pid), task, wanted);
      if (error === "ESRCH" || refused !== null) error = refused;
    }
    return error === null ? OK : fail(error);
  },
  sched_yield(kernel) {
    rotate(kernel);
    return OK;
  },
  sched_getparam(kernel, call) {
    const { pid, param } = call.args;
    if (param === 0 || pid < 0) return fail("EINVAL");
    const task = asked(kernel, call, pid);
    return task ? done(0, { param: { sched_priority: task.scheduling.priority } }) : fail("ESRCH");
  },
  sched_setparam(kernel, call) {
    const { param } = call.args;
    if (!param) return fail("EINVAL");
    return onTask(kernel, call, call.args.pid, task => setPolicy(kernel, call, task, null, param.sched_priority));
  },
  sched_getscheduler(kernel, call) {
    if (call.args.pid < 0) return fail("EINVAL");
    const task = asked(kernel, call, call.args.pid);
    if (!task) return fail("ESRCH");
    const { policy, resetsOnFork } = task.scheduling;
    return done(policy | (resetsOnFork ? SCHED_RESET_ON_FORK : 0), {});
  },
  sched_setscheduler(kernel, call) {
    const { policy, param } = call.args;
    if (policy < 0 || !param) return fail("EINVAL");
    return onTask(kernel, call, call.args.pid, task => setPolicy(kernel, call, task, policy, param.sched_priority));
  },
  sched_get_priority_max(_, call) {
    const range = priorityRanges[call.args.policy];
    return range ? done(range[1], {}) : fail("EINVAL");
  },
  sched_get_priority_min(_, call) {
    const range = priorityRanges[call.args.policy];
    return range ? done(range[0], {}) : fail("EINVAL");
  },
  sched_rr_get_interval(kernel, call) {
    if (call.args.pid < 0) return fail("EINVAL");
    const task = asked(kernel, call, call.args.pid);
    if (!task) return fail("ESRCH");
    const nanos = { [policies.SCHED_RR]: TURN_NANOS, [policies.SCHED_FIFO]: 0 }[task.scheduling.policy] ?? CFS_TURN_NANOS;
    return done(0, { interval: { tv_sec: 0, tv_nsec: nanos } });
  },
  sched_setaffinity(kernel, call) {
    const mask = call.args.mask;
    const task = target(kernel, call, call.args.pid);
    if (!task) return fail("ESRCH");
    if (!isOwner(processOf(kernel, call.pid), task, kernel)) return fail("EPERM");
    return ((mask[0] ?? 0) & ONLY_CPU) === 0 ? fail("EINVAL") : OK;
  },
  sched_getaffinity(kernel, call) {
    const { cpusetsize } = call.args;
    if (cpusetsize < MASK_SIZE || cpusetsize % MASK_SIZE !== 0) return fail("EINVAL");
    if (!asked(kernel, call, call.args.pid)) return fail("ESRCH");
    const mask = new Uint8Array(MASK_SIZE);
    mask[0] = ONLY_CPU;
    return done(MASK_SIZE, { mask });
  },
  sched_getattr(kernel, call) {
    const { pid, attr, size, flags } = call.args;
    if (attr === 0 || pid < 0 || size > 4096 || size < schedAttr.size || flags !== 0) return fail("EINVAL");
    const task = asked(kernel, call, pid);
    if (!task) return fail("ESRCH");
    const { policy, priority, resetsOnFork } = task.scheduling;
    const sched = { sched_policy: policy, sched_flags: resetsOnFork ? 1 : 0, sched_nice: task.niceness, sched_priority: priority };
    return done(0, { attr: { size: schedAttr.size, ...sched, sched_runtime: 0, sched_deadline: 0, sched_period: 0 } });
  },
  sched_setattr(kernel, call) {
    const { pid, attr, flags } = call.args;
    if (!attr || pid < 0 || flags !== 0) return fail("EINVAL");
    if (!attr.fields || attr.hasUnknown) return fail("E2BIG");
    const { sched_policy: policy, sched_priority: priority, sched_flags, sched_nice: niceness } = attr.fields;
    if ((policy | 0) < 0 || (sched_flags & ~KNOWN_SCHED_FLAGS) !== 0) return fail("EINVAL");
    const task = target(kernel, call, pid);
    if (!task) return fail("ESRCH");
    const keepsPolicy = (sched_flags & SCHED_FLAG_KEEP_POLICY) !== 0;
    const isFair = policy === policies.SCHED_OTHER || policy === policies.SCHED_BATCH;
    if (isFair && (sched_flags & SCHED_FLAG_KEEP_PARAMS) === 0) {
      const refused = setNiceness(kernel, processOf(kernel, call.pid), task, Math.max(LEAST_NICE, Math.min(MOST_NICE, niceness)));
      if (refused) return fail(refused === "EACCES" ? "EPERM" : refused);
    }
    const reset = (sched_flags & SCHED_FLAG_RESET_ON_FORK) !== 0 ? SCHED_RESET_ON_FORK : 0;
    return setPolicy(kernel, call, task, keepsPolicy ? null : policy | reset, priority);
  },
  getcpu: () => done(0, { cpu: 0, node: 0 }),
};
