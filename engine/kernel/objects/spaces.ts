// Address spaces: verbs that map, unmap, protect, move, fork and release, and what lies at a page. Limits and errnos are services/vmm.ts; lists of areas are objects/areas.ts.
import { current, type Draft, isDraft } from "immer";
import { PAGE_BYTES, pageFloor, STACK_GUARD_GAP } from "../../abi/constants/address-space.ts";
import { protections } from "../../abi/constants/mmap.ts";
import type { Bytes } from "../../abi/memory-view.ts";
import type { Kernel } from "../kernel.ts";
import type { Area, Space } from "../state/vmm.ts";
import { type Areas, areaAt, indexAbove, isAccounted, isCovered, isFree, type Patch, part, patch } from "./areas.ts";
import { storeContent } from "./content.ts";
import { inodeOf, pieceAt } from "./inodes.ts";
import { countMappings, mappedObjects, objectOfInode } from "./mapped-objects.ts";

export { objectOfInode } from "./mapped-objects.ts";

const { PROT_WRITE, PROT_EXEC } = protections;

export function spaceOf(kernel: Kernel, id: number): Draft<Space> {
  const space = kernel.vmm.spaces.get(id);
  if (!space) throw new Error(`Address space ${id} does not exist at tick ${kernel.tick}.`);
  return space;
}
/** Reading a long list through a draft would be slow. */
export const areasOf = ({ areas }: Pick<Draft<Space>, "areas">): Areas => (isDraft(areas) ? current(areas) : areas) as Areas;
export const findArea = (space: Pick<Draft<Space>, "areas">, address: number): Area | undefined => areaAt(areasOf(space), address);

/** MAP_SHARED pages of a file and of anonymous memory are found by one number: even for inodes (`objectOfInode`), odd for what has none. */
export function createObject(kernel: Kernel): number {
  return kernel.vmm.nextObject++ * 2 + 1;
}

/** Everything that a space is at exec, before anything is mapped. */
export type NewSpace = Omit<Space, "users" | "areas" | "locksFuture" | "fullFrom">;
export function createSpace(kernel: Kernel, areas: Areas, properties: NewSpace): number {
  const id = kernel.vmm.nextSpace++;
  kernel.vmm.spaces.set(id, { ...properties, users: 1, areas: [], locksFuture: false, fullFrom: properties.mmapTop } as unknown as Draft<Space>);
  kernel.effect({ kind: "createSpace", space: id });
  replaceAreas(kernel, id, areas);
  return id;
}
/** CLONE_VM: one more task uses it. */
export function shareSpace(kernel: Kernel, id: number): number {
  spaceOf(kernel, id).users++;
  return id;
}
/** fork: a copy, save for what madvise left out. Locks are not inherited (mlock(2)). */
const pair = ([start, end]: readonly [number, number]): [number, number] => [start, end];
export function forkSpace(kernel: Kernel, id: number): number {
  const parent = spaceOf(kernel, id);
  const areas = areasOf(parent);
  const child = kernel.vmm.nextSpace++;
  // Contexts of asynchronous requests stay behind.
  const { argumentRange, environmentRange, aio: _, ...kept } = parent;
  const ranges = { argumentRange: pair(argumentRange), environmentRange: pair(environmentRange) };
  kernel.vmm.spaces.set(child, { ...kept, ...ranges, users: 1, areas: [], locksFuture: false, fullFrom: parent.mmapTop });
  kernel.effect({ kind: "forkSpace", parent: id, child });
  for (const { onFork, start, end } of areas) if (onFork) kernel.effect({ kind: "unmap", space: child, start, end });
  const isSpecial = areas.some(area => area.onFork || area.isLocked);
  const copied = isSpecial ? areas.filter(area => area.onFork !== "omit").map(area => (area.isLocked ? { ...area, isLocked: false } : area)) : areas;
  // State is a tree: an object belongs to one space.
  replaceAreas(
    kernel,
    child,
    copied.map(area => ({ ...area, backing: { ...area.backing } })),
  );
  return child;
}
/** A task uses it no longer (exit, exec); with its last user it ends. */
export function releaseSpace(kernel: Kernel, id: number): void {
  const space = spaceOf(kernel, id);
  if (--space.users > 0) return;
  replaceAreas(kernel, id, []);
  kernel.vmm.spaces.delete(id);
  kernel.effect({ kind: "destroySpace", space: id });
}

