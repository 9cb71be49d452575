// /proc/net of a machine whose network is its loopback device: its sockets, and counters of a device that counts nothing (proc_pid_net(5)).
import { families, protocols, socketTypes } from "../../abi/constants/sockets.ts";
import type { Kernel } from "../kernel.ts";
import { ANY_HOST, ANY_IPV4, isIpv4 } from "../objects/socket-addresses.ts";
import { tcpStateOf, tcpStates } from "../objects/tcp-states.ts";
import type { Socket, SocketAddress } from "../state/net.ts";
import { type Entry, file, hexadecimal, type Question, text } from "./entry.ts";

const SOCKETS = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";
const SOCKETS6 =
  "  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";
const DATAGRAMS = " ref pointer drops";
const line = (content: string, width = 0): string => `${content.padEnd(width)}\n`;
const TCP_WIDTH = 149;
const UDP_WIDTH = 127;

interface Shown {
  readonly socket: Socket;
  /** 0 where nobody has accepted it yet. */
  readonly inode: number;
}
function socketsWhere(kernel: Kernel, holds: (socket: Socket) => boolean): readonly Shown[] {
  const inodes = new Map(kernel.vfs.openFiles.flatMap(open => (open?.kind === "socket" ? [[open.object, open.inode] as const] : [])));
  return [...kernel.net.sockets.values()].flatMap(socket => (holds(socket as Socket) ? [{ socket: socket as Socket, inode: inodes.get(socket.id) ?? 0 }] : []));
}

/** What is closed is in none of Linux's tables. */
const isInTables = (socket: Socket): boolean => tcpStateOf(socket) !== tcpStates.CLOSE;
/** Words of an address are shown as a little-endian processor reads them. */
const swapped = (words: string): string => words.replace(/(..)(..)(..)(..)/g, "$4$3$2$1").toUpperCase();
function place(family: number, address: SocketAddress | null): string {
  const { host, port } = address?.kind === "inet" ? address : { host: family === families.AF_INET ? ANY_IPV4 : ANY_HOST, port: 0 };
  return `${swapped(family === families.AF_INET ? (isIpv4(host) ? host : ANY_IPV4).slice(24) : host)}:${hexadecimal(port, 4).toUpperCase()}`;
}
const eight = (value: number): string => hexadecimal(value, 8).toUpperCase();
const POINTER = "0".repeat(16);

