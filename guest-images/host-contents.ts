// Contents of a host's files: read at once, or when the guest wants them.
import { closeSync, constants, fstatSync, openSync, readFileSync, readSync, type Stats } from "node:fs";
import type { StoredContent } from "../engine/loader/image.ts";
import { UserMistake } from "./user-mistake.ts";

/** Its path is a binary string; `stats` are those of the moment when it was listed. */
export interface HostFile {
  readonly path: string;
  readonly stats: Stats;
}
export const contentNow = ({ path, stats }: HostFile): Uint8Array => explained(path, () => contentOf(path, stats.size));

const PIECE_BYTES = 4096;

let made = 0;
/**
 * Read when it is first wanted, or when who boots has all of the rest read: a short run looks into few of a folder's files.
 * Until then it is as while a folder is copied: what is appended to a file is not seen, and of what is changed in another way a sentence tells.
 */
export class HostContent implements StoredContent {
  /** Nobody keeps the state that holds it: it need only be unique. */
  readonly digest = `host ${made++}`;
  readonly length: number;
  readonly #note: (sentence: string) => void;
  readonly #path: string;
  readonly #ino: number;
  readonly #mtimeMs: number;
  #bytes: Uint8Array | undefined;
  #pieces: Uint8Array[] | undefined;
  constructor({ path, stats }: HostFile, note: (sentence: string) => void) {
    this.length = stats.size;
    this.#path = path;
    this.#ino = stats.ino;
    this.#mtimeMs = stats.mtimeMs;
    this.#note = note;
  }
  piece(index: number): Uint8Array {
    const bytes = this.#bytes ?? this.read();
    if (bytes.length <= PIECE_BYTES) return bytes;
    this.#pieces ??= [];
    this.#pieces[index] ??= bytes.subarray(index * PIECE_BYTES, (index + 1) * PIECE_BYTES);
    return this.#pieces[index];
  }
  read(): Uint8Array {
    if (this.#bytes) return this.#bytes;
    const found = explained(this.#path, () => contentOf(this.#path, this.length, descriptor => this.#compare(fstatSync(descriptor))));
    this.#bytes = found;
    if (found.length < this.length) {
      // Its size has been told.
      this.#bytes = new Uint8Array(this.length);
      this.#bytes.set(found);
    }
    return this.#bytes;
  }
  /** What cannot be read is not missed before the guest wants it, and told then. */
  tryToRead(): void {
    try {
      this.read();
    } catch (error) {
      if (!(error instanceof UserMistake)) throw error;
    }
  }
  #compare({ ino, size, mtimeMs }: Stats): void {
    if (ino !== this.#ino || (size <= this.length && mtimeMs !== this.#mtimeMs))
      this.#note(`${onHost(this.#path)} was changed on this host while the guest started, which sees it as it is now.`);
  }
}

const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
/** What has the name now may be a link that leads elsewhere, or a FIFO. */
const PLAINLY = O_RDONLY | O_NOFOLLOW | O_NONBLOCK;
/** Asking again for a size that is known, and copying what was read, took half of the time for a folder of small files. */
function contentOf(path: string, size: number, look?: (descriptor: number) => void): Uint8Array {
  // Files of /proc and their like have no size.
  if (size === 0) return new Uint8Array(readFileSync(onHost(path)));
  const content = new Uint8Array(size);
  const file = openSync(onHost(path), PLAINLY);
  try {
    look?.(file);
    let at = 0;
    for (let read = -1; at < size && read !== 0; at += read) read = readSync(file, content, at, size - at, at);
    return at === size ? content : content.slice(0, at);
  } finally {
    closeSync(file);
  }
}

const NO_TEXT = /[\x80-\xff]/;
/** A binary string as a path for Node: most are text that has the same bytes in any encoding. */
export function onHost(path: string): string | Buffer {
  return NO_TEXT.test(path) ? Buffer.from(path, "latin1") : path;
}
export function explained<T>(host: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof UserMistake) throw error;
    const code = (error as NodeJS.ErrnoException).code;
    throw new UserMistake(`Cannot read ${onHost(host)} to mount it (${code}); check the path and its permissions.`);
  }
}
