// Files in the cache folder with the machine code that V8 made of a file of the build: by that file's name, size and time, the build and the version of Node.
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { cacheFolder } from "../guest-images/cache-folder.ts";

/** The build's digest, which it puts here: files of packages have one time in all versions. */
const BUILD = process.env.CHRONIX_BUILD ?? "";
/** A checksum, how many milliseconds the run had taken that made the code, and by part its length and one, or 0 where there is none. */
const [FIRST_LENGTH, MOST_PARTS] = [8, 10];
const HEAD_BYTES = FIRST_LENGTH + 4 * MOST_PARTS;
/** So many words are looked at, or one in each 4 KiB: files are damaged by pages and sectors, and a sum of more would take longer than what it guards (it is interpreted, a word takes a microsecond). V8 checks its version by itself. */
const [LEAST_CHECKED_WORDS, MOST_STRIDE_WORDS] = [512, 1024];
/** Of builds, versions of Node and flags that are used in turn, five or six each. */
const MOST_FILES = 18;

/** Where one of several uses of a file is to have code of its own, or one of many in a folder of their own. */
export interface Use {
  readonly name: string;
  readonly folder?: string;
  readonly mostFiles?: number;
}

export interface Kept {
  /** Each in a buffer of its own. */
  readonly parts: readonly Uint8Array<ArrayBuffer>[];
  /** Of the run that made it. */
  readonly milliseconds: number;
}
export class KeptCode {
  readonly #folder: string;
  readonly #mostFiles: number;
  readonly #file: string;

  /** `path`: of what the code is made of. */
  constructor(path: string, { name, folder = ".", mostFiles = MOST_FILES }: Use = { name: "" }) {
    const { size, mtimeMs } = statSync(path);
    // Put together by hand: V8 would have to compile the functions of node:path, and to interpret them letter by letter.
    this.#folder = `${cacheFolder()}/code/${folder}`;
    this.#mostFiles = mostFiles;
    this.#file = `${this.#folder}/${path.slice(path.lastIndexOf("/") + 1)}-${size}-${Math.round(mtimeMs)}-${BUILD}-${process.version}-${process.arch}${flags()}${name}`;
  }
  /** Undefined where it is missing or damaged. */
  read(): Kept | undefined {
    let file: number | undefined;
    try {
      file = openSync(this.#file, "r");
      const head = new DataView(readPart(file, HEAD_BYTES).buffer);
      const parts: Uint8Array<ArrayBuffer>[] = [];
      for (let i = 0; i < MOST_PARTS; i++) {
        const stored = head.getUint32(FIRST_LENGTH + 4 * i, true);
        if (stored > 0) parts.push(readPart(file, stored - 1));
      }
      return parts.length > 0 && head.getInt32(0, true) === checksumOf(parts) ? { parts, milliseconds: head.getUint32(4, true) } : undefined;
    } catch {
      return undefined;
    } finally {
      if (file !== undefined) closeSync(file);
    }
  }
  get isThere(): boolean {
    return existsSync(this.#file);
  }
  remove(): void {
    rmSync(this.#file, { force: true });
  }
  /** The code is made only where it can be written. */
  write(make: () => readonly Uint8Array[]): void {
    const temporary = `${this.#file}.${process.pid}.tmp`;
    try {
      const isNew = !this.isThere;
      mkdirSync(this.#folder, { recursive: true });
      writeFileSync(temporary, "");
      const parts = make();
      const head = Buffer.alloc(HEAD_BYTES);
      head.writeInt32LE(checksumOf(parts));
      head.writeUInt32LE(millisecondsSoFar(), 4);
      for (const [i, { length }] of parts.entries()) head.writeUInt32LE(length + 1, FIRST_LENGTH + 4 * i);
      writeFileSync(temporary, Buffer.concat([head, ...parts]));
      renameSync(temporary, this.#file);
      if (!isNew) return;
      const age = (name: string): number => statSync(`${this.#folder}/${name}`).mtimeMs;
      const oldest = readdirSync(this.#folder, { withFileTypes: true })
        .flatMap(entry => (entry.isFile() ? [entry.name] : []))
        .toSorted((a, b) => age(b) - age(a))
        .slice(this.#mostFiles);
      for (const name of oldest) rmSync(`${this.#folder}/${name}`, { force: true });
    } catch {
      // A folder that cannot be written, or a full disk: the next run is as slow as this one.
      if (existsSync(temporary)) rmSync(temporary, { force: true });
    }
  }
}
/** The next bytes of a file; where there are fewer, that is an error. */
function readPart(file: number, length: number): Uint8Array<ArrayBuffer> {
  const part = new Uint8Array(length);
  if (readSync(file, part, 0, length, null) !== length) throw new Error("It was cut short.");
  return part;
}
const checksumOf = (parts: readonly Uint8Array[]): number => parts.reduce((sum, part) => Math.imul(sum, 31) + checksum(part), 0) | 0;
/** V8 takes no code that was made under other flags. */
function flags(): string {
  const all = [...process.execArgv, process.env.NODE_OPTIONS ?? ""].join(" ").trim();
  return all === "" ? "" : `-${(checksum(Buffer.from(all.padEnd(all.length + 3)), 1) >>> 0).toString(16)}`;
}
export const millisecondsSoFar = (): number => Math.round(process.uptime() * 1000);
/** FNV-1a (Fowler, Noll, Vo) over words, the length first. */
export function checksum(data: Uint8Array, stride = Math.max(1, Math.min(MOST_STRIDE_WORDS, Math.floor(data.length / 4 / LEAST_CHECKED_WORDS)))): number {
  const { buffer, byteOffset } = data.byteOffset % 4 === 0 ? data : Uint8Array.from(data);
  const words = new Int32Array(buffer, byteOffset, data.length >> 2);
  let sum = data.length;
  for (let at = 0; at < words.length; at += stride) sum = Math.imul(sum ^ words[at]!, 0x0100_0193);
  return sum;
}