/** What was mapped there is gone, pages and all. */
export function mapArea(kernel: Kernel, id: number, area: Area): void {
  dropPages(kernel, id, area.start, area.end);
  changeAreas(kernel, id, area.start, area.end, () => [area]);
}
export function unmapRange(kernel: Kernel, id: number, start: number, end: number): void {
  dropPages(kernel, id, start, end);
  changeAreas(kernel, id, start, end, () => []);
}
/** Where there may be pages: in areas, and below a stack, whose area does not grow with them. */
function dropPages(kernel: Kernel, id: number, start: number, end: number): void {
  const { areas: all, stackLimit } = spaceOf(kernel, id);
  const areas = areasOf({ areas: all });
  const index = indexAbove(areas, end - 1);
  const hasPages = !isFree(areas, start, end) || (areas[index]?.growsDown && end > lowestReach(areas, index, stackLimit));
  if (hasPages) kernel.effect({ kind: "unmap", space: id, start, end });
}
/** Every area within the range becomes what `change` makes of it. */
export function changeRange(kernel: Kernel, id: number, start: number, end: number, change: (area: Area) => Area): void {
  changeAreas(kernel, id, start, end, inside => inside.map(change));
}
export function protectRange(kernel: Kernel, id: number, start: number, end: number, protection: number): void {
  changeRange(kernel, id, start, end, area =>
    area.protection === protection ? area : { ...area, protection, ...(isAccounted(area) ? { hasBeenWritable: true as const } : {}) },
  );
  kernel.effect({ kind: "protect", space: id, start, end });
}
/** The area [from, from + length) goes to `to` and becomes `newLength` long; its pages go with it. */
export function moveRange(kernel: Kernel, id: number, from: number, length: number, to: number, newLength: number): void {
  const areas = areasOf(spaceOf(kernel, id));
  const area = part(areaAt(areas, from)!, from, from + length);
  if (length > 0) kernel.effect({ kind: "move", space: id, from, to, length });
  if (length > 0) changeAreas(kernel, id, from, from + length, () => []);
  const moved = { ...area, start: to, end: to + newLength };
  changeAreas(kernel, id, moved.start, moved.end, () => [moved]);
}

function changeAreas(kernel: Kernel, id: number, start: number, end: number, change: (inside: Areas) => Areas): void {
  if (start < end) spliceAreas(kernel, id, patch(areasOf(spaceOf(kernel, id)), start, end, change));
}
/** In place: a space may have tens of thousands of areas, and each call changes a few of them. */
function spliceAreas(kernel: Kernel, id: number, { at, removed, added }: Patch): void {
  const space = spaceOf(kernel, id);
  const mapped = mappedObjects(kernel);
  const gone = space.areas.splice(at, removed, ...(added as Draft<Areas>));
  noteFull(space, gone, added);
  countMappings(kernel, mapped, gone, added);
}
function noteFull(space: Draft<Space>, gone: Areas, added: Areas): void {
  for (const { start, end } of gone) if (start < space.mmapTop) space.fullFrom = Math.max(space.fullFrom, Math.min(end, space.mmapTop));
  for (const { start, end } of added.toReversed()) if (start < space.fullFrom && end >= space.fullFrom) space.fullFrom = start;
}
function replaceAreas(kernel: Kernel, id: number, areas: Areas): void {
  const space = spaceOf(kernel, id);
  const before = areasOf(space);
  const mapped = mappedObjects(kernel);
  space.areas = areas as Draft<Areas>;
  noteFull(space, before, areas);
  countMappings(kernel, mapped, before, areas);
}
/** The guest stored into a file that it has mapped: what of the page lies within the file becomes the file's content (mmap(2)). */
export function writeBack(kernel: Kernel, inodeId: number, index: number, bytes: Bytes): void {
  const inode = inodeOf(kernel, inodeId);
  const length = Math.min(PAGE_BYTES, inode.size - index * PAGE_BYTES);
  if (length > 0) storeContent(kernel, inode, index * PAGE_BYTES, bytes.subarray(0, length));
}

