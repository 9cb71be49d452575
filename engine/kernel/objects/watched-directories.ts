// Who watches a directory learns of the files in it, too: where a file lies, of all directories that are watched.
import type { Kernel } from "../kernel.ts";
import type { BinaryString, Inode } from "../state/vfs.ts";
import { inodeIfThere } from "./inodes.ts";

export interface Place {
  readonly directory: number;
  readonly name: BinaryString;
}
/** `path`: how the file was reached, where that is known. */
export function placesIn(kernel: Kernel, directories: Iterable<number>, { id }: Pick<Inode, "id">, path: BinaryString): readonly Place[] {
  const hint = path.slice(path.lastIndexOf("/") + 1);
  return [...directories].flatMap(directory => {
    const entries = inodeIfThere(kernel, directory)?.entries;
    if (!entries) return [];
    const name = entries.get(hint) === id ? hint : [...entries].find(([, one]) => one === id)?.[0];
    return name === undefined ? [] : [{ directory, name }];
  });
}
