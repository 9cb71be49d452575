// madvise, msync and mincore: what a program says about memory it has mapped, and asks about it.
import { PAGE_BYTES, pageCeil, pageSpan, TASK_SIZE } from "../../abi/constants/address-space.ts";
import { advices } from "../../abi/constants/advice.ts";
import { protections, syncFlags } from "../../abi/constants/mmap.ts";
import type { Errno } from "../../abi/errno.ts";
import type { Kernel } from "../kernel.ts";
import { areaAt, cut, isCovered } from "../objects/areas.ts";
import { clearContent } from "../objects/content.ts";
import { can } from "../objects/credentials.ts";
import { inodeOf } from "../objects/inodes.ts";
import { processNamedBy } from "../objects/pidfds.ts";
import { areasOf, changeRange, isMapped, spaceOf } from "../objects/spaces.ts";
import { processOf, taskOf } from "../objects/tasks.ts";
import { maySee } from "../objects/tracing.ts";
import { done, fail, OK, type Reducer } from "../service.ts";
import type { Area } from "../state/vmm.ts";

interface Advice {
  /** Why it cannot be given for this area. */
  readonly refuses?: (area: Area) => Errno | null;
  readonly follow?: (kernel: Kernel, space: number, start: number, end: number, area: Area) => void;
}
const onFork =
  (value: Area["onFork"]) =>
  (kernel: Kernel, space: number, start: number, end: number): void =>
    changeRange(kernel, space, start, end, area => {
      const { onFork: _, ...rest } = area;
      return value === undefined ? rest : { ...rest, onFork: value };
    });
const onDump =
  (isNotDumped: boolean) =>
  (kernel: Kernel, space: number, start: number, end: number): void =>
    changeRange(kernel, space, start, end, area => {
      const { isNotDumped: _, ...rest } = area;
      return isNotDumped || area.isSecret ? { ...rest, isNotDumped: true } : rest;
    });
const dropPages = (kernel: Kernel, space: number, start: number, end: number): void => kernel.effect({ kind: "unmap", space, start, end });
/** mm/madvise.c, madvise_remove: only of what the file behind a shared mapping may lose. */
function whyNotRemoved({ isLocked, isShared, backing, maxProtection }: Area): Errno | null {
  if (isLocked || backing.kind === "anonymous") return "EINVAL";
  return isShared && (maxProtection & protections.PROT_WRITE) !== 0 ? null : "EACCES";
}
function removePages(kernel: Kernel, _: number, start: number, end: number, { backing, start: first }: Area): void {
  const length = end - start;
  if (backing.kind === "file") {
    const offset = backing.offset + start - first;
    clearContent(kernel, inodeOf(kernel, backing.inode), offset, offset + length);
  } else if (backing.kind === "object") {
    const offset = backing.firstPage * PAGE_BYTES + start - first;
    kernel.effect({ kind: "clearShared", object: backing.object, start: offset, end: offset + length });
  }
}
const unlessPrivate = ({ isShared, backing }: Area): Errno | null => (isShared || backing.kind !== "anonymous" ? "EINVAL" : null);
const isHint: Advice = {};

/** What is only a hint changes nothing; what is not here is EINVAL. */
const known: { readonly [A in keyof typeof advices]?: Advice } = {
  MADV_NORMAL: isHint,
  MADV_RANDOM: isHint,
  MADV_SEQUENTIAL: isHint,
  MADV_WILLNEED: isHint,
  MADV_DONTNEED: { refuses: ({ isLocked }) => (isLocked ? "EINVAL" : null), follow: dropPages },
  MADV_DONTNEED_LOCKED: { follow: dropPages },
  // The kernel may free the pages or not: it does not.
  MADV_FREE: { refuses: unlessPrivate },
  MADV_REMOVE: { refuses: whyNotRemoved, follow: removePages },
  MADV_DONTFORK: { follow: onFork("omit") },
  MADV_DOFORK: { follow: onFork(undefined) },
  MADV_WIPEONFORK: { refuses: unlessPrivate, follow: onFork("wipe") },
  MADV_KEEPONFORK: { follow: onFork(undefined) },
  MADV_MERGEABLE: isHint,
  MADV_UNMERGEABLE: isHint,
  MADV_HUGEPAGE: isHint,
  MADV_NOHUGEPAGE: isHint,
  MADV_DONTDUMP: { follow: onDump(true) },
  MADV_DODUMP: { follow: onDump(false) },
  MADV_COLD: { refuses: ({ isLocked }) => (isLocked ? "EINVAL" : null) },
  MADV_PAGEOUT: { refuses: ({ isLocked }) => (isLocked ? "EINVAL" : null) },
  MADV_POPULATE_READ: { refuses: ({ isSecret }) => (isSecret ? "EINVAL" : null) },
  MADV_POPULATE_WRITE: { refuses: ({ isSecret }) => (isSecret ? "EINVAL" : null) },
};
const byNumber = new Map(Object.entries(known).map(([name, advice]) => [advices[name as keyof typeof advices] as number, advice]));

