// Fanotify's groups: what their marks ask for, and the events in their queues (fanotify(7); fs/notify/fanotify/fanotify.c). Only open files tell: without file handles there is nothing else to name.
import type { Draft } from "immer";
import { EVENT_FLAGS, FILE_EVENTS, fanotifyEvents, fanotifyInit, PERMISSION_EVENTS } from "../../abi/constants/fanotify.ts";
import type { Kernel } from "../kernel.ts";
import type { Fanotify, FanotifyMark } from "../state/poll.ts";
import type { BinaryString, Inode } from "../state/vfs.ts";
import { hold, inodeIfThere, release } from "./inodes.ts";
import { runningTask } from "./tasks.ts";
import { wake } from "./waiting.ts";

const { FAN_EVENT_ON_CHILD, FAN_MODIFY, FAN_ONDIR, FAN_Q_OVERFLOW } = fanotifyEvents;
/** /proc/sys/fs/fanotify/max_queued_events. */
const MOST_QUEUED = 16_384;
/** FAN_UNLIMITED_QUEUE: as long as there is memory. */
const MOST_UNLIMITED = 2 ** 20;
/** Linux, too, looks at so many events for one that is the same (FANOTIFY_MAX_MERGE_EVENTS). */
const MOST_MERGED = 128;
export const groupChannel = (id: number): string => `fanotify:${id}:read`;
export function groupOf(kernel: Kernel, id: number): Draft<Fanotify> {
  const group = kernel.poll.fanotifies?.get(id);
  if (!group) throw new Error(`Fanotify group ${id} is referred to but does not exist.`);
  return group;
}

/** What a mark is on. */
export type Marked = "inode" | "mount" | "filesystem";
/** Under which a group has it; without a number, how those of all of that kind begin. */
export const markKey = (marked: Marked, id?: number): string => `${marked}:${id ?? ""}`;
/** A mark that the event concerns; `isParent`: as the directory that the file lies in. */
interface Concerned {
  readonly mark: Draft<FanotifyMark>;
  readonly isParent: boolean;
}
const isApplicable = (mask: number, isDirectory: boolean, isParent: boolean): boolean =>
  (!isDirectory || (mask & FAN_ONDIR) !== 0) && (!isParent || (mask & FAN_EVENT_ON_CHILD) !== 0);
/** What the mark lets a group not learn. An ignored mask of the older kind takes directories in, and children where the mark does (fsnotify_effective_ignore_mask). */
function ignoredBy({ mark, isParent }: Concerned, isDirectory: boolean): number {
  if ((mark.ignored & ~EVENT_FLAGS) === 0 || (!isDirectory && !isParent)) return mark.ignored & ~EVENT_FLAGS;
  const ignored = mark.hasIgnoreFlags ? mark.ignored : (mark.ignored & ~FAN_EVENT_ON_CHILD) | FAN_ONDIR | (mark.mask & FAN_EVENT_ON_CHILD);
  return isApplicable(ignored, isDirectory, isParent) ? ignored & ~EVENT_FLAGS : 0;
}
function concerned(kernel: Kernel, { marks }: Draft<Fanotify>, inode: Draft<Inode>): readonly Concerned[] {
  const found: Concerned[] = [];
  for (const key of [markKey("filesystem", inode.fileSystem), markKey("mount", inode.fileSystem), markKey("inode", inode.id)]) {
    const mark = marks.get(key);
    if (mark) found.push({ mark, isParent: false });
  }
  for (const mark of marks.values()) {
    const watchesChildren = ((mark.mask | (mark.hasIgnoreFlags ? mark.ignored : 0)) & FAN_EVENT_ON_CHILD) !== 0;
    if (!watchesChildren || mark.inode === 0) continue;
    const entries = inodeIfThere(kernel, mark.inode)?.entries;
    if (entries && [...entries.values()].includes(inode.id)) found.push({ mark, isParent: true });
  }
  return found;
}
/** The part of the event that the group asks for. */
function wantedBy(kernel: Kernel, group: Draft<Fanotify>, inode: Draft<Inode>, mask: number): number {
  const isDirectory = inode.kind === "directory";
  let [wanted, ignored] = [0, 0];
  for (const one of concerned(kernel, group, inode)) {
    const { mark, isParent } = one;
    if ((mask & FAN_MODIFY) !== 0 && !mark.survivesModify) mark.ignored = 0;
    ignored |= ignoredBy(one, isDirectory);
    if (isApplicable(mark.mask, isDirectory, isParent)) wanted |= mark.mask;
  }
  return mask & wanted & ~ignored & (FILE_EVENTS | PERMISSION_EVENTS);
}
export function tellGroups(kernel: Kernel, inode: Draft<Inode>, mask: number, path: BinaryString): void {
  if (inode.kind !== "file" && inode.kind !== "directory") return;
  for (const [id, group] of [...kernel.poll.fanotifies!]) {
    const wanted = wantedBy(kernel, group, inode, mask);
    if (wanted !== 0) enqueue(kernel, id, group, inode, wanted, path);
  }
}
function enqueue(kernel: Kernel, id: number, group: Draft<Fanotify>, inode: Draft<Inode>, mask: number, path: BinaryString): void {
  const actor = actorFor(kernel, group);
  const same = group.queue
    .slice(-MOST_MERGED)
    .find(event => event.permission === undefined && event.inode === inode.id && event.path === path && event.actor === actor);
  if (same) {
    same.mask |= mask;
    return;
  }
  const isFull = group.queue.length >= ((group.flags & fanotifyInit.FAN_UNLIMITED_QUEUE) === 0 ? MOST_QUEUED : MOST_UNLIMITED);
  if (isFull && (group.queue.at(-1)!.mask & FAN_Q_OVERFLOW) !== 0) return;
  if (isFull) group.queue.push({ mask: FAN_Q_OVERFLOW, inode: 0, path: "", actor: 0 });
  else {
    hold(kernel, inode.id);
    group.queue.push({ mask, inode: inode.id, path, actor });
  }
  wake(kernel, groupChannel(id));
}

function actorFor(kernel: Kernel, { flags }: Draft<Fanotify>): number {
  const { tid, pid } = runningTask(kernel);
  return (flags & fanotifyInit.FAN_REPORT_TID) !== 0 ? tid : pid;
}
/** The groups that want to know of it. */
export const groupsWhere = (kernel: Kernel, inode: Draft<Inode>, mask: number): readonly number[] =>
  [...kernel.poll.fanotifies!].filter(([, group]) => wantedBy(kernel, group, inode, mask) !== 0).map(([id]) => id);
export function queueQuestion(kernel: Kernel, id: number, inode: Draft<Inode>, mask: number, path: BinaryString, permission: number): void {
  const group = groupOf(kernel, id);
  hold(kernel, inode.id);
  group.queue.push({ mask, inode: inode.id, path, actor: actorFor(kernel, group), permission });
  wake(kernel, groupChannel(id));
}
/** The question was not told yet, and is not asked any more. */
export function withdraw(kernel: Kernel, id: number, permission: number): void {
  const { queue } = groupOf(kernel, id);
  const at = queue.findIndex(event => event.permission === permission);
  const [event] = queue.splice(at, 1);
  release(kernel, event!.inode);
}

/** What the mark is on is gone. */
export function forgetMarks(kernel: Kernel, key: string): void {
  for (const group of kernel.poll.fanotifies!.values()) group.marks.delete(key);
}
export function destroyGroup(kernel: Kernel, id: number): void {
  const { queue } = groupOf(kernel, id);
  kernel.poll.fanotifies!.delete(id);
  for (const { inode } of queue) if (inode !== 0) release(kernel, inode);
}
