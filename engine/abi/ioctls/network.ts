// What ioctl's argument is for each command of a socket that asks about interfaces (netdevice(7)).
import { Address, type Arg, inOutStruct, inStruct, outStruct } from "../argument.ts";
import { bytes, decodeField, i32, struct, u64 } from "../field.ts";
import { type Bytes, uint64 } from "../memory-view.ts";

export const interfaceRequest = struct({ name: bytes(16), value: bytes(24) });
const request = inOutStruct(interfaceRequest);
const list = struct({ length: i32, at: u64 });
export interface InterfaceRoom {
  readonly room: number;
  readonly at: number;
}
/** SIOCGIFCONF: room for a list of interfaces; NULL asks how much would be needed. */
const interfaceList: Arg<InterfaceRoom | null, { readonly room: InterfaceRoom; readonly bytes: Bytes; readonly length: number } | undefined> = {
  label: "ifconf",
  decode(raw, memory) {
    if (uint64(raw) === 0) return null;
    const { length, at } = decodeField(list, memory.read(uint64(raw), list.size));
    return { room: length, at };
  },
  encode(out, raw) {
    if (!out) return [];
    const length = new Uint8Array(4);
    new DataView(length.buffer).setInt32(0, out.length, true);
    return [{ address: uint64(raw), bytes: length }, ...(out.room.at === 0 || out.bytes.length === 0 ? [] : [{ address: out.room.at, bytes: out.bytes }])];
  },
  places: room => (room && room.at !== 0 && room.room > 0 ? [{ address: room.at, length: Math.min(room.room, interfaceRequest.size) }] : []),
  format: Address.format,
};
export const networkIoctls = {
  FIOSETOWN: { code: 0x8901, arg: inStruct(i32) },
  SIOCSPGRP: { code: 0x8902, arg: inStruct(i32) },
  FIOGETOWN: { code: 0x8903, arg: outStruct(i32) },
  SIOCGPGRP: { code: 0x8904, arg: outStruct(i32) },
  SIOCATMARK: { code: 0x8905, arg: outStruct(i32) },
  SIOCGIFNAME: { code: 0x8910, arg: request },
  SIOCGIFCONF: { code: 0x8912, arg: interfaceList },
  SIOCGIFFLAGS: { code: 0x8913, arg: request },
  SIOCGIFADDR: { code: 0x8915, arg: request },
  SIOCGIFBRDADDR: { code: 0x8919, arg: request },
  SIOCGIFNETMASK: { code: 0x891b, arg: request },
  SIOCGIFMETRIC: { code: 0x891d, arg: request },
  SIOCGIFMTU: { code: 0x8921, arg: request },
  SIOCGIFHWADDR: { code: 0x8927, arg: request },
  SIOCGIFINDEX: { code: 0x8933, arg: request },
  SIOCGIFTXQLEN: { code: 0x8942, arg: request },
} as const;
