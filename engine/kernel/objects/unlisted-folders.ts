// Folders of the host that nobody has looked into: their state is where they lie, and what is in them becomes inodes when it is first asked for.
// Which numbers these get depends on what the guest looks into, and on nothing else.
import type { Draft } from "immer";
import type { FolderTree, ImageEntry } from "../../loader/image.ts";
import type { Kernel } from "../kernel.ts";
import type { BinaryString, Inode } from "../state/vfs.ts";
import { createEntryInode } from "./entry-inodes.ts";
import { inodeOf, nameEntry } from "./inodes.ts";

/** As state holds it: the number of the mounted folder, and the path in it. */
export const folderPlace = (folder: number, path: BinaryString): BinaryString => `${folder}${path}`;

/** A directory's names. */
export function entriesOf(kernel: Kernel, directory: Draft<Inode>): Map<BinaryString, number> {
  if (directory.unlisted !== undefined) list(kernel, directory, directory.unlisted);
  return directory.entries!;
}

function list(kernel: Kernel, directory: Draft<Inode>, place: BinaryString): void {
  const { system, vfs } = kernel;
  const bytesBefore = system.fileBytesInUse;
  const inodesBefore = vfs.inodes.length - vfs.freeInodes.length;
  const entries = told(kernel, place);
  if (entries.some(({ hardLinkTo }) => hardLinkTo !== undefined)) listAll(kernel, directory.fileSystem);
  else plant(kernel, directory, place, entries);
  // As of what is there at boot: the machine's limits are for what the guest adds.
  system.limits.fileBytes += system.fileBytesInUse - bytesBefore;
  system.limits.inodes += vfs.inodes.length - vfs.freeInodes.length - inodesBefore;
}
/** A file with several names has as many links, wherever they lie. */
function listAll(kernel: Kernel, fileSystem: number): void {
  const linked = new Map<BinaryString, number>();
  const { inodes } = kernel.vfs;
  // Those that are found on the way come to lie behind, or in places that were free before.
  for (let isDone = false; !isDone; ) {
    isDone = true;
    for (let id = 1; id < inodes.length; id++) {
      const inode = inodes[id];
      if (inode?.unlisted === undefined || inode.fileSystem !== fileSystem) continue;
      plant(kernel, inode, inode.unlisted, told(kernel, inode.unlisted), linked);
      isDone = false;
    }
  }
}
/** `linked`: files with several names, by the one that all of them say. */
function plant(kernel: Kernel, directory: Draft<Inode>, place: BinaryString, entries: readonly ImageEntry[], linked?: Map<BinaryString, number>): void {
  delete directory.unlisted;
  const inside = place.endsWith("/") ? place : `${place}/`;
  for (const entry of entries) {
    const { path: name, kind, hardLinkTo } = entry;
    const known = hardLinkTo === undefined ? undefined : linked?.get(hardLinkTo);
    const id = known ?? createEntryInode(kernel, directory.fileSystem, entry);
    if (hardLinkTo !== undefined) linked?.set(hardLinkTo, id);
    nameEntry(kernel, directory.id, name, id);
    if (kind === "directory") inodeOf(kernel, id).unlisted = inside + name;
  }
}

function told({ contents }: Kernel, place: BinaryString): readonly ImageEntry[] {
  const slash = place.indexOf("/");
  const tree: FolderTree | undefined = contents.trees?.[Number(place.slice(0, slash))];
  if (!tree) throw new Error(`Nobody tells what lies in ${place}: the folder that was mounted was not given.`);
  return tree.list(place.slice(slash));
}
