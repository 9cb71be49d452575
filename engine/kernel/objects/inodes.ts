// Inodes: making, holding and freeing them, names in directories, link counts, times. Content is objects/content.ts, finding by path objects/paths.ts.
import type { Draft } from "immer";
import type { InodeKind } from "../../abi/constants/file-mode.ts";
import { inotifyEvents } from "../../abi/constants/inotify-events.ts";
import type { Errno } from "../../abi/errno.ts";
import type { Kernel } from "../kernel.ts";
import type { BinaryString, Inode, Stamp } from "../state/vfs.ts";
import { chargeOf } from "./content.ts";
import { notifyGone, notifyMove, notifyName, notifySelf } from "./file-events.ts";
import { plantInode } from "./image-inodes.ts";
import { forgetPlace } from "./landlock-domains.ts";
import { presentSecond, presentStamp } from "./stamps.ts";

export { pieceAt, readContent, resizeContent, writeContent } from "./content.ts";

const { IN_CREATE, IN_DELETE, IN_ATTRIB } = inotifyEvents;

/** Where it may be gone. */
export const inodeIfThere = (kernel: Kernel, id: number): Draft<Inode> | undefined => kernel.vfs.inodes[id] ?? plantInode(kernel, id);
export function inodeOf(kernel: Kernel, id: number): Draft<Inode> {
  const inode = inodeIfThere(kernel, id);
  if (!inode) throw new Error(`Inode ${id} is referred to but does not exist.`);
  return inode;
}

export interface NewInode {
  readonly fileSystem: number;
  readonly kind: InodeKind;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly target?: BinaryString | undefined;
  readonly device?: readonly [number, number] | undefined;
}
/** Whether there may be another inode: ENOSPC otherwise. */
export const hasRoomForInode = ({ vfs, system }: Kernel): boolean => vfs.freeInodes.length > 0 || vfs.inodes.length - 1 < system.limits.inodes;

/** An inode without a name and without holders: give it one of both. */
export const createInode = (kernel: Kernel, what: NewInode): number => placeInode(kernel, id => newInode(id, what, presentStamp(kernel)));
/** `make` is given its number. */
export function placeInode({ vfs }: Kernel, make: (id: number) => Draft<Inode>): number {
  const id = vfs.freeInodes.pop() ?? vfs.inodes.length;
  vfs.inodes[id] = make(id);
  return id;
}
export function newInode(id: number, { fileSystem, kind, mode, uid, gid, target, device }: NewInode, time: Stamp): Draft<Inode> {
  // What all have in one piece: what is added to an object later lies apart from it, and for the thousands of an image that takes as long again.
  const inode: Draft<Inode> = {
    id,
    fileSystem,
    kind,
    mode,
    uid,
    gid,
    links: 0,
    size: 0,
    pieces: [],
    usedPieces: 0,
    accessed: time,
    modified: time,
    changed: time,
    accessDueSeconds: 0,
    holders: 0,
  };
  if (kind === "directory") {
    inode.entries = new Map<BinaryString, number>();
    inode.parent = id;
    inode.name = "";
  }
  if (target !== undefined) {
    inode.target = target;
    inode.size = target.length;
  }
  if (device !== undefined) inode.device = [device[0], device[1]];
  return inode;
}

