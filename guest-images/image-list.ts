// The list of a stored image's files in columns, which is read in a tenth of the time that its index of thousands of rows takes; kept beside the images, one file for each.
// Nothing depends on it: what is missing, damaged or of another image file is made anew from that file's index.
import { hash } from "node:crypto";
import { readFileSync } from "node:fs";
import { Packr, Unpackr } from "msgpackr";
import type { Image, ImageEntry, StoredContent } from "../engine/loader/image.ts";
import { writeAtomically } from "./atomic-write.ts";
import { NotAnImage } from "./not-an-image.ts";
import { type ContentFile, PlacedContent } from "./stored-content.ts";

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

/** Numbers are in the host's order, which the stamp of another host's list would not fit; texts are binary strings that end in a zero. */
export interface ImageList extends Omit<Index, "places" | "rows"> {
  readonly paths: Buffer;
  /** For each path, of 4 bytes. */
  readonly numbers: Buffer;
  readonly times: readonly number[];
  /** By the number of the path, what few have. */
  readonly others: readonly (readonly [row: number, target: string | null, device: readonly [number, number] | null, hardLinkTo: string | null])[];
  /** In their order. */
  readonly digests: Buffer;
  /** For each digest, of 8 bytes. */
  readonly places: Buffer;
}
const kinds: readonly ImageEntry["kind"][] = ["file", "directory", "symlink", "character", "block", "fifo"];
/** Kind, mode, uid, gid, which of the times, and 1 more than the place or 0; of a digest length, offset and first hash. */
const [ROW_NUMBERS, PLACE_NUMBERS] = [6, 3];
const DIGEST_CHARACTERS = 64;

export function listOf({ name, digest, config, places, rows }: Index): ImageList {
  for (const row of rows) if (!Array.isArray(row) || row.length !== 10 || (row[6] !== null && !places[row[6]])) throw new NotAnImage("is damaged");
  const times = [...new Set(rows.map(row => row[5]))];
  const timeAt = new Map(times.map((time, at) => [time, at]));
  const sorted = places.toSorted(([one], [other]) => (one < other ? -1 : 1));
  const placeAt = new Map(sorted.map((place, at) => [place, at]));
  const placeNumber = (place: number | null): number => (place === null ? 0 : placeAt.get(places[place]!)! + 1);
  const numbers = rows.flatMap(([, kind, mode, uid, gid, time, place]) => [kinds.indexOf(kind), mode, uid, gid, timeAt.get(time)!, placeNumber(place)]);
  return {
    name,
    digest,
    config,
    paths: Buffer.from(rows.map(([path]) => `${path}\0`).join(""), "latin1"),
    numbers: Buffer.from(new Uint32Array(numbers).buffer),
    times,
    others: rows.flatMap(([, , , , , , , target, device, link], at) =>
      target === null && device === null && link === null ? [] : [[at, target, device, link] as const],
    ),
    digests: Buffer.from(sorted.map(([content]) => content).join(""), "hex"),
    places: Buffer.from(new Float64Array(sorted.flatMap(([, ...place]) => place)).buffer),
  };
}
/** At an address that a view of longer numbers may have. */
const aligned = (bytes: Buffer): ArrayBuffer => new Uint8Array(bytes).buffer;
/** As V8 keeps small integers, without a box around a float. */
const plain = (number: number): number => (number === (number | 0) ? number | 0 : number);

/** In the order of their digests. */
export function contentsIn({ digests, places }: ImageList, file: ContentFile): readonly PlacedContent[] {
  const text = digests.toString("hex");
  const numbers = new Float64Array(aligned(places));
  const contents: PlacedContent[] = [];
  for (let at = 0, digestAt = 0; at < numbers.length; at += PLACE_NUMBERS, digestAt += DIGEST_CHARACTERS) {
    const digest = text.slice(digestAt, digestAt + DIGEST_CHARACTERS);
    contents.push(new PlacedContent(file, digest, plain(numbers[at]!), plain(numbers[at + 1]!), plain(numbers[at + 2]!)));
  }
  return contents;
}
export function entriesIn({ paths, numbers: packed, times, others }: ImageList, contents: readonly StoredContent[]): readonly ImageEntry[] {
  const numbers = new Uint32Array(aligned(packed));
  const entries: { -readonly [Part in keyof ImageEntry]: ImageEntry[Part] }[] = [];
  let at = 0;
  for (const path of paths.toString("latin1", 0, paths.length - 1).split("\0")) {
    const kind = kinds[numbers[at]!]!;
    const mode = numbers[at + 1]!;
    const uid = numbers[at + 2]!;
    const gid = numbers[at + 3]!;
    const mtimeSeconds = times[numbers[at + 4]!]!;
    const place = numbers[at + 5]!;
    // In one piece, and not spread: there are thousands.
    if (place === 0) entries.push({ path, kind, mode, uid, gid, mtimeSeconds });
    else entries.push({ path, kind, mode, uid, gid, mtimeSeconds, stored: contents[place - 1]! });
    at += ROW_NUMBERS;
  }
  for (const [row, target, device, hardLinkTo] of others) {
    const entry = entries[row]!;
    if (target !== null) entry.target = target;
    if (device !== null) entry.device = device;
    if (hardLinkTo !== null) entry.hardLinkTo = hardLinkTo;
  }
  return entries;
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
    const body = bytes.subarray(DIGEST_CHARACTERS);
    return isRight || hash("sha256", body) === bytes.toString("latin1", 0, DIGEST_CHARACTERS)
      ? (new Unpackr({ useRecords: false }).unpack(body) as ImageList & { readonly stamp: string })
      : undefined;
  } catch {
    return undefined;
  }
}
