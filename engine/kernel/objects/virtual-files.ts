// What a tree of files made from kernel state (/proc) offers to the path walk and to open. It stores nothing: each node is made when asked for.
import type { Draft } from "immer";
import type { Errno } from "../../abi/errno.ts";
import type { Kernel } from "../kernel.ts";
import type { Task } from "../state/proc-table.ts";
import type { BinaryString, Location } from "../state/vfs.ts";

/** What stat tells, and what permission checks need. */
export interface VirtualNode {
  readonly kind: "file" | "directory" | "symlink";
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly links: number;
  readonly size: number;
  /** st_ino: the same for the same path. */
  readonly inode: number;
}
export interface VirtualEntry {
  readonly name: BinaryString;
  readonly kind: VirtualNode["kind"];
  readonly inode: number;
}
/** Paths are relative to the mount point and normal: "" is the root, then "1/fd/0", no `.`, `..` or links in them. Implemented by `procTree` in objects/proc-tree.ts. */
export interface VirtualTree {
  /** `undefined`: there is no such node (ENOENT). Called for each component of a path in turn. */
  find(kernel: Kernel, task: Draft<Task>, path: BinaryString): VirtualNode | undefined;
  /** The entries of a directory without `.` and `..`, in the order getdents gives them. */
  list(kernel: Kernel, task: Draft<Task>, path: BinaryString): readonly VirtualEntry[];
  /** The text of a symbolic link, or why it cannot be read (EACCES for another user's exe). */
  readlink(kernel: Kernel, task: Draft<Task>, path: BinaryString): { readonly text: BinaryString } | { readonly errno: Errno };
  /** Where a link leads that is more than its text (fd/N, exe, cwd, root): `undefined` where the text is to be followed. */
  follow(kernel: Kernel, task: Draft<Task>, path: BinaryString): Location | undefined;
  /** What an open file of it keeps, besides its path. `flags` as in open(2). */
  open(kernel: Kernel, task: Draft<Task>, path: BinaryString, flags: number): { readonly space?: number } | { readonly errno: Errno };
}
