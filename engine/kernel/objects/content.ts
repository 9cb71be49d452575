// The bytes of a file: pieces of 4 KiB, replaced and never written, so that whoever has one mapped or read keeps what it saw.
import type { Draft } from "immer";
import type { Bytes } from "../../abi/memory-view.ts";
import type { StoredContent } from "../../loader/image.ts";
import type { Kernel } from "../kernel.ts";
import type { Inode } from "../state/vfs.ts";
import { mappingsOfInode, objectOfInode } from "./mapped-objects.ts";

export const PIECE_BYTES = 4096;
const EMPTY = new Uint8Array(0);

/** The piece as it lies there: `null` is a hole, a shorter one ends in zeros. */
export function pieceAt({ contents }: Pick<Kernel, "contents">, inode: Draft<Inode>, index: number): Bytes | null {
  if (inode.stored === undefined) return inode.pieces[index] ?? null;
  return index * PIECE_BYTES < inode.size ? storedContent(contents, inode.stored).piece(index) : null;
}
function storedContent(contents: Kernel["contents"], digest: string): StoredContent {
  const found = contents.get(digest);
  if (!found) throw new Error(`A file has the content ${digest}, which the image that was given does not hold.`);
  return found;
}
/** A copy of a host folder counts against the machine's limit, wherever its bytes lie; what the image holds does not. */
export const isCounted = ({ vfs }: Kernel, { fileSystem }: Draft<Inode>): boolean => vfs.mounts[fileSystem]!.type !== "overlay";
/** Whether the machine has room for what a first change costs. */
export function hasRoomToOwn(kernel: Kernel, inode: Draft<Inode>): boolean {
  const { system } = kernel;
  return (
    inode.stored === undefined ||
    isCounted(kernel, inode) ||
    system.fileBytesInUse + Math.ceil(inode.size / PIECE_BYTES) * (PIECE_BYTES + SLOT_BYTES) <= system.limits.fileBytes
  );
}
/** Before its first change the file gets pieces of its own, as overlayfs copies a file up. */
function ownContent(kernel: Kernel, inode: Draft<Inode>): void {
  if (inode.stored === undefined) return;
  const count = Math.ceil(inode.size / PIECE_BYTES);
  const content = storedContent(kernel.contents, inode.stored);
  inode.pieces = Array.from({ length: count }, (_, index) => content.piece(index));
  delete inode.stored;
  if (!isCounted(kernel, inode)) charge(kernel, count, count);
}

/** At most `length` bytes from `offset` on, up to the file's end. Not a copy where they lie in one piece. */
export function readContent(kernel: Pick<Kernel, "contents">, inode: Draft<Inode>, offset: number, length: number): Uint8Array {
  const end = Math.min(offset + length, inode.size);
  if (end <= offset) return EMPTY;
  const first = Math.floor(offset / PIECE_BYTES);
  const start = offset - first * PIECE_BYTES;
  if (start + (end - offset) <= PIECE_BYTES) {
    const piece = pieceAt(kernel, inode, first) as Uint8Array | null;
    if (piece && piece.length >= start + end - offset) return piece.subarray(start, start + end - offset);
  }
  const out = new Uint8Array(end - offset);
  for (let index = first, at = -start; at < out.length; index++, at += PIECE_BYTES) {
    const piece = pieceAt(kernel, inode, index) as Uint8Array | null;
    if (!piece) continue;
    const from = Math.max(0, -at);
    const to = Math.min(piece.length, out.length - at);
    if (to > from) out.set(piece.subarray(from, to), at + from);
  }
  return out;
}

/** Without a hole, and at least so long: known without a look at every piece. */
const isWhole = ({ pieces, usedPieces }: Draft<Inode>, end: number): boolean => usedPieces === pieces.length && end <= pieces.length * PIECE_BYTES;

/** A hole in the list of pieces costs something too: else a write far behind the end would cost the host without limit. */
const SLOT_BYTES = 8;
/** What the file counts against the machine's limit. */
export function chargeOf(kernel: Kernel, inode: Draft<Inode>): number {
  if (inode.stored === undefined) return inode.usedPieces * PIECE_BYTES + inode.pieces.length * SLOT_BYTES;
  return isCounted(kernel, inode) ? inode.usedPieces * (PIECE_BYTES + SLOT_BYTES) : 0;
}

