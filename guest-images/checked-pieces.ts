// What has been found right of a stored image's file and of its kept list, so that it need not be hashed again while these files are what they were: to load node:crypto takes as long as half of a small image's start,
// and hashing what python3 reads a twentieth of its. By size, times and inode: who changes a file changes its ctime (inode(7)).
// Nothing depends on it: where it is missing, damaged or of other files, all is hashed.
import { mkdirSync, readFileSync, renameSync, type Stats, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

const PIECES_A_BYTE = 8;
/** Of a file that is not there: nothing. */
export function identityOf(file: Pick<Stats, "size" | "mtimeMs" | "ctimeMs" | "ino"> | undefined): string {
  return file ? [file.size, file.mtimeMs, file.ctimeMs, file.ino].join() : "";
}

export class CheckedPieces {
  readonly #path: string;
  readonly #listPath: string;
  readonly #image: string;
  readonly #pieces: Uint8Array;
  /** The identity of the list that was found right. */
  #list = "";
  #hasNews = false;

  /** Beside the list. `image`: the identity of the image's file, which has `count` pieces. */
  constructor(listPath: string, image: string, count: number) {
    this.#path = `${listPath}-checked`;
    this.#listPath = listPath;
    this.#image = image;
    this.#pieces = new Uint8Array(Math.ceil(count / PIECES_A_BYTE));
    const kept = readIfThere(this.#path);
    const start = kept ? kept.length - this.#pieces.length : 0;
    const [keptImage, keptList, nothing] = kept && start > 0 ? kept.toString("latin1", 0, start).split("\n") : [];
    if (!kept || keptImage !== image || nothing !== "") return;
    this.#pieces.set(kept.subarray(start));
    this.#list = keptList!;
  }
  /** Whether the kept list is the one that was found right. */
  get isListRight(): boolean {
    return this.#list !== "" && this.#list === this.#presentList();
  }
  /** It has been read and found right, or made. */
  listIsRight(): void {
    const list = this.#presentList();
    this.#hasNews ||= list !== this.#list;
    this.#list = list;
  }
  #presentList(): string {
    return identityOf(statSync(this.#listPath, { throwIfNoEntry: false }));
  }
  has(piece: number): boolean {
    return (this.#pieces[piece >> 3]! & (1 << (piece & 7))) !== 0;
  }
  add(piece: number): void {
    this.#pieces[piece >> 3]! |= 1 << (piece & 7);
    this.#hasNews = true;
  }
  /** For the runs after this one. Of two that end at once one is lost, and what it has found is hashed again. */
  keep(): void {
    if (!this.#hasNews) return;
    const temporary = `${this.#path}.${process.pid}.tmp`;
    try {
      mkdirSync(dirname(this.#path), { recursive: true });
      writeFileSync(temporary, Buffer.concat([Buffer.from(`${this.#image}\n${this.#list}\n`), this.#pieces]));
      renameSync(temporary, this.#path);
    } catch {
      // A folder that cannot be written, or a full disk: the next run hashes again.
    }
  }
}
function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

/** Of the images that this process has opened. */
const opened: CheckedPieces[] = [];
export function checkedPieces(...file: ConstructorParameters<typeof CheckedPieces>): CheckedPieces {
  const checks = new CheckedPieces(...file);
  opened.push(checks);
  return checks;
}
/** At the end of a run. */
export function keepChecks(): void {
  for (const checks of opened) checks.keep();
}
