// Who is told by a signal of what happens in a directory (fcntl(2), F_NOTIFY; fs/notify/dnotify/dnotify.c): file-events.ts says of what.
import type { Draft } from "immer";
import { inotifyEvents } from "../../abi/constants/inotify-events.ts";
import type { Errno } from "../../abi/errno.ts";
import type { Kernel } from "../kernel.ts";
import type { DirectoryNotice } from "../state/poll.ts";
import type { Task } from "../state/proc-table.ts";
import type { BinaryString, Inode, OpenFile } from "../state/vfs.ts";
import { ownByDefault, tellNews } from "./input-signals.ts";
import { type Place, placesIn } from "./watched-directories.ts";

const { IN_ACCESS, IN_MODIFY, IN_ATTRIB, IN_CREATE, IN_DELETE, IN_MOVED_FROM, IN_MOVED_TO } = inotifyEvents;
/** Another name within the directory, which inotify does not know as such. */
const RENAMED = 0x1000_0000;
/** DN_ACCESS, DN_MODIFY, DN_CREATE, DN_DELETE, DN_RENAME, DN_ATTRIB, in the order of their bits. */
const EVENTS = [IN_ACCESS, IN_MODIFY, IN_CREATE | IN_MOVED_TO, IN_DELETE | IN_MOVED_FROM, RENAMED, IN_ATTRIB] as const;
const DN_MULTISHOT = 0x8000_0000;

const noticesOn = (kernel: Kernel, directory: number): readonly Draft<DirectoryNotice>[] => kernel.poll.directoryNotices?.get(directory) ?? [];
function store(kernel: Kernel, directory: number, notices: readonly Draft<DirectoryNotice>[]): void {
  kernel.poll.directoryNotices ??= new Map();
  if (notices.length > 0) kernel.poll.directoryNotices.set(directory, [...notices]);
  else kernel.poll.directoryNotices.delete(directory);
}
export const hasDirectoryNotices = ({ poll }: Kernel): boolean => poll.directoryNotices !== undefined && poll.directoryNotices.size > 0;

/** F_NOTIFY: more of what an open file tells its process's table about; nothing: no more at all. */
export function setNotice(kernel: Kernel, task: Draft<Task>, open: Draft<OpenFile>, fd: number, wanted: number): Errno | null {
  if ((wanted & ~DN_MULTISHOT) === 0) {
    forgetNotices(kernel, open, task.files);
    return null;
  }
  if (open.kind !== "directory") return open.kind === "proc-directory" ? null : "ENOTDIR";
  const mask = EVENTS.reduce((all: number, event, bit) => all | ((wanted & (1 << bit)) !== 0 ? event : 0), 0);
  const own = noticesOn(kernel, open.inode).find(({ openFile, files }) => openFile === open.id && files === task.files);
  const isRepeated = wanted >>> 31 === 1 || own?.isRepeated === true;
  const notice: DirectoryNotice = { openFile: open.id, files: task.files, fd, mask: mask | (own?.mask ?? 0), isRepeated };
  // Who came last is told first.
  store(kernel, open.inode, own ? noticesOn(kernel, open.inode).map(one => (one === own ? notice : one)) : [notice, ...noticesOn(kernel, open.inode)]);
  ownByDefault(kernel, task.pid, open);
  return null;
}
/** A descriptor of the open file is closed in that table. */
export function forgetNotices(kernel: Kernel, { id, inode }: Draft<OpenFile>, table: number): void {
  const all = noticesOn(kernel, inode);
  const left = all.filter(({ openFile, files }) => openFile !== id || files !== table);
  if (left.length !== all.length) store(kernel, inode, left);
}

function tell(kernel: Kernel, directory: number, event: number): void {
  const all = noticesOn(kernel, directory);
  const told = all.filter(({ mask }) => (mask & event) !== 0);
  if (told.length === 0) return;
  store(
    kernel,
    directory,
    all.filter(notice => notice.isRepeated || !told.includes(notice)),
  );
  for (const { openFile, fd } of told) tellNews(kernel, kernel.vfs.openFiles[openFile]!, fd);
}
/** Something happened to a file, or to a directory itself. */
export function noticeFile(kernel: Kernel, inode: Pick<Inode, "id" | "kind">, event: number, path: BinaryString): void {
  for (const { directory } of placesIn(kernel, kernel.poll.directoryNotices!.keys(), inode, path)) tell(kernel, directory, event);
  if (inode.kind === "directory") tell(kernel, inode.id, event);
}
export const noticeEntry = (kernel: Kernel, directory: number, event: number): void => tell(kernel, directory, event);
export function noticeMove(kernel: Kernel, from: Place, to: Place): void {
  if (from.directory === to.directory) tell(kernel, from.directory, RENAMED);
  tell(kernel, from.directory, IN_MOVED_FROM);
  tell(kernel, to.directory, IN_MOVED_TO);
}
