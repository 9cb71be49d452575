// mlock and its kin. Nothing is ever swapped out here: what they change is what counts as locked, and is checked against RLIMIT_MEMLOCK.
import { MAX_AREAS, pageFloor, pageSpan, TASK_SIZE } from "../../abi/constants/address-space.ts";
import { lockAllFlags, lockFlags } from "../../abi/constants/mmap.ts";
import type { Kernel } from "../kernel.ts";
import { cut, sizeOf } from "../objects/areas.ts";
import { can } from "../objects/credentials.ts";
import { limitOf, mayLock } from "../objects/heap.ts";
import { areasOf, changeRange, growStack, isMapped, spaceOf } from "../objects/spaces.ts";
import { processOf, taskOf } from "../objects/tasks.ts";
import { fail, OK, type Reducer } from "../service.ts";

/** mlock(2): addresses need not lie on pages. */
function setLocked(kernel: Kernel, tid: number, address: number, length: number, isLocked: boolean): typeof OK {
  const task = taskOf(kernel, tid);
  const start = pageFloor(address);
  const end = start + pageSpan(length + (address - start));
  if (isLocked) {
    const isPrivileged = can(processOf(kernel, task.pid).credentials, "CAP_IPC_LOCK");
    if (!isPrivileged && limitOf(kernel, task, "RLIMIT_MEMLOCK") === 0) return fail("EPERM");
    const already = sizeOf(cut(areasOf(spaceOf(kernel, task.space)), start, end).inside, area => area.isLocked);
    if (!mayLock(kernel, task, end - start - already, isPrivileged)) return fail("ENOMEM");
  }
  if (end > 2 ** 64) return fail("EINVAL");
  if (start === end) return OK;
  if (end > TASK_SIZE || !isMapped(kernel, task.space, start, end)) return fail("ENOMEM");
  if (areasOf(spaceOf(kernel, task.space)).length + 2 > MAX_AREAS) return fail("ENOMEM");
  growStack(kernel, task.space, start);
  changeRange(kernel, task.space, start, end, area => (area.isLocked === isLocked || area.isSecret ? area : { ...area, isLocked }));
  return OK;
}
export const mlock: Reducer<"mlock"> = (kernel, { tid, args: { addr, length } }) => setLocked(kernel, tid, addr, length, true);
export const munlock: Reducer<"munlock"> = (kernel, { tid, args: { addr, length } }) => setLocked(kernel, tid, addr, length, false);
export const mlock2: Reducer<"mlock2"> = (kernel, { tid, args: { addr, length, flags } }) =>
  flags & ~lockFlags.MLOCK_ONFAULT ? fail("EINVAL") : setLocked(kernel, tid, addr, length, true);

const { MCL_CURRENT, MCL_FUTURE, MCL_ONFAULT } = lockAllFlags;
export const mlockall: Reducer<"mlockall"> = (kernel, { tid, args: { flags } }) => {
  if (flags === 0 || flags & ~(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) || flags === MCL_ONFAULT) return fail("EINVAL");
  const task = taskOf(kernel, tid);
  const isPrivileged = can(processOf(kernel, task.pid).credentials, "CAP_IPC_LOCK");
  const limit = limitOf(kernel, task, "RLIMIT_MEMLOCK");
  if (!isPrivileged && limit === 0) return fail("EPERM");
  const space = spaceOf(kernel, task.space);
  if (flags & MCL_CURRENT && !isPrivileged && sizeOf(areasOf(space)) > limit) return fail("ENOMEM");
  space.locksFuture = (flags & MCL_FUTURE) !== 0;
  if (flags & MCL_CURRENT) changeRange(kernel, task.space, 0, TASK_SIZE, area => (area.isSecret ? area : { ...area, isLocked: true }));
  return OK;
};
export const munlockall: Reducer<"munlockall"> = (kernel, { tid }) => {
  const { space } = taskOf(kernel, tid);
  spaceOf(kernel, space).locksFuture = false;
  changeRange(kernel, space, 0, TASK_SIZE, area => (area.isSecret ? area : { ...area, isLocked: false }));
  return OK;
};
