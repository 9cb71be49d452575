// Arguments of socket calls: addresses with their lengths, and messages, which are scattered over memory (recvmsg(2), struct msghdr).
import { Address, type Arg, gathered, type Segment } from "../argument.ts";
import { type Bytes, type GuestReader, int32, type Raw, type Store, uint32, uint64 } from "../memory-view.ts";

/** The largest address (struct sockaddr_storage). */
const MOST_ADDRESS = 128;
const NOTHING = new Uint8Array(0);
const i32Bytes = (value: number): Bytes => {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, value, true);
  return bytes;
};
const viewOf = (bytes: Bytes): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
const pointerAt = (view: DataView, at: number): number => view.getUint32(at, true) + view.getUint32(at + 4, true) * 0x1_0000_0000;

/** An address that the call reads: its bytes; NULL is `null`, and a length that no address has is `undefined`. */
export const inAddress = (length: string): Arg<Bytes | null | undefined> => ({
  label: `in sockaddr[${length}]`,
  decode(raw, memory, raws) {
    const size = int32(raws[length]!);
    if (size < 0 || size > MOST_ADDRESS) return undefined;
    return uint64(raw) === 0 ? null : size === 0 ? NOTHING : memory.read(uint64(raw), size);
  },
  format: Address.format,
});

/** Where something is stored that may be longer than there is room: the length argument says how much room there is, and is told how long it was. */
export interface Room {
  readonly address: number;
  readonly room: number;
}
export interface Filled {
  readonly room: Room;
  readonly bytes: Bytes;
}
export const outSized = (length: string): Arg<Room, Filled | undefined> => ({
  label: `out [${length}]`,
  decode(raw, memory, raws) {
    const at = uint64(raws[length]!);
    const room = uint64(raw) === 0 && at === 0 ? 0 : viewOf(memory.read(at, 4)).getInt32(0, true);
    return { address: uint64(raw), room };
  },
  encode: out => (out && out.room.address !== 0 && out.room.room > 0 ? store(out.room.address, out.bytes.subarray(0, out.room.room)) : []),
  // What it will be is not known before: as much as there is room for, up to the largest address.
  places: ({ address, room }) => (address === 0 || room <= 0 ? [] : [{ address, length: Math.min(room, 4) }]),
  format: Address.format,
});
const store = (address: number, bytes: Bytes): readonly Store[] => (bytes.length === 0 ? [] : [{ address, bytes }]);

const HEADER = 56;
/** struct mmsghdr: a header, and how many bytes it moved. */
export const MULTIPLE_HEADER = 64;
const IOV_MAX = 1024;
const MOST_CONTROL = 65_536;
const MOST_BYTES = 0x7fff_f000;
interface Header {
  readonly at: number;
  readonly name: number;
  readonly nameLength: number;
  readonly control: number;
  readonly controlLength: number;
  readonly segments: readonly Segment[] | null;
}
function headerAt(memory: GuestReader, at: number): Header {
  const view = viewOf(memory.read(at, HEADER));
  const count = pointerAt(view, 24);
  const [name, nameLength] = [pointerAt(view, 0), view.getInt32(8, true)];
  const [control, controlLength] = [pointerAt(view, 32), pointerAt(view, 40)];
  const segments = count > IOV_MAX ? null : segmentsAt(memory, pointerAt(view, 16), count);
  return { at, name, nameLength, control, controlLength, segments };
}
function segmentsAt(memory: GuestReader, at: number, count: number): readonly Segment[] {
  if (count === 0) return [];
  const view = viewOf(memory.read(at, count * 16));
  return Array.from({ length: count }, (_, i) => ({ address: pointerAt(view, 16 * i), length: pointerAt(view, 16 * i + 8) }));
}
const lengthOf = (segments: readonly Segment[]): number => segments.reduce((sum, one) => sum + one.length, 0);

/** A message to be sent; `null` where it has too many segments (EMSGSIZE) or its lengths make no sense. */
export interface OutgoingMessage {
  readonly name: Bytes | null;
  readonly control: Bytes;
  readonly bytes: Bytes;
}
function outgoing(memory: GuestReader, at: number): OutgoingMessage | null {
  const { name, nameLength, control, controlLength, segments } = headerAt(memory, at);
  if (!segments || nameLength < 0 || controlLength > MOST_CONTROL || lengthOf(segments) > MOST_BYTES) return null;
  const bytes = gathered(segments, memory);
  return {
    name: name === 0 || nameLength === 0 ? null : memory.read(name, Math.min(nameLength, MOST_ADDRESS)),
    control: control === 0 || controlLength === 0 ? NOTHING : memory.read(control, controlLength),
    bytes,
  };
}
export const inMessage: Arg<OutgoingMessage | null> = {
  label: "in msghdr",
  decode: (raw, memory) => outgoing(memory, uint64(raw)),
  format: Address.format,
};

