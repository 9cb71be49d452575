// How many areas map each file and each shared memory, over all spaces: so a change of mappings costs what it changes, and what is done to a file knows whether
// anybody has it mapped.
import type { Draft } from "immer";
import { protections } from "../../abi/constants/mmap.ts";
import type { Kernel } from "../kernel.ts";
import type { Area, MappedObject } from "../state/vmm.ts";
import type { Areas } from "./areas.ts";
import { hold, inodeOf, release } from "./inodes.ts";
import { keepsObject } from "./ipc-objects.ts";

/** By which the pages of MAP_SHARED mappings are found: even for inodes, odd for what has none (`createObject`). */
export const objectOfInode = (inode: number): number => inode * 2;
const inodeOfObject = (object: number): number | null => (object % 2 === 0 ? object / 2 : null);
const objectOf = ({ backing }: Area): number | null =>
  backing.kind === "anonymous" ? null : backing.kind === "object" ? backing.object : objectOfInode(backing.inode);

type MappedObjects = Draft<Map<number, MappedObject>>;
const NOT_MAPPED: MappedObject = { areas: 0, shared: 0, writable: 0 };
export const mappingsOfInode = (kernel: Kernel, inode: number): MappedObject => mappedObjects(kernel).get(objectOfInode(inode)) ?? NOT_MAPPED;

/** All changes to lists of areas end here: files are held while mapped, and objects forgotten when nobody has them mapped any more. */
export function countMappings(kernel: Kernel, mapped: MappedObjects, gone: Areas, added: Areas): void {
  const before = new Map<number, MappedObject>();
  const count = (area: Area, by: 1 | -1): void => {
    const object = objectOf(area);
    if (object === null) return;
    const now = mapped.get(object) ?? NOT_MAPPED;
    if (!before.has(object)) before.set(object, now);
    mapped.set(object, {
      areas: now.areas + by,
      shared: now.shared + (area.isShared ? by : 0),
      writable: now.writable + (isShownToFile(area) ? by : 0),
    });
  };
  for (const area of added) count(area, 1);
  for (const area of gone) count(area, -1);
  for (const [object, was] of before) settle(kernel, mapped, object, was);
}
/** What the guest stores there must reach the file. */
const isShownToFile = ({ isShared, backing, maxProtection }: Area): boolean =>
  isShared && backing.kind === "file" && (maxProtection & protections.PROT_WRITE) !== 0;

function settle(kernel: Kernel, mapped: MappedObjects, object: number, was: MappedObject): void {
  const now = mapped.get(object)!;
  if (now.areas === 0) mapped.delete(object);
  const inode = inodeOfObject(object);
  if (inode !== null) {
    if (was.areas === 0 && now.areas > 0) hold(kernel, inode);
    if (was.writable > 0 !== now.writable > 0) setShared(kernel, inode, now.writable > 0);
  }
  if (was.shared > 0 && now.shared === 0 && !keepsObject(kernel, object)) kernel.effect({ kind: "forgetShared", object });
  if (inode !== null && was.areas > 0 && now.areas === 0) release(kernel, inode);
}
function setShared(kernel: Kernel, inode: number, isShared: boolean): void {
  const others = kernel.vmm.sharedFiles.filter(one => one !== inode);
  kernel.vmm.sharedFiles = isShared ? [...others, inode].sort((a, b) => a - b) : others;
  kernel.disturb();
}

/** As it is before a change. */
export function mappedObjects(kernel: Kernel): MappedObjects {
  const { vmm } = kernel;
  if (!vmm.mapped) countAnew(kernel);
  return vmm.mapped!;
}
/** A state from when this was not counted; each space held a file that it mapped. */
function countAnew(kernel: Kernel): void {
  const { vmm } = kernel;
  const mapped = new Map<number, MappedObject>();
  for (const { areas } of vmm.spaces.values()) {
    const held = new Set<number>();
    for (const area of areas as Areas) {
      const object = objectOf(area);
      if (object === null) continue;
      const inode = inodeOfObject(object);
      const { areas: count, shared, writable } = mapped.get(object) ?? NOT_MAPPED;
      if (inode !== null && count > 0 && !held.has(inode)) inodeOf(kernel, inode).holders--;
      if (inode !== null) held.add(inode);
      mapped.set(object, { areas: count + 1, shared: shared + (area.isShared ? 1 : 0), writable: writable + (isShownToFile(area) ? 1 : 0) });
    }
  }
  vmm.mapped = mapped;
}
