// The first bytes of a log: what file it is, its format's version, and what its events start from.
import { crc32 } from "node:zlib";
import type { Position } from "../position.ts";
import { LogDamage, LogVersionMismatch } from "./damage.ts";
import { pack, unpack } from "./msgpack.ts";

const MAGIC = "CHRONIX\n";
export const FORMAT_VERSION = 1;
const FIXED_BYTES = 20;
const MOST_BYTES = 2 ** 24;

/** Something that makes a timeline different from its parent. */
export type Change =
  | { readonly kind: "inject"; readonly seq: number; readonly errno: string }
  | { readonly kind: "input"; readonly seq: number; readonly bytes: Readonly<Uint8Array> | null }
  | { readonly kind: "environment"; readonly name: string; readonly value: string | null }
  | { readonly kind: "argv"; readonly argv: readonly string[] }
  | { readonly kind: "seed"; readonly seed: number }
  | { readonly kind: "chaos"; readonly seed: number | null };

/** Where a forked timeline leaves its parent. */
export interface Origin {
  /** The parent's digest up to the fork: whichever log has it is as good a parent. */
  readonly parentDigest: string;
  readonly position: Position;
  readonly changes: readonly Change[];
}
export interface LogHeader {
  readonly image: { readonly name: string; readonly digest: string };
  /** Absent: the log starts with its boot event. */
  readonly origin?: Origin;
}

export function encodeHeader(header: LogHeader): Uint8Array {
  const payload = pack(header);
  const bytes = Buffer.alloc(FIXED_BYTES + payload.length);
  bytes.write(MAGIC, 0, "latin1");
  bytes.writeUInt16LE(FORMAT_VERSION, 8);
  bytes.writeUInt32LE(payload.length, 12);
  bytes.set(payload, FIXED_BYTES);
  bytes.writeUInt32LE(crc32(payload, crc32(bytes.subarray(0, 16))), 16);
  return bytes;
}

/** Reads the header by `read(offset, length)`, which answers fewer bytes at the file's end. */
export function decodeHeader(read: (offset: number, length: number) => Uint8Array): { readonly header: LogHeader; readonly bytes: number } {
  const start = Buffer.from(read(0, FIXED_BYTES));
  if (start.length === 0) throw new LogDamage("The log is empty.");
  if (start.toString("latin1", 0, MAGIC.length) !== MAGIC.slice(0, start.length)) throw new LogDamage("This is not a log of Chronix.");
  if (start.length < FIXED_BYTES) throw new LogDamage("The log ends within its header; nothing was recorded.");
  const version = start.readUInt16LE(8);
  const length = start.readUInt32LE(12);
  const payload = length <= MOST_BYTES ? read(FIXED_BYTES, length) : undefined;
  const isRight = payload?.length === length && start.readUInt32LE(16) === crc32(payload, crc32(start.subarray(0, 16)));
  if (version !== FORMAT_VERSION)
    throw isRight || version > FORMAT_VERSION
      ? new LogVersionMismatch(`The log has format version ${version}; this version of Chronix reads version ${FORMAT_VERSION}.`)
      : new LogDamage("The log's header is damaged.");
  if (!payload || !isRight)
    throw new LogDamage(payload && payload.length < length ? "The log ends within its header; nothing was recorded." : "The log's header is damaged.");
  return { header: asHeader(unpack(payload)), bytes: FIXED_BYTES + length };
}
function asHeader(value: unknown): LogHeader {
  const header = value as LogHeader | null;
  if (typeof header !== "object" || typeof header?.image?.digest !== "string") throw new LogDamage("The log's header does not name an image.");
  return header;
}
