// An inode made from an image's or a host folder's entry. Names are given elsewhere.
import type { Draft } from "immer";
import type { ImageEntry, StoredContent } from "../../loader/image.ts";
import type { Kernel } from "../kernel.ts";
import type { Inode, Stamp } from "../state/vfs.ts";
import { isCounted, PIECE_BYTES } from "./content.ts";
import { inodeOf, newInode, placeInode } from "./inodes.ts";
import { stampOf } from "./stamps.ts";

/** Of a root directory, which is there before. */
export function takeAttributes(inode: Draft<Inode>, entry: ImageEntry): void {
  const { mode, uid, gid } = entry;
  Object.assign(inode, { mode, uid, gid });
  inode.modified = inode.changed = inode.accessed = timeOf(entry);
}
let [knownSecond, knownTime] = [0, stampOf({ seconds: 0, nanos: 0 })];
/** Neighbours mostly have one. */
export function timeOf({ mtimeSeconds }: ImageEntry): Stamp {
  if (mtimeSeconds !== knownSecond) [knownSecond, knownTime] = [mtimeSeconds, stampOf({ seconds: mtimeSeconds, nanos: 0 })];
  return knownTime;
}
export function createEntryInode(kernel: Kernel, fileSystem: number, entry: ImageEntry): number {
  const id = placeInode(kernel, free => fileOf(free, fileSystem, entry));
  count(kernel, inodeOf(kernel, id));
  return id;
}
/** The inode alone, which is in no state yet. */
export function fileOf(id: number, fileSystem: number, entry: ImageEntry): Draft<Inode> {
  const { kind, mode, uid, gid, target, device, content, stored } = entry;
  const inode = newInode(id, { fileSystem, kind, mode: kind === "symlink" ? 0o777 : mode, uid, gid, target, device }, timeOf(entry));
  if (content && content.length > 0) fill(inode, content);
  if (stored && stored.length > 0) fillStored(inode, stored);
  return inode;
}
function fill(inode: Draft<Inode>, content: Uint8Array): void {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < content.length; at += PIECE_BYTES) pieces.push(content.subarray(at, at + PIECE_BYTES));
  inode.pieces = pieces;
  inode.usedPieces = pieces.length;
  inode.size = content.length;
}
function fillStored(inode: Draft<Inode>, { digest, length }: StoredContent): void {
  inode.stored = digest;
  inode.usedPieces = Math.ceil(length / PIECE_BYTES);
  inode.size = length;
}
function count(kernel: Kernel, inode: Draft<Inode>): void {
  if (inode.stored === undefined || isCounted(kernel, inode)) kernel.system.fileBytesInUse += inode.usedPieces * PIECE_BYTES;
}