/** The order is that of do_madvise in mm/madvise.c: what lies before a hole or a refusal has been advised, and what lies behind a hole is. */
export function adviseRange(kernel: Kernel, space: number, addr: number, length: number, number: number): Errno | null {
  const advice = byNumber.get(number);
  const end = addr + pageSpan(length);
  if (!advice || addr % PAGE_BYTES !== 0 || (length !== 0 && end === addr) || end > 2 ** 64) return "EINVAL";
  if (length === 0) return null;
  const isWhole = isMapped(kernel, space, addr, end);
  for (const area of cut(areasOf(spaceOf(kernel, space)), addr, end).inside) {
    const refused = advice.refuses?.(area);
    if (refused) return refused;
    advice.follow?.(kernel, space, area.start, area.end, area);
  }
  return isWhole ? null : "ENOMEM";
}
/** madvise(2). */
export const madvise: Reducer<"madvise"> = (kernel, { tid, args: { addr, length, advice } }) => {
  const errno = adviseRange(kernel, taskOf(kernel, tid).space, addr, length, advice);
  return errno ? fail(errno) : OK;
};

const isHarmless = (advice: number): boolean =>
  advice === advices.MADV_COLD || advice === advices.MADV_PAGEOUT || advice === advices.MADV_WILLNEED || advice === advices.MADV_COLLAPSE;
/** process_madvise(2); the order is that of mm/madvise.c. */
export const process_madvise: Reducer<"process_madvise"> = (kernel, { tid, pid, args: { pidfd, iovec, advice, flags } }) => {
  if (flags !== 0 || !iovec) return fail("EINVAL");
  const process = processNamedBy(kernel, taskOf(kernel, tid), pidfd);
  if (typeof process === "string") return fail(process);
  if (!isHarmless(advice)) return fail("EINVAL");
  if (process.exitStatus !== null) return fail("ESRCH");
  const mayAdvise = process.pid === pid || can(processOf(kernel, pid).credentials, "CAP_SYS_NICE");
  if (!maySee(kernel, pid, process, "real") || !mayAdvise) return fail("EPERM");
  const [holder] = process.tasks;
  // Init has no memory here.
  if (holder === undefined) return iovec.some(({ length }) => length > 0) ? fail("ENOMEM") : done(0, {});
  const { space } = taskOf(kernel, holder);
  let advised = 0;
  for (const { address, length } of iovec) {
    const errno = adviseRange(kernel, space, address, length, advice);
    if (errno) return advised > 0 ? done(advised, {}) : fail(errno);
    advised += length;
  }
  return done(advised, {});
};

const { MS_ASYNC, MS_INVALIDATE, MS_SYNC } = syncFlags;
/** What was stored reaches the file before any call that looks at it, so there is nothing left to do. */
export const msync: Reducer<"msync"> = (kernel, { tid, args: { addr, length, flags } }) => {
  if (flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC) || addr % PAGE_BYTES !== 0 || (flags & MS_ASYNC && flags & MS_SYNC)) return fail("EINVAL");
  const end = addr + pageSpan(length);
  if (end > TASK_SIZE) return fail("ENOMEM");
  if (end === addr) return OK;
  const areas = areasOf(spaceOf(kernel, taskOf(kernel, tid).space));
  if (!isCovered(areas, addr, end)) return fail("ENOMEM");
  return flags & MS_INVALIDATE && cut(areas, addr, end).inside.some(area => area.isLocked) ? fail("EBUSY") : OK;
};

/** Every page of a file counts as resident: what holds files here is memory. */
export const mincore: Reducer<"mincore"> = (kernel, { tid, args: { addr, length, vec: touched } }) => {
  if (addr % PAGE_BYTES !== 0) return fail("EINVAL");
  const end = addr + pageCeil(length);
  if (end > TASK_SIZE) return fail("ENOMEM");
  if (length === 0) return done(0, { vec: new Uint8Array(0) });
  const areas = areasOf(spaceOf(kernel, taskOf(kernel, tid).space));
  if (!isCovered(areas, addr, end)) return fail("ENOMEM");
  const isFile = (page: number): boolean => areaAt(areas, addr + page * PAGE_BYTES)!.backing.kind === "file";
  return done(0, { vec: (touched as Uint8Array).map((is, page) => (is === 1 || isFile(page) ? 1 : 0)) });
};
