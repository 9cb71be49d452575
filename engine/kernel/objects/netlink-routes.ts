// Routes and their rules as routing sockets tell them (rtnetlink(7)): those that come with the loopback interface, in the table `local`
// (net/ipv4/fib_frontend.c, fib_add_ifaddr; net/ipv6/addrconf.c). The table `main` is empty: all but loopback addresses are unreachable.
import { families } from "../../abi/constants/sockets.ts";
import type { Errno } from "../../abi/errno.ts";
import type { Bytes } from "../../abi/memory-view.ts";
import { attribute, attributesOf, bytesOf, joinAligned, u32 } from "./netlink-messages.ts";
import { hostBytes, LOOPBACK_INDEX, LOOPBACK_IPV4, LOOPBACK_IPV6 } from "./socket-addresses.ts";

const { AF_INET, AF_INET6 } = families;
/** struct rtmsg, and struct fib_rule_hdr. */
const HEADER = 12;
const TABLE = { DEFAULT: 253, MAIN: 254, LOCAL: 255 } as const;
const PROTOCOL = { UNSPEC: 0, KERNEL: 2 } as const;
const SCOPE = { UNIVERSE: 0, LINK: 253, HOST: 254 } as const;
const TYPE = { LOCAL: 2, BROADCAST: 3 } as const;
const RTA = { DST: 1, SRC: 2, OIF: 4, PRIORITY: 6, PREFSRC: 7, CACHEINFO: 12, TABLE: 15, PREF: 20, UID: 25 } as const;
const RTM_F_CLONED = 0x200;
const RTCF_BROADCAST = 0x1000_0000;
const RTCF_LOCAL = 0x8000_0000;

const OWN = hostBytes(LOOPBACK_IPV4, AF_INET);
const OWN6 = hostBytes(LOOPBACK_IPV6, AF_INET6);
const ANY6 = new Uint8Array(16);
const outBy = attribute(RTA.OIF, u32(LOOPBACK_INDEX));
/** struct rta_cacheinfo; of a route that was looked up it tells that two refer to it. */
const cacheInfo = (references: number): Uint8Array => attribute(RTA.CACHEINFO, joinAligned([u32(references), new Uint8Array(28)]));

interface Kind {
  readonly family: number;
  readonly bits: number;
  readonly sourceBits?: number;
  readonly table: number;
  readonly protocol: number;
  readonly scope: number;
  readonly type: number;
  readonly flags?: number;
}
const route = ({ family, bits, sourceBits = 0, table, protocol, scope, type, flags = 0 }: Kind, attributes: readonly Uint8Array[]): Uint8Array =>
  joinAligned([bytesOf(family, bits, sourceBits, 0, table, protocol, scope, type), u32(flags), attribute(RTA.TABLE, u32(table)), ...attributes]);

const ofKernel = { family: AF_INET, table: TABLE.LOCAL, protocol: PROTOCOL.KERNEL } as const;
const ofKernel6 = { ...ofKernel, family: AF_INET6, bits: 128, scope: SCOPE.UNIVERSE, type: TYPE.LOCAL } as const;
const old = (bits: number, scope: number, type: number, ...destination: readonly number[]): Uint8Array =>
  route({ ...ofKernel, bits, scope, type }, [attribute(RTA.DST, bytesOf(...destination)), attribute(RTA.PREFSRC, OWN), outBy]);
const rank6 = attribute(RTA.PRIORITY, u32(0));
const preference6 = attribute(RTA.PREF, bytesOf(0));
const ROUTES: readonly { readonly family: number; readonly body: Uint8Array }[] = [
  { family: AF_INET, body: old(8, SCOPE.HOST, TYPE.LOCAL, 127, 0, 0, 0) },
  { family: AF_INET, body: old(32, SCOPE.HOST, TYPE.LOCAL, 127, 0, 0, 1) },
  { family: AF_INET, body: old(32, SCOPE.LINK, TYPE.BROADCAST, 127, 255, 255, 255) },
  { family: AF_INET6, body: route(ofKernel6, [attribute(RTA.DST, OWN6), rank6, outBy, cacheInfo(0), preference6]) },
];
export const routesOf = (family: number): readonly Uint8Array[] => ROUTES.filter(one => family === 0 || one.family === family).map(({ body }) => body);

/** The route to one destination (`ip route get`). */
export function routeTo(body: Bytes): Uint8Array | Errno {
  const family = body[0];
  const destination = attributesOf(body, HEADER).get(RTA.DST);
  if (family === AF_INET) return oldRouteTo(destination ?? bytesOf(0, 0, 0, 0));
  if (family !== AF_INET6) return "EOPNOTSUPP";
  if (!destination || !OWN6.every((byte, i) => destination[i] === byte)) return "ENETUNREACH";
  const addresses = [attribute(RTA.DST, OWN6), attribute(RTA.SRC, ANY6), attribute(RTA.PREFSRC, OWN6)];
  return route({ ...ofKernel6, sourceBits: 128 }, [...addresses, rank6, outBy, cacheInfo(2), preference6]);
}
/** To no address in particular, the way is to oneself (ip_route_output_key_hash_rcu). */
function oldRouteTo(destination: Bytes): Uint8Array | Errno {
  const [first] = destination;
  if (first !== 127 && !destination.every(byte => byte === 0)) return "ENETUNREACH";
  const isBroadcast = first === 127 && destination.subarray(1).every(byte => byte === 255);
  const type = isBroadcast ? TYPE.BROADCAST : TYPE.LOCAL;
  const flags = RTM_F_CLONED + RTCF_LOCAL + (isBroadcast ? RTCF_BROADCAST : 0);
  return route({ family: AF_INET, bits: 32, table: TABLE.MAIN, protocol: PROTOCOL.UNSPEC, scope: SCOPE.UNIVERSE, type, flags }, [
    attribute(RTA.DST, destination),
    outBy,
    attribute(RTA.PREFSRC, OWN),
    attribute(RTA.UID, u32(0)),
    cacheInfo(2),
  ]);
}

const FR_ACT_TO_TBL = 1;
const FRA = { PRIORITY: 6, SUPPRESS_PREFIXLEN: 14, TABLE: 15, PROTOCOL: 21 } as const;
/** In which order tables are looked into (net/ipv4/fib_rules.c, fib_default_rules_init); IPv6 has no table `default`. */
const RULES: readonly { readonly family: number; readonly table: number; readonly priority: number }[] = [
  { family: AF_INET, table: TABLE.LOCAL, priority: 0 },
  { family: AF_INET, table: TABLE.MAIN, priority: 32_766 },
  { family: AF_INET, table: TABLE.DEFAULT, priority: 32_767 },
  { family: AF_INET6, table: TABLE.LOCAL, priority: 0 },
  { family: AF_INET6, table: TABLE.MAIN, priority: 32_766 },
];
export const rulesOf = (family: number): readonly Uint8Array[] =>
  RULES.filter(one => family === 0 || one.family === family).map(one =>
    joinAligned([
      bytesOf(one.family, 0, 0, 0, one.table, 0, 0, FR_ACT_TO_TBL),
      u32(0),
      attribute(FRA.TABLE, u32(one.table)),
      attribute(FRA.SUPPRESS_PREFIXLEN, u32(0xffff_ffff)),
      attribute(FRA.PROTOCOL, bytesOf(PROTOCOL.KERNEL)),
      ...(one.priority === 0 ? [] : [attribute(FRA.PRIORITY, u32(one.priority))]),
    ]),
  );
