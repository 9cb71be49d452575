// Fanotify groups as files: what is read is what happened, each time with a descriptor of the file, which itself tells nothing (fanotify(7)).
import type { Draft } from "immer";
import { fanotifyInit } from "../../abi/constants/fanotify.ts";
import { O_ACCMODE, O_CLOEXEC, O_NONBLOCK, O_RDONLY } from "../../abi/constants/open-flags.ts";
import { READABLE } from "../../abi/constants/poll-events.ts";
import type { Errno } from "../../abi/errno.ts";
import type { Kernel } from "../kernel.ts";
import { destroyGroup, groupChannel, groupOf } from "../objects/fanotify.ts";
import type { FileKind } from "../objects/file-kinds.ts";
import { inodeOf, isReadOnly, release } from "../objects/inodes.ts";
import { createOpenFile, freeDescriptor, hasRoomForOpenFile, install } from "../objects/open-files.ts";
import { isExecuted } from "../objects/opening.ts";
import { allowAll, answer, denyUntold, noteTold } from "../objects/permission-events.ts";
import { openProcess } from "../objects/pidfds.ts";
import type { Fanotify, FanotifyEvent } from "../state/poll.ts";
import type { Task } from "../state/proc-table.ts";

/** struct fanotify_event_metadata, and struct fanotify_event_info_pidfd behind it. */
const METADATA = 24;
const PIDFD_RECORD = 8;
const VERSION = 3;
const PIDFD_TYPE = 4;
const NO_DESCRIPTOR = -1;
const FAILED_PIDFD = -2;
const RESPONSE = 8;
const [FAN_ALLOW, FAN_DENY, FAN_AUDIT] = [1, 2, 0x10] as const;
const FIONREAD = 0x541b;
const tellsProcess = ({ flags }: Draft<Fanotify>): boolean => (flags & fanotifyInit.FAN_REPORT_PIDFD) !== 0;
const sizeOf = (group: Draft<Fanotify>): number => METADATA + (tellsProcess(group) ? PIDFD_RECORD : 0);

function openEventFile(kernel: Kernel, task: Draft<Task>, { eventFlags }: Draft<Fanotify>, { inode: id, path }: Draft<FanotifyEvent>): number | Errno {
  if (id === 0) return NO_DESCRIPTOR;
  if (freeDescriptor(kernel, task) === null) return "EMFILE";
  if (!hasRoomForOpenFile(kernel)) return "ENFILE";
  const inode = inodeOf(kernel, id);
  const isWriting = (eventFlags & O_ACCMODE) !== O_RDONLY;
  if (isWriting && isReadOnly(kernel, inode)) return "EROFS";
  if (isWriting && isExecuted(kernel, inode)) return "ETXTBSY";
  const kind = inode.kind === "directory" ? "directory" : "regular";
  // Linux leaves O_CLOEXEC among the flags that F_GETFL tells.
  const openFile = createOpenFile(kernel, { kind, flags: eventFlags, inode: id, path });
  kernel.vfs.openFiles[openFile]!.isQuiet = true;
  return install(kernel, task, openFile, 0, (eventFlags & O_CLOEXEC) !== 0)!;
}
function pidfdOf(kernel: Kernel, task: Draft<Task>, { actor }: Draft<FanotifyEvent>): number {
  if (!kernel.procTable.processes.has(actor)) return NO_DESCRIPTOR;
  const opened = openProcess(kernel, task, actor, 0);
  return opened.kind === "done" ? opened.value : FAILED_PIDFD;
}
function encode(kernel: Kernel, task: Draft<Task>, group: Draft<Fanotify>, event: Draft<FanotifyEvent>, fd: number): Uint8Array {
  const bytes = new Uint8Array(sizeOf(group));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, bytes.length, true);
  view.setUint8(4, VERSION);
  view.setUint16(6, METADATA, true);
  view.setUint32(8, event.mask >>> 0, true);
  view.setInt32(16, fd, true);
  view.setInt32(20, event.actor, true);
  if (!tellsProcess(group)) return bytes;
  view.setUint8(METADATA, PIDFD_TYPE);
  view.setUint16(METADATA + 2, PIDFD_RECORD, true);
  view.setInt32(METADATA + 4, pidfdOf(kernel, task, event), true);
  return bytes;
}

export const fanotify: FileKind = {
  isSeekable: false,
  read(kernel, { task, open, count }) {
    const group = groupOf(kernel, open.object);
    const size = sizeOf(group);
    if (group.queue.length === 0) return open.flags & O_NONBLOCK ? { kind: "fail", errno: "EAGAIN" } : { kind: "block", channels: [groupChannel(open.object)] };
    if (size > count) return { kind: "fail", errno: "EINVAL" };
    const parts: Uint8Array[] = [];
    while (group.queue.length > 0 && (parts.length + 1) * size <= count) {
      const event = group.queue.shift()!;
      const fd = openEventFile(kernel, task, group, event);
      if (event.inode !== 0) release(kernel, event.inode);
      if (event.permission !== undefined && typeof fd === "string") denyUntold(kernel, event.permission);
      else if (event.permission !== undefined) noteTold(kernel, event.permission, fd as number);
      // The event is lost with its file.
      if (typeof fd === "string" && parts.length === 0) return { kind: "fail", errno: fd };
      if (typeof fd === "string") break;
      parts.push(encode(kernel, task, group, event, fd));
    }
    const value = new Uint8Array(parts.length * size);
    parts.forEach((part, i) => {
      value.set(part, i * size);
    });
    return { kind: "done", value };
  },
  // struct fanotify_response: a descriptor that came with an event, and whether what is asked may be done.
  write(kernel, { open, bytes }) {
    if (bytes.length < RESPONSE) return { kind: "fail", errno: "EINVAL" };
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const [fd, response] = [view.getInt32(0, true), view.getUint32(4, true)];
    const { flags } = groupOf(kernel, open.object);
    const verdict = response & ~FAN_AUDIT;
    if ((verdict !== FAN_ALLOW && verdict !== FAN_DENY) || fd < 0) return { kind: "fail", errno: "EINVAL" };
    if (verdict !== response && (flags & fanotifyInit.FAN_ENABLE_AUDIT) === 0) return { kind: "fail", errno: "EINVAL" };
    return answer(kernel, open.object, fd, verdict === FAN_ALLOW) ? { kind: "done", value: RESPONSE } : { kind: "fail", errno: "ENOENT" };
  },
  poll: (kernel, { object }) => ({ mask: groupOf(kernel, object).queue.length > 0 ? READABLE : 0, channels: [groupChannel(object)] }),
  ioctls: {
    [FIONREAD]: (kernel, { open }) => ({ kind: "done", value: { out: METADATA * groupOf(kernel, open.object).queue.length } }),
  },
  close(kernel, { object }) {
    allowAll(kernel, object);
    destroyGroup(kernel, object);
  },
};
