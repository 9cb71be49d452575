// mmap and mremap: which requests are refused, in Linux's order (do_mmap in mm/mmap.c, mm/mremap.c), and where mappings go.
import type { Draft } from "immer";
import { MAX_AREAS, MMAP_MIN_ADDRESS, PAGE_BYTES, pageCeil, TASK_SIZE } from "../../abi/constants/address-space.ts";
import { MAP_TYPE, mapFlags, mapTypes, protections, remapFlags } from "../../abi/constants/mmap.ts";
import { WRITE_SEALS } from "../../abi/constants/seals.ts";
import type { Errno } from "../../abi/errno.ts";
import type { Kernel } from "../kernel.ts";
import { type Areas, areaAt, cut, highestGap, isAccounted, isFree, isGap, lowestGap } from "../objects/areas.ts";
import { can } from "../objects/credentials.ts";
import { hasRoom, isData, mayLock } from "../objects/heap.ts";
import { inodeOf } from "../objects/inodes.ts";
import { openFileOf } from "../objects/open-files.ts";
import { areasOf, createObject, mapArea, moveRange, spaceOf, unmapRange } from "../objects/spaces.ts";
import { processOf, taskOf } from "../objects/tasks.ts";
import { done, fail, type OK, type Reducer } from "../service.ts";
import type { Task } from "../state/proc-table.ts";
import type { OpenFile } from "../state/vfs.ts";
import type { Area, Backing } from "../state/vmm.ts";

const { PROT_READ, PROT_WRITE, PROT_EXEC } = protections;
const { MAP_SHARED, MAP_PRIVATE, MAP_SHARED_VALIDATE } = mapTypes;
const { MAP_FIXED, MAP_FIXED_NOREPLACE, MAP_ANONYMOUS, MAP_32BIT, MAP_GROWSDOWN, MAP_LOCKED, MAP_NORESERVE, MAP_HUGETLB, MAP_SYNC } = mapFlags;
const ALL = PROT_READ | PROT_WRITE | PROT_EXEC;
/** What MAP_SHARED_VALIDATE knows (LEGACY_MAP_MASK in include/linux/mman.h). */
const KNOWN_FLAGS = Object.values(mapFlags).reduce((all, flag) => all | flag, MAP_TYPE) & ~(MAP_SYNC | MAP_FIXED_NOREPLACE);

interface Request {
  readonly address: number;
  readonly length: number;
  readonly protection: number;
  readonly flags: number;
  readonly offset: number;
}
export const mmap: Reducer<"mmap"> = (kernel, { tid, args: { addr, length, prot, flags, fd, offset } }) => {
  const task = taskOf(kernel, tid);
  if (offset % PAGE_BYTES !== 0) return fail("EINVAL");
  const open = flags & MAP_ANONYMOUS ? null : openFileOf(kernel, task, fd);
  if (!open && !(flags & MAP_ANONYMOUS)) return fail("EBADF");
  if (flags & MAP_HUGETLB) return fail(open ? "EINVAL" : "ENOMEM");
  if (length === 0) return fail("EINVAL");
  const bytes = pageCeil(length);
  // Beyond a file's greatest page number.
  if (bytes > TASK_SIZE) return fail("ENOMEM");
  if (offset < 0 || offset + bytes > Number.MAX_SAFE_INTEGER) return fail("EOVERFLOW");
  const request: Request = { address: addr, length: bytes, protection: prot & ALL, flags, offset };
  const placed = placeFor(kernel, task, request);
  if (typeof placed === "string") return fail(placed);
  const refused =
    whyNotLocked(kernel, task, request) ?? (open ? (whyNotFile(kernel, open, request) ?? whyNotSecret(kernel, task, open, request)) : whyNotAnonymous(request));
  if (refused) return fail(refused);
  const area = areaFor(kernel, task, request, placed, open);
  if (!hasRoom(kernel, task, bytes, { isData: isData(area), isReserved: !(flags & MAP_NORESERVE) && isReserved(area) })) return fail("ENOMEM");
  mapArea(kernel, task.space, area.backing.kind === "object" ? { ...area, backing: { ...area.backing, object: createObject(kernel) } } : area);
  return done(placed, {});
};

