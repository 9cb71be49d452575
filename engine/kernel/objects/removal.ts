// Taking entries out of directories: which entry a path names, who may remove it, and unlink(2) itself.
import type { Draft } from "immer";
import { landlockAccess } from "../../abi/constants/landlock.ts";
import type { Errno } from "../../abi/errno.ts";
import type { Kernel } from "../kernel.ts";
import type { Credentials, Task } from "../state/proc-table.ts";
import type { BinaryString, Inode } from "../state/vfs.ts";
import { isStickyRefusal } from "./attributes.ts";
import { mayAccess } from "./credentials.ts";
import { inodeOf, isReadOnly, removeEntry } from "./inodes.ts";
import { refusalIn } from "./landlock.ts";
import { type Found, plainCredentials, type ResolveOptions, resolve } from "./paths.ts";

const { LANDLOCK_ACCESS_FS_REMOVE_FILE: REMOVE_FILE } = landlockAccess;
export const WRITE_AND_SEARCH = 3;
export const AS_ENTRY: ResolveOptions = { followLast: false, isForEntry: true };

/** An entry that is there, in a directory that is no virtual one. */
export interface Entry {
  readonly directory: number;
  readonly name: BinaryString;
  readonly inode: Draft<Inode>;
}
/** Mounts are not stepped into: the entry is what they cover. `undefined` for entries of virtual directories. */
export function entryOf(kernel: Kernel, { parent, name }: Found): Entry | undefined {
  if (!parent || !("inode" in parent)) return undefined;
  return { directory: parent.inode, name, inode: inodeOf(kernel, inodeOf(kernel, parent.inode).entries!.get(name)!) };
}
/** Why the entry may not go (fs/namei.c, may_delete). */
export function refusalToRemove(kernel: Kernel, credentials: Credentials, { directory, inode }: Entry, isDirectory: boolean): Errno | null {
  const parent = inodeOf(kernel, directory);
  if (!mayAccess(credentials, parent, WRITE_AND_SEARCH)) return "EACCES";
  if (isStickyRefusal(credentials, parent, inode)) return "EPERM";
  if (isDirectory && inode.kind !== "directory") return "ENOTDIR";
  return !isDirectory && inode.kind === "directory" ? "EISDIR" : null;
}
/** unlink(2); answers why not. */
export function unlinkPath(kernel: Kernel, task: Draft<Task>, dirfd: number, path: BinaryString | null): Errno | null {
  const resolved = resolve(kernel, task, dirfd, path, AS_ENTRY);
  if (resolved.kind === "fail") return resolved.errno;
  if (resolved.kind === "missing") return isReadOnly(kernel, inodeOf(kernel, resolved.parent)) ? "EROFS" : "ENOENT";
  if (resolved.last !== "name") return "EISDIR";
  const entry = entryOf(kernel, resolved);
  if (!entry) return "EPERM";
  if (isReadOnly(kernel, inodeOf(kernel, entry.directory))) return "EROFS";
  if (resolved.hasSlash) return entry.inode.kind === "directory" ? "EISDIR" : "ENOTDIR";
  const errno = refusalIn(kernel, task, entry.directory, REMOVE_FILE) ?? refusalToRemove(kernel, plainCredentials(kernel, task), entry, false);
  if (errno) return errno;
  removeEntry(kernel, entry.directory, entry.name);
  return null;
}
