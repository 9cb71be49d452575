// Sockets as open files: read and write are recv and send without flags, and poll tells what tcp_poll and unix_poll tell (net/ipv4/tcp.c, net/unix/af_unix.c).
import type { Draft } from "immer";
import { O_NONBLOCK } from "../../abi/constants/open-flags.ts";
import { POLLERR, POLLHUP, POLLOUT, POLLRDHUP, POLLWRBAND, POLLWRNORM, READABLE, WRITABLE } from "../../abi/constants/poll-events.ts";
import { signals } from "../../abi/constants/signals.ts";
import { messageFlags } from "../../abi/constants/sockets.ts";
import type { Kernel } from "../kernel.ts";
import type { FileKind, IoRequest, IoResult } from "../objects/file-kinds.ts";
import { inodeOf } from "../objects/inodes.ts";
import { kernelSignal, postToTask } from "../objects/signals.ts";
import { discardRights, isFull, type Outgoing, type Receipt, type Received, receive, receiveUrgent, roomIn, send } from "../objects/socket-transfer.ts";
import { closeSocket, isConnected, isInternet, isStream, receiveChannel, sendChannel, senderOf, socketOf } from "../objects/sockets.ts";
import { readableOf, urgencyOf } from "../objects/urgent-data.ts";
import type { SenderIds, Socket } from "../state/net.ts";
import { networkIoctls } from "./socket-ioctls.ts";

const { MSG_DONTWAIT, MSG_NOSIGNAL, MSG_OOB, MSG_WAITALL } = messageFlags;
interface TransferMemo {
  readonly untilNanos: number | null;
}
/** Waits, as long as SO_RCVTIMEO or SO_SNDTIMEO let it. */
function patience(kernel: Kernel, { due, memo }: Pick<IoRequest, "due" | "memo">, timeoutNanos: number, channel: string): IoResult<never> {
  const { untilNanos } = (memo as TransferMemo | null) ?? { untilNanos: timeoutNanos === 0 ? null : kernel.nowNanos + timeoutNanos };
  if (due === "timeout") return { kind: "fail", errno: "EAGAIN" };
  return { kind: "block", channels: [channel], ...(untilNanos === null ? {} : { deadlineNanos: untilNanos }), memo: { untilNanos } };
}
export interface TransferRequest extends IoRequest {
  readonly flags: number;
}
const isImpatient = ({ open, flags }: TransferRequest): boolean => (open.flags & O_NONBLOCK) !== 0 || (flags & MSG_DONTWAIT) !== 0;

export function sendTo(
  kernel: Kernel,
  request: TransferRequest,
  out: Omit<Outgoing, "sender">,
  isContinued: boolean,
  sender: SenderIds | null = null,
): IoResult<number> {
  const { task, open, flags } = request;
  const socket = socketOf(kernel, open.object);
  const sent = send(kernel, socket, { ...out, sender: sender ?? senderOf(kernel, task) }, isContinued);
  if (sent.kind === "sent") return { kind: "done", value: sent.count };
  if (sent.kind === "fail") {
    if (sent.isPipe && (flags & MSG_NOSIGNAL) === 0) postToTask(kernel, task.tid, kernelSignal(signals.SIGPIPE));
    return { kind: "fail", errno: sent.errno };
  }
  if (isImpatient(request)) return sent.moved > 0 ? { kind: "done", value: sent.moved } : { kind: "fail", errno: "EAGAIN" };
  const waiting = patience(kernel, request, socket.sendTimeoutNanos, sent.channel);
  if (waiting.kind === "fail") return sent.moved > 0 ? { kind: "done", value: sent.moved } : waiting;
  return waiting.kind === "block" ? { ...waiting, moved: sent.moved } : waiting;
}
export function receiveFrom(kernel: Kernel, request: TransferRequest, count: number): IoResult<Received> {
  const socket = socketOf(kernel, request.open.object);
  const { flags } = request;
  const isUrgent = (flags & MSG_OOB) !== 0 && isStream(socket);
  const receipt: Receipt = isUrgent
    ? receiveUrgent(kernel, socket, count, flags)
    : receive(kernel, socket, count, isImpatient(request) ? flags & ~MSG_WAITALL : flags);
  if (receipt.kind === "received") return { kind: "done", value: receipt.received };
  if (receipt.kind === "fail") return receipt;
  if (isImpatient(request)) return { kind: "fail", errno: "EAGAIN" };
  return patience(kernel, request, socket.receiveTimeoutNanos, receiveChannel(socket.id));
}

function readinessOf(kernel: Kernel, socket: Draft<Socket>): number {
  const peer = socket.peer === 0 ? undefined : kernel.net.sockets.get(socket.peer);
  const isTcp = isInternet(socket);
  let mask = (socket.error ? POLLERR : 0) | (isStream(socket) ? urgencyOf(socket) : 0);
  if (socket.state === "listening") return mask | (socket.accepting.length > 0 ? READABLE : 0);
  if (!isConnected(socket)) {
    if (socket.queue.length > 0) mask |= READABLE;
    if (socket.isReadShut) mask |= READABLE | POLLRDHUP;
    if (socket.isReadShut && socket.isWriteShut) mask |= POLLHUP;
    return mask | (peer && !isTcp && isFull(peer) ? 0 : WRITABLE | (isTcp ? 0 : POLLWRBAND));
  }
  const isReadOver = socket.isReadShut || socket.hasEnded;
  const isIdle = socket.state === "idle" || socket.state === "closed";
  if (isReadOver || socket.state === "closed") mask |= READABLE | POLLRDHUP;
  if (isTcp ? readableOf(socket).most > 0 : socket.queue.length > 0) mask |= READABLE;
  if ((isReadOver && socket.isWriteShut) || isIdle) mask |= POLLHUP;
  if (socket.state === "connecting") return mask;
  const hasRoom = !peer || roomIn(peer, socket) > 0;
  if (socket.isWriteShut ? isTcp || hasRoom : hasRoom) mask |= POLLOUT | POLLWRNORM | (isTcp ? 0 : POLLWRBAND);
  return mask;
}

export const socket: FileKind = {
  isSeekable: false,
  read(kernel, request) {
    const { count } = request;
    if (count === 0 && isStream(socketOf(kernel, request.open.object))) return { kind: "done", value: new Uint8Array(0) };
    const result = receiveFrom(kernel, { ...request, flags: 0 }, count);
    if (result.kind !== "done") return result;
    discardRights(kernel, result.value.rights);
    return { kind: "done", value: result.value.bytes };
  },
  write: (kernel, request) => sendTo(kernel, { ...request, flags: 0 }, { bytes: request.bytes, rights: [], to: null, target: 0 }, request.isContinued),
  poll: (kernel, { object }) => ({ mask: readinessOf(kernel, socketOf(kernel, object)), channels: [receiveChannel(object), sendChannel(object)] }),
  ioctls: networkIoctls,
  close(kernel, { object, inode }) {
    closeSocket(kernel, object);
    inodeOf(kernel, inode).links = 0;
  },
};
