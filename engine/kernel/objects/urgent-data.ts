// Urgent ("out-of-band") bytes of streams (tcp(7), unix(7), sockatmark(3)). TCP marks a place among the bytes, and keeps the byte there for MSG_OOB (tcp_check_urg in net/ipv4/tcp_input.c,
// tcp_recv_urg in net/ipv4/tcp.c); a Unix socket queues it as a buffer of its own, which stays as an empty one when it was taken (manage_oob in net/unix/af_unix.c).
import type { Draft } from "immer";
import { POLLPRI } from "../../abi/constants/poll-events.ts";
import { messageFlags, SOL_SOCKET, socketOptions } from "../../abi/constants/sockets.ts";
import type { Errno } from "../../abi/errno.ts";
import type { Bytes } from "../../abi/memory-view.ts";
import type { Kernel } from "../kernel.ts";
import type { Packet, SenderIds, Socket } from "../state/net.ts";
import { tellUrgent } from "./input-signals.ts";
import { addReference, discardReference } from "./open-files.ts";
import { isInternet, isStream, optionOf } from "./sockets.ts";

const { MSG_PEEK, MSG_TRUNC } = messageFlags;
const isInline = (socket: Draft<Socket>): boolean => optionOf(socket, SOL_SOCKET, socketOptions.SO_OOBINLINE) !== 0;
const NOTHING = new Uint8Array(0);

/** The first bytes of a TCP socket's queue are gone. A mark that they went past is none any more. */
export function dropFront(socket: Draft<Socket>, count: number): void {
  let left = count;
  while (left > 0) {
    const packet = socket.queue[0]!;
    if (packet.bytes.length > left) {
      packet.bytes = (packet.bytes as Uint8Array).subarray(left);
      break;
    }
    left -= packet.bytes.length;
    socket.queue.shift();
  }
  socket.queuedBytes -= count;
  passMark(socket, count);
}
export function passMark(socket: Draft<Socket>, count: number): void {
  if (!socket.urgent) return;
  if (socket.urgent.at < count) delete socket.urgent;
  else socket.urgent.at -= count;
}
/** The bytes that are put into the queue next end in an urgent one. */
export function markUrgent(kernel: Kernel, receiver: Draft<Socket>, bytes: Bytes): void {
  tellReceiver(kernel, receiver);
  // Who has read up to an urgent byte that nobody took, and lets it lie, has lost it to the next one.
  if (receiver.urgent?.at === 0 && receiver.queuedBytes > 0 && !isInline(receiver)) dropFront(receiver, 1);
  receiver.urgent = { at: receiver.queuedBytes + bytes.length - 1, byte: bytes.at(-1)!, isRead: false };
}
/** A Unix socket has one byte at a time that is urgent; the one before is a byte like any other from now on. */
export function queueUrgent(kernel: Kernel, receiver: Draft<Socket>, { bytes, sender, rights }: Packet): void {
  const before = receiver.queue.find(({ mark }) => mark === "urgent");
  if (before) delete before.mark;
  for (const openFile of rights) addReference(kernel, openFile);
  receiver.queue.push({ bytes: bytes as Uint8Array, from: null, sender: { ...sender }, rights: [...rights], mark: "urgent" });
  receiver.queuedBytes += bytes.length;
  tellReceiver(kernel, receiver);
}
function tellReceiver(kernel: Kernel, { id }: Draft<Socket>): void {
  const open = kernel.vfs.openFiles.find(one => one?.kind === "socket" && one.object === id);
  if (open) tellUrgent(kernel, open);
}

