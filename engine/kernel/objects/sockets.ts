// Sockets: making, binding, connecting and closing them (socket(7), tcp(7), unix(7)). What is sent and received is socket-transfer.ts.
import type { Draft } from "immer";
import { families, ipv6Options, levels, protocols, SOL_SOCKET, socketOptions, socketTypes } from "../../abi/constants/sockets.ts";
import type { Errno } from "../../abi/errno.ts";
import type { LinkAct } from "../../world.ts";
import type { Kernel } from "../kernel.ts";
import { FIRST_EPHEMERAL_PORT, LAST_EPHEMERAL_PORT, type SenderIds, SOCKET_BUFFER, type Socket, type SocketAddress } from "../state/net.ts";
import type { Task } from "../state/proc-table.ts";
import { keptNames } from "./channel-names.ts";
import { discardReference } from "./open-files.ts";
import { ANY_HOST, ANY_IPV4, isAny, isIpv4, LOOPBACK_IPV4, LOOPBACK_IPV6 } from "./socket-addresses.ts";
import { processOf } from "./tasks.ts";
import { wake } from "./waiting.ts";

/** Woken when there is something to read, or the other end is gone; and when there is room, or a connection is made. */
export const receiveChannel = keptNames(id => `socket:${id}:read`);
export const sendChannel = keptNames(id => `socket:${id}:write`);
export const isStream = ({ type }: Pick<Socket, "type">): boolean => type === socketTypes.SOCK_STREAM;
export const isConnected = ({ type }: Pick<Socket, "type">): boolean => type === socketTypes.SOCK_STREAM || type === socketTypes.SOCK_SEQPACKET;
export const isInternet = ({ family }: Pick<Socket, "family">): boolean => family === families.AF_INET || family === families.AF_INET6;

export function socketOf(kernel: Kernel, id: number): Draft<Socket> {
  const socket = kernel.net.sockets.get(id);
  if (!socket) throw new Error(`Socket ${id} is referred to but does not exist.`);
  return socket;
}
export function senderOf(kernel: Kernel, task: Draft<Task>): SenderIds {
  const { pid, credentials } = processOf(kernel, task.pid);
  return { pid, uid: credentials.euid, gid: credentials.egid };
}
const TCP_SEND_BUFFER = 2_626_560;
const TCP_RECEIVE_BUFFER = 131_072;
export interface NewSocket {
  readonly family: number;
  readonly type: number;
  readonly protocol: number;
  readonly owner: SenderIds;
}
export function createSocket(kernel: Kernel, { family, type, protocol, owner }: NewSocket): Draft<Socket> {
  const { net } = kernel;
  const id = net.nextId++;
  const isTcp = isInternet({ family }) && type === socketTypes.SOCK_STREAM;
  net.sockets.set(id, {
    ...{ id, family, type, protocol, state: "idle", local: null, remote: null, peer: 0 },
    ...{ queue: [], queuedBytes: 0, hasEnded: false, isReadShut: false, isWriteShut: false, isConnectUntold: false, error: null },
    ...{ accepting: [], arriving: [], backlog: 0, sendTimeoutNanos: 0, receiveTimeoutNanos: 0, lingerSeconds: null },
    ...{ sendBuffer: isTcp ? TCP_SEND_BUFFER : SOCKET_BUFFER, receiveBuffer: isTcp ? TCP_RECEIVE_BUFFER : SOCKET_BUFFER },
    ...{ options: new Map(), owner: { ...owner }, peerOwner: null, boundKey: "", link: 0 },
  });
  return socketOf(kernel, id);
}
export const optionOf = ({ options }: Draft<Socket>, level: number, name: number): number => options.get(`${level}:${name}`) ?? 0;
/** SO_TIMESTAMP, SO_TIMESTAMPNS: messages tell when they came. */
export const wantsTimes = (socket: Draft<Socket>): "micros" | "nanos" | null =>
  optionOf(socket, SOL_SOCKET, socketOptions.SO_TIMESTAMPNS) !== 0 ? "nanos" : optionOf(socket, SOL_SOCKET, socketOptions.SO_TIMESTAMP) !== 0 ? "micros" : null;
