// Control data of a message that is received: when it came, to which address, and with what its header said (cmsg(3), socket(7), ip(7), ipv6(7)).
import type { Draft } from "immer";
import { controlTypes, families, levels, messageFlags, SOL_SOCKET, socketOptions } from "../../abi/constants/sockets.ts";
import { joined } from "../../abi/memory-view.ts";
import type { Kernel } from "../kernel.ts";
import { hostBytes, isIpv4 } from "../objects/socket-addresses.ts";
import type { Received } from "../objects/socket-transfer.ts";
import { isConnected, isInternet, optionOf, wantsTimes } from "../objects/sockets.ts";
import { presentStamp } from "../objects/stamps.ts";
import type { Socket } from "../state/net.ts";

const { SOL_IP, SOL_IPV6 } = levels;
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
const LOOPBACK_INDEX = 1;
const TTL = 64;
/** By the option that asks for it: the message's type, and what it holds. */
interface Wanted {
  readonly option: number;
  readonly type: number;
  readonly value: (to: string) => Uint8Array;
}
const OF_IP: readonly Wanted[] = [
  { option: 8, type: 8, value: to => joined([numbers(LOOPBACK_INDEX), hostBytes(to, families.AF_INET), hostBytes(to, families.AF_INET)]) },
  { option: 12, type: 2, value: () => numbers(TTL) },
  { option: 13, type: 1, value: () => new Uint8Array(1) },
];
const OF_ANY_IPV6: readonly Wanted[] = [{ option: 49, type: 50, value: to => joined([hostBytes(to, families.AF_INET6), numbers(LOOPBACK_INDEX)]) }];
const OF_IPV6: readonly Wanted[] = [
  { option: 51, type: 52, value: () => numbers(TTL) },
  { option: 66, type: 67, value: () => numbers(0) },
];
function addHeader(socket: Draft<Socket>, { to }: Received, room: ControlRoom): void {
  if (to === undefined) return;
  const add = (level: number, all: readonly Wanted[]): void => {
    for (const { option, type, value } of all) if (optionOf(socket, level, option) !== 0) room.add(level, type, value(to));
  };
  if (socket.family === families.AF_INET6) add(SOL_IPV6, OF_ANY_IPV6);
  if (isIpv4(to)) add(SOL_IP, OF_IP);
  else add(SOL_IPV6, OF_IPV6);
}
/** What any socket tells, before what Unix sockets do. */
export function addCommon(kernel: Kernel, socket: Draft<Socket>, received: Received, room: ControlRoom): void {
  if (received.sender === null) return;
  addTime(kernel, socket, received, room);
  if (isInternet(socket)) addHeader(socket, received, room);
}
export const { SCM_RIGHTS, SCM_CREDENTIALS } = controlTypes;
