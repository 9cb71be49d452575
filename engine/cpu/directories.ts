// The directories of code pages: where the record of each of a page's addresses lies. A directory says where its lines lie, and a line is made when something is decoded in it: of most pages little is.
// Wasm reads them and makes lines too (`entryPlace` in interpreter/execution.ts, `entryToPut` in interpreter/decoding.ts).
import { DIRECTORY_BYTES, LINE_BYTES, LINE_SHIFT, layout, PAGE_BYTES } from "../memory/layout.ts";
import type { LinearMemory } from "../memory/linear-memory.ts";
import type { RecordRoom } from "./record-room.ts";

const IN_LINE = 2 ** LINE_SHIFT - 1;

export class Directories {
  readonly #linear: LinearMemory;
  readonly #room: RecordRoom;
  /** They keep their lines. */
  readonly #free: number[] = [];

  constructor(linear: LinearMemory, room: RecordRoom) {
    this.#linear = linear;
    this.#room = room;
  }
  /** One in which nothing is decoded. */
  make(): number {
    const used = this.#free.pop();
    if (used !== undefined) this.#clear(used);
    return used ?? this.#room.takeAbove(DIRECTORY_BYTES);
  }
  free(directory: number): void {
    this.#free.push(directory);
  }
  /** The room in which they lay is empty. */
  forget(): void {
    this.#free.length = 0;
  }
  /** The record that stands at an offset, or 0. */
  at(directory: number, offset: number): number {
    return this.#linear.words[this.#place(directory, offset)]!;
  }
  put(directory: number, offset: number, record: number): void {
    const { words } = this.#linear;
    const line = (directory >>> 2) + (offset >>> LINE_SHIFT);
    if (words[line] === layout.emptyLine) words[line] = this.#room.takeAbove(LINE_BYTES);
    words[this.#place(directory, offset)] = record;
  }
  /** In the order of their offsets. */
  forEach(directory: number, visit: (record: number, offset: number) => void): void {
    for (let offset = 0; offset < PAGE_BYTES; offset++) {
      const record = this.at(directory, offset);
      if (record !== 0) visit(record, offset);
    }
  }
  /** In words. */
  #place(directory: number, offset: number): number {
    return (this.#linear.words[(directory >>> 2) + (offset >>> LINE_SHIFT)]! >>> 2) + (offset & IN_LINE);
  }
  #clear(directory: number): void {
    const lines = this.#linear.words.subarray(directory >>> 2, (directory + DIRECTORY_BYTES) >>> 2);
    for (const line of lines) if (line !== layout.emptyLine) this.#linear.bytes.fill(0, line, line + LINE_BYTES);
  }
}
