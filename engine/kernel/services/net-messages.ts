// Sending and receiving messages with what goes beside the bytes: names, open files, credentials (sendmsg(2), recvmsg(2), cmsg(3), unix(7)).
import type { Draft } from "immer";
import type { MessageRoom, OutgoingMessage, ReceivedMessage } from "../../abi/arguments/sockets.ts";
import { families, messageFlags, SOL_SOCKET, socketOptions } from "../../abi/constants/sockets.ts";
import type { Errno } from "../../abi/errno.ts";
import type { Bytes } from "../../abi/memory-view.ts";
import type { Kernel } from "../kernel.ts";
import { receiveFrom, sendTo } from "../kinds/socket.ts";
import { can } from "../objects/credentials.ts";
import { anyOpenFileOf, discardReference, install } from "../objects/open-files.ts";
import { addressBytes, parseAddress } from "../objects/socket-addresses.ts";
import { type Outgoing, type Received, truncation } from "../objects/socket-transfer.ts";
import { isConnected, isInternet, isStream, optionOf, socketOf } from "../objects/sockets.ts";
import { processOf, taskOf } from "../objects/tasks.ts";
import { type Call, done, fail, type Outcome, type PlainOutcome, wait } from "../service.ts";
import type { PacketHeader, SenderIds, Socket } from "../state/net.ts";
import type { Task } from "../state/proc-table.ts";
import type { OpenFile } from "../state/vfs.ts";
import { addCommon, align, ControlRoom, HEADER, headerSentBy, numbers, SCM_CREDENTIALS, SCM_RIGHTS } from "./net-control.ts";
import { unixTarget } from "./net-names.ts";

const { MSG_OOB, MSG_CTRUNC, MSG_TRUNC, MSG_CMSG_CLOEXEC } = messageFlags;
const MOST_RIGHTS = 253;

interface Control {
  readonly rights: readonly number[];
  readonly sender: SenderIds | null;
  readonly header: PacketHeader;
}
const NO_CONTROL: Control = { rights: [], sender: null, header: {} };
function readControl(kernel: Kernel, task: Draft<Task>, control: Bytes, socket: Draft<Socket>): Control | Errno {
  if (control.length === 0) return NO_CONTROL;
  const isUnix = socket.family === families.AF_UNIX;
  let header: PacketHeader = {};
  const view = new DataView(control.buffer, control.byteOffset, control.length);
  const rights: number[] = [];
  let sender: SenderIds | null = null;
  for (let at = 0; at + HEADER <= control.length; ) {
    const length = view.getUint32(at, true);
    if (length < HEADER || at + length > control.length) return "EINVAL";
    const [level, type] = [view.getInt32(at + 8, true), view.getInt32(at + 12, true)];
    if (level === SOL_SOCKET && isUnix) {
      if (type === SCM_RIGHTS) {
        const count = Math.floor((length - HEADER) / 4);
        if (count > MOST_RIGHTS) return "EINVAL";
        for (let i = 0; i < count; i++) {
          const open = anyOpenFileOf(kernel, task, view.getInt32(at + HEADER + 4 * i, true));
          if (!open) return "EBADF";
          rights.push(open.id);
        }
      } else if (type === SCM_CREDENTIALS) {
        if (length !== HEADER + 12) return "EINVAL";
        const [pid, uid, gid] = [view.getInt32(at + HEADER, true), view.getUint32(at + HEADER + 4, true), view.getUint32(at + HEADER + 8, true)];
        const { pid: own, credentials } = processOf(kernel, task.pid);
        if (pid !== own && !can(credentials, "CAP_SYS_ADMIN")) return "EPERM";
        if (![credentials.ruid, credentials.euid, credentials.suid].includes(uid) && !can(credentials, "CAP_SETUID")) return "EPERM";
        if (![credentials.rgid, credentials.egid, credentials.sgid].includes(gid) && !can(credentials, "CAP_SETGID")) return "EPERM";
        if (pid !== own && !kernel.procTable.processes.has(pid)) return "ESRCH";
        sender = { pid, uid, gid };
      } else return "EINVAL";
    }
    const sent = isInternet(socket) && !isStream(socket) ? headerSentBy(socket, level, type, control.slice(at + HEADER, at + length)) : null;
    if (sent === "EINVAL") return sent;
    header = { ...header, ...sent };
    at += align(length);
  }
  return { rights, sender, header };
}