/** Room for a message to come. */
export interface MessageRoom extends Header {
  readonly length: number;
}
export interface ReceivedMessage {
  readonly room: MessageRoom;
  readonly bytes: Bytes;
  readonly name: Bytes | null;
  readonly control: Bytes;
  readonly flags: number;
}
function roomAt(memory: GuestReader, at: number): MessageRoom | null {
  const header = headerAt(memory, at);
  if (!header.segments || header.nameLength < 0) return null;
  const length = lengthOf(header.segments);
  return length > MOST_BYTES ? null : { ...header, length };
}
function storesOf({ room, bytes, name, control, flags }: ReceivedMessage): readonly Store[] {
  const stores: Store[] = [];
  let at = 0;
  for (const { address, length } of room.segments!) {
    const part = bytes.subarray(at, at + length);
    at += part.length;
    if (part.length > 0) stores.push({ address, bytes: part });
  }
  if (room.name !== 0) {
    if (name && room.nameLength > 0) stores.push(...store(room.name, name.subarray(0, room.nameLength)));
    stores.push({ address: room.at + 8, bytes: i32Bytes(name?.length ?? 0) });
  }
  stores.push(...store(room.control, control));
  const length = new Uint8Array(8);
  viewOf(length).setUint32(0, control.length, true);
  stores.push({ address: room.at + 40, bytes: length }, { address: room.at + 48, bytes: i32Bytes(flags) });
  return stores;
}
const placesOf = ({ at, segments }: MessageRoom): readonly Segment[] => [{ address: at, length: HEADER }, ...segments!.filter(one => one.length > 0)];
export const outMessage: Arg<MessageRoom | null, ReceivedMessage | undefined> = {
  label: "out msghdr",
  decode: (raw, memory) => roomAt(memory, uint64(raw)),
  encode: out => (out ? storesOf(out) : []),
  places: room => (room ? placesOf(room) : []),
  format: Address.format,
};

/** UIO_MAXIOV: more messages are cut off. */
const MOST_MESSAGES = 1024;
const countOf = (raws: Readonly<Record<string, Raw>>): number => Math.min(uint32(raws.vlen!), MOST_MESSAGES);
export const inMessages: Arg<readonly (OutgoingMessage | null)[], readonly number[] | undefined> = {
  label: "in mmsghdr[vlen]",
  decode: (raw, memory, raws) => Array.from({ length: countOf(raws) }, (_, i) => outgoing(memory, uint64(raw) + i * MULTIPLE_HEADER)),
  encode: (out, raw) => (out ?? []).map((length, i) => ({ address: uint64(raw) + i * MULTIPLE_HEADER + HEADER, bytes: i32Bytes(length) })),
  extent: (_, raws) => countOf(raws) * MULTIPLE_HEADER,
  isLate: false,
  format: Address.format,
};
export interface ReceivedMessages {
  readonly messages: readonly ReceivedMessage[];
  readonly lengths: readonly number[];
}
export const outMessages: Arg<readonly (MessageRoom | null)[], ReceivedMessages | undefined> = {
  label: "out mmsghdr[vlen]",
  decode: (raw, memory, raws) => Array.from({ length: countOf(raws) }, (_, i) => roomAt(memory, uint64(raw) + i * MULTIPLE_HEADER)),
  encode: (out, raw) => [
    ...(out?.messages ?? []).flatMap(storesOf),
    ...(out?.lengths ?? []).map((length, i) => ({ address: uint64(raw) + i * MULTIPLE_HEADER + HEADER, bytes: i32Bytes(length) })),
  ],
  places: rooms => rooms.flatMap(room => (room ? placesOf(room) : [])),
  format: Address.format,
};
/** An option's value; `null` where its length makes no sense. */
export const inOption: Arg<Bytes | null> = {
  label: "in option[optlen]",
  decode(raw, memory, raws) {
    const length = int32(raws.optlen!);
    return length < 0 ? null : memory.read(uint64(raw), Math.min(length, 256));
  },
  format: Address.format,
};
