// The numbers of a stored image's entries, in one piece that is read as it lies in a file: what each is, and its place in the tree of files.
import type { ImageEntry } from "../engine/loader/image.ts";

/** As the table has them, by number. */
export const kinds: readonly ImageEntry["kind"][] = ["file", "directory", "symlink", "character", "block", "fifo"];

export const columns = {
  kind: 0,
  mode: 1,
  uid: 2,
  gid: 3,
  /** Which of the list's times. */
  time: 4,
  /** 1 more than the number of its content, or 0. */
  content: 5,
  /** Where in the list's texts its path begins, where in that its name, and where it ends; up to the next path follows what a link leads to. */
  path: 6,
  name: 7,
  pathEnd: 8,
  /** Other entries: the folder that it lies in, the first in it, and the next in the same folder; 0 is none, since `/` is in no folder. */
  folder: 9,
  firstInside: 10,
  nextBeside: 11,
  /** Its number in `ImageListing`, and how many links that has, which stands at the first of its names. */
  inode: 12,
  links: 13,
  /** Not of this entry: the first entry of the inode with this number. */
  entryOfInode: 14,
} as const;
export type Column = (typeof columns)[keyof typeof columns];
const WIDTH = 15;

export class EntryTable {
  readonly numbers: Uint32Array;
  constructor(numbers: Uint32Array) {
    this.numbers = numbers;
  }
  static ofLength(length: number): EntryTable {
    return new EntryTable(new Uint32Array(length * WIDTH));
  }
  get length(): number {
    return this.numbers.length / WIDTH;
  }
  get(entry: number, column: Column): number {
    return this.numbers[entry * WIDTH + column]!;
  }
  set(entry: number, column: Column, value: number): void {
    this.numbers[entry * WIDTH + column] = value;
  }
}
