// setsockopt(2) and getsockopt(2): the options of socket(7), tcp(7), ip(7), ipv6(7), each with the type of its value.
import type { Draft } from "immer";
import { DEFAULT_HOPS, families, ipv6Options, levels, protocols, SOL_SOCKET, socketOptions, socketTypes, udpliteOptions } from "../../abi/constants/sockets.ts";
import { type Errno, errnoNumber } from "../../abi/errno.ts";
import type { Bytes } from "../../abi/memory-view.ts";
import type { Kernel } from "../kernel.ts";
import { can } from "../objects/credentials.ts";
import { isInternet, optionOf, takeError } from "../objects/sockets.ts";
import { processOf } from "../objects/tasks.ts";
import { tcpInfo } from "../objects/tcp-info.ts";
import type { Socket } from "../state/net.ts";

const SOL_TCP = levels.SOL_TCP;
const SOL_IP = levels.SOL_IP;
const SOL_IPV6 = levels.SOL_IPV6;
const SOL_NETLINK = levels.SOL_NETLINK;
const SOL_UDPLITE = levels.SOL_UDPLITE;
const {
  SO_SNDBUF,
  SO_RCVBUF,
  SO_SNDBUFFORCE,
  SO_RCVBUFFORCE,
  SO_LINGER,
  SO_RCVTIMEO,
  SO_TIMESTAMP,
  SO_TIMESTAMPNS,
  SO_SNDTIMEO,
  SO_TYPE,
  SO_ERROR,
  SO_PEERCRED,
  SO_ACCEPTCONN,
  SO_PROTOCOL,
  SO_DOMAIN,
  SO_COOKIE,
} = socketOptions;
const MOST_BUFFER = 212_992;
const LEAST_SEND = 4608;
const LEAST_RECEIVE = 2304;
const MILLION = 1_000_000;
const BILLION = 1_000_000_000;

const view = (bytes: Bytes): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
const int = (value: number): Uint8Array => {
  const bytes = new Uint8Array(4);
  view(bytes).setInt32(0, value, true);
  return bytes;
};
const longs = (...values: readonly number[]): Uint8Array => {
  const bytes = new Uint8Array(8 * values.length);
  values.forEach((value, i) => {
    view(bytes).setBigInt64(8 * i, BigInt(value), true);
  });
  return bytes;
};
const ints = (...values: readonly number[]): Uint8Array => {
  const bytes = new Uint8Array(4 * values.length);
  values.forEach((value, i) => {
    view(bytes).setInt32(4 * i, value, true);
  });
  return bytes;
};

/** Options that are a number, by level: what they are before they are set, and which values there are. */
interface Plain {
  readonly first: number;
  readonly isSwitch?: boolean;
  readonly range?: readonly [number, number];
  /** What is kept of a value. */
  readonly settled?: (value: number) => number;
}
const onOff: Plain = { first: 0, isSwitch: true };
/** Less than the header cannot be covered, and 0 is all (udplite(7)). */
const coverage: Plain = { first: 0, settled: value => (value === 0 ? 0 : Math.min(Math.max(value, 8), 65_535)) };
const PLAIN: Readonly<Record<number, Readonly<Record<number, Plain>>>> = {
  [SOL_SOCKET]: {
    1: onOff,
    2: onOff,
    5: onOff,
    6: onOff,
    9: onOff,
    10: onOff,
    12: { first: 0, range: [0, 6] },
    15: onOff,
    16: onOff,
    18: { first: 1 },
    29: onOff,
    35: onOff,
    36: { first: 0 },
    46: { first: 0 },
    49: { first: 0 },
  },
  [SOL_TCP]: {
    1: onOff,
    2: { first: 32_768, range: [88, 32_767] },
    3: onOff,
    4: { first: 7200, range: [1, 32_767] },
    5: { first: 75, range: [1, 32_767] },
    6: { first: 9, range: [1, 127] },
    7: { first: 6, range: [1, 127] },
    8: { first: 60 },
    9: { first: 0 },
    10: { first: 0 },
    12: { first: 1, isSwitch: true },
    18: { first: 0 },
    23: { first: 0 },
    25: { first: 0 },
    30: onOff,
  },
  [SOL_IP]: {
    1: { first: 0, range: [0, 255] },
    2: { first: DEFAULT_HOPS, range: [-1, 255] },
    8: onOff,
    10: { first: 1, range: [0, 5] },
    11: onOff,
    12: onOff,
    13: onOff,
    15: onOff,
    24: onOff,
    33: { first: 1, range: [-1, 255] },
    34: { first: 1, isSwitch: true },
  },
  [SOL_IPV6]: {
    16: { first: DEFAULT_HOPS, range: [-1, 255] },
    18: { first: 1, range: [-1, 255] },
    19: { first: 1, isSwitch: true },
    23: { first: 1, range: [0, 5] },
    25: onOff,
    26: onOff,
    49: onOff,
    51: onOff,
    66: onOff,
    67: { first: 0, range: [-1, 255] },
  },
  [SOL_UDPLITE]: { [udpliteOptions.UDPLITE_SEND_CSCOV]: coverage, [udpliteOptions.UDPLITE_RECV_CSCOV]: coverage },
  [SOL_NETLINK]: { 3: onOff, 4: onOff, 5: onOff, 8: onOff, 10: onOff, 11: onOff, 12: onOff },
};
const isKnownLevel = (socket: Draft<Socket>, level: number): boolean =>
  level === SOL_SOCKET ||
  (level === SOL_NETLINK && socket.family === families.AF_NETLINK) ||
  (isInternet(socket) &&
    (level === SOL_IP ||
      (level === SOL_IPV6 && socket.family === families.AF_INET6) ||
      (level === SOL_TCP && socket.type === socketTypes.SOCK_STREAM) ||
      (level === SOL_UDPLITE && socket.protocol === protocols.IPPROTO_UDPLITE)));
