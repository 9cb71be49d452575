// Loads a bundle with the code that V8 made of it the last time. Node's own compile cache keeps only what is compiled while a module is loaded, and a short run's
// time goes into compiling functions when they are first called: this one is taken after a run, and holds those too.
// Nothing depends on it: what is missing, damaged, of another build or another V8 is made anew.
// *Deliberately absent:* node:v8 and node:zlib, which load all of Node's streams, 4 ms.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { cacheFolder } from "../guest-images/cache-folder.ts";

const CHECKSUM_BYTES = 4;
/** Of so many bytes, one word is looked at: files are damaged by sectors, and a sum of all of them would take longer than what it guards. V8 checks its version by itself. */
const CHECKED_STRIDE_WORDS = 128;
/** Of builds and versions of Node that are used in turn. */
const MOST_FILES = 8;

export interface Loaded<Exports> {
  readonly exports: Exports;
  /** Keeps the code where it was not there; called when all has run that a usual run needs. */
  keep(): void;
}
/** The caller says what the bundle exports: nobody else knows. */
export function loadWithCode<Exports>(path: string): Loaded<Exports> {
  const { size, mtimeMs } = statSync(path);
  const folder = join(cacheFolder(), "code");
  const file = join(folder, `${size}-${Math.round(mtimeMs)}-${process.version}-${process.arch}`);
  const cachedData = readChecked(file);
  // The bundle is a function (build.ts), in ASCII: as latin1 it is read without being converted.
  const { Script } = process.getBuiltinModule("node:vm");
  const script = new Script(readFileSync(path, "latin1"), {
    filename: path,
    ...(cachedData && { cachedData }),
  });
  const module = { exports: {} };
  // What it asks for is Node's own for the most part, and that needs no search.
  const require = (name: string): unknown => process.getBuiltinModule(name) ?? createRequire(path)(name);
  script.runInThisContext()(module.exports, require, module, path, dirname(path));
  const keep = (): void => {
    if (!cachedData || script.cachedDataRejected) write(folder, file, script.createCachedData());
  };
  return { exports: module.exports as Exports, keep };
}

function readChecked(file: string): Buffer | undefined {
  try {
    const bytes = readFileSync(file);
    const data = bytes.subarray(CHECKSUM_BYTES);
    return bytes.length > CHECKSUM_BYTES && bytes.readInt32LE(0) === checksum(data) ? data : undefined;
  } catch {
    return undefined;
  }
}
/** FNV-1a (Fowler, Noll, Vo) over words, the length first. */
function checksum(data: Buffer): number {
  const { buffer, byteOffset } = data.byteOffset % 4 === 0 ? data : Uint8Array.from(data);
  const words = new Int32Array(buffer, byteOffset, data.length >> 2);
  let sum = data.length;
  for (let at = 0; at < words.length; at += CHECKED_STRIDE_WORDS) sum = Math.imul(sum ^ words[at]!, 0x0100_0193);
  return sum;
}
function write(folder: string, file: string, data: Buffer): void {
  const head = Buffer.alloc(CHECKSUM_BYTES);
  head.writeInt32LE(checksum(data));
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(temporary, Buffer.concat([head, data]));
    renameSync(temporary, file);
    const age = (name: string): number => statSync(join(folder, name)).mtimeMs;
    const oldest = readdirSync(folder)
      .toSorted((a, b) => age(b) - age(a))
      .slice(MOST_FILES);
    for (const name of oldest) rmSync(join(folder, name), { force: true });
  } catch {
    // A folder that cannot be written, or a full disk: the next run is as slow as this one.
    if (existsSync(temporary)) rmSync(temporary, { force: true });
  }
}
