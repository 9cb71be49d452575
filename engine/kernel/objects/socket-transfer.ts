// What sockets send and receive: bytes in order between connected ends, or whole messages (send(2), recv(2), unix(7), udp(7)).
import type { Draft } from "immer";
import {
  DEFAULT_HOPS,
  families,
  ipOptions,
  ipv6Options,
  levels,
  messageFlags,
  netlinkProtocols,
  protocols,
  udpliteOptions,
} from "../../abi/constants/sockets.ts";
import type { Errno } from "../../abi/errno.ts";
import { type Bytes, joined } from "../../abi/memory-view.ts";
import type { Kernel } from "../kernel.ts";
import type { Packet, PacketHeader, SenderIds, Socket, SocketAddress } from "../state/net.ts";
import { answerRouting } from "./netlink.ts";
import { answerRequests, isDump, isDumpUnread, placeOf, type Reply, type Request } from "./netlink-messages.ts";
import { addReference, discardReference } from "./open-files.ts";
import { ANY_HOST, ANY_IPV4, isIpv4, isLoopback } from "./socket-addresses.ts";
import { answerDiagnosis } from "./socket-diagnosis.ts";
import {
  bindInternet,
  boundTo,
  destinationHost,
  isConnected,
  isInternet,
  isStream,
  loopbackFor,
  optionOf,
  portKey,
  receiveChannel,
  sendChannel,
  takeError,
  tellOutside,
  wantsTimes,
} from "./sockets.ts";
import { presentStamp } from "./stamps.ts";
import { dropFront, markUrgent, nextOf, passMark, queueUrgent, readableOf, stopsInside, takeUrgent } from "./urgent-data.ts";
import { wake } from "./waiting.ts";

const { MSG_OOB, MSG_PEEK, MSG_TRUNC, MSG_WAITALL } = messageFlags;
const NETLINK_NO_ENOBUFS = 5;
const NETLINK_CAP_ACK = 10;

export interface Outgoing {
  readonly bytes: Bytes;
  readonly rights: readonly number[];
  readonly sender: SenderIds;
  /** Named by the call, for datagrams; a Unix one is looked up already. */
  readonly to: SocketAddress | null;
  readonly target: number;
  /** Of a datagram: what its control data asks for. */
  readonly header?: PacketHeader;
  /** MSG_OOB: the last byte is urgent. */
  readonly isUrgent?: boolean;
}
/** `pipe`: the other end reads no more, which is also a signal's matter. */
export type Sent =
  | { readonly kind: "sent"; readonly count: number }
  | { readonly kind: "fail"; readonly errno: Errno; readonly isPipe?: boolean }
  | { readonly kind: "full"; readonly channel: string; readonly moved: number };
const refuse = (errno: Errno): Sent => ({ kind: "fail", errno });
const BROKEN: Sent = { kind: "fail", errno: "EPIPE", isPipe: true };

/** Small pieces of a stream share a buffer. */
const JOINED = 4096;
export function put(kernel: Kernel, receiver: Draft<Socket>, { bytes, from, sender, rights, to, header }: Packet): void {
  if (receiver.link !== 0) {
    receiver.queuedBytes += bytes.length;
    tellOutside(kernel, receiver, { kind: "send", bytes });
    return;
  }
  const last = receiver.queue.at(-1);
  const isSame = last && !last.mark && last.rights.length === 0 && rights.length === 0 && last.sender.pid === sender.pid && last.sender.uid === sender.uid;
  if (isStream(receiver) && isSame && last.bytes.length + bytes.length <= JOINED) {
    last.bytes = joined([last.bytes, bytes]);
  } else {
    for (const openFile of rights) addReference(kernel, openFile);
    receiver.queue.push({
      bytes: bytes as Uint8Array,
      from: from && { ...from },
      sender: { ...sender },
      rights: [...rights],
      ...(to === undefined ? {} : { to }),
      ...(header === undefined ? {} : { header }),
      ...(!isStream(receiver) && wantsTimes(receiver) ? { at: presentStamp(kernel) } : {}),
    });
  }
  receiver.queuedBytes += bytes.length;
  wake(kernel, receiveChannel(receiver.id));
}
export const roomIn = (receiver: Draft<Socket>, sender: Draft<Socket>): number =>
  Math.max(0, (isInternet(receiver) ? receiver.receiveBuffer : sender.sendBuffer) - receiver.queuedBytes);
