// What getrusage(2) and wait4(2) tell of CPU time.
import type { Draft } from "immer";
import type { rusage } from "../../abi/structs/resource-usage.ts";
import { timevalOf } from "../../abi/structs/timespec.ts";
import type { Kernel } from "../kernel.ts";
import type { Process, Switches } from "../state/proc-table.ts";
import { type CpuTime, childrenCpuTime, cpuTime } from "./scheduling.ts";

export type Usage = ReturnType<(typeof rusage)["get"]>;
const NO_SWITCHES: Switches = { voluntary: 0, involuntary: 0 };
/** CPU time and switches are measured; which pages are touched is no state of the kernel. */
export const usageFor = ({ userNanos, systemNanos }: CpuTime, { voluntary, involuntary }: Switches = NO_SWITCHES): Usage => ({
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
  ru_nvcsw: voluntary,
  ru_nivcsw: involuntary,
});
/** A child's, with that of the children it has waited for. */
export function usageOfReaped(kernel: Kernel, child: Draft<Process>): Usage {
  const [own, children] = [cpuTime(kernel, child), childrenCpuTime(child)];
  const time = { userNanos: own.userNanos + children.userNanos, systemNanos: own.systemNanos + children.systemNanos };
  return usageFor(time, sumOfSwitches(child.switches, child.childSwitches));
}
export const sumOfSwitches = (one: Switches = NO_SWITCHES, other: Switches = NO_SWITCHES): Switches => ({
  voluntary: one.voluntary + other.voluntary,
  involuntary: one.involuntary + other.involuntary,
});
