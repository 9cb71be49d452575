// The heap that brk(2) moves the end of, and how much memory a process may map at all.
import type { Draft } from "immer";
import { MAX_AREAS, PAGE_BYTES, pageCeil, TASK_SIZE } from "../../abi/constants/address-space.ts";
import { protections } from "../../abi/constants/mmap.ts";
import { resources } from "../../abi/constants/resource-limits.ts";
import type { Kernel } from "../kernel.ts";
import type { Task } from "../state/proc-table.ts";
import type { Area } from "../state/vmm.ts";
import { isGap, sizeOf } from "./areas.ts";
import { areasOf, mapArea, spaceOf, unmapRange } from "./spaces.ts";
import { processOf } from "./tasks.ts";

const { PROT_READ, PROT_WRITE } = protections;

export const limitOf = (kernel: Kernel, task: Draft<Task>, resource: keyof typeof resources): number =>
  processOf(kernel, task.pid).limits[resources[resource]]![0];

/** What counts against RLIMIT_DATA: private memory that can be written, stacks excepted (getrlimit(2)). */
export const isData = (area: Pick<Area, "protection" | "isShared" | "growsDown">): boolean =>
  (area.protection & PROT_WRITE) !== 0 && !area.isShared && !area.growsDown;
/** Whether `length` more bytes may be mapped: false is ENOMEM. More than the machine has is refused at once, as with vm.overcommit_memory 0 (proc_sys_vm(5)). */
export function hasRoom(kernel: Kernel, task: Draft<Task>, length: number, kind: { readonly isData: boolean; readonly isReserved: boolean }): boolean {
  const areas = areasOf(spaceOf(kernel, task.space));
  if (areas.length >= MAX_AREAS) return false;
  const [all, data] = [limitOf(kernel, task, "RLIMIT_AS"), limitOf(kernel, task, "RLIMIT_DATA")];
  if (all !== Infinity && sizeOf(areas) + length > all) return false;
  if (kind.isData && data !== Infinity && sizeOf(areas, isData) + length > data) return false;
  return !kind.isReserved || length <= kernel.system.parameters.memoryBytes;
}
/** Whether `length` more bytes may be locked (mlock(2), EAGAIN or ENOMEM otherwise). */
export function mayLock(kernel: Kernel, task: Draft<Task>, length: number, isPrivileged: boolean): boolean {
  const locked = sizeOf(areasOf(spaceOf(kernel, task.space)), area => area.isLocked);
  return isPrivileged || locked + length <= limitOf(kernel, task, "RLIMIT_MEMLOCK");
}

/** Moves the end of the heap where that can be; answers where it is then (brk(2), "C library/kernel differences"). */
export function changeBreak(kernel: Kernel, task: Draft<Task>, wanted: number): number {
  const space = spaceOf(kernel, task.space);
  const { brk, brkStart } = space;
  if (wanted < brkStart || wanted > TASK_SIZE || wanted - brkStart > limitOf(kernel, task, "RLIMIT_DATA")) return brk;
  const [from, to] = [pageCeil(brk), pageCeil(wanted)];
  if (to > from) {
    if (!isGap(areasOf(space), from, to - from + PAGE_BYTES) || !hasRoom(kernel, task, to - from, { isData: true, isReserved: true })) return brk;
    mapArea(kernel, task.space, heapArea(from, to, space.locksFuture));
  } else if (to < from) unmapRange(kernel, task.space, to, from);
  space.brk = wanted;
  return wanted;
}
const heapArea = (start: number, end: number, isLocked: boolean): Area => ({
  start,
  end,
  protection: PROT_READ | PROT_WRITE,
  maxProtection: 7,
  isShared: false,
  growsDown: false,
  isLocked,
  backing: { kind: "anonymous" },
  name: "[heap]",
});