/** What memory is set aside for: private areas that can be written (mm/mmap.c, accountable_mapping), shared memory that is no file's (mm/shmem.c, shmem_acct_size). */
const isReserved = (area: Area): boolean => (area.isShared ? area.backing.kind !== "file" : isAccounted(area));
const isFixed = (flags: number): boolean => (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) !== 0;
const LOW_2G = [0x4000_0000, 0x8000_0000] as const;
const BOTTOM_UP_BASE = pageCeil(TASK_SIZE / 3);
/** Where it goes (get_unmapped_area). */
function placeFor(kernel: Kernel, task: Draft<Task>, { address, length, flags }: Request): number | Errno {
  const space = spaceOf(kernel, task.space);
  const areas = areasOf(space);
  if (isFixed(flags)) {
    if (address > TASK_SIZE - length) return "ENOMEM";
    if (address % PAGE_BYTES !== 0) return "EINVAL";
    if (address < MMAP_MIN_ADDRESS && !can(processOf(kernel, task.pid).credentials, "CAP_SYS_RAWIO")) return "EPERM";
    return flags & MAP_FIXED_NOREPLACE && !isFree(areas, address, address + length) ? "EEXIST" : address;
  }
  if (address !== 0) {
    const wished = Math.max(pageCeil(address), MMAP_MIN_ADDRESS);
    if (wished <= TASK_SIZE - length && isGap(areas, wished, length)) return wished;
  }
  if (flags & MAP_32BIT) return lowestGap(areas, length, ...LOW_2G) ?? "ENOMEM";
  return anywhere(areas, length, space.fullFrom) ?? "ENOMEM";
}
/** `top`: no page between it and where looking begins is free. */
const anywhere = (areas: Areas, length: number, top: number): number | undefined =>
  highestGap(areas, length, top) ?? lowestGap(areas, length, BOTTOM_UP_BASE, TASK_SIZE);

function whyNotLocked(kernel: Kernel, task: Draft<Task>, { length, flags }: Request): Errno | null {
  const isWanted = (flags & MAP_LOCKED) !== 0;
  if (!isWanted && !spaceOf(kernel, task.space).locksFuture) return null;
  const process = processOf(kernel, task.pid);
  const isPrivileged = can(process.credentials, "CAP_IPC_LOCK");
  if (isWanted && !isPrivileged && !mayLock(kernel, task, 1, false)) return "EPERM";
  return mayLock(kernel, task, length, isPrivileged) ? null : "EAGAIN";
}
function whyNotAnonymous({ flags }: Request): Errno | null {
  const type = flags & MAP_TYPE;
  if (type === MAP_PRIVATE) return null;
  return type === MAP_SHARED && !(flags & MAP_GROWSDOWN) ? null : "EINVAL";
}

const O_ACCMODE = 3;
const [O_RDONLY, O_WRONLY] = [0, 1];
const MS_NOEXEC = 8;
const isReadable = (open: Draft<OpenFile>): boolean => (open.flags & O_ACCMODE) !== O_WRONLY;
const isWritable = (open: Draft<OpenFile>): boolean => (open.flags & O_ACCMODE) !== O_RDONLY;
function whyNotFile(kernel: Kernel, open: Draft<OpenFile>, { protection, flags }: Request): Errno | null {
  const type = flags & MAP_TYPE;
  if (type !== MAP_PRIVATE && type !== MAP_SHARED && type !== MAP_SHARED_VALIDATE) return "EINVAL";
  if (type === MAP_SHARED_VALIDATE && (flags & ~KNOWN_FLAGS) !== 0) return "EOPNOTSUPP";
  if (type !== MAP_PRIVATE && protection & PROT_WRITE && !isWritable(open)) return "EACCES";
  if (!isReadable(open)) return "EACCES";
  const held = open.kind === "regular" ? (inodeOf(kernel, open.inode).seals ?? 0) : 0;
  if (type !== MAP_PRIVATE && protection & PROT_WRITE && (held & WRITE_SEALS) !== 0) return "EPERM";
  if (protection & PROT_EXEC && isOnNoexec(kernel, open)) return "EPERM";
  if (!hasContent(open) && !isZeroDevice(kernel, open)) return "ENODEV";
  return flags & MAP_GROWSDOWN ? "EINVAL" : null;
}
const hasContent = ({ kind }: Draft<OpenFile>): boolean => kind === "regular" || kind === "secretmem";
/** Such memory is shared and locked (mm/secretmem.c). */
function whyNotSecret(kernel: Kernel, task: Draft<Task>, { kind }: Draft<OpenFile>, { length, flags }: Request): Errno | null {
  if (kind !== "secretmem") return null;
  if ((flags & MAP_TYPE) === MAP_PRIVATE) return "EINVAL";
  return mayLock(kernel, task, length, can(processOf(kernel, task.pid).credentials, "CAP_IPC_LOCK")) ? null : "EAGAIN";
}
const isOnNoexec = (kernel: Kernel, { kind, inode }: Draft<OpenFile>): boolean =>
  kind === "secretmem" || (inode !== 0 && ((kernel.vfs.mounts[inodeOf(kernel, inode).fileSystem]?.flags ?? 0) & MS_NOEXEC) !== 0);
