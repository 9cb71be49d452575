// The answers of routing sockets (rtnetlink(7)) as getaddrinfo(3), getifaddrs(3) and `ip addr` ask for them: the loopback interface, its addresses, no routes.
import type { Bytes } from "../../abi/memory-view.ts";

const RTM = { NEWLINK: 16, GETLINK: 18, NEWADDR: 20, GETADDR: 22, GETROUTE: 26, GETNEIGH: 30, GETRULE: 34 } as const;
const NLMSG = { ERROR: 2, DONE: 3 } as const;
const NLM_F_MULTI = 2;
const NLM_F_DUMP = 0x300;
const HEADER = 16;
const AF_INET = 2;
const AF_INET6 = 10;
const LOOPBACK_INDEX = 1;
const MTU = 65_536;
const align = (length: number): number => (length + 3) & ~3;

const bytesOf = (...numbers: readonly number[]): Uint8Array => Uint8Array.from(numbers);
const u32 = (value: number): Uint8Array => bytesOf(value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24);
function join(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + align(part.length), 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += align(part.length);
  }
  return all;
}
function attribute(type: number, value: Uint8Array): Uint8Array {
  const all = new Uint8Array(4 + value.length);
  new DataView(all.buffer).setUint16(0, all.length, true);
  new DataView(all.buffer).setUint16(2, type, true);
  all.set(value, 4);
  return all;
}
interface Request {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  readonly bytes: Bytes;
}
function message(type: number, flags: number, { sequence }: Request, port: number, body: Uint8Array): Uint8Array {
  const all = new Uint8Array(HEADER + body.length);
  const view = new DataView(all.buffer);
  view.setUint32(0, all.length, true);
  view.setUint16(4, type, true);
  view.setUint16(6, flags, true);
  view.setUint32(8, sequence, true);
  view.setUint32(12, port, true);
  all.set(body, HEADER);
  return all;
}
const text = (name: string): Uint8Array => Uint8Array.from([...name].map(char => char.charCodeAt(0)).concat(0));
const IFLA = { ADDRESS: 1, BROADCAST: 2, IFNAME: 3, MTU: 4, QDISC: 6, TXQLEN: 13, OPERSTATE: 16, LINKMODE: 17, GROUP: 27 } as const;
const ARPHRD_LOOPBACK = 772;
/** IFF_UP | IFF_LOOPBACK | IFF_RUNNING | IFF_LOWER_UP. */
const LINK_FLAGS = 0x1_0049;
const link = (): Uint8Array =>
  join([
    join([bytesOf(0, 0, ARPHRD_LOOPBACK & 255, ARPHRD_LOOPBACK >> 8), u32(LOOPBACK_INDEX), u32(LINK_FLAGS), u32(0)]),
    attribute(IFLA.IFNAME, text("lo")),
    attribute(IFLA.TXQLEN, u32(1000)),
    attribute(IFLA.OPERSTATE, bytesOf(0)),
    attribute(IFLA.LINKMODE, bytesOf(0)),
    attribute(IFLA.MTU, u32(MTU)),
    attribute(IFLA.GROUP, u32(0)),
    attribute(IFLA.QDISC, text("noqueue")),
    attribute(IFLA.ADDRESS, new Uint8Array(6)),
    attribute(IFLA.BROADCAST, new Uint8Array(6)),
  ]);
const IFA = { ADDRESS: 1, LOCAL: 2, LABEL: 3, FLAGS: 8 } as const;
const IFA_F_PERMANENT = 0x80;
const HOST_SCOPE = 254;
const IPV4 = bytesOf(127, 0, 0, 1);
const IPV6 = bytesOf(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);
const address = (family: number): Uint8Array => {
  const isOld = family === AF_INET;
  const own = isOld ? IPV4 : IPV6;
  return join([
    join([bytesOf(family, isOld ? 8 : 128, IFA_F_PERMANENT, HOST_SCOPE), u32(LOOPBACK_INDEX)]),
    attribute(IFA.ADDRESS, own),
    ...(isOld ? [attribute(IFA.LOCAL, own), attribute(IFA.LABEL, text("lo"))] : []),
    attribute(IFA.FLAGS, u32(IFA_F_PERMANENT)),
  ]);
};
function bodiesFor({ type, bytes }: Request): { readonly type: number; readonly bodies: readonly Uint8Array[] } | null {
  const family = bytes[HEADER] ?? 0;
  if (type === RTM.GETLINK) return { type: RTM.NEWLINK, bodies: [link()] };
  if (type === RTM.GETADDR) return { type: RTM.NEWADDR, bodies: [AF_INET, AF_INET6].filter(one => family === 0 || family === one).map(address) };
  return type === RTM.GETROUTE || type === RTM.GETNEIGH || type === RTM.GETRULE ? { type: 0, bodies: [] } : null;
}
const EOPNOTSUPP = 95;
/** What the kernel puts into the socket's queue for a request: a datagram each. */
export function answerRouting(bytes: Bytes, port: number): readonly Uint8Array[] {
  if (bytes.length < HEADER) return [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const request: Request = { type: view.getUint16(4, true), flags: view.getUint16(6, true), sequence: view.getUint32(8, true), bytes };
  const found = bodiesFor(request);
  if (!found) return [message(NLMSG.ERROR, 0, request, port, join([u32(-EOPNOTSUPP), bytes.slice(0, HEADER)]))];
  const isDump = (request.flags & NLM_F_DUMP) !== 0;
  const messages = found.bodies.map(body => message(found.type, isDump ? NLM_F_MULTI : 0, request, port, body));
  if (!isDump) return messages.slice(0, 1);
  const end = message(NLMSG.DONE, NLM_F_MULTI, request, port, u32(0));
  return messages.length === 0 ? [end] : [join(messages), end];
}
