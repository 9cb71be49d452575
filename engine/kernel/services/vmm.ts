// The memory service: what each call about memory does. Mapping is mmap.ts, advice memory-advice.ts, locks memory-locks.ts.
import { MAX_AREAS, PAGE_BYTES, pageCeil, TASK_SIZE } from "../../abi/constants/address-space.ts";
import { protections } from "../../abi/constants/mmap.ts";
import type { Errno } from "../../abi/errno.ts";
import type { Kernel } from "../kernel.ts";
import { type Areas, cut } from "../objects/areas.ts";
import { changeBreak } from "../objects/heap.ts";
import { areasOf, growStack, isMapped, protectRange, spaceOf, unmapRange } from "../objects/spaces.ts";
import { taskOf } from "../objects/tasks.ts";
import { type Calls, done, fail, OK } from "../service.ts";
import { madvise, mincore, msync, process_madvise } from "./memory-advice.ts";
import { mlock, mlock2, mlockall, munlock, munlockall } from "./memory-locks.ts";
import { policyCalls } from "./memory-policy.ts";
import { mmap, mremap, remap_file_pages } from "./mmap.ts";
import { modify_ldt } from "./vmm-descriptor-table.ts";

export const vmmCalls: Calls<"vmm"> = {
  mmap,
  mremap,
  munmap(kernel, { tid, args: { addr, length } }) {
    const end = addr + pageCeil(length);
    if (addr % PAGE_BYTES !== 0 || length === 0 || end > TASK_SIZE) return fail("EINVAL");
    const { space } = taskOf(kernel, tid);
    const areas = areasOf(spaceOf(kernel, space));
    const { first, last, head, tail } = cut(areas, addr, end);
    if (areas.length - (last - first) + head.length + tail.length > MAX_AREAS) return fail("ENOMEM");
    unmapRange(kernel, space, addr, end);
    return OK;
  },
  mprotect: (kernel, { tid, args: { addr, length, prot } }) => protect(kernel, tid, addr, length, prot),
  // Without protection keys in the processor only "no key" is valid (pkeys(7)).
  pkey_mprotect: (kernel, { tid, args: { addr, length, prot, pkey } }) => (pkey === -1 ? protect(kernel, tid, addr, length, prot) : fail("EINVAL")),
  pkey_alloc: (_, { args: { flags, access_rights } }) => fail(flags !== 0 || (access_rights & ~3) !== 0 ? "EINVAL" : "ENOSPC"),
  modify_ldt,
  pkey_free: () => fail("EINVAL"),
  ...policyCalls,
  remap_file_pages,
  brk: (kernel, { tid, args: { addr } }) => done(changeBreak(kernel, taskOf(kernel, tid), addr), {}),
  madvise,
  process_madvise,
  msync,
  mincore,
  mlock,
  mlock2,
  munlock,
  mlockall,
  munlockall,
};

const { PROT_READ, PROT_WRITE, PROT_EXEC, PROT_SEM, PROT_GROWSDOWN, PROT_GROWSUP } = protections;
const ALL = PROT_READ | PROT_WRITE | PROT_EXEC;
/** In the order of do_mprotect_pkey in mm/mprotect.c: what lies before a hole, or before what may not be so, is changed. */
function protect(kernel: Kernel, tid: number, address: number, length: number, flags: number): typeof OK {
  const { space } = taskOf(kernel, tid);
  const growth = PROT_GROWSDOWN | PROT_GROWSUP;
  if ((flags & growth) === growth || address % PAGE_BYTES !== 0) return fail("EINVAL");
  if (length === 0) return OK;
  const end = address + pageCeil(length);
  if (end > TASK_SIZE) return fail("ENOMEM");
  if ((flags & ~(ALL | PROT_SEM | growth)) !== 0) return fail("EINVAL");
  const isWhole = isMapped(kernel, space, address, end);
  if (!isMapped(kernel, space, address, address + PAGE_BYTES)) return fail("ENOMEM");
  const { head, inside, tail } = cut(areasOf(spaceOf(kernel, space)), address, end);
  if (flags & growth && !(flags & PROT_GROWSDOWN && inside[0]?.growsDown)) return fail("EINVAL");
  growStack(kernel, space, address);
  const start = flags & PROT_GROWSDOWN ? areasOf(spaceOf(kernel, space)).findLast(area => area.start <= address)!.start : address;
  const { stop, errno } = reachOf(inside, end, isWhole, flags);
  if (areasOf(spaceOf(kernel, space)).length + head.length + tail.length > MAX_AREAS) return fail("ENOMEM");
  if (stop > start) protectRange(kernel, space, start, stop, flags & ALL);
  return errno ? fail(errno) : OK;
}
/** How far the change goes, and why no farther. */
function reachOf(inside: Areas, end: number, isWhole: boolean, flags: number): { readonly stop: number; readonly errno: Errno | null } {
  for (const [i, area] of inside.entries()) {
    if ((flags & ALL & ~area.maxProtection) !== 0) return { stop: area.start, errno: "EACCES" };
    if (!isWhole && (inside[i + 1]?.start ?? end) !== area.end) return { stop: area.end, errno: "ENOMEM" };
  }
  return { stop: end, errno: null };
}
