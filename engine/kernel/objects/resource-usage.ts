// What getrusage(2) and wait4(2) tell of CPU time.
import type { Draft } from "immer";
import type { rusage } from "../../abi/structs/resource-usage.ts";
import { timevalOf } from "../../abi/structs/timespec.ts";
import type { Kernel } from "../kernel.ts";
import type { Process } from "../state/proc-table.ts";
import { type CpuTime, childrenCpuTime, cpuTime } from "./scheduling.ts";

export type Usage = ReturnType<(typeof rusage)["get"]>;
/** Only CPU time is measured. */
export const usageFor = ({ userNanos, systemNanos }: CpuTime): Usage => ({
  ru_utime: timevalOf(userNanos),
  ru_stime: timevalOf(systemNanos),
  ru_maxrss: 0,
  ru_ixrss: 0,
  ru_idrss: 0,
  ru_isrss: 0,
  ru_minflt: 0,
  ru_majflt: 0,
  ru_nswap: 0,
  ru_inblock: 0,
  ru_oublock: 0,
  ru_msgsnd: 0,
  ru_msgrcv: 0,
  ru_nsignals: 0,
  ru_nvcsw: 0,
  ru_nivcsw: 0,
});
/** A child's, with that of the children it has waited for. */
export function usageOfReaped(kernel: Kernel, child: Draft<Process>): Usage {
  const [own, children] = [cpuTime(kernel, child), childrenCpuTime(child)];
  return usageFor({ userNanos: own.userNanos + children.userNanos, systemNanos: own.systemNanos + children.systemNanos });
}
