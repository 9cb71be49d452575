// The messages of netlink sockets (netlink(7)): requests one after another in what is sent, attributes, answers in parts, errors and acknowledgements (net/netlink/af_netlink.c).
import { type Errno, errnoNumber } from "../../abi/errno.ts";
import { type Bytes, joined } from "../../abi/memory-view.ts";

const NLMSG = { ERROR: 2, DONE: 3, FIRST_OWN: 16 } as const;
const NLM_F_REQUEST = 1;
const NLM_F_MULTI = 2;
const NLM_F_ACK = 4;
const NLM_F_CAPPED = 0x100;
export const NLM_F_DUMP = 0x300;
export const HEADER = 16;
/** A datagram of a dump has at most so many bytes, that any reader has room for it (NLMSG_GOODSIZE). */
const MOST_DATAGRAM = 3776;
const align = (length: number): number => (length + 3) & ~3;

export const bytesOf = (...numbers: readonly number[]): Uint8Array => Uint8Array.from(numbers);
export const u32 = (value: number): Uint8Array => bytesOf(value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24);
export const u16be = (value: number): Uint8Array => bytesOf(value >>> 8, value & 255);
/** One after another, each padded to four bytes. */
export const joinAligned = (parts: readonly Uint8Array[]): Uint8Array =>
  joined(parts.flatMap(part => [part, new Uint8Array(align(part.length) - part.length)]));
export function attribute(type: number, value: Bytes): Uint8Array {
  const all = new Uint8Array(4 + value.length);
  new DataView(all.buffer).setUint16(0, all.length, true);
  new DataView(all.buffer).setUint16(2, type, true);
  all.set(value as Uint8Array, 4);
  return all;
}
/** The attributes of a message whose own structure has so many bytes. */
export function attributesOf(body: Bytes, from: number): ReadonlyMap<number, Bytes> {
  const found = new Map<number, Bytes>();
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  for (let at = align(from); at + 4 <= body.length; ) {
    const length = view.getUint16(at, true);
    if (length < 4 || at + length > body.length) break;
    found.set(view.getUint16(at + 2, true) & 0x3fff, body.subarray(at + 4, at + length));
    at += align(length);
  }
  return found;
}

export interface Request {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  /** With its header. */
  readonly bytes: Bytes;
  readonly body: Bytes;
}
/** What a request is answered with: messages of a type, for a dump with the errno that it ends with; or an errno alone. */
export type Reply =
  | { readonly type: number; readonly bodies: readonly Uint8Array[]; readonly isDump: boolean; readonly end?: Errno }
  | { readonly errno: Errno };

function message(type: number, flags: number, sequence: number, port: number, body: Uint8Array): Uint8Array {
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
function* requestsIn(bytes: Bytes): Generator<Request> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at + HEADER <= bytes.length; ) {
    const length = view.getUint32(at, true);
    if (length < HEADER || at + length > bytes.length) return;
    const own = bytes.subarray(at, at + length);
    yield {
      type: view.getUint16(at + 4, true),
      flags: view.getUint16(at + 6, true),
      sequence: view.getUint32(at + 8, true),
      bytes: own,
      body: own.subarray(HEADER),
    };
    at += align(length);
  }
}
function packed(messages: readonly Uint8Array[]): readonly Uint8Array[] {
  const datagrams: Uint8Array[][] = [];
  let length = 0;
  for (const one of messages) {
    const last = datagrams.at(-1);
    if (last && length + one.length <= MOST_DATAGRAM) last.push(one);
    else datagrams.push([one]);
    length = last && length + one.length <= MOST_DATAGRAM ? length + align(one.length) : align(one.length);
  }
  return datagrams.map(joinAligned);
}
export const isDump = ({ flags }: Request): boolean => (flags & NLM_F_DUMP) !== 0;
const typeOf = (datagram: Bytes): number => datagram[4]! | (datagram[5]! << 8);
/** Whether of an earlier dump more than its end is still to be read. */
export const isDumpUnread = (queue: readonly Bytes[]): boolean =>
  queue.some((datagram, i) => i > 0 && typeOf(datagram) === NLMSG.DONE && typeOf(queue[i - 1]!) >= NLMSG.FIRST_OWN);
/** Where in the queue what is told comes: before what a dump has not made yet, which is all but the first that is still to be read. */
export function placeOf(queue: readonly Bytes[]): number {
  if (!isDumpUnread(queue)) return queue.length;
  let at = queue.findIndex(datagram => typeOf(datagram) >= NLMSG.FIRST_OWN) + 1;
  while (typeOf(queue[at]!) === NLMSG.ERROR) at++;
  return at;
}
/** What the kernel puts into the socket's queue for what is sent, by request: datagrams. `isCapped`: errors do not repeat the request (NETLINK_CAP_ACK). */
export function* answerRequests(bytes: Bytes, port: number, isCapped: boolean, answer: (request: Request) => Reply): Generator<readonly Uint8Array[]> {
  for (const request of requestsIn(bytes)) {
    const { type, flags, sequence } = request;
    const reply = (flags & NLM_F_REQUEST) !== 0 && type >= NLMSG.FIRST_OWN ? answer(request) : null;
    const error = reply && "errno" in reply ? errnoNumber(reply.errno) : 0;
    if (reply && "bodies" in reply) {
      const parts = packed(reply.bodies.map(body => message(reply.type, reply.isDump ? NLM_F_MULTI : 0, sequence, port, body)));
      const end = message(NLMSG.DONE, NLM_F_MULTI, sequence, port, u32(reply.end ? -errnoNumber(reply.end) : 0));
      yield reply.isDump ? [...parts, end] : parts;
    }
    const isDumped = reply !== null && "bodies" in reply && reply.isDump;
    if (error === 0 && ((flags & NLM_F_ACK) === 0 || isDumped)) continue;
    const isWhole = error !== 0 && !isCapped;
    const told = isWhole ? request.bytes : request.bytes.subarray(0, HEADER);
    yield [message(NLMSG.ERROR, isWhole ? 0 : NLM_F_CAPPED, sequence, port, joinAligned([u32(-error), told as Uint8Array]))];
  }
}
