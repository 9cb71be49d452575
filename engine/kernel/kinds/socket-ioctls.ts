// ioctl on sockets: how much there is to read, and the loopback interface (netdevice(7), tcp(7)).
import { families } from "../../abi/constants/sockets.ts";
import { encodeField } from "../../abi/field.ts";
import { networkIoctls as commands, type InterfaceRoom, interfaceRequest } from "../../abi/ioctls/network.ts";
import type { Bytes } from "../../abi/memory-view.ts";
import type { Ioctl, IoResult } from "../objects/file-kinds.ts";
import { setOwnerBySign, signedOwner } from "../objects/input-signals.ts";
import { LOOPBACK_INDEX } from "../objects/socket-addresses.ts";
import { isConnected, isStream, socketOf } from "../objects/sockets.ts";
import { countToMark, isAtMark } from "../objects/urgent-data.ts";

type Request = { readonly name: Bytes; readonly value: Bytes };
const [FIONREAD, TIOCOUTQ] = [0x541b, 0x5411];
const LOOPBACK = "lo";
const nameOf = (bytes: Bytes): string => String.fromCharCode(...bytes).replace(/\0.*$/s, "");
const nameBytes = (name: string): Uint8Array => Uint8Array.from({ length: 16 }, (_, i) => name.charCodeAt(i) || 0);
const value = (...numbers: readonly number[]): Uint8Array => Uint8Array.from({ length: 24 }, (_, i) => numbers[i] ?? 0);
const number = (wanted: number): Uint8Array => value(wanted & 255, (wanted >>> 8) & 255, (wanted >>> 16) & 255, wanted >>> 24);
const ARPHRD_LOOPBACK = 772;
/** IFF_UP | IFF_LOOPBACK | IFF_RUNNING. */
const FLAGS = 0x49;

const about =
  (answer: Uint8Array): Ioctl =>
  (_, { argument }) => {
    const request = argument as Request | null;
    if (!request) return { kind: "fail", errno: "EFAULT" };
    if (nameOf(request.name) !== LOOPBACK) return { kind: "fail", errno: "ENODEV" };
    return { kind: "done", value: { out: { name: request.name, value: answer } } };
  };
const ADDRESS = value(families.AF_INET, 0, 0, 0, 127, 0, 0, 1);
function listed(argument: unknown): IoResult<{ out: unknown }> {
  const room = argument as InterfaceRoom | null;
  if (!room) return { kind: "fail", errno: "EFAULT" };
  const all = encodeField(interfaceRequest, { name: nameBytes(LOOPBACK), value: ADDRESS });
  if (room.at === 0) return { kind: "done", value: { out: { room, bytes: new Uint8Array(0), length: all.length } } };
  const bytes = room.room >= all.length ? all : new Uint8Array(0);
  return { kind: "done", value: { out: { room, bytes, length: bytes.length } } };
}
const setOwner: Ioctl = (kernel, { task, open, argument }) => {
  if (argument === null) return { kind: "fail", errno: "EFAULT" };
  const errno = setOwnerBySign(kernel, task.pid, open, argument as number);
  return errno ? { kind: "fail", errno } : { kind: "done", value: {} };
};
const getOwner: Ioctl = (kernel, { open }) => ({ kind: "done", value: { out: signedOwner(kernel, open) } });
export const networkIoctls: Readonly<Record<number, Ioctl>> = {
  [FIONREAD](kernel, { open }) {
    const socket = socketOf(kernel, open.object);
    if (socket.state === "listening") return { kind: "fail", errno: "EINVAL" };
    return { kind: "done", value: { out: isConnected(socket) ? countToMark(socket) : (socket.queue[0]?.bytes.length ?? 0) } };
  },
  // All that is sent has arrived.
  [TIOCOUTQ]: () => ({ kind: "done", value: { out: 0 } }),
  [commands.FIOSETOWN.code]: setOwner,
  [commands.SIOCSPGRP.code]: setOwner,
  [commands.FIOGETOWN.code]: getOwner,
  [commands.SIOCGPGRP.code]: getOwner,
  [commands.SIOCATMARK.code](kernel, { open }) {
    const socket = socketOf(kernel, open.object);
    if (isStream(socket)) return { kind: "done", value: { out: Number(isAtMark(socket)) } };
    return { kind: "fail", errno: socket.family === families.AF_UNIX ? "EOPNOTSUPP" : "ENOTTY" };
  },
  [commands.SIOCGIFNAME.code](_, { argument }) {
    const request = argument as Request | null;
    if (!request) return { kind: "fail", errno: "EFAULT" };
    if (new DataView(request.value.buffer, request.value.byteOffset).getInt32(0, true) !== LOOPBACK_INDEX) return { kind: "fail", errno: "ENODEV" };
    return { kind: "done", value: { out: { name: nameBytes(LOOPBACK), value: request.value } } };
  },
  [commands.SIOCGIFCONF.code]: (_, { argument }) => listed(argument),
  [commands.SIOCGIFFLAGS.code]: about(value(FLAGS)),
  [commands.SIOCGIFADDR.code]: about(ADDRESS),
  [commands.SIOCGIFBRDADDR.code]: about(value(families.AF_INET)),
  [commands.SIOCGIFNETMASK.code]: about(value(families.AF_INET, 0, 0, 0, 255)),
  [commands.SIOCGIFMETRIC.code]: about(value()),
  [commands.SIOCGIFMTU.code]: about(number(65_536)),
  [commands.SIOCGIFHWADDR.code]: about(value(ARPHRD_LOOPBACK & 255, ARPHRD_LOOPBACK >> 8)),
  [commands.SIOCGIFINDEX.code]: about(number(LOOPBACK_INDEX)),
  [commands.SIOCGIFTXQLEN.code]: about(number(1000)),
};
