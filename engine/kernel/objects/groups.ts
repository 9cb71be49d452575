// Process groups and sessions as wholes: which groups are orphaned, and what happens to a group or a terminal when that comes about.
import type { Kernel } from "../kernel.ts";
import { groupMembers, INIT_PROCESS, isZombie } from "./tasks.ts";

/** No member has a parent in another group of the same session: nobody could continue it (POSIX, "Orphaned Process Group"). `leaving` does not count: it is about to end. */
export function isOrphaned(kernel: Kernel, group: number, leaving = 0): boolean {
  return !groupMembers(kernel, group).some(process => {
    if (process.pid === leaving || isZombie(process) || process.parent === INIT_PROCESS) return false;
    const parent = kernel.procTable.processes.get(process.parent);
    return parent !== undefined && parent.group !== group && parent.session === process.session;
  });
}
export const hasStoppedMembers = (kernel: Kernel, group: number): boolean => groupMembers(kernel, group).some(process => process.isStopped);