/** Sends one message; `null` as its memo while it has not been waited for. */
export function sendMessage(
  kernel: Kernel,
  call: Call<unknown>,
  open: Draft<OpenFile>,
  { name, control, bytes }: OutgoingMessage,
  flags: number,
): PlainOutcome {
  const task = taskOf(kernel, call.tid);
  const socket = socketOf(kernel, open.object);
  const isUnix = socket.family === families.AF_UNIX;
  const isUrgent = (flags & MSG_OOB) !== 0;
  if (isUrgent && (!isStream(socket) || (isUnix && bytes.length === 0))) return fail("EOPNOTSUPP");
  const read = readControl(kernel, task, control, socket);
  if (typeof read === "string") return fail(read);
  let target = 0;
  let to: Outgoing["to"] = null;
  if (name && !(isConnected(socket) && isInternet(socket))) {
    to = parseAddress(socket.family, name);
    if (!to) return fail(name.length < 2 ? "EINVAL" : isInternet(socket) ? "EAFNOSUPPORT" : "EINVAL");
    if (isUnix && !isConnected(socket)) {
      const found = unixTarget(kernel, task, socket, to);
      if (typeof found === "string") return fail(found);
      target = found;
    }
  }
  const memo = call.memo as { readonly moved: number; readonly memo: unknown } | null;
  const moved = memo?.moved ?? 0;
  const request = { task, open, flags, due: call.due, memo: memo?.memo ?? null };
  const rest = moved === 0 ? bytes : bytes.subarray(moved);
  const result = sendTo(
    kernel,
    request,
    { bytes: rest, rights: moved === 0 ? read.rights : [], to, target, isUrgent, header: read.header },
    moved > 0,
    read.sender,
  );
  if (result.kind === "done") return done(moved + result.value, {});
  const all = moved + (result.kind === "block" ? (result.moved ?? 0) : 0);
  if (all > 0 && (result.kind === "fail" || call.due === "interrupt")) return done(all, {});
  if (result.kind === "fail") return result;
  const { channels, deadlineNanos } = result;
  return wait(
    call,
    { channels, ...(deadlineNanos === undefined ? {} : { deadlineNanos }), memo: { moved: all, memo: result.memo ?? null } },
    socket.sendTimeoutNanos === 0 ? "ERESTARTSYS" : "EINTR",
  );
}

/** What comes with the next receive, for whoever asks. */
export function receiveNext(kernel: Kernel, call: Call<unknown>, open: Draft<OpenFile>, count: number, flags: number): Received | Outcome<never> {
  const task = taskOf(kernel, call.tid);
  const socket = socketOf(kernel, open.object);
  // UDP does not look at the flag.
  if ((flags & MSG_OOB) !== 0 && !isStream(socket) && !isInternet(socket)) return fail("EOPNOTSUPP");
  const result = receiveFrom(kernel, { task, open, flags, due: call.due, memo: call.memo }, count);
  if (result.kind === "done") return result.value;
  if (result.kind === "fail") return result;
  const { channels, deadlineNanos, memo } = result;
  return wait(
    call,
    { channels, ...(deadlineNanos === undefined ? {} : { deadlineNanos }), memo: memo ?? null },
    socket.receiveTimeoutNanos === 0 ? "ERESTARTSYS" : "EINTR",
  );
}
export const isReceived = (value: Received | Outcome<never>): value is Received => !("kind" in value);
/** A connected stream's bytes have no sender to name. */
export function nameOfSender(socket: Draft<Socket>, { from }: Received): Bytes | null {
  if (isConnected(socket)) return null;
  const isNameless = from === null || (from.kind === "unix" && from.path === "");
  return isNameless ? new Uint8Array(0) : addressBytes(socket.family, from);
}

/** Descriptors for the open files that came, as many as there is room for; the rest is dropped. */
function takeRights(kernel: Kernel, task: Draft<Task>, rights: readonly number[], room: number, isCloseOnExec: boolean): readonly number[] {
  const most = Math.max(0, Math.floor((room - HEADER) / 4));
  const fds: number[] = [];
  for (const openFile of rights) {
    const fd = fds.length < most ? install(kernel, task, openFile, 0, isCloseOnExec) : null;
    if (fd !== null) fds.push(fd);
    discardReference(kernel, openFile);
  }
  return fds;
}
const { SO_PASSCRED } = socketOptions;
export function deliver(kernel: Kernel, call: Call<unknown>, open: Draft<OpenFile>, received: Received, room: MessageRoom, flags: number): ReceivedMessage {
  const task = taskOf(kernel, call.tid);
  const socket = socketOf(kernel, open.object);
  const control = new ControlRoom(room.control === 0 ? 0 : room.controlLength);
  addCommon(kernel, socket, received, control);
  if (optionOf(socket, SOL_SOCKET, SO_PASSCRED) !== 0 && socket.family === families.AF_UNIX) {
    const { pid, uid, gid } = received.sender ?? { pid: 0, uid: 65_534, gid: 65_534 };
    control.add(SOL_SOCKET, SCM_CREDENTIALS, numbers(pid, uid, gid));
  }
  let told = truncation(socket, received) | (received.flags ?? 0);
  if (received.rights.length > 0) {
    const fds = takeRights(kernel, task, received.rights, control.left, (flags & MSG_CMSG_CLOEXEC) !== 0);
    if (fds.length < received.rights.length) told |= MSG_CTRUNC;
    if (fds.length > 0) control.add(SOL_SOCKET, SCM_RIGHTS, numbers(...fds));
  }
  return {
    room,
    bytes: received.bytes,
    name: nameOfSender(socket, received),
    control: control.bytes,
    flags: told | control.flags | (flags & MSG_CMSG_CLOEXEC),
  };
}
/** What the call returns: with MSG_TRUNC a message's whole length. */
export const countOf = (received: Received, flags: number): number => ((flags & MSG_TRUNC) !== 0 ? received.length : received.bytes.length);