/** The directory gets another name for the inode. A directory's `..` counts as a link of its parent. */
export function addEntry(kernel: Kernel, directory: number, name: BinaryString, id: number): void {
  nameEntry(kernel, directory, name, id);
  touchDirectory(kernel, inodeOf(kernel, directory));
  notifyName(kernel, directory, inodeOf(kernel, id), IN_CREATE, name);
}
/** The same, of which nobody is told, as at boot: the directory's times stay. */
export function nameEntry(kernel: Kernel, directory: number, name: BinaryString, id: number): void {
  const parent = inodeOf(kernel, directory);
  const inode = inodeOf(kernel, id);
  parent.entries!.set(name, id);
  inode.links++;
  if (inode.kind === "directory") {
    inode.links++;
    parent.links++;
    inode.parent = directory;
    inode.name = name;
  }
}
/** The name is gone; the inode too, where nothing else keeps it. */
export function removeEntry(kernel: Kernel, directory: number, name: BinaryString): void {
  const parent = inodeOf(kernel, directory);
  const id = parent.entries!.get(name)!;
  const inode = inodeOf(kernel, id);
  parent.entries!.delete(name);
  inode.links--;
  if (inode.kind === "directory") {
    inode.links--;
    parent.links--;
    // Whoever is still in it finds what was above it, even where that is removed as well.
    if (inode.holders > 0) {
      inode.keepsParent = true;
      hold(kernel, directory);
    }
  }
  const now = presentStamp(kernel);
  inode.changed = now;
  inode.accessDueSeconds = 0;
  touchDirectory(kernel, parent, now);
  if (inode.kind !== "directory") notifySelf(kernel, inode, IN_ATTRIB);
  const { kind } = inode;
  freeUnused(kernel, inode);
  notifyName(kernel, directory, { kind }, IN_DELETE, name);
}
/** The same inode under another name: links stay, save those that a directory's `..` makes. */
export function moveEntry(kernel: Kernel, from: { directory: number; name: BinaryString }, to: { directory: number; name: BinaryString }): void {
  const [source, target] = [inodeOf(kernel, from.directory), inodeOf(kernel, to.directory)];
  const id = source.entries!.get(from.name)!;
  const inode = inodeOf(kernel, id);
  source.entries!.delete(from.name);
  target.entries!.set(to.name, id);
  settle(kernel, inode, from.directory, to);
  touchDirectory(kernel, source);
  touchDirectory(kernel, target);
  notifyMove(kernel, inode, from, to);
}
/** RENAME_EXCHANGE: each takes the other's name. */
export function exchangeEntries(kernel: Kernel, one: { directory: number; name: BinaryString }, other: { directory: number; name: BinaryString }): void {
  const [first, second] = [inodeOf(kernel, one.directory), inodeOf(kernel, other.directory)];
  const [a, b] = [first.entries!.get(one.name)!, second.entries!.get(other.name)!];
  first.entries!.set(one.name, b);
  second.entries!.set(other.name, a);
  settle(kernel, inodeOf(kernel, a), one.directory, other);
  settle(kernel, inodeOf(kernel, b), other.directory, one);
  touchDirectory(kernel, first);
  touchDirectory(kernel, second);
}
function settle(kernel: Kernel, inode: Draft<Inode>, from: number, to: { directory: number; name: BinaryString }): void {
  touchChanged(kernel, inode);
  if (inode.kind !== "directory") return;
  inode.parent = to.directory;
  inode.name = to.name;
  inodeOf(kernel, from).links--;
  inodeOf(kernel, to.directory).links++;
}

/** Its names changed. */
function touchDirectory(kernel: Kernel, directory: Draft<Inode>, now = presentStamp(kernel)): void {
  directory.modified = now;
  directory.changed = now;
  directory.accessDueSeconds = 0;
}
export function touchChanged(kernel: Kernel, inode: Draft<Inode>): void {
  inode.changed = presentStamp(kernel);
  inode.accessDueSeconds = 0;
}
export function touchModified(kernel: Kernel, inode: Draft<Inode>): void {
  const now = presentStamp(kernel);
  inode.modified = now;
  inode.changed = now;
  if (inode.accessDueSeconds !== 0) inode.accessDueSeconds = 0;
}
const DAY_SECONDS = 86_400;
/** relatime (mount(8)): the time of access moves only where it does not lie after the last change, or is a day old. */
export function touchAccessed(kernel: Kernel, inode: Draft<Inode>): void {
  const due = inode.accessDueSeconds;
  const second = presentSecond(kernel);
  if (second < due) return;
  inode.accessed = presentStamp(kernel);
  inode.accessDueSeconds = second + DAY_SECONDS;
}

/** An open file, a mapping or a process's directory keeps the inode, even when its last name goes. */
export function hold(kernel: Kernel, id: number): void {
  inodeOf(kernel, id).holders++;
}
export function release(kernel: Kernel, id: number): void {
  const inode = inodeOf(kernel, id);
  inode.holders--;
  freeUnused(kernel, inode);
}
function freeUnused(kernel: Kernel, inode: Draft<Inode>): void {
  if (inode.links > 0 || inode.holders > 0) return;
  notifyGone(kernel, inode.id);
  if (kernel.vfs.landlock) forgetPlace(kernel, inode.id);
  const { vfs, system } = kernel;
  const { id, parent, keepsParent } = inode;
  const charged = chargeOf(kernel, inode);
  if (charged > 0) system.fileBytesInUse -= charged;
  if (vfs.locks.has(id)) vfs.locks.delete(id);
  vfs.inodes[id] = null;
  vfs.freeInodes.push(id);
  if (keepsParent) release(kernel, parent!);
}
/** What came to be and turned out not to be wanted, such as a pipe without a free descriptor. */
export const dropInode = (kernel: Kernel, id: number): void => freeUnused(kernel, inodeOf(kernel, id));

/** EROFS where the inode's file system is mounted read-only. */
const MS_RDONLY = 1;
export const isReadOnly = (kernel: Kernel, inode: Draft<Inode>): boolean => (kernel.vfs.mounts[inode.fileSystem]!.flags & MS_RDONLY) !== 0;
export const MAX_LINKS = 65_000;
export const canLink = (inode: Draft<Inode>): Errno | null => (inode.links >= MAX_LINKS ? "EMLINK" : null);