/** How many of `length` bytes at `offset` the machine has room for: fewer than `length` where it is full (ENOSPC where none). */
export function roomFor(kernel: Kernel, inode: Draft<Inode>, offset: number, length: number): number {
  if (!hasRoomToOwn(kernel, inode)) return 0;
  ownContent(kernel, inode);
  if (isWhole(inode, offset + length)) return length;
  const pieces = inode.pieces;
  let free = kernel.system.limits.fileBytes - kernel.system.fileBytesInUse;
  if (offset + length <= pieces.length * PIECE_BYTES && length <= PIECE_BYTES && pieces[Math.floor(offset / PIECE_BYTES)]) return length;
  free -= Math.max(0, Math.ceil((offset + length) / PIECE_BYTES) - pieces.length) * SLOT_BYTES;
  if (length + PIECE_BYTES <= free) return length;
  let room = 0;
  for (let at = offset; room < length; at = offset + room) {
    if (!pieces[Math.floor(at / PIECE_BYTES)]) free -= PIECE_BYTES;
    if (free < 0) break;
    room += Math.min(PIECE_BYTES - (at % PIECE_BYTES), length - room);
  }
  return room;
}

/** With MAP_SHARED: a private mapping need not see what is done to the file. */
const isMapped = (kernel: Kernel, { id }: Draft<Inode>): boolean => mappingsOfInode(kernel, id).shared > 0;
/** Stores the bytes at `offset`; the file grows where they reach beyond its end. Whoever has the file mapped shared sees them (mmap(2)). Room must have been checked. */
export function writeContent(kernel: Kernel, inode: Draft<Inode>, offset: number, bytes: Bytes): void {
  storeContent(kernel, inode, offset, bytes);
  if (isMapped(kernel, inode)) kernel.effect({ kind: "storeShared", object: objectOfInode(inode.id), offset, bytes: (bytes as Uint8Array).slice() });
}
/** As writeContent, for what comes from those mappings. */
export function storeContent(kernel: Kernel, inode: Draft<Inode>, offset: number, bytes: Bytes): void {
  ownContent(kernel, inode);
  const end = offset + bytes.length;
  const before = inode.pieces.length;
  const first = Math.floor(offset / PIECE_BYTES);
  if (first > before) inode.pieces = [...inode.pieces, ...new Array(first - before).fill(null)] as typeof inode.pieces;
  const { pieces } = inode;
  let added = 0;
  for (let index = first, at = offset; at < end; index++) {
    const start = at - index * PIECE_BYTES;
    const part = bytes.subarray(at - offset, Math.min(end, (index + 1) * PIECE_BYTES) - offset);
    const old = pieces[index] as Uint8Array | null | undefined;
    if (!old) added++;
    pieces[index] = spliced(old, start, part);
    at += part.length;
  }
  if (end > inode.size) inode.size = end;
  if (added === 0) return;
  inode.usedPieces += added;
  charge(kernel, added, pieces.length - before);
}
function charge(kernel: Kernel, pieces: number, slots: number): void {
  if (pieces !== 0 || slots !== 0) kernel.system.fileBytesInUse += pieces * PIECE_BYTES + slots * SLOT_BYTES;
}
function spliced(old: Uint8Array | null | undefined, start: number, part: Bytes): Uint8Array {
  if (start === 0 && part.length >= (old?.length ?? 0)) return part.slice();
  const piece = new Uint8Array(Math.max(old?.length ?? 0, start + part.length));
  if (old) piece.set(old);
  piece.set(part as Uint8Array, start);
  return piece;
}

