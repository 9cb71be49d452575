// The state of sockets. Every packet goes from one socket of the machine to another: what is sent lies in the receiver's queue at once. The outside's end of a connection is a socket, too.
import type { Errno } from "../../abi/errno.ts";
import type { Bytes } from "../../abi/memory-view.ts";
import type { BinaryString } from "./vfs.ts";

/** `unix`: a path, an abstract name that begins with a NUL, or "" for none. `inet`: 16 bytes in hexadecimal, IPv4 ones as IPv6 maps them. `netlink`: the port. */
export type SocketAddress =
  | { readonly kind: "unix"; readonly path: BinaryString }
  | { readonly kind: "inet"; readonly host: string; readonly port: number }
  | { readonly kind: "netlink"; readonly port: number };
export interface SenderIds {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}
/** What of an Internet datagram's header a sender can choose, where it is not what it mostly is: 64 hops, and the class 0. */
export interface PacketHeader {
  readonly hops?: number;
  readonly trafficClass?: number;
}
export interface Packet {
  readonly bytes: Bytes;
  readonly from: SocketAddress | null;
  readonly sender: SenderIds;
  /** Open files on their way (SCM_RIGHTS): each counts as referred to. */
  readonly rights: readonly number[];
  /** Of an Internet datagram: the host that it was sent to. */
  readonly to?: string;
  readonly header?: PacketHeader;
  /** When it came, where the receiver asks for that: nanoseconds since 1970. */
  readonly at?: bigint;
  /** Unix streams: the byte is the urgent one, or was and is taken, so that nothing is left of it but its place. */
  readonly mark?: "urgent" | "taken";
}
/** TCP: where the urgent byte is among those in the queue, and what it is. */
export interface UrgentMark {
  readonly at: number;
  readonly byte: number;
  readonly isRead: boolean;
}
export interface Socket {
  readonly id: number;
  /** AF_UNIX 1, AF_INET 2, AF_INET6 10, AF_NETLINK 16. */
  readonly family: number;
  /** SOCK_STREAM 1, SOCK_DGRAM 2, SOCK_RAW 3, SOCK_SEQPACKET 5. */
  readonly type: number;
  readonly protocol: number;
  readonly state: "idle" | "listening" | "connecting" | "connected" | "closed";
  readonly local: SocketAddress | null;
  readonly remote: SocketAddress | null;
  /** The socket at the other end; 0: none, or none any more. */
  readonly peer: number;
  readonly queue: readonly Packet[];
  readonly queuedBytes: number;
  readonly urgent?: UrgentMark;
  /** The other end sends no more. */
  readonly hasEnded: boolean;
  readonly isReadShut: boolean;
  readonly isWriteShut: boolean;
  /** A connect that did not wait has not been told of its end yet. */
  readonly isConnectUntold: boolean;
  /** Told by the next call, and by SO_ERROR. */
  readonly error: Errno | null;
  /** Listening: connections that are made, and sockets that wait for room among those. */
  readonly accepting: readonly number[];
  readonly arriving: readonly number[];
  readonly backlog: number;
  readonly sendBuffer: number;
  readonly receiveBuffer: number;
  readonly sendTimeoutNanos: number;
  readonly receiveTimeoutNanos: number;
  /** SO_LINGER: seconds, `null` where it is off. */
  readonly lingerSeconds: number | null;
  /** Numbers that were set, by `level:option`. */
  readonly options: ReadonlyMap<string, number>;
  /** Of whoever connected or listened, for SO_PEERCRED at the other end. */
  readonly owner: SenderIds;
  /** As the other end's owner was when they were connected. */
  readonly peerOwner: SenderIds | null;
  /** A bound Unix socket's key in `bound`. */
  readonly boundKey: string;
  /** Not 0: no process has this socket, it is the outside's end of the link. */
  readonly link: number;
}
export interface NetState {
  readonly sockets: ReadonlyMap<number, Socket>;
  /** Bound sockets: by `tcp:PORT`, `udp:PORT` and `udplite:PORT`, by `name:` and an abstract name, by `inode:` and a path's inode. */
  readonly bound: ReadonlyMap<string, readonly number[]>;
  readonly nextId: number;
  readonly nextPort: number;
  /** Sockets that are the outside's ends, by link. Who comes in names its link, by numbers above 0; those that guests dial are numbered downwards from -1. */
  readonly links: ReadonlyMap<number, number>;
  readonly lastDialled: number;
}
/** Bytes that a socket which is not TCP's may hold in each direction (socket(7), rmem_default). */
export const SOCKET_BUFFER = 212_992;
export const FIRST_EPHEMERAL_PORT = 32_768;
export const LAST_EPHEMERAL_PORT = 60_999;
export const emptyNet: NetState = { sockets: new Map(), bound: new Map(), nextId: 1, nextPort: FIRST_EPHEMERAL_PORT, links: new Map(), lastDialled: 0 };
