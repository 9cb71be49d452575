// What happens to files is told to whoever watches them: inotify's instances, fanotify's groups, and whom F_NOTIFY names. While nobody watches anything, telling costs a look at empty maps.
import type { Draft } from "immer";
import type { Kernel } from "../kernel.ts";
import type { BinaryString, Inode, OpenFile } from "../state/vfs.ts";
import { hasDirectoryNotices, noticeEntry, noticeFile, noticeMove } from "./directory-notices.ts";
import { forgetMarks, markKey, tellGroups } from "./fanotify.ts";
import { inodeOf } from "./inodes.ts";
import { forgetWatches, isWatchedByInotify, tellEntry, tellFile, tellMove, tellSelf } from "./inotify.ts";
import type { Place } from "./watched-directories.ts";

export const isWatchedByGroups = ({ poll }: Kernel): boolean => poll.fanotifies !== undefined && poll.fanotifies.size > 0;
export const isAnythingWatched = (kernel: Kernel): boolean => isWatchedByInotify(kernel) || isWatchedByGroups(kernel) || hasDirectoryNotices(kernel);

/** Something happened to a file that is not done by an open file: its own watchers learn of it, and those of directories that it lies in. */
export function notify(kernel: Kernel, inode: Pick<Inode, "id" | "kind">, mask: number): void {
  if (isWatchedByInotify(kernel)) tellFile(kernel, inode, mask, "");
  if (hasDirectoryNotices(kernel)) noticeFile(kernel, inode, mask, "");
}
/** The same by an open file, which says how the file was reached. */
export function notifyOpenFile(kernel: Kernel, { inode: id, path, isQuiet }: Draft<OpenFile>, mask: number): void {
  if (id !== 0 && !isQuiet && isAnythingWatched(kernel)) notifyByPath(kernel, inodeOf(kernel, id), mask, path);
}
export function notifyByPath(kernel: Kernel, inode: Draft<Inode>, mask: number, path: BinaryString): void {
  if (isWatchedByInotify(kernel)) tellFile(kernel, inode, mask, path);
  if (hasDirectoryNotices(kernel)) noticeFile(kernel, inode, mask, path);
  if (isWatchedByGroups(kernel)) tellGroups(kernel, inode, mask, path);
}
/** A directory's names changed. */
export function notifyName(kernel: Kernel, directory: number, child: Pick<Inode, "kind">, mask: number, name: BinaryString): void {
  if (isWatchedByInotify(kernel)) tellEntry(kernel, directory, child, mask, name);
  if (hasDirectoryNotices(kernel)) noticeEntry(kernel, directory, mask);
}
export function notifySelf(kernel: Kernel, inode: Pick<Inode, "id">, mask: number): void {
  if (isWatchedByInotify(kernel)) tellSelf(kernel, inode, mask);
}
export function notifyMove(kernel: Kernel, inode: Pick<Inode, "id" | "kind">, from: Place, to: Place): void {
  if (isWatchedByInotify(kernel)) tellMove(kernel, inode, from, to);
  if (hasDirectoryNotices(kernel)) noticeMove(kernel, from, to);
}
/** The inode is gone: so are its watches. */
export function notifyGone(kernel: Kernel, inode: number): void {
  forgetWatches(kernel, inode);
  if (isWatchedByGroups(kernel)) forgetMarks(kernel, markKey("inode", inode));
}
/** The file system is mounted no more. */
export function notifyUnmounted(kernel: Kernel, fileSystem: number): void {
  if (!isWatchedByGroups(kernel)) return;
  forgetMarks(kernel, markKey("mount", fileSystem));
  forgetMarks(kernel, markKey("filesystem", fileSystem));
}