interface Row {
  readonly number: string;
  readonly state: number;
  readonly waiting: number;
  readonly tail: string;
}
function socketLine({ socket: { family, local, remote, owner }, inode }: Shown, { number, state, waiting, tail }: Row): string {
  const queues = `${eight(0)}:${eight(waiting)}`;
  const user = `${String(owner.uid).padStart(5)} ${"0".padStart(8)} ${inode}`;
  return `${number}: ${place(family, local)} ${place(family, remote)} ${eight(state).slice(6)} ${queues} 00:${eight(0)} ${eight(0)} ${user} ${tail}`;
}
/** Listeners come first. What follows the pointer: timeouts, window and threshold as they are before anything was measured. */
function tcp({ kernel }: Question, family: number): string {
  const shown = socketsWhere(kernel, socket => socket.family === family && socket.type === socketTypes.SOCK_STREAM && isInTables(socket));
  const isListener = ({ socket }: Shown) => socket.state === "listening";
  return [...shown.filter(isListener), ...shown.filter(one => !isListener(one))]
    .map((one, index) => {
      const { accepting, queuedBytes } = one.socket;
      const [waiting, rest] = isListener(one) ? [accepting.length, "100 0 0 10 0"] : [queuedBytes, "20 0 0 10 -1"];
      const row = { number: String(index).padStart(4), state: tcpStateOf(one.socket), waiting, tail: `1 ${POINTER} ${rest}` };
      return line(socketLine(one, row), family === families.AF_INET ? TCP_WIDTH : 0);
    })
    .join("");
}
function udp({ kernel }: Question, family: number, protocol: number): string {
  const isShown = (socket: Socket) => socket.family === family && socket.protocol === protocol && socket.local !== null;
  return socketsWhere(kernel, isShown)
    .map(one => {
      const { local, remote, queuedBytes } = one.socket;
      const number = String(local?.kind === "inet" ? local.port : 0).padStart(5);
      const row = { number, state: remote ? tcpStates.ESTABLISHED : tcpStates.CLOSE, waiting: queuedBytes, tail: `2 ${POINTER} 0` };
      return line(socketLine(one, row), family === families.AF_INET ? UDP_WIDTH : 0);
    })
    .join("");
}
const SO_ACCEPTCON = 0x1_0000;
const SS_UNCONNECTED = 1;
const SS_CONNECTED = 3;
function unix({ kernel }: Question): string {
  return socketsWhere(kernel, ({ family }) => family === families.AF_UNIX)
    .map(({ socket: { state, type, local }, inode }) => {
      const [flags, references] = [state === "listening" ? SO_ACCEPTCON : 0, state === "connected" ? 3 : 2];
      const path = local?.kind === "unix" && local.path !== "" ? ` ${local.path.replaceAll("\0", "@")}` : "";
      const fields = [eight(references), eight(0), eight(flags), hexadecimal(type, 4), hexadecimal(state === "connected" ? SS_CONNECTED : SS_UNCONNECTED, 2)];
      return `${POINTER}: ${fields.join(" ")} ${String(inode).padStart(5)}${path}\n`;
    })
    .join("");
}
function socketCounts({ kernel }: Question): string {
  const count = (holds: (socket: Socket) => boolean) => socketsWhere(kernel, holds).length;
  const isOf = (family: number, type: number) => (socket: Socket) => socket.family === family && socket.type === type;
  const isBound = (protocol: number) => (socket: Socket) => socket.family === families.AF_INET && socket.protocol === protocol && socket.local !== null;
  const streams = count(one => isOf(families.AF_INET, socketTypes.SOCK_STREAM)(one) && isInTables(one));
  const allStreams = count(({ family, type }) => (family === families.AF_INET || family === families.AF_INET6) && type === socketTypes.SOCK_STREAM);
  return [
    `sockets: used ${kernel.net.sockets.size}`,
    `TCP: inuse ${streams} orphan 0 tw 0 alloc ${allStreams} mem 0`,
    `UDP: inuse ${count(isBound(protocols.IPPROTO_UDP))} mem 0`,
    `UDPLITE: inuse ${count(isBound(protocols.IPPROTO_UDPLITE))}`,
    `RAW: inuse ${count(isOf(families.AF_INET, socketTypes.SOCK_RAW))}`,
    "FRAG: inuse 0 memory 0",
    "",
  ].join("\n");
}

const fixed: Readonly<Record<string, string>> = {
  arp: line("IP address       HW type     Flags       HW address            Mask     Device"),
  dev: [
    "Inter-|   Receive                                                |  Transmit",
    " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed",
    "    lo:       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0",
    "",
  ].join("\n"),
  if_inet6: "00000000000000000000000000000001 01 80 10 80       lo\n",
  ipv6_route: "",
  packet: line("sk               RefCnt Type Proto  Iface R Rmem   User   Inode"),
  raw: line(SOCKETS + DATAGRAMS),
  raw6: line(SOCKETS6 + DATAGRAMS),
  route: line("Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT", 127),
};
const { AF_INET, AF_INET6 } = families;
const datagramProtocols = [
  ["udp", protocols.IPPROTO_UDP],
  ["udplite", protocols.IPPROTO_UDPLITE],
] as const;
export const networkFiles: Readonly<Record<string, Entry>> = {
  ...Object.fromEntries(Object.entries(fixed).map(([name, content]) => [name, text(content)])),
  sockstat: file(socketCounts),
  tcp: file(question => line(SOCKETS, TCP_WIDTH) + tcp(question, AF_INET)),
  tcp6: file(question => line(SOCKETS6) + tcp(question, AF_INET6)),
  ...Object.fromEntries(
    datagramProtocols.flatMap(([name, protocol]) => [
      [name, file(question => line(` ${SOCKETS}${DATAGRAMS}`, UDP_WIDTH) + udp(question, AF_INET, protocol))],
      [`${name}6`, file(question => line(SOCKETS6 + DATAGRAMS) + udp(question, AF_INET6, protocol))],
    ]),
  ),
  unix: file(question => line("Num       RefCount Protocol Flags    Type St Inode Path") + unix(question)),
};
