// Names of sockets: binding, and finding who is bound (bind(2), connect(2), unix(7)).
import type { Draft } from "immer";
import { families } from "../../abi/constants/sockets.ts";
import type { Errno } from "../../abi/errno.ts";
import type { Bytes } from "../../abi/memory-view.ts";
import type { Kernel } from "../kernel.ts";
import { can, mayAccess } from "../objects/credentials.ts";
import { addEntry, createInode, inodeOf } from "../objects/inodes.ts";
import { newInode, refusalToMake } from "../objects/opening.ts";
import { AT_FDCWD, plainCredentials, resolve } from "../objects/paths.ts";
import { familyOf, isAny, isLoopback, parseAddress } from "../objects/socket-addresses.ts";
import { bindInternet, boundTo, enter, nameKey, portKey, socketOf } from "../objects/sockets.ts";
import { processOf } from "../objects/tasks.ts";
import type { Socket, SocketAddress } from "../state/net.ts";
import type { Task } from "../state/proc-table.ts";

const WRITE = 2;
const PRIVILEGED_PORTS = 1024;
const MODE = 0o777;

export function bindTo(kernel: Kernel, task: Draft<Task>, socket: Draft<Socket>, bytes: Bytes): Errno | null {
  if (socket.family === families.AF_UNIX) return bindUnix(kernel, task, socket, bytes);
  const address = parseAddress(socket.family, bytes);
  if (socket.family === families.AF_NETLINK) {
    if (address?.kind !== "netlink") return "EINVAL";
    if (socket.local) return "EINVAL";
    socket.local = { kind: "netlink", port: address.port || task.pid };
    return null;
  }
  if (bytes.length < (socket.family === families.AF_INET ? 16 : 24)) return "EINVAL";
  if (address?.kind !== "inet") return "EAFNOSUPPORT";
  if (!isAny(address.host) && !isLoopback(address.host)) return "EADDRNOTAVAIL";
  if (address.port !== 0 && address.port < PRIVILEGED_PORTS && !can(processOf(kernel, task.pid).credentials, "CAP_NET_BIND_SERVICE")) return "EACCES";
  if (socket.local) return "EINVAL";
  return bindInternet(kernel, socket, address.host, address.port);
}
/** An abstract name of five digits, for a socket that asks for none in particular (unix(7), "autobind"). */
export function autobind(kernel: Kernel, socket: Draft<Socket>): void {
  for (let number = 1; ; number++) {
    const path = `\0${number.toString(16).padStart(5, "0")}`;
    if (kernel.net.bound.has(nameKey(path, 0))) continue;
    socket.local = { kind: "unix", path };
    socket.boundKey = nameKey(path, 0);
    enter(kernel, socket.boundKey, socket.id);
    return;
  }
}
function bindUnix(kernel: Kernel, task: Draft<Task>, socket: Draft<Socket>, bytes: Bytes): Errno | null {
  const address = parseAddress(families.AF_UNIX, bytes);
  if (address?.kind !== "unix") return "EINVAL";
  const { path } = address;
  if (path === "") {
    if (bytes.length > 2) return "ENOENT";
    if (!socket.local) autobind(kernel, socket);
    return null;
  }
  if (socket.local) return "EINVAL";
  if (path.startsWith("\0")) {
    if (kernel.net.bound.has(nameKey(path, 0))) return "EADDRINUSE";
    socket.boundKey = nameKey(path, 0);
  } else {
    const found = resolve(kernel, task, AT_FDCWD, path, { followLast: true, refusesSlash: true });
    if (found.kind === "fail") return found.errno;
    if (found.kind !== "missing") return "EADDRINUSE";
    const refused = refusalToMake(kernel, task, found.parent, "socket");
    if (refused) return refused;
    const inode = createInode(kernel, newInode(kernel, task, found.parent, "socket", MODE));
    addEntry(kernel, found.parent, found.name, inode);
    socket.boundKey = nameKey(path, inode);
  }
  socket.local = { kind: "unix", path };
  enter(kernel, socket.boundKey, socket.id);
  return null;
}
/** The socket that is bound there, and of the same type; else why there is none. */
export function unixTarget(kernel: Kernel, task: Draft<Task>, socket: Draft<Socket>, address: SocketAddress): number | Errno {
  if (address.kind !== "unix" || address.path === "") return "EINVAL";
  const { path } = address;
  let inode = 0;
  if (!path.startsWith("\0")) {
    const found = resolve(kernel, task, AT_FDCWD, path, { followLast: true });
    if (found.kind === "fail") return found.errno;
    if (found.kind === "missing") return "ENOENT";
    if (!("inode" in found.location)) return "ECONNREFUSED";
    inode = found.location.inode;
    if (!mayAccess(plainCredentials(kernel, task), inodeOf(kernel, inode), WRITE)) return "EACCES";
    if (inodeOf(kernel, inode).kind !== "socket") return "ECONNREFUSED";
  }
  const [id] = kernel.net.bound.get(nameKey(path, inode)) ?? [];
  if (id === undefined) return "ECONNREFUSED";
  return socketOf(kernel, id).type === socket.type ? id : "EPROTOTYPE";
}
export const listenerAt = (kernel: Kernel, socket: Draft<Socket>, host: string, port: number, from: number): Draft<Socket> | null =>
  boundTo(kernel, portKey(socket, port), { host }, one => one.state === "listening", from);
export const isUnspecified = (bytes: Bytes): boolean => familyOf(bytes) === families.AF_UNSPEC;
