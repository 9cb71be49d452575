// A block of a log: a header of fixed size with two checksums, then its payload, compressed where that is smaller. Headers alone are enough to find every block.
// Zstandard at its fastest takes half of deflate's time on events and a third on pages, for which it needs less room; on pages that cannot be made smaller a tenth.
// CRC-32 comes from node:zlib: no dependency, and several gigabytes a second; what protects against forgery is the log's SHA-256 digest, not the blocks.
import { constants, crc32, inflateRawSync, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { LogDamage } from "./damage.ts";

export const BLOCK_HEADER_BYTES = 52;
/** "BLK1": also tells a reader at once that it has lost its way. */
const MARKER = 0x314b4c42;
/** A compressed payload is at most this long; longer ones are stored as they are, so that a length never promises more than the file holds. */
export const MOST_INFLATED_BYTES = 2 ** 26;
/** Below this, compressing gains less than it costs. */
const LEAST_COMPRESSED_BYTES = 512;
/** What the result may be longer by, and so fits into one buffer. */
const MOST_ADDED_BYTES = 1024;
const FASTEST = { [constants.ZSTD_c_compressionLevel]: 1 };

const kindCodes = { events: 1, pages: 2, keyframe: 3, note: 4 } as const;
export type BlockKind = keyof typeof kindCodes;
const kindByCode = new Map(Object.entries(kindCodes).map(([name, code]) => [code as number, name as BlockKind]));
const PLAIN = 0;
/** Of earlier versions, which are read. */
const DEFLATED = 1;
const ZSTANDARD = 2;
/** As these two, of a block that refers to others' bytes: earlier versions say that they do not know it. */
const REFERRING: Readonly<Record<number, number>> = { [PLAIN]: 3, [ZSTANDARD]: 4 };

export interface BlockPlace {
  /** Position after which the block stands: its first event's number, or a keyframe's. */
  readonly seq: number;
  readonly tick: number;
  /** Events only: the task of the event before. */
  readonly task: number;
  /** Events or pages in it. */
  readonly count: number;
  /** The payload's first part, for kinds that have two. */
  readonly split: number;
  /** Events only: how long the list of references behind it is. */
  readonly references?: number;
}
export interface BlockHeader extends BlockPlace {
  /** `undefined`: a kind of a later version, to be skipped. */
  readonly kind: BlockKind | undefined;
  readonly encoding: number;
  readonly storedBytes: number;
  readonly payloadBytes: number;
  readonly checksum: number;
  readonly references: number;
}

/** Header and payload, to be written one after another. */
export function encodeBlock(kind: BlockKind, place: BlockPlace, payload: Uint8Array): readonly [Uint8Array, Uint8Array] {
  const [compression, stored] = compress(payload);
  const { references = 0 } = place;
  const header = Buffer.alloc(BLOCK_HEADER_BYTES);
  header.writeUInt32LE(MARKER, 0);
  header.writeUInt8(kindCodes[kind], 4);
  header.writeUInt8(references > 0 ? REFERRING[compression]! : compression, 5);
  header.writeUIntLE(place.seq, 6, 6);
  header.writeUIntLE(place.tick, 12, 6);
  header.writeUInt32LE(place.count, 20);
  header.writeInt32LE(place.task, 24);
  header.writeUInt32LE(place.split, 28);
  header.writeUInt32LE(stored.length, 32);
  header.writeUInt32LE(payload.length, 36);
  header.writeUInt32LE(crc32(stored), 40);
  header.writeUInt32LE(references, 44);
  header.writeUInt32LE(crc32(header.subarray(0, 48)), 48);
  return [header, stored];
}
function compress(payload: Uint8Array): readonly [encoding: number, stored: Uint8Array] {
  if (payload.length < LEAST_COMPRESSED_BYTES || payload.length > MOST_INFLATED_BYTES) return [PLAIN, payload];
  const compressed = zstdCompressSync(payload, { params: FASTEST, chunkSize: payload.length + MOST_ADDED_BYTES });
  return compressed.length < payload.length * 0.9 ? [ZSTANDARD, compressed] : [PLAIN, payload];
}

/** `undefined` where these bytes are no block's header. */
export function decodeBlockHeader(bytes: Uint8Array): BlockHeader | undefined {
  if (bytes.length < BLOCK_HEADER_BYTES) return undefined;
  const header = Buffer.from(bytes.buffer, bytes.byteOffset, BLOCK_HEADER_BYTES);
  if (header.readUInt32LE(0) !== MARKER || header.readUInt32LE(48) !== crc32(header.subarray(0, 48))) return undefined;
  return {
    kind: kindByCode.get(header.readUInt8(4)),
    encoding: header.readUInt8(5),
    seq: header.readUIntLE(6, 6),
    tick: header.readUIntLE(12, 6),
    count: header.readUInt32LE(20),
    task: header.readInt32LE(24),
    split: header.readUInt32LE(28),
    storedBytes: header.readUInt32LE(32),
    payloadBytes: header.readUInt32LE(36),
    checksum: header.readUInt32LE(40),
    references: header.readUInt32LE(44),
  };
}

type Inflate = (stored: Uint8Array, most: number) => Uint8Array;
const plain: Inflate = stored => stored;
const zstandard: Inflate = (stored, most) => zstdDecompressSync(stored, { maxOutputLength: most });
const inflaters: Readonly<Record<number, Inflate>> = {
  [PLAIN]: plain,
  [DEFLATED]: (stored, most) => inflateRawSync(stored, { maxOutputLength: most }),
  [ZSTANDARD]: zstandard,
  [REFERRING[PLAIN]!]: plain,
  [REFERRING[ZSTANDARD]!]: zstandard,
};
export const isStored = (header: BlockHeader, stored: Uint8Array): boolean => stored.length === header.storedBytes && crc32(stored) === header.checksum;

/** The payload of a block whose checksum has been found right. */
export function decodePayload(header: BlockHeader, stored: Uint8Array): Uint8Array {
  const inflate = inflaters[header.encoding];
  if (!inflate) throw new LogDamage(`A block is compressed in a way (${header.encoding}) that this version does not know.`);
  if (inflate !== plain && header.payloadBytes > MOST_INFLATED_BYTES) throw new LogDamage("A block says that it is larger than any block may be.");
  const payload = inflated(inflate, stored, Math.max(1, header.payloadBytes));
  if (payload.length !== header.payloadBytes || header.split + header.references > payload.length)
    throw new LogDamage("A block's length is not what its header says.");
  return payload;
}
function inflated(inflate: Inflate, stored: Uint8Array, most: number): Uint8Array {
  try {
    return inflate(stored, most);
  } catch {
    throw new LogDamage("A block cannot be decompressed.");
  }
}