export function takeError(socket: Draft<Socket>): Errno | null {
  const { error } = socket;
  socket.error = null;
  return error;
}

// Names

const transports: Readonly<Record<number, string>> = { [protocols.IPPROTO_TCP]: "tcp", [protocols.IPPROTO_UDP]: "udp", [protocols.IPPROTO_UDPLITE]: "udplite" };
/** Each protocol has ports of its own. */
export const portKey = ({ protocol }: Pick<Socket, "protocol">, port: number): string => `${transports[protocol]}:${port}`;
export function enter(kernel: Kernel, key: string, id: number): void {
  kernel.net.bound.set(key, [...(kernel.net.bound.get(key) ?? []), id]);
}
function strike(kernel: Kernel, key: string, id: number): void {
  const left = (kernel.net.bound.get(key) ?? []).filter(other => other !== id);
  if (left.length > 0) kernel.net.bound.set(key, left);
  else kernel.net.bound.delete(key);
}
/** A socket for all of IPv6's hosts also has IPv4's, unless it says otherwise. */
const isOnlyV6 = (socket: Draft<Socket>): boolean => optionOf(socket, levels.SOL_IPV6, ipv6Options.IPV6_V6ONLY) !== 0;
function overlaps(a: Draft<Socket>, hostA: string, b: Draft<Socket>, hostB: string): boolean {
  if (hostA === hostB) return true;
  const covers = (socket: Draft<Socket>, host: string, other: string): boolean =>
    host === ANY_IPV4 ? isIpv4(other) : host === ANY_HOST && (!isIpv4(other) || (socket.family === families.AF_INET6 && !isOnlyV6(socket)));
  return covers(a, hostA, hostB) || covers(b, hostB, hostA);
}
/** Whether another socket has the place (EADDRINUSE). */
export function isTaken(kernel: Kernel, socket: Draft<Socket>, host: string, port: number): boolean {
  const others = kernel.net.bound.get(portKey(socket, port)) ?? [];
  return others.some(id => {
    const other = socketOf(kernel, id);
    if (other.local?.kind !== "inet" || !overlaps(socket, host, other, other.local.host)) return false;
    const both = (option: number): boolean => optionOf(socket, SOL_SOCKET, option) !== 0 && optionOf(other, SOL_SOCKET, option) !== 0;
    if (both(socketOptions.SO_REUSEPORT)) return false;
    return !(both(socketOptions.SO_REUSEADDR) && (!isStream(socket) || other.state !== "listening"));
  });
}
export function bindInternet(kernel: Kernel, socket: Draft<Socket>, host: string, port: number): Errno | null {
  const chosen = port === 0 ? freePort(kernel, socket, host) : port;
  if (chosen === null || (port !== 0 && isTaken(kernel, socket, host, port))) return "EADDRINUSE";
  socket.local = { kind: "inet", host, port: chosen };
  enter(kernel, portKey(socket, chosen), socket.id);
  return null;
}
function freePort(kernel: Kernel, socket: Draft<Socket>, host: string): number | null {
  const { net } = kernel;
  for (let tries = FIRST_EPHEMERAL_PORT; tries <= LAST_EPHEMERAL_PORT; tries++) {
    const port = net.nextPort;
    net.nextPort = port === LAST_EPHEMERAL_PORT ? FIRST_EPHEMERAL_PORT : port + 1;
    if (!net.bound.has(portKey(socket, port)) || !isTaken(kernel, socket, host, port)) return port;
  }
  return null;
}
/** Who has the place, by how exactly it has it; among equals (SO_REUSEPORT) the sender's port decides. */
export function boundTo(
  kernel: Kernel,
  key: string,
  { host }: { readonly host: string },
  accepts: (socket: Draft<Socket>) => boolean,
  by: number,
): Draft<Socket> | null {
  let best = -1;
  let found: Draft<Socket>[] = [];
  for (const id of kernel.net.bound.get(key) ?? []) {
    const socket = socketOf(kernel, id);
    if (socket.local?.kind !== "inet" || !accepts(socket)) continue;
    const own = socket.local.host;
    const isForAll = own === ANY_IPV4 ? isIpv4(host) : own === ANY_HOST && (!isIpv4(host) || !isOnlyV6(socket));
    if (own !== host && !isForAll) continue;
    const score = (own === host ? 2 : 0) + (socket.remote ? 4 : 0) + (own === ANY_HOST ? 0 : 1);
    if (score > best) {
      best = score;
      found = [];
    }
    if (score === best) found.push(socket);
  }
  return found[by % Math.max(1, found.length)] ?? null;
}
export const loopbackFor = (host: string): string => (isIpv4(host) ? LOOPBACK_IPV4 : LOOPBACK_IPV6);
/** Nobody is everybody's host: the machine itself is meant. */
export const destinationHost = (host: string): string => (isAny(host) ? loopbackFor(host) : host);