const unknown = (socket: Draft<Socket>, level: number): Errno =>
  isKnownLevel(socket, level) ? "ENOPROTOOPT" : isInternet(socket) || socket.family === families.AF_NETLINK ? "ENOPROTOOPT" : "EOPNOTSUPP";

const TCP_INFO = 11;
const TCP_CONGESTION = 13;
const CONGESTION = Uint8Array.from([..."cubic"].map(char => char.charCodeAt(0)).concat(Array(11).fill(0)));

type Setter = (kernel: Kernel, socket: Draft<Socket>, value: Bytes, pid: number) => Errno | null;
const timeNanos = (value: Bytes): number | Errno => {
  if (value.length < 16) return "EINVAL";
  const [seconds, micros] = [Number(view(value).getBigInt64(0, true)), Number(view(value).getBigInt64(8, true))];
  if (micros < 0 || micros >= MILLION) return "EDOM";
  return seconds < 0 ? 1 : seconds * BILLION + micros * 1000;
};
const setTime =
  (name: "sendTimeoutNanos" | "receiveTimeoutNanos"): Setter =>
  (_, socket, value) => {
    const nanos = timeNanos(value);
    if (typeof nanos === "string") return nanos;
    socket[name] = nanos;
    return null;
  };
const setBuffer =
  (name: "sendBuffer" | "receiveBuffer", least: number, isForced: boolean): Setter =>
  (kernel, socket, value, pid) => {
    if (value.length < 4) return "EINVAL";
    if (isForced && !can(processOf(kernel, pid).credentials, "CAP_NET_ADMIN")) return "EPERM";
    const asked = view(value).getInt32(0, true);
    socket[name] = Math.max(least, 2 * (isForced ? Math.max(0, asked) : Math.min(asked >>> 0, MOST_BUFFER)));
    return null;
  };
/** One of both at most; who switches one off switches the other off, too (sock_set_timestamp in net/core/sock.c). */
const setTimes =
  (option: number): Setter =>
  (_, socket, value) => {
    if (value.length < 4) return "EINVAL";
    const isOn = view(value).getInt32(0, true) !== 0;
    for (const one of [SO_TIMESTAMP, SO_TIMESTAMPNS]) socket.options.set(`${SOL_SOCKET}:${one}`, isOn && one === option ? 1 : 0);
    return null;
  };
