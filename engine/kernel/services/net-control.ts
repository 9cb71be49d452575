// Control data of a message that is received: when it came, to which address, and with what its header said (cmsg(3), socket(7), ip(7), ipv6(7)).
import type { Draft } from "immer";
import { controlTypes, DEFAULT_HOPS, families, ipOptions, ipv6Options, levels, messageFlags, SOL_SOCKET, socketOptions } from "../../abi/constants/sockets.ts";
import { joined } from "../../abi/memory-view.ts";
import type { Kernel } from "../kernel.ts";
import { hostBytes, isIpv4, LOOPBACK_INDEX } from "../objects/socket-addresses.ts";
import type { Received } from "../objects/socket-transfer.ts";
import { isConnected, isInternet, optionOf, wantsTimes } from "../objects/sockets.ts";
import { presentStamp } from "../objects/stamps.ts";
import type { PacketHeader, Socket } from "../state/net.ts";

const { SOL_IP, SOL_IPV6 } = levels;
const { IP_TOS, IP_TTL } = ipOptions;
const { IPV6_HOPLIMIT, IPV6_TCLASS } = ipv6Options;
export const HEADER = 16;
export const align = (length: number): number => (length + 7) & ~7;

/** Messages one after another in the room there is; what does not fit is cut, and said (put_cmsg in net/core/scm.c). */
export class ControlRoom {
  flags = 0;
  #used = 0;
  readonly #bytes: Uint8Array;
  constructor(room: number) {
    this.#bytes = new Uint8Array(Math.max(0, room));
  }
  get left(): number {
    return this.#bytes.length - this.#used;
  }
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#used);
  }
  add(level: number, type: number, payload: Uint8Array): void {
    if (this.left < HEADER + payload.length) this.flags |= messageFlags.MSG_CTRUNC;
    if (this.left < HEADER) return;
    const length = Math.min(HEADER + payload.length, this.left);
    const view = new DataView(this.#bytes.buffer, this.#used);
    view.setUint32(0, length, true);
    view.setInt32(8, level, true);
    view.setInt32(12, type, true);
    this.#bytes.set(payload.subarray(0, length - HEADER), this.#used + HEADER);
    this.#used += Math.min(align(HEADER + payload.length), this.left);
  }
}
export function numbers(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 * values.length);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => {
    view.setInt32(4 * i, value, true);
  });
  return bytes;
}

const BILLION = 1_000_000_000n;
function addTime(kernel: Kernel, socket: Draft<Socket>, { at }: Received, room: ControlRoom): void {
  const unit = isConnected(socket) ? null : wantsTimes(socket);
  if (!unit) return;
  // What came before anybody asked has the time it is now.
  const stamp = at ?? presentStamp(kernel);
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setBigInt64(0, stamp / BILLION, true);
  view.setBigInt64(8, unit === "nanos" ? stamp % BILLION : (stamp % BILLION) / 1000n, true);
  room.add(SOL_SOCKET, unit === "nanos" ? socketOptions.SO_TIMESTAMPNS : socketOptions.SO_TIMESTAMP, bytes);
}
/** By the option that asks for it: the message's type, and what it holds. */
interface Wanted {
  readonly option: number;
  readonly type: number;
  readonly value: (to: string, header: PacketHeader) => Uint8Array;
}
const OF_IP: readonly Wanted[] = [
  { option: 8, type: 8, value: to => joined([numbers(LOOPBACK_INDEX), hostBytes(to, families.AF_INET), hostBytes(to, families.AF_INET)]) },
  { option: 12, type: IP_TTL, value: (_, { hops = DEFAULT_HOPS }) => numbers(hops) },
  { option: 13, type: IP_TOS, value: (_, { trafficClass = 0 }) => Uint8Array.of(trafficClass) },
];
const OF_ANY_IPV6: readonly Wanted[] = [{ option: 49, type: 50, value: to => joined([hostBytes(to, families.AF_INET6), numbers(LOOPBACK_INDEX)]) }];
const OF_IPV6: readonly Wanted[] = [
  { option: 51, type: IPV6_HOPLIMIT, value: (_, { hops = DEFAULT_HOPS }) => numbers(hops) },
  { option: 66, type: IPV6_TCLASS, value: (_, { trafficClass = 0 }) => numbers(trafficClass) },
];
function addHeader(socket: Draft<Socket>, { to, header = {} }: Received, room: ControlRoom): void {
  if (to === undefined) return;
  const add = (level: number, all: readonly Wanted[]): void => {
    for (const { option, type, value } of all) if (optionOf(socket, level, option) !== 0) room.add(level, type, value(to, header));
  };
  if (socket.family === families.AF_INET6) add(SOL_IPV6, OF_ANY_IPV6);
  if (isIpv4(to)) add(SOL_IP, OF_IP);
  else add(SOL_IPV6, OF_IPV6);
}
/** By level and type: what control data of a datagram that is sent may hold, and which field of the header it is. */
const SENT: Readonly<Record<string, { readonly field: keyof PacketHeader; readonly range: readonly [number, number]; readonly isByteToo?: true }>> = {
  [`${SOL_IP}:${IP_TTL}`]: { field: "hops", range: [1, 255] },
  [`${SOL_IP}:${IP_TOS}`]: { field: "trafficClass", range: [0, 255], isByteToo: true },
  [`${SOL_IPV6}:${IPV6_HOPLIMIT}`]: { field: "hops", range: [-1, 255] },
  [`${SOL_IPV6}:${IPV6_TCLASS}`]: { field: "trafficClass", range: [-1, 255] },
};
/** The part of the header that a control message sets, `null` where it sets none (ip_cmsg_send in net/ipv4/ip_sockglue.c, ip6_datagram_send_ctl in net/ipv6/datagram.c). */
export function headerSentBy({ family }: Draft<Socket>, level: number, type: number, payload: Uint8Array): PacketHeader | null | "EINVAL" {
  const known = level === SOL_IPV6 && family !== families.AF_INET6 ? undefined : SENT[`${level}:${type}`];
  if (!known) return null;
  if (payload.length !== 4 && !(known.isByteToo && payload.length === 1)) return "EINVAL";
  const value = payload.length === 1 ? payload[0]! : new DataView(payload.buffer, payload.byteOffset).getInt32(0, true);
  if (value < known.range[0] || value > known.range[1]) return "EINVAL";
  // A class of -1 is sent as it is, in its eight bits.
  return { [known.field]: known.field === "trafficClass" ? value & 0xff : value };
}
/** What any socket tells, before what Unix sockets do. */
export function addCommon(kernel: Kernel, socket: Draft<Socket>, received: Received, room: ControlRoom): void {
  if (received.sender === null) return;
  addTime(kernel, socket, received, room);
  if (isInternet(socket)) addHeader(socket, received, room);
}
export const { SCM_RIGHTS, SCM_CREDENTIALS } = controlTypes;