/** Cuts the file, or lets it grow by a hole. */
export function resizeContent(kernel: Kernel, inode: Draft<Inode>, size: number): void {
  if (inode.stored !== undefined && size === 0 && !isCounted(kernel, inode)) {
    delete inode.stored;
    inode.usedPieces = 0;
  } else if (size !== inode.size) ownContent(kernel, inode);
  if (size < inode.size && mappingsOfInode(kernel, inode.id).areas > 0) dropMapped(kernel, inode, size);
  if (size < inode.size) {
    const kept = Math.ceil(size / PIECE_BYTES);
    const dropped = inode.pieces.length - kept;
    if (dropped > 0) {
      const pieces = kept === 0 ? [] : inode.pieces.slice(0, kept);
      const left = kept === 0 ? 0 : pieces.reduce((sum, piece) => sum + (piece ? 1 : 0), 0);
      charge(kernel, left - inode.usedPieces, -dropped);
      inode.usedPieces = left;
      inode.pieces = pieces;
    }
    const tail = size % PIECE_BYTES;
    const last = tail === 0 ? null : (inode.pieces[kept - 1] as Uint8Array | null | undefined);
    // What lies beyond the end must read as zeros when the file grows again.
    if (last && last.length > tail) inode.pieces[kept - 1] = last.slice(0, tail);
  }
  inode.size = size;
}
/** The file becomes shorter: its pages behind the end are gone from every mapping, changed copies too, and the last one ends in zeros (truncate(2)). */
function dropMapped(kernel: Kernel, inode: Draft<Inode>, size: number): void {
  const object = objectOfInode(inode.id);
  const end = Math.ceil(size / PIECE_BYTES) * PIECE_BYTES;
  if (end > size) kernel.effect({ kind: "clearShared", object, start: size, end });
  for (const [space, { areas }] of kernel.vmm.spaces) {
    for (const { backing, start, end: stop } of areas) {
      if (backing.kind !== "file" || backing.inode !== inode.id) continue;
      const from = Math.max(start, start + end - backing.offset);
      if (from < stop) kernel.effect({ kind: "unmap", space, start: from, end: stop });
    }
  }
  kernel.effect({ kind: "trimShared", object, first: end / PIECE_BYTES });
}
/** Makes a hole of [start, end) (fallocate(2), FALLOC_FL_PUNCH_HOLE). */
export function clearContent(kernel: Kernel, inode: Draft<Inode>, start: number, end: number): void {
  if (isMapped(kernel, inode)) kernel.effect({ kind: "clearShared", object: objectOfInode(inode.id), start, end });
  ownContent(kernel, inode);
  const { pieces } = inode;
  const stop = Math.min(end, pieces.length * PIECE_BYTES);
  let freed = 0;
  for (let at = start; at < stop; ) {
    const index = Math.floor(at / PIECE_BYTES);
    const from = at - index * PIECE_BYTES;
    const to = Math.min(stop - index * PIECE_BYTES, PIECE_BYTES);
    const piece = pieces[index] as Uint8Array | null;
    if (piece && from === 0 && to >= piece.length) {
      pieces[index] = null;
      freed++;
    } else if (piece) pieces[index] = piece.slice().fill(0, from, to);
    at = index * PIECE_BYTES + to;
  }
  if (freed === 0) return;
  inode.usedPieces -= freed;
  charge(kernel, -freed, 0);
}
/** st_blocks: 512-byte blocks of the pieces that are there. */
export const usedBlocks = (inode: Pick<Inode, "usedPieces">): number => inode.usedPieces * (PIECE_BYTES / 512);
/** SEEK_DATA, SEEK_HOLE (lseek(2)): the next data or hole from `offset` on; `null` where there is none. The end of the file counts as a hole. */
export const nextData = (inode: Draft<Inode>, offset: number): number | null =>
  inode.stored === undefined ? nextWhere(inode, offset, piece => piece !== null) : offset >= 0 && offset < inode.size ? offset : null;
export function nextHole(inode: Draft<Inode>, offset: number): number | null {
  if (offset < 0 || offset >= inode.size) return null;
  if (inode.stored !== undefined) return inode.size;
  return nextWhere(inode, offset, piece => piece === null) ?? inode.size;
}
function nextWhere(inode: Draft<Inode>, offset: number, isWanted: (piece: Bytes | null) => boolean): number | null {
  const { pieces, size } = inode;
  if (offset < 0 || offset >= size) return null;
  const last = Math.ceil(size / PIECE_BYTES);
  for (let index = Math.floor(offset / PIECE_BYTES); index < last; index++) {
    if (index >= pieces.length) return isWanted(null) ? Math.max(offset, index * PIECE_BYTES) : null;
    if (isWanted((pieces[index] as Bytes | null) ?? null)) return Math.max(offset, index * PIECE_BYTES);
  }
  return null;
}
/** A piece that is there and all zeros. */
const ZEROS = new Uint8Array(0);
/** Holes in [start, end) become pieces of zeros (fallocate(2)); `false` where there is no room, and nothing has changed. */
export function reserveContent(kernel: Kernel, inode: Draft<Inode>, start: number, end: number): boolean {
  if (end <= start) return true;
  if (roomFor(kernel, inode, start, end - start) < end - start) return false;
  if (isWhole(inode, end)) return true;
  const [first, last, before] = [Math.floor(start / PIECE_BYTES), Math.ceil(end / PIECE_BYTES), inode.pieces.length];
  const pieces = [...inode.pieces];
  while (pieces.length < first) pieces.push(null);
  let added = 0;
  for (let index = first; index < last; index++) {
    if (pieces[index]) continue;
    pieces[index] = ZEROS;
    added++;
  }
  inode.pieces = pieces;
  inode.usedPieces += added;
  charge(kernel, added, pieces.length - before);
  return true;
}
