// The answers of routing sockets (rtnetlink(7)) as getaddrinfo(3), getifaddrs(3) and `ip` ask for them: the loopback interface, its addresses and routes, no neighbours.
import { families } from "../../abi/constants/sockets.ts";
import type { Errno } from "../../abi/errno.ts";
import type { Bytes } from "../../abi/memory-view.ts";
import { attribute, attributesOf, bytesOf, isDump, joinAligned, type Reply, type Request, u32 } from "./netlink-messages.ts";
import { routesOf, routeTo, rulesOf } from "./netlink-routes.ts";
import { hostBytes, LOOPBACK_INDEX, LOOPBACK_IPV4, LOOPBACK_IPV6 } from "./socket-addresses.ts";

const RTM = {
  NEWLINK: 16,
  GETLINK: 18,
  NEWADDR: 20,
  GETADDR: 22,
  NEWROUTE: 24,
  GETROUTE: 26,
  NEWNEIGH: 28,
  GETNEIGH: 30,
  NEWRULE: 32,
  GETRULE: 34,
} as const;
const { AF_INET, AF_INET6 } = families;
const MTU = 65_536;

const text = (name: string): Uint8Array => Uint8Array.from([...name].map(char => char.charCodeAt(0)).concat(0));
/** struct ifinfomsg. */
const LINK_HEADER = 16;
const IFLA = { ADDRESS: 1, BROADCAST: 2, IFNAME: 3, MTU: 4, QDISC: 6, TXQLEN: 13, OPERSTATE: 16, LINKMODE: 17, GROUP: 27, ALT_IFNAME: 53 } as const;
const ARPHRD_LOOPBACK = 772;
/** IFF_UP | IFF_LOOPBACK | IFF_RUNNING | IFF_LOWER_UP. */
const LINK_FLAGS = 0x1_0049;
const link = (): Uint8Array =>
  joinAligned([
    joinAligned([bytesOf(0, 0, ARPHRD_LOOPBACK & 255, ARPHRD_LOOPBACK >> 8), u32(LOOPBACK_INDEX), u32(LINK_FLAGS), u32(0)]),
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
/** One interface, by its number or its name (net/core/rtnetlink.c, rtnl_getlink). */
function linkAskedFor(body: Bytes): Uint8Array | Errno {
  const index = new DataView(body.buffer, body.byteOffset, body.length).getInt32(4, true);
  const attributes = attributesOf(body, LINK_HEADER);
  const name = attributes.get(IFLA.IFNAME) ?? attributes.get(IFLA.ALT_IFNAME);
  if (index <= 0 && !name) return "EINVAL";
  const isFound = index > 0 ? index === LOOPBACK_INDEX : name![0] === 0x6c && name![1] === 0x6f && !name![2];
  return isFound ? link() : "ENODEV";
}
const IFA = { ADDRESS: 1, LOCAL: 2, LABEL: 3, CACHEINFO: 6, FLAGS: 8 } as const;
/** struct ifa_cacheinfo: preferred and valid for ever, since the machine was started. */
const FOR_EVER = joinAligned([u32(0xffff_ffff), u32(0xffff_ffff), u32(0), u32(0)]);
const IFA_F_PERMANENT = 0x80;
const HOST_SCOPE = 254;
const address = (family: number): Uint8Array => {
  const isOld = family === AF_INET;
  const own = hostBytes(isOld ? LOOPBACK_IPV4 : LOOPBACK_IPV6, family);
  return joinAligned([
    joinAligned([bytesOf(family, isOld ? 8 : 128, IFA_F_PERMANENT, HOST_SCOPE), u32(LOOPBACK_INDEX)]),
    attribute(IFA.ADDRESS, own),
    ...(isOld ? [attribute(IFA.LOCAL, own), attribute(IFA.LABEL, text("lo"))] : []),
    attribute(IFA.FLAGS, u32(IFA_F_PERMANENT)),
    attribute(IFA.CACHEINFO, FOR_EVER),
  ]);
};
const addressesOf = (family: number): readonly Uint8Array[] => [AF_INET, AF_INET6].filter(one => family === 0 || family === one).map(address);

/** How requests of a type are answered: with all that there is, by family, or with the one that the request is about. */
interface Answer {
  readonly type: number;
  readonly all: (family: number) => readonly Uint8Array[];
  readonly one: (body: Bytes) => Uint8Array | Errno;
}
const ANSWERS: ReadonlyMap<number, Answer> = new Map<number, Answer>([
  [RTM.GETLINK, { type: RTM.NEWLINK, all: () => [link()], one: linkAskedFor }],
  [RTM.GETADDR, { type: RTM.NEWADDR, all: addressesOf, one: body => addressesOf(body[0] ?? 0)[0] ?? "EOPNOTSUPP" }],
  [RTM.GETROUTE, { type: RTM.NEWROUTE, all: routesOf, one: routeTo }],
  [RTM.GETNEIGH, { type: RTM.NEWNEIGH, all: () => [], one: () => "ENOENT" }],
  [RTM.GETRULE, { type: RTM.NEWRULE, all: rulesOf, one: () => "EOPNOTSUPP" }],
]);
export function answerRouting(request: Request): Reply {
  const answer = ANSWERS.get(request.type);
  if (!answer) return { errno: "EOPNOTSUPP" };
  if (isDump(request)) return { type: answer.type, bodies: answer.all(request.body[0] ?? 0), isDump: true };
  // Every structure that is asked with is at least as long as one of these.
  if (request.body.length < LEAST_HEADER) return { errno: "EINVAL" };
  const one = answer.one(request.body);
  return typeof one === "string" ? { errno: one } : { type: answer.type, bodies: [one], isDump: false };
}
/** struct ifaddrmsg. */
const LEAST_HEADER = 8;