/** unix(7): so many datagrams wait at a receiver, whatever their size (/proc/sys/net/unix/max_dgram_qlen). */
const MOST_DATAGRAMS = 10;
export const isFull = (receiver: Draft<Socket>): boolean => receiver.queue.length > MOST_DATAGRAMS;

export function send(kernel: Kernel, socket: Draft<Socket>, out: Outgoing, isContinued: boolean): Sent {
  if (isStream(socket)) return sendStream(kernel, socket, out);
  if (socket.family === families.AF_NETLINK) return sendRequest(kernel, socket, out);
  const error = isContinued ? null : takeError(socket);
  if (error) return refuse(error);
  if (socket.isWriteShut) return BROKEN;
  return isInternet(socket) ? sendDatagram(kernel, socket, out) : sendMessage(kernel, socket, out);
}
/** A call takes this much before it looks whether a reset has come (tcp_sendmsg_locked in net/ipv4/tcp.c; measured). */
const MOST_BEFORE_RESET = 524_288;
function sendStream(kernel: Kernel, socket: Draft<Socket>, out: Outgoing): Sent {
  const isTcp = isInternet(socket);
  if (out.to && socket.family === families.AF_UNIX) return refuse(socket.state === "connected" ? "EISCONN" : "EOPNOTSUPP");
  // A Unix socket's error is for who reads (unix_stream_sendmsg in net/unix/af_unix.c).
  const error = isTcp ? takeError(socket) : null;
  if (error) return error === "EPIPE" ? BROKEN : refuse(error);
  // Who sends while it connects waits until it has (tcp_sendmsg_locked in net/ipv4/tcp.c).
  if (isTcp && socket.state === "connecting") return { kind: "full", channel: sendChannel(socket.id), moved: 0 };
  if (socket.state !== "connected") return isTcp ? BROKEN : refuse("ENOTCONN");
  if (socket.isWriteShut) return BROKEN;
  const peer = socket.peer === 0 ? undefined : kernel.net.sockets.get(socket.peer);
  if (!peer) {
    // The answer to what nobody takes any more is a reset.
    Object.assign(socket, { error: "EPIPE", isWriteShut: true, isReadShut: true });
    wake(kernel, receiveChannel(socket.id));
    wake(kernel, sendChannel(socket.id));
    return { kind: "sent", count: Math.min(out.bytes.length, socket.sendBuffer, MOST_BEFORE_RESET) };
  }
  if (peer.isReadShut && !isTcp) return BROKEN;
  const moved = Math.min(roomIn(peer, socket), out.bytes.length);
  // Who sends more than there is room for marks it when the last of it goes.
  const isUrgent = out.isUrgent && moved === out.bytes.length && peer.link === 0;
  if (moved > 0) {
    const bytes = isUrgent && !isTcp ? out.bytes.subarray(0, -1) : out.bytes.subarray(0, moved);
    if (isUrgent && isTcp) markUrgent(kernel, peer, bytes);
    if (bytes.length > 0) put(kernel, peer, { bytes, from: null, sender: out.sender, rights: out.rights });
    if (isUrgent && !isTcp) {
      queueUrgent(kernel, peer, { bytes: out.bytes.subarray(-1), from: null, sender: out.sender, rights: bytes.length > 0 ? [] : out.rights });
      wake(kernel, receiveChannel(peer.id));
    }
  }
  return moved === out.bytes.length ? { kind: "sent", count: moved } : { kind: "full", channel: sendChannel(socket.id), moved };
}
/** Unix datagrams and sequenced packets: whole, or not at all. */
function sendMessage(kernel: Kernel, socket: Draft<Socket>, out: Outgoing): Sent {
  const id = out.target !== 0 ? out.target : socket.peer;
  if (id === 0 && socket.state === "connected" && !isConnected(socket)) {
    // Told once: from then on it is not connected.
    Object.assign(socket, { state: "idle", remote: null });
    return refuse("ECONNREFUSED");
  }
  if (id === 0) return socket.state === "connected" ? BROKEN : refuse("ENOTCONN");
  const receiver = kernel.net.sockets.get(id);
  if (!receiver) return refuse("ECONNREFUSED");
  if (out.bytes.length > socket.sendBuffer - 32) return refuse("EMSGSIZE");
  if (receiver.isReadShut) return BROKEN;
  // A receiver that is connected takes from its other end alone.
  if (!isConnected(receiver) && receiver.peer !== 0 && receiver.peer !== socket.id) return refuse("EPERM");
  const isTooFull = isConnected(socket) ? roomIn(receiver, socket) < out.bytes.length : isFull(receiver);
  if (isTooFull) return { kind: "full", channel: sendChannel(receiver.id), moved: 0 };
  put(kernel, receiver, { bytes: out.bytes, from: socket.local, sender: out.sender, rights: out.rights });
  return { kind: "sent", count: out.bytes.length };
}
const MOST_UDP = 65_507;
const UDP_HEADER = 8;
/** Whether the checksum covers as much as the receiver asks for: who has asked for anything takes no less, and for all is 0 (udplite(7), udp_queue_rcv_one_skb in net/ipv4/udp.c). */
function isCovered(sender: Draft<Socket>, receiver: Draft<Socket>, count: number): boolean {
  if (sender.protocol !== protocols.IPPROTO_UDPLITE) return true;
  const covered = optionOf(sender, levels.SOL_UDPLITE, udpliteOptions.UDPLITE_SEND_CSCOV);
  const isWhole = covered === 0 || covered >= count + UDP_HEADER;
  const hasAsked = receiver.options.has(`${levels.SOL_UDPLITE}:${udpliteOptions.UDPLITE_RECV_CSCOV}`);
  const asked = optionOf(receiver, levels.SOL_UDPLITE, udpliteOptions.UDPLITE_RECV_CSCOV);
  return isWhole || !hasAsked || (asked !== 0 && covered >= asked);
}
/** What the call asks for, or the socket's options; -1 is as if neither did. */
function headerOf({ options }: Draft<Socket>, host: string, asked: PacketHeader = {}): { readonly header?: PacketHeader } {
  const { SOL_IP, SOL_IPV6 } = levels;
  const option = (level: number, name: number): number => options.get(`${level}:${name}`) ?? -1;
  const [hops, trafficClass] = isIpv4(host)
    ? [option(SOL_IP, ipOptions.IP_TTL), option(SOL_IP, ipOptions.IP_TOS)]
    : [option(SOL_IPV6, ipv6Options.IPV6_UNICAST_HOPS), option(SOL_IPV6, ipv6Options.IPV6_TCLASS)];
  const first = (...values: readonly (number | undefined)[]): number | undefined => values.find(value => value !== undefined && value >= 0);
  const chosen = { hops: first(asked.hops, hops) ?? DEFAULT_HOPS, trafficClass: first(asked.trafficClass, trafficClass) ?? 0 };
  return chosen.hops === DEFAULT_HOPS && chosen.trafficClass === 0 ? {} : { header: chosen };
}
function sendDatagram(kernel: Kernel, socket: Draft<Socket>, { bytes, to, sender, header }: Outgoing): Sent {
  const target = to ?? socket.remote;
  if (target?.kind !== "inet") return refuse("EDESTADDRREQ");
  if (target.port === 0) return refuse("EINVAL");
  if (bytes.length > MOST_UDP) return refuse("EMSGSIZE");
  const host = destinationHost(target.host);
  if (!isLoopback(host)) return refuse("ENETUNREACH");
  if (!socket.local) {
    const errno = bindInternet(kernel, socket, socket.family === families.AF_INET ? ANY_IPV4 : ANY_HOST, 0);
    if (errno) return refuse("EAGAIN");
  }
  const local = socket.local as Extract<SocketAddress, { kind: "inet" }>;
  const from: SocketAddress = { ...local, host: local.host === ANY_HOST || local.host === ANY_IPV4 ? loopbackFor(host) : local.host };
  const accepts = (one: Draft<Socket>): boolean =>
    one.remote === null || (one.remote.kind === "inet" && one.remote.host === from.host && one.remote.port === from.port);
  const receiver = boundTo(kernel, portKey(socket, target.port), { host }, accepts, from.port);
  if (!receiver) {
    // The port is told to be unreachable: a connected sender learns of it.
    if (socket.remote) {
      socket.error = "ECONNREFUSED";
      wake(kernel, receiveChannel(socket.id));
      wake(kernel, sendChannel(socket.id));
    }
  } else if (!receiver.isReadShut && receiver.queuedBytes + bytes.length <= receiver.receiveBuffer && isCovered(socket, receiver, bytes.length))
    put(kernel, receiver, { bytes, from, sender, rights: [], to: host, ...headerOf(socket, host, header) });
  return { kind: "sent", count: bytes.length };
}
function sendRequest(kernel: Kernel, socket: Draft<Socket>, { bytes }: Outgoing): Sent {
  if (socket.local?.kind !== "netlink") socket.local = { kind: "netlink", port: socket.owner.pid };
  const { port } = socket.local as { readonly port: number };
  const isCapped = optionOf(socket, levels.SOL_NETLINK, NETLINK_CAP_ACK) !== 0;
  const answer = (request: Request): Reply => {
    const isBusy = isDump(request) && isDumpUnread(socket.queue.map(packet => packet.bytes));
    if (isBusy) return { errno: "EBUSY" };
    return socket.protocol === netlinkProtocols.NETLINK_SOCK_DIAG ? answerDiagnosis(kernel, request, socket) : answerRouting(request);
  };
  for (const datagrams of answerRequests(bytes, port, isCapped, answer)) {
    // A dump is made as it is read; all else must have room, or is lost and said to be (netlink(7)).
    if (socket.queuedBytes > socket.receiveBuffer) {
      if (optionOf(socket, levels.SOL_NETLINK, NETLINK_NO_ENOBUFS) === 0) socket.error = "ENOBUFS";
      wake(kernel, receiveChannel(socket.id));
      continue;
    }
    const at = placeOf(socket.queue.map(packet => packet.bytes));
    const later = socket.queue.splice(at);
    for (const datagram of datagrams)
      put(kernel, socket, { bytes: datagram, from: { kind: "netlink", port: 0 }, sender: { pid: 0, uid: 0, gid: 0 }, rights: [] });
    socket.queue.push(...later);
  }
  return { kind: "sent", count: bytes.length };
}

