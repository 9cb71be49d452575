// Links: connections whose other end is outside the machine. That end is a socket of the state like any other, so that listening, connecting, closing and flow control are the
// same with it as between two guests; what is done to it the world is told (`tellOutside`), and what the world does comes here as inputs.
import type { Draft } from "immer";
import { families, protocols, socketTypes } from "../../abi/constants/sockets.ts";
import { isErrno } from "../../abi/errno.ts";
import type { Bytes } from "../../abi/memory-view.ts";
import type { Kernel } from "../kernel.ts";
import type { SenderIds, Socket } from "../state/net.ts";
import { hostText, isIpv4, LOOPBACK_IPV4, LOOPBACK_IPV6 } from "./socket-addresses.ts";
import { put } from "./socket-transfer.ts";
import {
  bindInternet,
  boundTo,
  createSocket,
  dropLink,
  establish,
  hasRoomToAccept,
  isInternet,
  lose,
  portKey,
  receiveChannel,
  sendChannel,
  shutDown,
  socketOf,
  tellOutside,
} from "./sockets.ts";
import { wake } from "./waiting.ts";

/** Bytes on their way outside that it has not told to have taken: a guest that sends more waits. */
export const LINK_WINDOW = 262_144;
/** Who sends from outside, for whoever asks: nobody of the machine. */
const NOBODY: SenderIds = { pid: 0, uid: 0, gid: 0 };

/** The outside's end; undefined where the machine has let go of it already, and what comes is late. */
function outsideOf(kernel: Kernel, link: number): Draft<Socket> | undefined {
  const id = kernel.net.links.get(link);
  return id === undefined ? undefined : socketOf(kernel, id);
}
function createOutside(kernel: Kernel, link: number, host: string): Draft<Socket> {
  const family = isIpv4(host) ? families.AF_INET : families.AF_INET6;
  const outside = createSocket(kernel, { family, type: socketTypes.SOCK_STREAM, protocol: protocols.IPPROTO_TCP, owner: NOBODY });
  Object.assign(outside, { link, receiveBuffer: LINK_WINDOW });
  kernel.net.links.set(link, outside.id);
  return outside;
}
const listenerAt = (kernel: Kernel, host: string, port: number, from: number): Draft<Socket> | null =>
  boundTo(kernel, portKey({ protocol: protocols.IPPROTO_TCP }, port), { host }, ({ state }) => state === "listening", from);

/** A client connects to the port, as from the machine's own loopback; to IPv6's where nobody listens at IPv4's. It is reset where nobody listens at all. */
export function takeIncoming(kernel: Kernel, link: number, port: number): void {
  if (kernel.net.links.has(link)) throw new Error(`Link ${link} comes in, but is there already.`);
  const host = [LOOPBACK_IPV4, LOOPBACK_IPV6].find(one => listenerAt(kernel, one, port, 0));
  if (host === undefined) {
    kernel.effect({ kind: "link", link, act: { kind: "reset" } });
    return;
  }
  const outside = createOutside(kernel, link, host);
  if (bindInternet(kernel, outside, host, 0)) {
    lose(kernel, outside, "EADDRNOTAVAIL");
    return;
  }
  outside.remote = { kind: "inet", host, port };
  const listener = listenerAt(kernel, host, port, (outside.local as { port: number }).port)!;
  if (hasRoomToAccept(listener)) establish(kernel, listener, outside);
  else {
    outside.state = "connecting";
    listener.arriving.push(outside.id);
  }
}

/** The guest's socket connects to an address outside; it is `connecting` until the world answers. */
export function dial(kernel: Kernel, socket: Draft<Socket>, host: string, port: number): void {
  const link = --kernel.net.lastDialled;
  const outside = createOutside(kernel, link, host);
  Object.assign(outside, { state: "connecting", peer: socket.id, remote: socket.local && { ...socket.local } });
  Object.assign(socket, { state: "connecting", peer: outside.id });
  tellOutside(kernel, outside, { kind: "dial", host: hostText(host), port });
}
export function takeDialled(kernel: Kernel, link: number): void {
  const outside = outsideOf(kernel, link);
  if (outside?.state !== "connecting" || outside.peer === 0) return;
  outside.state = "connected";
  socketOf(kernel, outside.peer).state = "connected";
  wake(kernel, sendChannel(outside.peer));
  wake(kernel, receiveChannel(outside.peer));
}
/** A host may have errors that Linux does not know. */
export function takeRefused(kernel: Kernel, link: number, errno: string): void {
  const outside = outsideOf(kernel, link);
  if (outside?.state !== "connecting" || outside.peer === 0) return;
  const socket = socketOf(kernel, outside.peer);
  dropLink(kernel, outside);
  Object.assign(socket, { state: "closed", peer: 0, error: isErrno(errno) ? errno : "ECONNREFUSED" });
  wake(kernel, sendChannel(socket.id));
  wake(kernel, receiveChannel(socket.id));
}

/** Bytes, or with `null` the end of what the other end sends. */
export function feedLink(kernel: Kernel, link: number, bytes: Bytes | null): void {
  const outside = outsideOf(kernel, link);
  if (outside?.state !== "connected" || outside.isWriteShut) return;
  if (bytes === null) shutDown(kernel, outside, false, true);
  else if (bytes.length > 0) put(kernel, socketOf(kernel, outside.peer), { bytes, from: null, sender: NOBODY, rights: [] });
}
/** Who is told nothing but a reset after the other end has ended learns of it as of a broken pipe (tcp_reset in net/ipv4/tcp_input.c). */
export function resetLink(kernel: Kernel, link: number): void {
  const outside = outsideOf(kernel, link);
  if (!outside) return;
  if (outside.peer !== 0 && outside.state === "connecting") {
    takeRefused(kernel, link, "ECONNREFUSED");
    return;
  }
  dropLink(kernel, outside);
  const socket = outside.peer === 0 ? undefined : socketOf(kernel, outside.peer);
  if (socket && isInternet(socket)) lose(kernel, socket, socket.hasEnded ? "EPIPE" : "ECONNRESET");
}
export function takeRoom(kernel: Kernel, link: number, count: number): void {
  const outside = outsideOf(kernel, link);
  if (!outside) return;
  outside.queuedBytes = Math.max(0, outside.queuedBytes - count);
  if (outside.peer !== 0) wake(kernel, sendChannel(outside.peer));
}
