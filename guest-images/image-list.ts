// The list of a stored image's files in columns, which is read in a tenth of the time that its index of thousands of rows takes; kept beside the images, one file for each.
// Nothing depends on it: what is missing, damaged or of another image file is made anew from that file's index.
import { hash } from "node:crypto";
import { readFileSync } from "node:fs";
import { Packr, Unpackr } from "msgpackr";
import type { Image, ImageEntry } from "../engine/loader/image.ts";
import { writeAtomically } from "./atomic-write.ts";
import { columns, EntryTable, kinds } from "./entry-table.ts";
import { NotAnImage } from "./not-an-image.ts";

/** Where a content lies in the image's file, and which of the hashes is its first piece's. */
export type Place = readonly [digest: string, length: number, offset: number, firstHash: number];
export type Row = readonly [
  path: string,
  kind: ImageEntry["kind"],
  mode: number,
  uid: number,
  gid: number,
  mtimeSeconds: number,
  place: number | null,
  target: string | null,
  device: readonly [number, number] | null,
  hardLinkTo: string | null,
];
/** As it lies in the image's file. */
export interface Index {
  readonly name: string;
  readonly digest: string;
  readonly config: Image["config"];
  readonly places: readonly Place[];
  readonly rows: readonly Row[];
}

/** Numbers are in the host's order, which the stamp of another host's list would not fit; texts are binary strings. */
export interface ImageList extends Omit<Index, "places" | "rows"> {
  /** How many inodes its entries become. */
  readonly count: number;
  /** Of each entry the path, and where it is a link what that leads to. */
  readonly texts: Buffer;
  /** An `EntryTable`'s, of 4 bytes. */
  readonly numbers: Buffer;
  readonly times: readonly number[];
  /** By the number of the entry, what few have. */
  readonly others: readonly (readonly [entry: number, device: readonly [number, number] | null, hardLinkTo: string | null])[];
  /** In their order. */
  readonly digests: Buffer;
  /** For each digest, of 8 bytes: length, offset and first hash. */
  readonly places: Buffer;
}
/** Of this form: a list of another version is made anew. */
export const LIST_VERSION = 2;
export const PLACE_NUMBERS = 3;
export const DIGEST_BYTES = 32;
const CHECK_CHARACTERS = 64;

export function listOf({ name, digest, config, places, rows }: Index): ImageList {
  for (const row of rows) if (!Array.isArray(row) || row.length !== 10 || (row[6] !== null && !places[row[6]])) throw new NotAnImage("is damaged");
  const sorted = places.toSorted(([one], [other]) => (one < other ? -1 : 1));
  const sortedAt = new Map(sorted.map((place, at) => [place, at]));
  const times = [...new Set(rows.map(row => row[5]))];
  const table = EntryTable.ofLength(rows.length);
  describe(
    rows,
    table,
    new Map(times.map((time, at) => [time, at])),
    places.map(place => sortedAt.get(place)!),
  );
  const count = placeInTree(rows, table);
  return {
    name,
    digest,
    config,
    count,
    texts: Buffer.from(rows.map(textOf).join(""), "latin1"),
    numbers: Buffer.from(table.numbers.buffer),
    times,
    others: rows.flatMap(([, , , , , , , , device, link], at) => (device === null && link === null ? [] : [[at, device, link] as const])),
    digests: Buffer.from(sorted.map(([content]) => content).join(""), "hex"),
    places: Buffer.from(new Float64Array(sorted.flatMap(([, ...place]) => place)).buffer),
  };
}
const textOf = ([path, , , , , , , target]: Row): string => path + (target ?? "");

function describe(rows: readonly Row[], table: EntryTable, timeAt: ReadonlyMap<number, number>, contentAt: readonly number[]): void {
  let at = 0;
  for (const [entry, row] of rows.entries()) {
    const [path, kind, mode, uid, gid, time, place] = row;
    table.set(entry, columns.kind, kinds.indexOf(kind));
    table.set(entry, columns.mode, mode);
    table.set(entry, columns.uid, uid);
    table.set(entry, columns.gid, gid);
    table.set(entry, columns.time, timeAt.get(time)!);
    table.set(entry, columns.content, place === null ? 0 : contentAt[place]! + 1);
    table.set(entry, columns.path, at);
    table.set(entry, columns.name, at + path.lastIndexOf("/") + 1);
    table.set(entry, columns.pathEnd, at + path.length);
    at += textOf(row).length;
  }
}
/** Answers how many inodes there are. */
function placeInTree(rows: readonly Row[], table: EntryTable): number {
  const entryAt = new Map<string, number>();
  const lastInside = new Map<number, number>();
  let count = 0;
  for (const [entry, [path, kind, , , , , , , , hardLinkTo]] of rows.entries()) {
    const first = hardLinkTo === null ? entry : entryAt.get(hardLinkTo);
    const folder = entry === 0 ? 0 : entryAt.get(path.slice(0, path.lastIndexOf("/")) || "/");
    if (first === undefined || folder === undefined || (entry === 0 && path !== "/")) throw new NotAnImage("is damaged");
    entryAt.set(path, entry);
    if (first === entry) table.set(count, columns.entryOfInode, entry);
    table.set(entry, columns.inode, first === entry ? count++ : table.get(first, columns.inode));
    table.set(first, columns.links, table.get(first, columns.links) + (kind === "directory" ? 2 : 1));
    if (entry === 0) continue;
    table.set(entry, columns.folder, folder);
    if (kind === "directory") table.set(folder, columns.links, table.get(folder, columns.links) + 1);
    const before = lastInside.get(folder);
    if (before === undefined) table.set(folder, columns.firstInside, entry);
    else table.set(before, columns.nextBeside, entry);
    lastInside.set(folder, entry);
  }
  return count;
}

/** The list that is kept at `path` behind its digest (with node:zlib, a checksum of its would load Node's streams), or the one that `make` makes. `stamp` says of what file it is, `isRight` that the digest has been looked at before. */
export function keptList(path: string, isRight: boolean, stamp: string, make: () => ImageList): ImageList {
  const kept = readList(path, isRight);
  if (kept?.stamp === stamp) return kept;
  const list = make();
  const bytes = new Packr({ useRecords: false, variableMapSize: true }).pack({ ...list, stamp });
  try {
    writeAtomically(path, [Buffer.from(hash("sha256", bytes)), bytes]);
  } catch {
    // A folder that cannot be written, or a full disk: the next run is as slow as this one.
  }
  return list;
}
function readList(path: string, isRight: boolean): (ImageList & { readonly stamp: string }) | undefined {
  try {
    const bytes = readFileSync(path);
    const body = bytes.subarray(CHECK_CHARACTERS);
    return isRight || hash("sha256", body) === bytes.toString("latin1", 0, CHECK_CHARACTERS)
      ? (new Unpackr({ useRecords: false }).unpack(body) as ImageList & { readonly stamp: string })
      : undefined;
  } catch {
    return undefined;
  }
}
