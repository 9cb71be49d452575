// The form of an image on disk: header, msgpack index, then all contents in one piece, so that opening is one read and contents are views of it.
// Header: 8 bytes magic, u32 version, u32 length of the index, u64 length of the contents, u32 CRC-32 of index and contents; numbers little-endian.
// A CRC and not the digest is checked when it is first opened: it takes a fifth of the time, and damage is what it must find.
import { crc32 } from "node:zlib";
import { Packr, Unpackr } from "msgpackr";
import type { Image, ImageEntry } from "../engine/loader/image.ts";
import { NotAnImage } from "./not-an-image.ts";

const MAGIC = "CHRXIMG\n";
const VERSION = 1;
const HEADER_BYTES = 28;

type Row = readonly [
  path: string,
  kind: ImageEntry["kind"],
  mode: number,
  uid: number,
  gid: number,
  mtimeSeconds: number,
  contentLength: number | null,
  target: string | null,
  device: readonly [number, number] | null,
  hardLinkTo: string | null,
];
interface Index {
  readonly name: string;
  readonly digest: string;
  readonly config: Image["config"];
  readonly rows: readonly Row[];
}

export function encodeImage(image: Image): readonly Uint8Array[] {
  const { name, digest, config } = image;
  const contents = image.entries.flatMap(entry => (entry.content ? [entry.content] : []));
  const index = new Packr({ useRecords: false, variableMapSize: true }).pack({ name, digest, config, rows: image.entries.map(rowOf) } satisfies Index);
  const header = Buffer.alloc(HEADER_BYTES);
  header.write(MAGIC, "latin1");
  header.writeUInt32LE(VERSION, 8);
  header.writeUInt32LE(index.length, 12);
  header.writeBigUInt64LE(BigInt(contents.reduce((sum, content) => sum + content.length, 0)), 16);
  header.writeUInt32LE(
    [index, ...contents].reduce((sum, piece) => crc32(piece, sum), 0),
    24,
  );
  return [header, index, ...contents];
}

/** `isChecked`: that the checksum is right has been found before. */
export function decodeImage(bytes: Buffer, isChecked = false): Image {
  const { indexEnd } = checkHeader(bytes, isChecked);
  const { name, digest, config, rows } = readIndex(bytes.subarray(HEADER_BYTES, indexEnd));
  let at = indexEnd;
  const entries = rows.map(row => {
    const entry = entryOf(row, bytes, at);
    at += row[6] ?? 0;
    return entry;
  });
  return { name, digest, config, entries };
}

function checkHeader(bytes: Buffer, isChecked: boolean): { indexEnd: number } {
  if (bytes.length < HEADER_BYTES || bytes.toString("latin1", 0, 8) !== MAGIC) throw new NotAnImage("is not an image of Chronix");
  const version = bytes.readUInt32LE(8);
  if (version !== VERSION) throw new NotAnImage(`has format ${version}, and this Chronix reads format ${VERSION}`);
  const indexEnd = HEADER_BYTES + bytes.readUInt32LE(12);
  const total = BigInt(indexEnd) + bytes.readBigUInt64LE(16);
  if (total !== BigInt(bytes.length)) throw new NotAnImage(`is ${bytes.length} bytes long and should be ${total}`);
  if (!isChecked && crc32(bytes.subarray(HEADER_BYTES)) !== bytes.readUInt32LE(24)) throw new NotAnImage("is damaged");
  return { indexEnd };
}

function readIndex(bytes: Buffer): Index {
  try {
    const index = new Unpackr({ useRecords: false }).unpack(bytes) as Index;
    if (typeof index.digest === "string" && typeof index.name === "string" && Array.isArray(index.rows) && index.config) return index;
  } catch {
    // Whatever msgpack says about it, the index is damaged.
  }
  throw new NotAnImage("is damaged");
}

function rowOf(entry: ImageEntry): Row {
  const { path, kind, mode, uid, gid, mtimeSeconds, content, target, device, hardLinkTo } = entry;
  return [path, kind, mode, uid, gid, mtimeSeconds, content?.length ?? null, target ?? null, device ?? null, hardLinkTo ?? null];
}

function entryOf(row: Row, bytes: Buffer, at: number): ImageEntry {
  if (!Array.isArray(row) || row.length !== 10) throw new NotAnImage("is damaged");
  const { 0: path, 1: kind, 2: mode, 3: uid, 4: gid, 5: mtimeSeconds, 6: contentLength, 7: target, 8: device, 9: hardLinkTo } = row;
  const entry = { path, kind, mode, uid, gid, mtimeSeconds };
  // Nearly all of an image's entries are links. Spreads for what is absent would make each of them slow.
  if (kind === "symlink" && target !== null && contentLength === null && device === null && hardLinkTo === null) return { ...entry, target };
  return {
    ...entry,
    ...(contentLength !== null && { content: new Uint8Array(bytes.buffer, bytes.byteOffset + at, contentLength) }),
    ...(target !== null && { target }),
    ...(device !== null && { device }),
    ...(hardLinkTo !== null && { hardLinkTo }),
  };
}