export interface UrgentByte {
  readonly bytes: Bytes;
  readonly sender: SenderIds | null;
  readonly rights: readonly number[];
  /** What recvmsg(2) tells beside MSG_OOB. */
  readonly flags: number;
  /** How many bytes there were, whatever room there is. */
  readonly length: number;
}
/** MSG_OOB: the urgent byte, out of its turn. */
export function takeUrgent(kernel: Kernel, socket: Draft<Socket>, count: number, flags: number): UrgentByte | Errno {
  return isInternet(socket) ? takeMarked(socket, count, flags) : takeQueued(kernel, socket, count, flags);
}
function takeMarked(socket: Draft<Socket>, count: number, flags: number): UrgentByte | Errno {
  if (socket.state === "listening") return "ENOTCONN";
  const { urgent } = socket;
  if (isInline(socket) || !urgent || urgent.isRead) return "EINVAL";
  if (socket.state === "closed") return "ENOTCONN";
  const { byte } = urgent;
  if ((flags & MSG_PEEK) === 0) urgent.isRead = true;
  if (count === 0) return { bytes: NOTHING, sender: null, rights: [], flags: MSG_TRUNC, length: 0 };
  return { bytes: (flags & MSG_TRUNC) === 0 ? Uint8Array.of(byte) : NOTHING, sender: null, rights: [], flags: 0, length: 1 };
}
function takeQueued(kernel: Kernel, socket: Draft<Socket>, count: number, flags: number): UrgentByte | Errno {
  if (socket.state !== "connected") return "EINVAL";
  const at = socket.queue.findIndex(({ mark }) => mark === "urgent");
  const packet = socket.queue[at];
  if (isInline(socket) || !packet) return "EINVAL";
  const { bytes, sender } = packet;
  // Linux lets lie the files that came with it: they are discarded with the socket.
  if ((flags & MSG_PEEK) === 0) {
    Object.assign(packet, { bytes: NOTHING, mark: "taken" });
    socket.queuedBytes -= bytes.length;
    if (socket.queue[at - 1]?.mark === "taken") drop(kernel, socket, at - 1);
  }
  return count === 0 ? "EFAULT" : { bytes, sender: { ...sender }, rights: [], flags: 0, length: 1 };
}

/** TCP: where the next read begins (1: past an urgent byte that is not in line), and how many bytes it may have at most. */
export function readableOf(socket: Draft<Socket>): { readonly skipped: number; readonly most: number } {
  const { urgent, queuedBytes } = socket;
  if (!urgent || urgent.at >= queuedBytes) return { skipped: 0, most: queuedBytes };
  if (urgent.at > 0) return { skipped: 0, most: urgent.at };
  return isInline(socket) ? { skipped: 0, most: queuedBytes } : { skipped: 1, most: queuedBytes - 1 };
}
function drop(kernel: Kernel, socket: Draft<Socket>, at: number): void {
  const [packet] = socket.queue.splice(at, 1);
  socket.queuedBytes -= packet!.bytes.length;
  for (const openFile of packet!.rights) discardReference(kernel, openFile);
}
/** Unix: the place in the queue from which a read goes on that has come to `at`; `null`: it ends here. What it passes that is not in line is dropped. */
export function nextOf(kernel: Kernel, socket: Draft<Socket>, at: number, hasRead: boolean, isPeek: boolean): number | null {
  const { queue } = socket;
  let next = at;
  if (queue[next]?.mark === "taken") {
    const isPending = queue.some(({ mark }) => mark === "urgent");
    if (hasRead && !isPending) return null;
    if (isPeek) next++;
    else drop(kernel, socket, next);
  }
  const packet: Draft<Packet> | undefined = queue[next];
  if (packet?.mark !== "urgent") return next;
  if (hasRead) return null;
  if (isPeek) return isInline(socket) ? next : next + 1;
  if (isInline(socket)) delete packet.mark;
  else {
    drop(kernel, socket, next);
    return 0;
  }
  return next;
}
/** Unix: a read of all that is there ends at a mark, and does not wait for more. */
export function stopsInside({ queue }: Draft<Socket>): boolean {
  const first = queue.findIndex(({ mark }) => !mark);
  return first !== -1 && queue.some(({ mark }, i) => i > first && mark !== undefined);
}

/** SIOCATMARK: whether the next byte to read is the urgent one, or it was there. */
export function isAtMark(socket: Draft<Socket>): boolean {
  if (isInternet(socket)) return socket.urgent?.at === 0;
  if (!isStream(socket)) return false;
  const [first, second] = socket.queue;
  if (first?.mark !== "taken") return first?.mark === "urgent";
  return second?.mark === "urgent" || !socket.queue.some(({ mark }) => mark === "urgent");
}
/** POLLPRI, while there is an urgent byte to take. */
export function urgencyOf(socket: Draft<Socket>): number {
  const isThere = isInternet(socket) ? socket.urgent?.isRead === false : socket.queue.some(({ mark }) => mark === "urgent");
  return isThere ? POLLPRI : 0;
}
/** FIONREAD: as many as can be read up to the mark. */
export function countToMark(socket: Draft<Socket>): number {
  const { urgent, queuedBytes } = socket;
  return !urgent || isInline(socket) || urgent.at >= queuedBytes ? queuedBytes : urgent.at;
}