// Connections

export const nameKey = (path: string, inode: number): string => (path.startsWith("\0") ? `name:${path}` : `inode:${inode}`);
/** A new socket at the listener's side, to be accepted. */
function answering(kernel: Kernel, listener: Draft<Socket>, client: Draft<Socket>): Draft<Socket> {
  const server = createSocket(kernel, listener);
  const local: SocketAddress | null = isInternet(listener) ? client.remote : listener.local;
  Object.assign(server, {
    state: "connected",
    local: local && { ...local },
    remote: client.local && { ...client.local },
    peer: client.id,
    sendBuffer: listener.sendBuffer,
    receiveBuffer: listener.receiveBuffer,
    options: new Map(listener.options),
    peerOwner: { ...client.owner },
    lingerSeconds: listener.lingerSeconds,
    receiveTimeoutNanos: listener.receiveTimeoutNanos,
    sendTimeoutNanos: listener.sendTimeoutNanos,
  });
  return server;
}
export const hasRoomToAccept = ({ accepting, backlog }: Draft<Socket>): boolean => accepting.length <= backlog;
export function establish(kernel: Kernel, listener: Draft<Socket>, client: Draft<Socket>): void {
  const server = answering(kernel, listener, client);
  Object.assign(client, { state: "connected", peer: server.id, peerOwner: { ...listener.owner } });
  if (!isInternet(client)) client.remote = listener.local && { ...listener.local };
  listener.accepting.push(server.id);
  tellOutside(kernel, client, { kind: "open" });
  wake(kernel, receiveChannel(listener.id));
  wake(kernel, sendChannel(client.id));
}
/** One is accepted: who waits for room is next. */
export function admitNext(kernel: Kernel, listener: Draft<Socket>): void {
  while (listener.arriving.length > 0 && hasRoomToAccept(listener)) {
    const client = kernel.net.sockets.get(listener.arriving.shift()!);
    if (client?.state === "connecting") establish(kernel, listener, client);
  }
  wake(kernel, sendChannel(listener.id));
}
export function pairUp(a: Draft<Socket>, b: Draft<Socket>): void {
  Object.assign(a, { state: "connected", peer: b.id, peerOwner: { ...b.owner } });
  Object.assign(b, { state: "connected", peer: a.id, peerOwner: { ...a.owner } });
}

// The outside

/** Tells the world what happens to a link, where the socket is the outside's end of one. */
export function tellOutside(kernel: Kernel, { link }: Draft<Socket>, act: LinkAct): void {
  if (link !== 0) kernel.effect({ kind: "link", link, act });
}
export function dropLink(kernel: Kernel, { id, link, local, protocol }: Draft<Socket>): void {
  if (local?.kind === "inet") strike(kernel, portKey({ protocol }, local.port), id);
  kernel.net.links.delete(link);
  kernel.net.sockets.delete(id);
}