export type PageAnswer =
  | {
      readonly kind: "zero" | "bytes";
      readonly bytes?: Uint8Array;
      readonly isReadable: boolean;
      readonly isWritable: boolean;
      readonly isExecutable: boolean;
    }
  | {
      readonly kind: "shared";
      readonly object: number;
      readonly index: number;
      readonly bytes?: Uint8Array;
      readonly isReadable: boolean;
      readonly isWritable: boolean;
      readonly isExecutable: boolean;
    }
  | { readonly kind: "fault"; readonly signal: "SIGSEGV" | "SIGBUS"; readonly code: number };

const SEGV_MAPERR: PageAnswer = { kind: "fault", signal: "SIGSEGV", code: 1 };
const SEGV_ACCERR: PageAnswer = { kind: "fault", signal: "SIGSEGV", code: 2 };
const BUS_ADRERR: PageAnswer = { kind: "fault", signal: "SIGBUS", code: 2 };
/** On x86 what can be written or executed can be read, too: arch/x86/mm/fault.c, access_error. */
const allowing = { read: 7, write: PROT_WRITE, execute: PROT_EXEC } as const;

/** What lies at a page when it is first touched or its permissions are asked for. Changes nothing, so that a page fault is no event. */
export function pageAnswer(kernel: Kernel, id: number, page: number, access: "read" | "write" | "execute" | "any"): PageAnswer {
  const space = kernel.vmm.spaces.get(id);
  if (!space) return SEGV_MAPERR;
  const address = page * PAGE_BYTES;
  const area = reaching(space, address);
  if (!area) return SEGV_MAPERR;
  const { protection } = area;
  if (access !== "any" && (protection & allowing[access]) === 0) return SEGV_ACCERR;
  const rights = { isReadable: protection !== 0, isWritable: (protection & PROT_WRITE) !== 0, isExecutable: (protection & PROT_EXEC) !== 0 };
  const { backing } = area;
  if (backing.kind === "anonymous") return { kind: "zero", ...rights };
  const ahead = (address - area.start) / PAGE_BYTES;
  if (backing.kind === "object") return { kind: "shared", object: backing.object, index: backing.firstPage + ahead, ...rights };
  const inode = inodeOf(kernel, backing.inode);
  const index = backing.offset / PAGE_BYTES + ahead;
  if (index * PAGE_BYTES >= inode.size) return BUS_ADRERR;
  const bytes = pieceAt(kernel, inode, index) as Uint8Array | null;
  if (area.isShared) return { kind: "shared", object: objectOfInode(backing.inode), index, ...(bytes ? { bytes } : {}), ...rights };
  return bytes ? { kind: "bytes", bytes, ...rights } : { kind: "zero", ...rights };
}
/** The area at the address, or the stack that grows down to it. */
export function reaching(space: Pick<Draft<Space>, "areas" | "stackLimit">, address: number): Area | undefined {
  const areas = areasOf(space);
  const index = indexAbove(areas, address);
  const area = areas[index];
  if (!area || area.start <= address) return area;
  return area.growsDown && address >= lowestReach(areas, index, space.stackLimit) ? area : undefined;
}
/** How far down a stack may grow: within its limit, and leaving the guard gap to what lies below (mmap(2), MAP_GROWSDOWN). */
export function lowestReach(areas: Areas, index: number, stackLimit: number): number {
  const below = areas[index - 1];
  const gap = !below || below.growsDown ? 0 : STACK_GUARD_GAP;
  return Math.max(pageFloor(areas[index]!.end - Math.min(stackLimit, areas[index]!.end)), (below?.end ?? 0) + gap);
}
/** Whether every page of the range is mapped, or within a stack's reach. */
export function isMapped(kernel: Kernel, id: number, start: number, end: number): boolean {
  const { areas: all, stackLimit } = spaceOf(kernel, id);
  const areas = areasOf({ areas: all });
  const index = indexAbove(areas, start);
  const area = areas[index];
  const isReached = area?.growsDown && area.start > start && start >= lowestReach(areas, index, stackLimit);
  return isCovered(areas, isReached ? Math.min(area.start, end) : start, end);
}
/** Calls that name memory within a stack's reach see it as grown to there. */
export function growStack(kernel: Kernel, id: number, address: number): void {
  const space = spaceOf(kernel, id);
  const areas = areasOf(space);
  const index = indexAbove(areas, address);
  const area = areas[index];
  if (!area?.growsDown || area.start <= address || address < lowestReach(areas, index, space.stackLimit)) return;
  spliceAreas(kernel, id, { at: index, removed: 1, added: [{ ...area, start: pageFloor(address) }] });
}
