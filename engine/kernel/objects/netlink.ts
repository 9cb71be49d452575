// The answers of routing sockets (rtnetlink(7)) as getaddrinfo(3), getifaddrs(3) and `ip addr` ask for them: the loopback interface, its addresses, no routes.
import { attribute, bytesOf, joinAligned, NLM_F_DUMP, type Reply, type Request, u32 } from "./netlink-messages.ts";

const RTM = { NEWLINK: 16, GETLINK: 18, NEWADDR: 20, GETADDR: 22, GETROUTE: 26, GETNEIGH: 30, GETRULE: 34 } as const;
const AF_INET = 2;
const AF_INET6 = 10;
const LOOPBACK_INDEX = 1;
const MTU = 65_536;

const text = (name: string): Uint8Array => Uint8Array.from([...name].map(char => char.charCodeAt(0)).concat(0));
const IFLA = { ADDRESS: 1, BROADCAST: 2, IFNAME: 3, MTU: 4, QDISC: 6, TXQLEN: 13, OPERSTATE: 16, LINKMODE: 17, GROUP: 27 } as const;
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
const IFA = { ADDRESS: 1, LOCAL: 2, LABEL: 3, FLAGS: 8 } as const;
const IFA_F_PERMANENT = 0x80;
const HOST_SCOPE = 254;
const IPV4 = bytesOf(127, 0, 0, 1);
const IPV6 = bytesOf(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);
const address = (family: number): Uint8Array => {
  const isOld = family === AF_INET;
  const own = isOld ? IPV4 : IPV6;
  return joinAligned([
    joinAligned([bytesOf(family, isOld ? 8 : 128, IFA_F_PERMANENT, HOST_SCOPE), u32(LOOPBACK_INDEX)]),
    attribute(IFA.ADDRESS, own),
    ...(isOld ? [attribute(IFA.LOCAL, own), attribute(IFA.LABEL, text("lo"))] : []),
    attribute(IFA.FLAGS, u32(IFA_F_PERMANENT)),
  ]);
};
function bodiesFor({ type, body }: Request): { readonly type: number; readonly bodies: readonly Uint8Array[] } | null {
  const family = body[0] ?? 0;
  if (type === RTM.GETLINK) return { type: RTM.NEWLINK, bodies: [link()] };
  if (type === RTM.GETADDR) return { type: RTM.NEWADDR, bodies: [AF_INET, AF_INET6].filter(one => family === 0 || family === one).map(address) };
  return type === RTM.GETROUTE || type === RTM.GETNEIGH || type === RTM.GETRULE ? { type: 0, bodies: [] } : null;
}
export function answerRouting(request: Request): Reply {
  const found = bodiesFor(request);
  if (!found) return { errno: "EOPNOTSUPP" };
  const isDump = (request.flags & NLM_F_DUMP) !== 0;
  return { type: found.type, bodies: isDump ? found.bodies : found.bodies.slice(0, 1), isDump };
}
