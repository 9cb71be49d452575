// Reads a tar file of the host entry by entry, whatever it is compressed with: so that an archive of any size needs no more memory than its largest file.
import { closeSync, createReadStream, openSync, readSync } from "node:fs";
import { Readable } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { createTarDecoder, type TarHeader } from "modern-tar";
import xz from "xz-decompress";
import { UserMistake } from "../user-mistake.ts";

const GZIP = [0x1f, 0x8b];
const XZ = [0xfd, 0x37, 0x7a, 0x58, 0x5a];
const ZSTD = [0x28, 0xb5, 0x2f, 0xfd];

type Chunks = ReadableStream<Uint8Array<ArrayBuffer>>;
const webStream = (stream: Readable): Chunks => Readable.toWeb(stream) as unknown as Chunks;

/** Known by its first bytes, not by its name. */
function plainBytes(path: string): Chunks {
  const start = firstBytes(path, 6);
  const begins = (magic: readonly number[]) => magic.every((byte, i) => start[i] === byte);
  const file = createReadStream(path);
  if (begins(GZIP)) return webStream(file.pipe(createGunzip()));
  if (begins(ZSTD)) return webStream(file.pipe(createZstdDecompress()));
  if (begins(XZ)) return new xz.XzReadableStream(webStream(file)) as unknown as Chunks;
  return webStream(file);
}

export async function readTarFile(path: string, visit: (header: TarHeader, read: () => Promise<Uint8Array>) => Promise<void>): Promise<void> {
  try {
    const entries = plainBytes(path).pipeThrough(createTarDecoder({ strict: true }));
    for await (const { header, body } of entries) {
      let isRead = false;
      await visit(header, async () => {
        isRead = true;
        return new Uint8Array(await new Response(body).arrayBuffer());
      });
      if (!isRead) await body.cancel();
    }
  } catch (error) {
    if (error instanceof UserMistake) throw error;
    throw new UserMistake(`${path} cannot be read as a tar archive (${(error as Error).message}); give a plain one, or one compressed by gzip, xz or zstd.`);
  }
}

function firstBytes(path: string, length: number): Buffer {
  const descriptor = openSync(path, "r");
  try {
    const bytes = Buffer.alloc(length);
    readSync(descriptor, bytes, 0, length, 0);
    return bytes;
  } finally {
    closeSync(descriptor);
  }
}
