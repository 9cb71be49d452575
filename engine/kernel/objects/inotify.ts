// Who watches files and directories by inotify(7), and telling them: file-events.ts says of what.
import type { Draft } from "immer";
import { ALL_INOTIFY_EVENTS, inotifyEvents } from "../../abi/constants/inotify-events.ts";
import type { Kernel } from "../kernel.ts";
import type { Inotify } from "../state/poll.ts";
import type { BinaryString, Inode } from "../state/vfs.ts";
import { wake } from "./waiting.ts";
import { type Place, placesIn } from "./watched-directories.ts";

const { IN_IGNORED, IN_ISDIR, IN_ONESHOT, IN_Q_OVERFLOW, IN_DELETE_SELF, IN_MOVE_SELF, IN_MOVED_FROM, IN_MOVED_TO } = inotifyEvents;
/** /proc/sys/fs/inotify/max_queued_events. */
const MOST_QUEUED = 16_384;
export const inotifyChannel = (id: number): string => `inotify:${id}:read`;

export function inotifyOf(kernel: Kernel, id: number): Draft<Inotify> {
  const instance = kernel.poll.inotifies.get(id);
  if (!instance) throw new Error(`Inotify instance ${id} is referred to but does not exist.`);
  return instance;
}
interface News {
  readonly mask: number;
  readonly cookie?: number;
  readonly name?: BinaryString;
}
function enqueue(kernel: Kernel, id: number, wd: number, { mask, cookie = 0, name = "" }: News): void {
  const instance = inotifyOf(kernel, id);
  const last = instance.queue.at(-1);
  // The same once more, before it was read, is not told again.
  if (last && last.wd === wd && last.mask === mask && last.cookie === cookie && last.name === name) return;
  if (instance.queue.length > MOST_QUEUED) return;
  instance.queue.push(instance.queue.length === MOST_QUEUED ? { wd: -1, mask: IN_Q_OVERFLOW, cookie: 0, name: "" } : { wd, mask, cookie, name });
  wake(kernel, inotifyChannel(id));
}
function tell(kernel: Kernel, inode: number, news: News): void {
  for (const watch of [...(kernel.poll.inodeWatches.get(inode) ?? [])]) {
    if ((watch.mask & news.mask & ALL_INOTIFY_EVENTS) === 0) continue;
    enqueue(kernel, watch.instance, watch.wd, news);
    if ((watch.mask & IN_ONESHOT) !== 0) removeWatch(kernel, watch.instance, watch.wd);
  }
}
export const isWatchedByInotify = (kernel: Kernel): boolean => kernel.poll.inodeWatches.size > 0;

/** Something happened to a file: its own watchers learn of it, and those of directories that it lies in, by name. `path`: how it was reached, where that is known. */
export function tellFile(kernel: Kernel, inode: Pick<Inode, "id" | "kind">, mask: number, path: BinaryString): void {
  const full = (mask & ALL_INOTIFY_EVENTS) | (inode.kind === "directory" ? IN_ISDIR : 0);
  for (const { directory, name } of placesIn(kernel, kernel.poll.inodeWatches.keys(), inode, path)) tell(kernel, directory, { mask: full, name });
  tell(kernel, inode.id, { mask: full });
}
export const tellEntry = (kernel: Kernel, directory: number, child: Pick<Inode, "kind">, mask: number, name: BinaryString): void =>
  tell(kernel, directory, { mask: mask | (child.kind === "directory" ? IN_ISDIR : 0), name });
export const tellSelf = (kernel: Kernel, inode: Pick<Inode, "id">, mask: number): void => tell(kernel, inode.id, { mask });
export function tellMove(kernel: Kernel, inode: Pick<Inode, "id" | "kind">, from: Place, to: Place): void {
  const cookie = ++kernel.poll.lastCookie;
  const kind = inode.kind === "directory" ? IN_ISDIR : 0;
  tell(kernel, from.directory, { mask: IN_MOVED_FROM | kind, cookie, name: from.name });
  tell(kernel, to.directory, { mask: IN_MOVED_TO | kind, cookie, name: to.name });
  tell(kernel, inode.id, { mask: IN_MOVE_SELF });
}
export function forgetWatches(kernel: Kernel, inode: number): void {
  if (!kernel.poll.inodeWatches.has(inode)) return;
  tell(kernel, inode, { mask: IN_DELETE_SELF });
  for (const { instance, wd } of [...(kernel.poll.inodeWatches.get(inode) ?? [])]) removeWatch(kernel, instance, wd);
}

export function removeWatch(kernel: Kernel, id: number, wd: number): void {
  const instance = inotifyOf(kernel, id);
  const inode = instance.watches.get(wd)!;
  instance.watches.delete(wd);
  forget(kernel, inode, id, wd);
  enqueue(kernel, id, wd, { mask: IN_IGNORED });
}
function forget(kernel: Kernel, inode: number, id: number, wd: number): void {
  const { inodeWatches } = kernel.poll;
  const left = (inodeWatches.get(inode) ?? []).filter(watch => watch.instance !== id || watch.wd !== wd);
  if (left.length > 0) inodeWatches.set(inode, left);
  else inodeWatches.delete(inode);
}
export function destroyInotify(kernel: Kernel, id: number): void {
  for (const [wd, inode] of inotifyOf(kernel, id).watches) forget(kernel, inode, id, wd);
  kernel.poll.inotifies.delete(id);
}