const SETTERS: Readonly<Record<number, Setter>> = {
  [SO_SNDBUF]: setBuffer("sendBuffer", LEAST_SEND, false),
  [SO_RCVBUF]: setBuffer("receiveBuffer", LEAST_RECEIVE, false),
  [SO_SNDBUFFORCE]: setBuffer("sendBuffer", LEAST_SEND, true),
  [SO_RCVBUFFORCE]: setBuffer("receiveBuffer", LEAST_RECEIVE, true),
  [SO_SNDTIMEO]: setTime("sendTimeoutNanos"),
  [SO_RCVTIMEO]: setTime("receiveTimeoutNanos"),
  [SO_TIMESTAMP]: setTimes(SO_TIMESTAMP),
  [SO_TIMESTAMPNS]: setTimes(SO_TIMESTAMPNS),
  [SO_LINGER](_, socket, value) {
    if (value.length < 8) return "EINVAL";
    socket.lingerSeconds = view(value).getInt32(0, true) === 0 ? null : view(value).getInt32(4, true);
    return null;
  },
};
export function setOption(kernel: Kernel, socket: Draft<Socket>, level: number, name: number, value: Bytes | null, pid: number): Errno | null {
  if (value === null) return "EINVAL";
  const setter = level === SOL_SOCKET ? SETTERS[name] : undefined;
  if (setter) return setter(kernel, socket, value, pid);
  if (level === SOL_TCP && name === TCP_CONGESTION && isKnownLevel(socket, level)) return value.length === 0 ? "EINVAL" : null;
  const plain = isKnownLevel(socket, level) ? PLAIN[level]?.[name] : undefined;
  if (!plain) return unknown(socket, level);
  // IP's options may be a single byte.
  const isByte = level === SOL_IP && value.length > 0 && value.length < 4;
  if (value.length < 4 && !isByte) return "EINVAL";
  const number = isByte ? value[0]! : view(value).getInt32(0, true);
  if (plain.range && (number < plain.range[0] || number > plain.range[1])) {
    if (level === SOL_SOCKET && can(processOf(kernel, pid).credentials, "CAP_NET_ADMIN")) {
      socket.options.set(`${level}:${name}`, number);
      return null;
    }
    return level === SOL_SOCKET ? "EPERM" : "EINVAL";
  }
  if (level === SOL_IPV6 && name === ipv6Options.IPV6_V6ONLY && socket.local) return "EINVAL";
  socket.options.set(`${level}:${name}`, plain.isSwitch ? (number === 0 ? 0 : 1) : (plain.settled?.(number) ?? number));
  return null;
}

const GETTERS: Readonly<Record<number, (socket: Draft<Socket>) => Uint8Array | Errno>> = {
  [SO_TYPE]: ({ type }) => int(type),
  [SO_PROTOCOL]: ({ protocol }) => int(protocol),
  [SO_DOMAIN]: ({ family }) => int(family),
  [SO_COOKIE]: ({ id }) => longs(id),
  [SO_ERROR](socket) {
    const error = takeError(socket);
    return int(error ? errnoNumber(error) : 0);
  },
  [SO_ACCEPTCONN]: ({ state }) => int(state === "listening" ? 1 : 0),
  [SO_SNDBUF]: ({ sendBuffer }) => int(sendBuffer),
  [SO_RCVBUF]: ({ receiveBuffer }) => int(receiveBuffer),
  [SO_LINGER]: ({ lingerSeconds }) => ints(lingerSeconds === null ? 0 : 1, lingerSeconds ?? 0),
  [SO_SNDTIMEO]: ({ sendTimeoutNanos: nanos }) => longs(Math.floor(nanos / BILLION), Math.floor((nanos % BILLION) / 1000)),
  [SO_RCVTIMEO]: ({ receiveTimeoutNanos: nanos }) => longs(Math.floor(nanos / BILLION), Math.floor((nanos % BILLION) / 1000)),
  [SO_PEERCRED]: ({ family, peerOwner }) => (family === families.AF_UNIX && peerOwner ? ints(peerOwner.pid, peerOwner.uid, peerOwner.gid) : ints(0, -1, -1)),
};
export function getOption(socket: Draft<Socket>, level: number, name: number): Uint8Array | Errno {
  const getter = level === SOL_SOCKET ? GETTERS[name] : undefined;
  if (getter) return getter(socket);
  if (!isKnownLevel(socket, level)) return socket.family === families.AF_NETLINK ? "ENOPROTOOPT" : "EOPNOTSUPP";
  if (level === SOL_TCP && name === TCP_CONGESTION) return CONGESTION;
  if (level === SOL_TCP && name === TCP_INFO) return tcpInfo(socket);
  const plain = PLAIN[level]?.[name];
  if (!plain) return "ENOPROTOOPT";
  return int(socket.options.has(`${level}:${name}`) ? optionOf(socket, level, name) : plain.first);
}
