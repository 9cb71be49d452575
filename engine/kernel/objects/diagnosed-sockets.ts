// The machine's sockets as they are told of by number: with the inode of their open file, the state of the protocol, and a cookie.
import type { Draft } from "immer";
import type { Kernel } from "../kernel.ts";
import type { Socket } from "../state/net.ts";
import { inodeOf } from "./inodes.ts";
import { u32 } from "./netlink-messages.ts";

/** The one request there is, and what its answers are (linux/sock_diag.h). */
export const SOCK_DIAG_BY_FAMILY = 20;
/** The control group that all sockets are of. */
export const ROOT_CGROUP = 1;

export interface DiagnosedSocket {
  readonly socket: Draft<Socket>;
  /** 0 where nobody has accepted it yet. */
  readonly inode: number;
}
export function diagnosedSockets(kernel: Kernel, holds: (socket: Draft<Socket>) => boolean): readonly DiagnosedSocket[] {
  const inodes = new Map(kernel.vfs.openFiles.flatMap(open => (open?.kind === "socket" ? [[open.object, open.inode] as const] : [])));
  return [...kernel.net.sockets.values()].filter(socket => socket.link === 0 && holds(socket)).map(socket => ({ socket, inode: inodes.get(socket.id) ?? 0 }));
}
/** Nobody's, until it is accepted. */
export const ownerUid = (kernel: Kernel, { inode }: DiagnosedSocket): number => (inode === 0 ? 0 : inodeOf(kernel, inode).uid);
/** A number that no other socket has or had: its own. */
export const cookieOf = ({ id }: Draft<Socket>): readonly Uint8Array[] => [u32(id), u32(Math.floor(id / 2 ** 32))];
const ANY = 0xffff_ffff;
/** Whether it is the one that was meant (INET_DIAG_NOCOOKIE: any). */
export const isMeant = ({ id }: Draft<Socket>, low: number, high: number): boolean =>
  (low === ANY && high === ANY) || (low === id >>> 0 && high === Math.floor(id / 2 ** 32));
const RCV_SHUTDOWN = 1;
const SEND_SHUTDOWN = 2;
export const shutdownOf = ({ isReadShut, hasEnded, isWriteShut }: Draft<Socket>): number =>
  (isReadShut || hasEnded ? RCV_SHUTDOWN : 0) | (isWriteShut ? SEND_SHUTDOWN : 0);
/** struct sk_meminfo as an attribute: bytes that wait, and room. */
export const memoryOf = ({ queuedBytes, receiveBuffer, sendBuffer }: Draft<Socket>): readonly number[] => [
  queuedBytes,
  receiveBuffer,
  0,
  sendBuffer,
  0,
  0,
  0,
  0,
  0,
];
