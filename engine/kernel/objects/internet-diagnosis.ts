// struct inet_diag_req_v2 and its answers (sock_diag(7), linux/inet_diag.h; net/ipv4/inet_diag.c): TCP's listeners and connections, UDP's bound sockets.
import type { Draft } from "immer";
import { families, ipOptions, ipv6Options, levels, protocols, SOL_SOCKET, socketOptions, socketTypes } from "../../abi/constants/sockets.ts";
import { type Bytes, joined } from "../../abi/memory-view.ts";
import type { Kernel } from "../kernel.ts";
import type { Socket, SocketAddress } from "../state/net.ts";
import { can } from "./credentials.ts";
import {
  cookieOf,
  type DiagnosedSocket,
  diagnosedSockets,
  isMeant,
  memoryOf,
  ownerUid,
  ROOT_CGROUP,
  SOCK_DIAG_BY_FAMILY,
  shutdownOf,
} from "./diagnosed-sockets.ts";
import { type DiagnosedEnds, isFilterSound, passes } from "./internet-filter.ts";
import { attribute, attributesOf, bytesOf, joinAligned, NLM_F_DUMP, type Reply, type Request, u16be, u32 } from "./netlink-messages.ts";
import { ANY_HOST, ANY_IPV4, hostBytes, isIpv4 } from "./socket-addresses.ts";
import { optionOf } from "./sockets.ts";
import { processOf } from "./tasks.ts";
import { tcpInfo } from "./tcp-info.ts";
import { tcpStateOf, tcpStates } from "./tcp-states.ts";

const { AF_INET, AF_INET6 } = families;
const { IPPROTO_TCP, IPPROTO_UDP, IPPROTO_UDPLITE } = protocols;
/** Protocols that can be asked about, of which there are never any sockets: raw ones, Multipath TCP. */
const EMPTY: readonly number[] = [255, 262];
const SERVED: readonly number[] = [IPPROTO_TCP, IPPROTO_UDP, IPPROTO_UDPLITE, ...EMPTY];
const REQUEST = 56;
const REQ_BYTECODE = 1;
/** A protocol that one byte has no room for. */
const REQ_PROTOCOL = 3;
const INET_DIAG = {
  MEMINFO: 1,
  INFO: 2,
  CONG: 4,
  TOS: 5,
  TCLASS: 6,
  SKMEMINFO: 7,
  SHUTDOWN: 8,
  SKV6ONLY: 11,
  MARK: 15,
  CLASS_ID: 17,
  CGROUP_ID: 21,
  SOCKOPT: 22,
} as const;

interface Asked {
  readonly family: number;
  readonly protocol: number;
  readonly extensions: number;
  readonly states: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly source: Bytes;
  readonly destination: Bytes;
  readonly cookie: readonly [number, number];
}
function askedBy(body: Bytes): Asked {
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  const protocol = attributesOf(body, REQUEST).get(REQ_PROTOCOL);
  return {
    family: body[0]!,
    protocol: protocol?.length === 4 ? new DataView(protocol.buffer, protocol.byteOffset).getUint32(0, true) : body[1]!,
    extensions: body[2]!,
    states: view.getUint32(4, true),
    sourcePort: view.getUint16(8),
    destinationPort: view.getUint16(10),
    source: body.subarray(12, 28),
    destination: body.subarray(28, 44),
    cookie: [view.getUint32(48, true), view.getUint32(52, true)],
  };
}
const isTcp = ({ type }: Draft<Socket>): boolean => type === socketTypes.SOCK_STREAM;
const stateOf = (socket: Draft<Socket>): number => (isTcp(socket) ? tcpStateOf(socket) : socket.remote ? tcpStates.ESTABLISHED : tcpStates.CLOSE);
/** In the tables of Linux: not what is closed, or was never bound. */
const isListed = (socket: Draft<Socket>): boolean => (isTcp(socket) ? stateOf(socket) !== tcpStates.CLOSE : socket.local !== null);
function place(family: number, address: SocketAddress | null): { readonly port: number; readonly host: Uint8Array } {
  const { host, port } = address?.kind === "inet" ? address : { host: family === AF_INET ? ANY_IPV4 : ANY_HOST, port: 0 };
  return { port, host: family === AF_INET ? hostBytes(isIpv4(host) ? host : ANY_IPV4, AF_INET) : hostBytes(host, AF_INET6) };
}
const sixteen = (host: Uint8Array): Uint8Array => joined([host, new Uint8Array(16 - host.length)]);
function endsOf(socket: Draft<Socket>): DiagnosedEnds {
  const { family, local, remote } = socket;
  const [own, other] = [place(family, local), place(family, remote)];
  const mark = optionOf(socket, SOL_SOCKET, socketOptions.SO_MARK);
  return { family, sourcePort: own.port, destinationPort: other.port, source: own.host, destination: other.host, mark };
}

