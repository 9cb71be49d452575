// Files of an image that nobody has asked for: what is at their number in the state is `undefined`, and they become inodes of it when something first looks at them.
// Which number each has is known beforehand, so nothing that a guest can see depends on whether it was looked at, nor do keyframes (snapshots/boot-state.ts).
import type { Draft } from "immer";
import type { ImageListing, StoredContents } from "../../loader/image.ts";
import type { Kernel } from "../kernel.ts";
import type { KernelState } from "../state/kernel-state.ts";
import type { BinaryString, Inode } from "../state/vfs.ts";
import { fileOf, takeAttributes } from "./entry-inodes.ts";

export const IMAGE_FILE_SYSTEM = 0;
/** The root's number, and that of the image's first entry in it: what a kernel has of its own lies between (`bootFiles`). */
const ROOT = 1;
const FIRST = 5;
const numberOf = (listed: number): number => (listed === 0 ? ROOT : FIRST + listed - 1);
const listedOf = (id: number): number => id - FIRST + 1;

/** At boot: the root directory, and room for the rest. */
export function plantListing(kernel: Kernel, root: Draft<Inode>, listing: ImageListing): void {
  const { inodes, freeInodes } = kernel.vfs;
  if (root.id !== ROOT || inodes.length !== FIRST || freeInodes.length > 0) throw new Error("An image's files have other numbers than they are looked for by.");
  if (listing.count === 0) return;
  const listed = listing.inode(0);
  takeAttributes(root, listed.entry);
  root.links = listed.links;
  root.entries = namesIn(listing, 0);
  for (let i = 1; i < listing.count; i++) inodes.push(undefined);
}
function namesIn(listing: ImageListing, folder: number): Map<BinaryString, number> {
  const names = new Map<BinaryString, number>();
  listing.eachName(folder, (name, listed) => names.set(name, numberOf(listed)));
  return names;
}

/** The inode of this number as it was at boot, where it is one of the image's. A new object each time. */
export function imageInode(listing: ImageListing | undefined, id: number): Draft<Inode> | undefined {
  const number = listedOf(id);
  if (!listing || number < 1 || number >= listing.count) return undefined;
  const { entry, links, folder, name } = listing.inode(number);
  const inode = fileOf(id, IMAGE_FILE_SYSTEM, entry);
  inode.links = links;
  if (entry.kind !== "directory") return inode;
  inode.entries = namesIn(listing, number);
  inode.parent = numberOf(folder);
  inode.name = name;
  return inode;
}
/** It becomes one of the state's. */
export function plantInode({ vfs, contents }: Kernel, id: number): Draft<Inode> | undefined {
  if (id >= vfs.inodes.length || vfs.inodes[id] !== undefined) return undefined;
  const inode = imageInode(contents.listing, id);
  if (inode) vfs.inodes[id] = inode;
  return inode;
}
/** For who goes through all inodes. */
export function plantAll(kernel: Kernel): void {
  const { length } = kernel.vfs.inodes;
  for (let id = 1; id < length; id++) plantInode(kernel, id);
}

/** An inode of a state that is looked at and not changed. */
export const inodeIn = ({ vfs }: Pick<KernelState, "vfs">, contents: StoredContents, id: number): Inode | null | undefined =>
  vfs.inodes[id] === undefined && id < vfs.inodes.length ? imageInode(contents.listing, id) : vfs.inodes[id];
/** A state with all of them, to be compared with others. */
export const withAllInodes = (state: KernelState, contents: StoredContents): KernelState => ({
  ...state,
  vfs: { ...state.vfs, inodes: state.vfs.inodes.map((_, id) => inodeIn(state, contents, id)) },
});
