// Where the records of decoded code lie in linear memory: in pieces that are filled one after another, with records from a piece's start on, and directories (engine/cpu/directories.ts) from its end down.
// How far both have come stands where wasm finds it, and takes room too (interpreter/decoding.ts).
import { layout, MOST_RECORD_PIECES, PAGE_BYTES, RECORD_BYTES, RECORD_RESERVE } from "../memory/layout.ts";
import type { LinearMemory } from "../memory/linear-memory.ts";

const PIECE_PAGES = RECORD_BYTES / PAGE_BYTES;

export class RecordRoom {
  readonly #linear: LinearMemory;
  /** In the order in which they are filled. */
  readonly #pieces: number[] = [layout.records];
  /** Which of them is being filled. */
  #piece = 0;

  constructor(linear: LinearMemory) {
    this.#linear = linear;
    this.#fill(0);
  }
  /** Of the records. */
  get end(): number {
    return this.#linear.words[layout.recordEnd >>> 2]!;
  }
  /** For records; what lay there stays. */
  take(bytes: number): number {
    const at = this.end;
    this.#linear.words[layout.recordEnd >>> 2] = at + bytes;
    return at;
  }
  /** For a directory or a line of one: zero. */
  takeAbove(bytes: number): number {
    const { words } = this.#linear;
    const limit = words[layout.recordLimit >>> 2]! - bytes;
    words[layout.recordLimit >>> 2] = limit;
    const at = limit + RECORD_RESERVE;
    this.#linear.bytes.fill(0, at, at + bytes);
    return at;
  }
  /** Whether RECORD_RESERVE and so many bytes are free, here or in another piece, which is then gone on with. */
  make(besides = 0): boolean {
    if (this.end + besides < this.#linear.words[layout.recordLimit >>> 2]!) return true;
    if (this.#piece + 1 === this.#pieces.length && !this.#addPiece()) return false;
    this.#fill(this.#piece + 1);
    return true;
  }
  /** Nobody needs what lies there any more. */
  empty(): void {
    this.#fill(0);
  }
  #fill(piece: number): void {
    const { words } = this.#linear;
    this.#piece = piece;
    words[layout.recordEnd >>> 2] = this.#pieces[piece]!;
    words[layout.recordLimit >>> 2] = this.#pieces[piece]! + RECORD_BYTES - RECORD_RESERVE;
  }
  #addPiece(): boolean {
    if (this.#pieces.length === MOST_RECORD_PIECES) return false;
    const at = this.#linear.allocate(PIECE_PAGES);
    if (at === undefined) return false;
    // Places of records are kept as signed words.
    if (at + RECORD_BYTES > 2 ** 31) {
      this.#linear.free(at, PIECE_PAGES);
      return false;
    }
    this.#pieces.push(at);
    return true;
  }
}