function isZeroDevice(kernel: Kernel, { kind, inode }: Draft<OpenFile>): boolean {
  if (kind !== "device" || inode === 0) return false;
  const [major, minor] = inodeOf(kernel, inode).device ?? [0, 0];
  return major === 1 && minor === 5;
}

/** A new shared object's number is given when the mapping is certain: until then it is 0. */
function areaFor(kernel: Kernel, task: Draft<Task>, { length, protection, flags, offset }: Request, start: number, open: Draft<OpenFile> | null): Area {
  const isShared = (flags & MAP_TYPE) !== MAP_PRIVATE;
  const file = open && hasContent(open) ? open : null;
  const isSecret = open?.kind === "secretmem";
  const backing: Backing = file
    ? { kind: "file", inode: file.inode, offset, path: file.path }
    : isShared
      ? { kind: "object", object: 0, firstPage: 0 }
      : { kind: "anonymous" };
  return {
    start,
    end: start + length,
    protection,
    maxProtection: ALL & ~(file && isShared && !isWritable(file) ? PROT_WRITE : 0) & ~(file && isOnNoexec(kernel, file) ? PROT_EXEC : 0),
    isShared,
    growsDown: (flags & MAP_GROWSDOWN) !== 0,
    isLocked: isSecret || (flags & MAP_LOCKED) !== 0 || spaceOf(kernel, task.space).locksFuture,
    backing,
    ...(isSecret ? { isSecret, isNotDumped: true } : {}),
  };
}

const { MREMAP_MAYMOVE, MREMAP_FIXED, MREMAP_DONTUNMAP } = remapFlags;
export const mremap: Reducer<"mremap"> = (kernel, { tid, args }) => {
  const { old_address: from, flags, new_address } = args;
  const [length, newLength] = [pageCeil(args.old_size), pageCeil(args.new_size)];
  const mayMove = (flags & MREMAP_MAYMOVE) !== 0;
  const isTold = (flags & MREMAP_FIXED) !== 0;
  if (flags & ~(MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP) || (isTold && !mayMove)) return fail("EINVAL");
  if (flags & MREMAP_DONTUNMAP && (!mayMove || length !== newLength)) return fail("EINVAL");
  if (from % PAGE_BYTES !== 0 || newLength === 0) return fail("EINVAL");
  const task = taskOf(kernel, tid);
  const space = spaceOf(kernel, task.space);
  const areas = areasOf(space);
  if (isTold) {
    if (new_address % PAGE_BYTES !== 0 || newLength > TASK_SIZE || new_address > TASK_SIZE - newLength) return fail("EINVAL");
    if (from + length > new_address && new_address + newLength > from) return fail("EINVAL");
  }
  const area = areaAt(areas, from);
  if (!area) return fail("EFAULT");
  if (!isTold && !(flags & MREMAP_DONTUNMAP) && length >= newLength) {
    if (length > newLength) unmapRange(kernel, task.space, from + newLength, from + length);
    return done(from, {});
  }
  if (length === 0 && !area.isShared) return fail("EINVAL");
  const kept = Math.min(length, newLength);
  if (from + kept > area.end) return fail("EFAULT");
  const growth = newLength - kept;
  const refused = growth > 0 || length === 0 ? whyNotLonger(kernel, task, area, growth) : null;
  if (refused) return fail(refused);
  const isAtEnd = from + length === area.end && from + newLength <= TASK_SIZE && isGap(areas, area.end, growth);
  if (!isTold && !(flags & MREMAP_DONTUNMAP) && isAtEnd && length > 0) {
    mapArea(kernel, task.space, { ...continuation(area, from + length), start: from + length, end: from + newLength });
    return done(from, {});
  }
  if (!mayMove) return fail("ENOMEM");
  // MREMAP_DONTUNMAP takes the new address for a wish.
  const isWished =
    (flags & MREMAP_DONTUNMAP) !== 0 && new_address % PAGE_BYTES === 0 && new_address >= MMAP_MIN_ADDRESS && isGap(areas, new_address, newLength);
  const to = isTold || isWished ? new_address : anywhere(areas, newLength, space.mmapTop);
  if (to === undefined || areas.length + 2 > MAX_AREAS) return fail("ENOMEM");
  return move(kernel, task, area, { from, length, kept, to, newLength, keepsOld: (flags & MREMAP_DONTUNMAP) !== 0 });
};
/** The area's own continuation from `address` on; another area, which shares nothing with it. */
const continuation = (area: Area, address: number): Area => cut([{ ...area, end: Infinity, backing: { ...area.backing } }], address, Infinity).inside[0]!;

