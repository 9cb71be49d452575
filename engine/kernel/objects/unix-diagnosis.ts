// struct unix_diag_req and its answers (sock_diag(7), linux/unix_diag.h; net/unix/diag.c).
import type { Draft } from "immer";
import { families } from "../../abi/constants/sockets.ts";
import { joined } from "../../abi/memory-view.ts";
import type { Kernel } from "../kernel.ts";
import type { Socket } from "../state/net.ts";
import { cookieOf, type DiagnosedSocket, diagnosedSockets, isMeant, memoryOf, ownerUid, SOCK_DIAG_BY_FAMILY, shutdownOf } from "./diagnosed-sockets.ts";
import { deviceOf } from "./file-status.ts";
import { inodeOf } from "./inodes.ts";
import { attribute, bytesOf, joinAligned, NLM_F_DUMP, type Reply, type Request, u32 } from "./netlink-messages.ts";
import { addressBytes } from "./socket-addresses.ts";
import { isConnected } from "./sockets.ts";
import { tcpStates } from "./tcp-states.ts";

const REQUEST = 24;
const SHOW = { NAME: 1, VFS: 2, PEER: 4, ICONS: 8, RQLEN: 0x10, MEMINFO: 0x20, UID: 0x40 } as const;
const UNIX_DIAG = { NAME: 0, VFS: 1, PEER: 2, ICONS: 3, RQLEN: 4, MEMINFO: 5, SHUTDOWN: 6, UID: 7 } as const;
const FAMILY = 2;

/** A datagram socket that another was connected to counts as connected, too (unix_dgram_connect in net/unix/af_unix.c). */
function stateOf(kernel: Kernel, socket: Draft<Socket>): number {
  if (socket.state === "listening") return tcpStates.LISTEN;
  const isPeer = (): boolean => !isConnected(socket) && [...kernel.net.sockets.values()].some(({ peer }) => peer === socket.id);
  return socket.state === "connected" || isPeer() ? tcpStates.ESTABLISHED : tcpStates.CLOSE;
}
function told(kernel: Kernel, one: DiagnosedSocket, all: readonly DiagnosedSocket[], show: number): Uint8Array {
  const { socket, inode } = one;
  const inodeNumber = (id: number): number => all.find(other => other.socket.id === id)?.inode ?? 0;
  const isListening = socket.state === "listening";
  const head = joined([bytesOf(families.AF_UNIX, socket.type, stateOf(kernel, socket), 0), u32(inode), ...cookieOf(socket)]);
  const own: Uint8Array[] = [];
  if ((show & SHOW.NAME) !== 0 && socket.local?.kind === "unix" && socket.local.path !== "")
    own.push(attribute(UNIX_DIAG.NAME, addressBytes(families.AF_UNIX, socket.local).subarray(FAMILY)));
  if ((show & SHOW.VFS) !== 0 && socket.boundKey.startsWith("inode:")) {
    const file = inodeOf(kernel, Number(socket.boundKey.slice("inode:".length)));
    const [major, minor] = deviceOf(file.fileSystem);
    own.push(attribute(UNIX_DIAG.VFS, joined([u32(file.id), u32((major << 20) | minor)])));
  }
  if ((show & SHOW.PEER) !== 0 && socket.peer !== 0 && kernel.net.sockets.has(socket.peer)) own.push(attribute(UNIX_DIAG.PEER, u32(inodeNumber(socket.peer))));
  if ((show & SHOW.ICONS) !== 0 && isListening)
    own.push(attribute(UNIX_DIAG.ICONS, joined(socket.accepting.map(id => u32(inodeNumber(kernel.net.sockets.get(id)?.peer ?? 0))))));
  if ((show & SHOW.RQLEN) !== 0)
    own.push(attribute(UNIX_DIAG.RQLEN, joined(isListening ? [u32(socket.accepting.length), u32(socket.backlog)] : [u32(socket.queuedBytes), u32(0)])));
  if ((show & SHOW.MEMINFO) !== 0) own.push(attribute(UNIX_DIAG.MEMINFO, joined(memoryOf(socket).map(u32))));
  own.push(attribute(UNIX_DIAG.SHUTDOWN, bytesOf(shutdownOf(socket))));
  if ((show & SHOW.UID) !== 0) own.push(attribute(UNIX_DIAG.UID, u32(ownerUid(kernel, one))));
  return joinAligned([head, ...own]);
}
export function answerUnix(kernel: Kernel, { flags, body }: Request): Reply {
  if (body.length < REQUEST) return { errno: "EINVAL" };
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  const [states, inode, show] = [view.getUint32(4, true), view.getUint32(8, true), view.getUint32(12, true)];
  const all = diagnosedSockets(kernel, ({ family }) => family === families.AF_UNIX);
  const type = SOCK_DIAG_BY_FAMILY;
  if ((flags & NLM_F_DUMP) !== 0) {
    const wanted = all.filter(({ socket, inode }) => inode !== 0 && (states & (1 << stateOf(kernel, socket))) !== 0);
    return { type, bodies: wanted.map(one => told(kernel, one, all, show)), isDump: true };
  }
  if (inode === 0) return { errno: "EINVAL" };
  const found = all.find(one => one.inode === inode);
  if (!found) return { errno: "ENOENT" };
  if (!isMeant(found.socket, view.getUint32(16, true), view.getUint32(20, true))) return { errno: "ESTALE" };
  return { type, bodies: [told(kernel, found, all, show)], isDump: false };
}