/** struct inet_diag_sockopt: errors, TCP, free binding; loops multicast, and takes all of IPv4's; binds without a port. */
const optionsOf = (socket: Draft<Socket>): Uint8Array => {
  const isOn = (name: number): number => (optionOf(socket, levels.SOL_IP, name) !== 0 ? 1 : 0);
  const multicast = socket.family === AF_INET ? 0x50 : 0x10;
  return bytesOf(
    isOn(ipOptions.IP_RECVERR) | (isTcp(socket) ? 2 : 0) | (isOn(ipOptions.IP_FREEBIND) << 2) | multicast,
    isOn(ipOptions.IP_BIND_ADDRESS_NO_PORT),
  );
};
function attributes(socket: Draft<Socket>, { extensions }: Asked, isAdmin: boolean): readonly Uint8Array[] {
  const wants = (which: number): boolean => (extensions & (1 << (which - 1))) !== 0;
  const own: Uint8Array[] = [attribute(INET_DIAG.SHUTDOWN, bytesOf(shutdownOf(socket)))];
  const state = stateOf(socket);
  if (wants(INET_DIAG.TOS)) own.push(attribute(INET_DIAG.TOS, bytesOf(optionOf(socket, levels.SOL_IP, ipOptions.IP_TOS))));
  if (socket.family === AF_INET6) {
    if (wants(INET_DIAG.TCLASS)) own.push(attribute(INET_DIAG.TCLASS, bytesOf(optionOf(socket, levels.SOL_IPV6, ipv6Options.IPV6_TCLASS))));
    if (state === tcpStates.LISTEN || state === tcpStates.CLOSE)
      own.push(attribute(INET_DIAG.SKV6ONLY, bytesOf(optionOf(socket, levels.SOL_IPV6, ipv6Options.IPV6_V6ONLY))));
  }
  if (isAdmin) own.push(attribute(INET_DIAG.MARK, u32(optionOf(socket, SOL_SOCKET, socketOptions.SO_MARK))));
  if (wants(INET_DIAG.TCLASS)) own.push(attribute(INET_DIAG.CLASS_ID, u32(optionOf(socket, SOL_SOCKET, socketOptions.SO_PRIORITY))));
  own.push(attribute(INET_DIAG.CGROUP_ID, joined([u32(ROOT_CGROUP), u32(0)])), attribute(INET_DIAG.SOCKOPT, optionsOf(socket)));
  if (wants(INET_DIAG.MEMINFO)) own.push(attribute(INET_DIAG.MEMINFO, joined([u32(socket.queuedBytes), u32(0), u32(0), u32(0)])));
  if (wants(INET_DIAG.SKMEMINFO)) own.push(attribute(INET_DIAG.SKMEMINFO, joined(memoryOf(socket).map(u32))));
  if (isTcp(socket) && wants(INET_DIAG.INFO)) own.push(attribute(INET_DIAG.INFO, tcpInfo(socket)));
  if (isTcp(socket) && wants(INET_DIAG.CONG))
    own.push(
      attribute(
        INET_DIAG.CONG,
        Uint8Array.from("cubic\0", char => char.charCodeAt(0)),
      ),
    );
  return own;
}
function told(kernel: Kernel, one: DiagnosedSocket, asked: Asked, isAdmin: boolean): Uint8Array {
  const { socket, inode } = one;
  const state = stateOf(socket);
  const { sourcePort, destinationPort, source, destination } = endsOf(socket);
  const [waiting, room] = state === tcpStates.LISTEN ? [socket.accepting.length, socket.backlog] : [socket.queuedBytes, 0];
  const ends = [u16be(sourcePort), u16be(destinationPort), sixteen(source), sixteen(destination)];
  const head = [bytesOf(socket.family, state, 0, 0), ...ends, u32(0), ...cookieOf(socket)];
  return joinAligned([joined([...head, ...[0, waiting, room, ownerUid(kernel, one), inode].map(u32)]), ...attributes(socket, asked, isAdmin)]);
}