function whyNotLonger(kernel: Kernel, task: Draft<Task>, area: Area, growth: number): Errno | null {
  const isPrivileged = can(processOf(kernel, task.pid).credentials, "CAP_IPC_LOCK");
  if (area.isLocked && !mayLock(kernel, task, growth, isPrivileged)) return "EAGAIN";
  return hasRoom(kernel, task, growth, { isData: isData(area), isReserved: area.backing.kind !== "file" && isData(area) }) ? null : "ENOMEM";
}
interface Move {
  readonly from: number;
  readonly length: number;
  readonly kept: number;
  readonly to: number;
  readonly newLength: number;
  /** MREMAP_DONTUNMAP: the old range stays, empty. */
  readonly keepsOld: boolean;
}
function move(kernel: Kernel, task: Draft<Task>, area: Area, { from, length, kept, to, newLength, keepsOld }: Move): typeof OK {
  const id = task.space;
  if (length > newLength) unmapRange(kernel, id, from + newLength, from + length);
  unmapRange(kernel, id, to, to + newLength);
  // An old size of 0 maps shared memory a second time (mremap(2)).
  if (length === 0) mapArea(kernel, id, { ...continuation(area, from), start: to, end: to + newLength });
  else moveRange(kernel, id, from, kept, to, newLength);
  if (keepsOld) mapArea(kernel, id, { ...continuation(area, from), start: from, end: from + kept });
  return done(to, {});
}

/** remap_file_pages(2), which Linux itself has as a mapping over part of another (mm/mmap.c). */
export const remap_file_pages: Reducer<"remap_file_pages"> = (kernel, { tid, args: { addr, size, prot, pgoff } }) => {
  const start = Math.floor(addr / PAGE_BYTES) * PAGE_BYTES;
  const length = Math.floor(size / PAGE_BYTES) * PAGE_BYTES;
  const end = start + length;
  if (prot !== 0 || end <= start || end > TASK_SIZE || pgoff + length / PAGE_BYTES > Number.MAX_SAFE_INTEGER / PAGE_BYTES) return fail("EINVAL");
  const { space } = taskOf(kernel, tid);
  const { inside } = cut(areasOf(spaceOf(kernel, space)), start, end);
  const [first] = inside;
  if (!first || first.start > start || !first.isShared) return fail("EINVAL");
  const isSame = ({ backing, isShared, protection }: Area): boolean =>
    isShared &&
    protection === first.protection &&
    ((backing.kind === "file" && first.backing.kind === "file" && backing.inode === first.backing.inode) ||
      (backing.kind === "object" && first.backing.kind === "object" && backing.object === first.backing.object));
  if (!inside.every((area, i) => isSame(area) && (i === 0 || area.start === inside[i - 1]!.end)) || inside.at(-1)!.end < end) return fail("EINVAL");
  const backing: Backing =
    first.backing.kind === "file" ? { ...first.backing, offset: pgoff * PAGE_BYTES } : ({ ...first.backing, firstPage: pgoff } as Backing);
  mapArea(kernel, space, { ...first, start, end, backing });
  return done(0, {});
};
