// Resource limits and usage (getrlimit(2), getrusage(2)).
import type { Draft } from "immer";
import { NR_OPEN, RESOURCE_COUNT, resources, usageOf } from "../../abi/constants/resource-limits.ts";
import type { Errno } from "../../abi/errno.ts";
import type { Kernel } from "../kernel.ts";
import { can } from "../objects/credentials.ts";
import { usageFor } from "../objects/resource-usage.ts";
import { childrenCpuTime, cpuTime } from "../objects/scheduling.ts";
import { processOf, taskOf } from "../objects/tasks.ts";
import { type Calls, done, fail, OK } from "../service.ts";
import type { Process, Task } from "../state/proc-table.ts";

interface Limit {
  readonly rlim_cur: number;
  readonly rlim_max: number;
}
const isKnown = (resource: number): boolean => resource >= 0 && resource < RESOURCE_COUNT;
const limitOf = (process: Draft<Process>, resource: number): Limit => {
  const [rlim_cur, rlim_max] = process.limits[resource]!;
  return { rlim_cur, rlim_max };
};
function refusal(caller: Draft<Process>, target: Draft<Process>, resource: number, { rlim_cur, rlim_max }: Limit): Errno | null {
  if (rlim_cur > rlim_max) return "EINVAL";
  if (resource === resources.RLIMIT_NOFILE && rlim_max > NR_OPEN) return "EPERM";
  return rlim_max > target.limits[resource]![1] && !can(caller.credentials, "CAP_SYS_RESOURCE") ? "EPERM" : null;
}
function setLimit(target: Draft<Process>, resource: number, { rlim_cur, rlim_max }: Limit): void {
  target.limits[resource] = [rlim_cur, rlim_max];
}
/** prlimit(2), "PERMISSION": the same user and group in every respect, or the capability. */
function mayLimit({ pid, credentials: mine }: Draft<Process>, target: Draft<Process>): boolean {
  const { ruid, euid, suid, rgid, egid, sgid } = target.credentials;
  const isSame = [ruid, euid, suid].every(uid => uid === mine.ruid) && [rgid, egid, sgid].every(gid => gid === mine.rgid);
  return pid === target.pid || isSame || can(mine, "CAP_SYS_RESOURCE");
}
const usages: Readonly<Record<number, (kernel: Kernel, process: Draft<Process>, task: Draft<Task>) => ReturnType<typeof usageFor>>> = {
  [usageOf.RUSAGE_SELF]: (kernel, process) => usageFor(cpuTime(kernel, process), process.switches),
  [usageOf.RUSAGE_THREAD]: (kernel, _, task) => usageFor(cpuTime(kernel, task), task.switches),
  [usageOf.RUSAGE_CHILDREN]: (_, process) => usageFor(childrenCpuTime(process), process.childSwitches),
};

export const limitCalls: Pick<Calls<"procTable">, "getrlimit" | "setrlimit" | "prlimit64" | "getrusage"> = {
  getrlimit(kernel, call) {
    const { resource, rlim } = call.args;
    if (!isKnown(resource)) return fail("EINVAL");
    return rlim === 0 ? fail("EFAULT") : done(0, { rlim: limitOf(processOf(kernel, call.pid), resource) });
  },
  setrlimit(kernel, call) {
    const { resource, rlim } = call.args;
    if (!rlim) return fail("EFAULT");
    if (!isKnown(resource)) return fail("EINVAL");
    const process = processOf(kernel, call.pid);
    const refused = refusal(process, process, resource, rlim);
    if (refused) return fail(refused);
    setLimit(process, resource, rlim);
    return OK;
  },
  prlimit64(kernel, call) {
    const { pid, resource, new_limit } = call.args;
    const caller = processOf(kernel, call.pid);
    const target = pid === 0 ? caller : kernel.procTable.processes.get(kernel.procTable.tasks.get(pid)?.pid ?? pid);
    if (!target) return fail("ESRCH");
    if (!mayLimit(caller, target)) return fail("EPERM");
    if (!isKnown(resource)) return fail("EINVAL");
    const refused = new_limit && refusal(caller, target, resource, new_limit);
    if (refused) return fail(refused);
    const old_limit = limitOf(target, resource);
    if (new_limit) setLimit(target, resource, new_limit);
    return done(0, { old_limit });
  },
  getrusage(kernel, call) {
    const { who, usage } = call.args;
    const measure = usages[who];
    if (!measure) return fail("EINVAL");
    return usage === 0 ? fail("EFAULT") : done(0, { usage: measure(kernel, processOf(kernel, call.pid), taskOf(kernel, call.tid)) });
  },
};