/** The kernel itself tells a netlink socket something. */
export function tellSocket(kernel: Kernel, id: number, bytes: Bytes): void {
  const socket = kernel.net.sockets.get(id);
  if (socket) put(kernel, socket, { bytes, from: { kind: "netlink", port: 0 }, sender: { pid: 0, uid: 0, gid: 0 }, rights: [] });
}

export interface Received {
  readonly bytes: Bytes;
  readonly from: SocketAddress | null;
  readonly sender: SenderIds | null;
  readonly rights: readonly number[];
  /** Of a message: how long it was. */
  readonly length: number;
  readonly to?: string;
  readonly header?: PacketHeader;
  readonly at?: bigint;
  /** What recvmsg(2) tells besides. */
  readonly flags?: number;
}
export type Receipt =
  | { readonly kind: "received"; readonly received: Received }
  | { readonly kind: "fail"; readonly errno: Errno }
  | { readonly kind: "empty" };
const NONE = new Uint8Array(0);
const END: Receipt = { kind: "received", received: { bytes: NONE, from: null, sender: null, rights: [], length: 0 } };

/** What a receiver waits for, and what a sender waits for at the other end. */
function tellRoom(kernel: Kernel, socket: Draft<Socket>): void {
  if (socket.peer !== 0) wake(kernel, sendChannel(socket.peer));
  wake(kernel, sendChannel(socket.id));
}
export function receive(kernel: Kernel, socket: Draft<Socket>, count: number, flags: number): Receipt {
  const isPeek = (flags & MSG_PEEK) !== 0;
  if (isConnected(socket) && socket.state === "idle") return { kind: "fail", errno: isInternet(socket) || !isStream(socket) ? "ENOTCONN" : "EINVAL" };
  if (socket.state === "listening") return { kind: "fail", errno: isInternet(socket) ? "ENOTCONN" : "EINVAL" };
  // What was lost is told before what is there.
  if (socket.family === families.AF_NETLINK && socket.error) return { kind: "fail", errno: takeError(socket)! };
  if (socket.queue.length > 0) {
    const receipt = isStream(socket) ? receiveStream(kernel, socket, count, flags) : receiveMessage(kernel, socket, count, isPeek);
    if (receipt) return receipt;
  }
  const error = takeError(socket);
  if (error && error !== "EPIPE") return { kind: "fail", errno: error };
  if (socket.isReadShut || socket.hasEnded) return END;
  return { kind: "empty" };
}
/** `null`: of what is there, nothing is to be read. */
function receiveStream(kernel: Kernel, socket: Draft<Socket>, count: number, flags: number): Receipt | null {
  const isTcp = isInternet(socket);
  const { skipped, most } = isTcp ? readableOf(socket) : { skipped: 0, most: socket.queuedBytes };
  const limit = isTcp ? socket.receiveBuffer : 65_536;
  const isShort = most < Math.min(count, limit) && most === socket.queuedBytes - skipped && !stopsInside(socket);
  if ((flags & MSG_WAITALL) !== 0 && isShort && !socket.hasEnded && !socket.isReadShut && !socket.error) return { kind: "empty" };
  if (count === 0) return END;
  const isPeek = (flags & MSG_PEEK) !== 0;
  const dropped = isPeek ? 0 : skipped;
  if (dropped > 0) dropFront(socket, dropped);
  const taken = takeBytes(kernel, socket, Math.min(count, isTcp ? most : count), isPeek, isPeek ? skipped : 0);
  const { length } = taken;
  if (!isPeek && dropped + length > 0) {
    if (isTcp) passMark(socket, length);
    tellRoom(kernel, socket);
    const peer = socket.peer === 0 ? undefined : kernel.net.sockets.get(socket.peer);
    if (peer) tellOutside(kernel, peer, { kind: "taken", count: dropped + length });
  }
  return length === 0 ? null : { kind: "received", received: taken };
}
function takeBytes(kernel: Kernel, socket: Draft<Socket>, count: number, isPeek: boolean, skipped: number): Received {
  const isTcp = isInternet(socket);
  const parts: Bytes[] = [];
  let length = 0;
  let rights: readonly number[] = [];
  let sender: SenderIds | null = null;
  let left = skipped;
  for (let i = 0; length < count && i < socket.queue.length; ) {
    if (!isTcp) {
      const next = nextOf(kernel, socket, i, parts.length > 0, isPeek);
      if (next === null || next >= socket.queue.length) break;
      i = next;
    }
    const packet = socket.queue[i]!;
    // What came with rights begins a read of its own, and other senders' bytes are not mixed in.
    if (parts.length > 0 && !isTcp && (packet.rights.length > 0 || rights.length > 0 || packet.sender.pid !== sender!.pid)) break;
    sender ??= { ...packet.sender };
    const taken = packet.bytes.subarray(left, left + count - length) as Uint8Array;
    left = 0;
    if (taken.length > 0) parts.push(taken);
    length += taken.length;
    if (packet.rights.length > 0) {
      rights = [...packet.rights];
      if (isPeek) for (const openFile of rights) addReference(kernel, openFile);
      else packet.rights = [];
    }
    if (isPeek) i++;
    else if (taken.length === packet.bytes.length) socket.queue.splice(i, 1);
    else packet.bytes = packet.bytes.subarray(taken.length);
  }
  if (!isPeek) socket.queuedBytes -= length;
  return { bytes: parts.length === 1 ? parts[0]! : joined(parts), from: null, sender, rights, length };
}
function receiveMessage(kernel: Kernel, socket: Draft<Socket>, count: number, isPeek: boolean): Receipt {
  const packet = socket.queue[0]!;
  const rights = [...packet.rights];
  if (isPeek) for (const openFile of rights) addReference(kernel, openFile);
  else {
    socket.queue.shift();
    socket.queuedBytes -= packet.bytes.length;
    tellRoom(kernel, socket);
  }
  const { bytes, from, sender, to, header, at } = packet;
  return {
    kind: "received",
    received: {
      bytes: bytes.subarray(0, count),
      from: from && { ...from },
      sender: { ...sender },
      rights,
      length: bytes.length,
      ...(to === undefined ? {} : { to }),
      ...(header === undefined ? {} : { header: { ...header } }),
      ...(at === undefined ? {} : { at }),
    },
  };
}
/** Rights that nobody takes. */
export function discardRights(kernel: Kernel, rights: readonly number[]): void {
  for (const openFile of rights) discardReference(kernel, openFile);
}
/** The urgent byte, out of its turn (recv(2), MSG_OOB). */
export function receiveUrgent(kernel: Kernel, socket: Draft<Socket>, count: number, flags: number): Receipt {
  const taken = takeUrgent(kernel, socket, count, flags);
  if (typeof taken === "string") return { kind: "fail", errno: taken };
  if (!isInternet(socket) && (flags & MSG_PEEK) === 0) tellRoom(kernel, socket);
  return { kind: "received", received: { ...taken, flags: taken.flags | MSG_OOB, from: null } };
}
export const truncation = (socket: Draft<Socket>, received: Received): number => (!isStream(socket) && received.length > received.bytes.length ? MSG_TRUNC : 0);
