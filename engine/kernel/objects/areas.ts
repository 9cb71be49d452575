// Lists of areas as values: finding, cutting, joining, and the gaps between them. Knows nothing of kernels, limits or contents.
import { MMAP_MIN_ADDRESS, PAGE_BYTES, STACK_GUARD_GAP } from "../../abi/constants/address-space.ts";
import { protections } from "../../abi/constants/mmap.ts";
import type { Area, Backing } from "../state/vmm.ts";

export type Areas = readonly Area[];
const { PROT_WRITE } = protections;

/** The index of the first area that ends above the address. */
export function indexAbove(areas: Areas, address: number): number {
  let [low, high] = [0, areas.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (areas[middle]!.end > address) high = middle;
    else low = middle + 1;
  }
  return low;
}
export function areaAt(areas: Areas, address: number): Area | undefined {
  const area = areas[indexAbove(areas, address)];
  return area && area.start <= address ? area : undefined;
}
export const isFree = (areas: Areas, start: number, end: number): boolean => (areas[indexAbove(areas, start)]?.start ?? Infinity) >= end;

/** Whether every page of the range belongs to an area. */
export function isCovered(areas: Areas, start: number, end: number): boolean {
  let at = start;
  for (let i = indexAbove(areas, start); at < end; i++) {
    const area = areas[i];
    if (!area || area.start > at) return false;
    at = area.end;
  }
  return true;
}

const shifted = (backing: Backing, bytes: number): Backing => {
  if (bytes === 0 || backing.kind === "anonymous") return { ...backing };
  return backing.kind === "file" ? { ...backing, offset: backing.offset + bytes } : { ...backing, firstPage: backing.firstPage + bytes / PAGE_BYTES };
};
/** The part of an area within [start, end). */
export const part = (area: Area, start: number, end: number): Area => {
  const [from, to] = [Math.max(area.start, start), Math.min(area.end, end)];
  return from === area.start && to === area.end ? area : { ...area, start: from, end: to, backing: shifted(area.backing, from - area.start) };
};

/** The areas [first, last) that a range touches, cut at both its ends. */
export interface Cut {
  readonly first: number;
  readonly last: number;
  /** What of them lies before the range, within it, and after it. */
  readonly head: Areas;
  readonly inside: Areas;
  readonly tail: Areas;
}
export function cut(areas: Areas, start: number, end: number): Cut {
  const first = indexAbove(areas, start);
  let last = first;
  while (last < areas.length && areas[last]!.start < end) last++;
  const touched = areas.slice(first, last);
  const [one, other] = [touched[0], touched.at(-1)];
  return {
    first,
    last,
    head: one && one.start < start ? [part(one, 0, start)] : [],
    inside: touched.map(area => part(area, start, end)),
    tail: other && other.end > end ? [part(other, end, Infinity)] : [],
  };
}

const continues = (a: Backing, b: Backing, bytes: number): boolean => {
  if (a.kind === "anonymous") return b.kind === "anonymous";
  if (a.kind === "file") return b.kind === "file" && a.inode === b.inode && a.offset + bytes === b.offset;
  return b.kind === "object" && a.object === b.object && a.firstPage + bytes / PAGE_BYTES === b.firstPage;
};
/** Memory is set aside for its pages, which are its own once they are written: such areas are not made one with others (VM_ACCOUNT; mm/vma.c, is_mergeable_vma). */
export const isAccounted = ({ protection, isShared, hasBeenWritable }: Area): boolean =>
  !isShared && ((protection & PROT_WRITE) !== 0 || hasBeenWritable === true);
const isOneArea = (a: Area, b: Area): boolean =>
  a.end === b.start &&
  a.protection === b.protection &&
  a.maxProtection === b.maxProtection &&
  a.isShared === b.isShared &&
  a.growsDown === b.growsDown &&
  a.isLocked === b.isLocked &&
  a.onFork === b.onFork &&
  a.policy === b.policy &&
  a.isNotDumped === b.isNotDumped &&
  isAccounted(a) === isAccounted(b) &&
  a.name === b.name &&
  continues(a.backing, b.backing, a.end - a.start);

/** Lists one after another, neighbours of one kind made one area. */
export function join(...lists: readonly Areas[]): Areas {
  const all: Area[] = [];
  for (const list of lists) {
    for (const area of list) {
      const last = all.at(-1);
      if (last && isOneArea(last, area)) all[all.length - 1] = { ...last, end: area.end };
      else all.push(area);
    }
  }
  return all;
}
/** A change of a list: from index `at` on, `removed` areas give way to `added`. A list may be long, and what changes in it is little. */
export interface Patch {
  readonly at: number;
  readonly removed: number;
  readonly added: Areas;
}
/** What lies within [start, end) becomes what `change` makes of it, and joins its neighbours where it can. */
export function patch(areas: Areas, start: number, end: number, change: (inside: Areas) => Areas): Patch {
  const { first, last, head, inside, tail } = cut(areas, start, end);
  const [at, next] = [Math.max(0, first - 1), Math.min(areas.length, last + 1)];
  return { at, removed: next - at, added: join(areas.slice(at, first), head, change(inside), tail, areas.slice(last, next)) };
}
/** With an area put over whatever was there. */
export function place(areas: Areas, area: Area): Areas {
  const { at, removed, added } = patch(areas, area.start, area.end, () => [area]);
  return areas.toSpliced(at, removed, ...added);
}

/** Below a stack no mapping may come nearer than the guard gap. */
const guardedStart = (area: Area): number => (area.growsDown ? area.start - STACK_GUARD_GAP : area.start);

/** The highest address below `top` where `length` bytes are free. */
export function highestGap(areas: Areas, length: number, top: number): number | undefined {
  let ceiling = top;
  for (let i = indexAbove(areas, top - 1); i >= 0; i--) {
    const area = areas[i];
    if (area) ceiling = Math.min(ceiling, guardedStart(area));
    const floor = Math.max(areas[i - 1]?.end ?? 0, MMAP_MIN_ADDRESS);
    if (ceiling - length >= floor) return ceiling - length;
  }
  return undefined;
}
/** The lowest address from `bottom` on, ending by `top`, where `length` bytes are free. */
export function lowestGap(areas: Areas, length: number, bottom: number, top: number): number | undefined {
  let floor = bottom;
  for (let i = indexAbove(areas, bottom); floor + length <= top; i++) {
    const area = areas[i];
    if (!area || floor + length <= guardedStart(area)) return floor;
    floor = area.end;
  }
  return undefined;
}
/** The address wished for, where `length` bytes are free there. */
export function isGap(areas: Areas, start: number, length: number): boolean {
  const next = areas[indexAbove(areas, start)];
  return !next || start + length <= guardedStart(next);
}
export const sizeOf = (areas: Areas, counts: (area: Area) => boolean = () => true): number =>
  areas.reduce((sum, area) => sum + (counts(area) ? area.end - area.start : 0), 0);