const same = (a: Bytes, b: Bytes): boolean => a.every((byte, i) => byte === b[i]);
/** The one between two places, else the listener or receiver at the first (inet_lookup). */
function exact(kernel: Kernel, asked: Asked): DiagnosedSocket | undefined {
  const all = listed(kernel, asked);
  const isAny = (host: Bytes): boolean => host.every(byte => byte === 0);
  const scoreOf = ({ socket }: DiagnosedSocket): number => {
    const { sourcePort, destinationPort, source, destination } = endsOf(socket);
    if (sourcePort !== asked.sourcePort) return 0;
    const isHere = same(source, asked.source);
    if (isHere && destinationPort === asked.destinationPort && same(destination, asked.destination)) return 3;
    return destinationPort !== 0 ? 0 : isHere ? 2 : isAny(source) ? 1 : 0;
  };
  return all
    .map(one => ({ one, score: scoreOf(one) }))
    .reduce<{ one?: DiagnosedSocket; score: number }>((best, next) => (next.score > best.score ? next : best), { score: 0 }).one;
}
/** Listeners first. */
function listed(kernel: Kernel, { family, protocol }: Asked): readonly DiagnosedSocket[] {
  const all = diagnosedSockets(kernel, socket => socket.family === family && socket.protocol === protocol && isListed(socket));
  const isListener = ({ socket }: DiagnosedSocket): boolean => socket.state === "listening";
  return [...all.filter(isListener), ...all.filter(one => !isListener(one))];
}
export function answerInternet(kernel: Kernel, { flags, body }: Request, asker: Draft<Socket>): Reply {
  if (body.length < REQUEST) return { errno: "EINVAL" };
  const asked = askedBy(body);
  const isServed = SERVED.includes(asked.protocol);
  const process = kernel.procTable.processes.get(asker.owner.pid);
  const isAdmin = process !== undefined && can(processOf(kernel, asker.owner.pid).credentials, "CAP_NET_ADMIN");
  const type = SOCK_DIAG_BY_FAMILY;
  if ((flags & NLM_F_DUMP) === 0) {
    const found = isServed ? exact(kernel, asked) : undefined;
    if (!found || !isMeant(found.socket, ...asked.cookie)) return { errno: "ENOENT" };
    return { type, bodies: [told(kernel, found, asked, isAdmin)], isDump: false };
  }
  const filter = attributesOf(body, REQUEST).get(REQ_BYTECODE);
  if (filter && !isFilterSound(filter)) return { errno: "EINVAL" };
  if (!isServed) return { type, bodies: [], isDump: true, end: "ENOENT" };
  const isWanted = ({ socket }: DiagnosedSocket): boolean => {
    const ends = endsOf(socket);
    if ((asked.states & (1 << stateOf(socket))) === 0) return false;
    if (asked.sourcePort !== 0 && asked.sourcePort !== ends.sourcePort) return false;
    if (asked.destinationPort !== 0 && asked.destinationPort !== ends.destinationPort) return false;
    return !filter || passes(filter, ends);
  };
  const bodies = listed(kernel, asked)
    .filter(isWanted)
    .map(one => told(kernel, one, asked, isAdmin));
  return { type, bodies, isDump: true };
}