// Endings

const tell = (kernel: Kernel, id: number): void => {
  wake(kernel, receiveChannel(id));
  wake(kernel, sendChannel(id));
};
/** The other end is not there any more; `error`: it went without having read all, or broke off. */
export function lose(kernel: Kernel, socket: Draft<Socket>, error: Errno | null): void {
  if (socket.link !== 0) {
    tellOutside(kernel, socket, { kind: error ? "reset" : "close" });
    dropLink(kernel, socket);
    return;
  }
  socket.peer = 0;
  socket.hasEnded = true;
  if (!isInternet(socket) && isConnected(socket)) socket.isWriteShut = true;
  if (error) {
    socket.error = error;
    if (isInternet(socket)) Object.assign(socket, { state: "closed", isWriteShut: true });
  }
  tell(kernel, socket.id);
}
export function dropQueue(kernel: Kernel, socket: Draft<Socket>): void {
  const { queue } = socket;
  socket.queue = [];
  socket.queuedBytes = 0;
  for (const { rights } of queue) for (const openFile of rights) discardReference(kernel, openFile);
}
export function closeSocket(kernel: Kernel, id: number): void {
  const socket = socketOf(kernel, id);
  const { local, peer, queue, accepting, arriving, lingerSeconds } = socket;
  if (local?.kind === "inet") strike(kernel, portKey(socket, local.port), id);
  if (socket.boundKey !== "") strike(kernel, socket.boundKey, id);
  // The place of an urgent byte that was taken is nothing to be lost.
  const isUnread = queue.length > (queue[0]?.mark === "taken" ? 1 : 0);
  const isBroken = isUnread || (isInternet(socket) && lingerSeconds === 0);
  const other = peer === 0 ? undefined : kernel.net.sockets.get(peer);
  kernel.net.sockets.delete(id);
  if (other?.peer === id) lose(kernel, other, isBroken && isConnected(socket) ? "ECONNRESET" : null);
  else if (socket.boundKey !== "" && !isConnected(socket)) loseSenders(kernel, id);
  for (const waiting of accepting) {
    const server = kernel.net.sockets.get(waiting);
    if (!server) continue;
    const client = kernel.net.sockets.get(server.peer);
    if (client?.peer === waiting) lose(kernel, client, "ECONNRESET");
    dropQueue(kernel, server);
    kernel.net.sockets.delete(waiting);
  }
  for (const waiting of arriving) {
    const client = kernel.net.sockets.get(waiting);
    if (client?.state !== "connecting") continue;
    if (client.link !== 0) {
      lose(kernel, client, "ECONNRESET");
      continue;
    }
    Object.assign(client, { state: "closed", error: "ECONNREFUSED" });
    tell(kernel, waiting);
  }
  tell(kernel, id);
  for (const { rights } of queue) for (const openFile of rights) discardReference(kernel, openFile);
}
/** Datagram sockets that were connected to it are refused from now on. */
function loseSenders(kernel: Kernel, id: number): void {
  for (const other of kernel.net.sockets.values()) {
    if (other.peer !== id) continue;
    other.peer = 0;
    tell(kernel, other.id);
  }
}
export function shutDown(kernel: Kernel, socket: Draft<Socket>, reading: boolean, writing: boolean): void {
  const other = socket.peer === 0 ? undefined : kernel.net.sockets.get(socket.peer);
  if (reading) {
    socket.isReadShut = true;
    // Unix sockets tell the other end, which then cannot write.
    if (other && !isInternet(socket)) other.isWriteShut = true;
  }
  if (writing) {
    socket.isWriteShut = true;
    if (other) {
      if (!other.hasEnded) tellOutside(kernel, other, { kind: "end" });
      other.hasEnded = true;
    }
  }
  if (socket.state === "listening" && reading && isInternet(socket)) socket.state = "closed";
  tell(kernel, socket.id);
  if (other) tell(kernel, other.id);
}
