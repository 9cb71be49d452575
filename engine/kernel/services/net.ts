// The calls on sockets (socket(2), bind(2), listen(2), connect(2), accept(2), send(2), recv(2), shutdown(2)).
import type { Draft } from "immer";
import type { Filled, OutgoingMessage, Room } from "../../abi/arguments/sockets.ts";
import { O_NONBLOCK, O_RDWR } from "../../abi/constants/open-flags.ts";
import { families, messageFlags, netlinkProtocols, protocols, SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_TYPE_MASK, socketTypes } from "../../abi/constants/sockets.ts";
import type { Errno } from "../../abi/errno.ts";
import type { Bytes } from "../../abi/memory-view.ts";
import type { Kernel } from "../kernel.ts";
import { deadlineAfter } from "../objects/clock.ts";
import { createInode, inodeOf } from "../objects/inodes.ts";
import { dial } from "../objects/links.ts";
import { createOpenFile, freeDescriptor, hasRoomForOpenFile, install, openFileOf } from "../objects/open-files.ts";
import { plainCredentials } from "../objects/paths.ts";
import { ANY_HOST, ANY_IPV4, addressBytes, isAny, isLoopback, parseAddress } from "../objects/socket-addresses.ts";
import { discardRights } from "../objects/socket-transfer.ts";
import {
  admitNext,
  bindInternet,
  createSocket,
  destinationHost,
  establish,
  hasRoomToAccept,
  isConnected,
  isInternet,
  isStream,
  loopbackFor,
  pairUp,
  receiveChannel,
  sendChannel,
  senderOf,
  shutDown,
  socketOf,
  takeError,
} from "../objects/sockets.ts";
import { taskOf } from "../objects/tasks.ts";
import { type Call, type Calls, done, fail, OK, type Outcome, type PlainOutcome, wait } from "../service.ts";
import type { Socket } from "../state/net.ts";
import type { Task } from "../state/proc-table.ts";
import type { OpenFile } from "../state/vfs.ts";
import { receiveMany } from "./net-many.ts";
import { countOf, deliver, isReceived, nameOfSender, receiveNext, sendMessage } from "./net-messages.ts";
import { bindTo, isUnspecified, listenerAt, unixTarget } from "./net-names.ts";
import { getOption, setOption } from "./net-options.ts";

const { AF_UNIX, AF_INET, AF_INET6, AF_NETLINK } = families;
const { SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, SOCK_SEQPACKET } = socketTypes;
const { IPPROTO_TCP, IPPROTO_UDP, IPPROTO_UDPLITE } = protocols;
const { NETLINK_ROUTE, NETLINK_SOCK_DIAG } = netlinkProtocols;
const { MSG_DONTWAIT } = messageFlags;
const MOST_TYPE = 11;
const SOMAXCONN = 4096;

/** The protocol, or why there is no such socket (net/socket.c, net/ipv4/af_inet.c). */
function protocolFor(family: number, type: number, protocol: number): number | Errno {
  if (type < 1 || type >= MOST_TYPE) return "EINVAL";
  if (family === AF_UNIX) {
    if (protocol !== 0 && protocol !== AF_UNIX) return "EPROTONOSUPPORT";
    return type === SOCK_STREAM || type === SOCK_DGRAM || type === SOCK_SEQPACKET || type === SOCK_RAW ? 0 : "ESOCKTNOSUPPORT";
  }
  if (family === AF_NETLINK) {
    if (type !== SOCK_RAW && type !== SOCK_DGRAM) return "ESOCKTNOSUPPORT";
    return protocol === NETLINK_ROUTE || protocol === NETLINK_SOCK_DIAG ? protocol : "EPROTONOSUPPORT";
  }
  if (family !== AF_INET && family !== AF_INET6) return "EAFNOSUPPORT";
  if (type === SOCK_RAW) return "EPERM";
  const own: readonly number[] | undefined = { [SOCK_STREAM]: [IPPROTO_TCP], [SOCK_DGRAM]: [IPPROTO_UDP, IPPROTO_UDPLITE] }[type];
  if (own === undefined) return "ESOCKTNOSUPPORT";
  return protocol === 0 ? own[0]! : own.includes(protocol) ? protocol : "EPROTONOSUPPORT";
}
function openSocket(kernel: Kernel, task: Draft<Task>, object: number, flags: number): number {
  const { fsuid, fsgid } = plainCredentials(kernel, task);
  const fileSystem = kernel.vfs.mounts.findIndex(mount => mount?.type === "sockfs");
  const inode = createInode(kernel, { fileSystem, kind: "socket", mode: 0o777, uid: fsuid, gid: fsgid });
  inodeOf(kernel, inode).links = 1;
  const status = O_RDWR | ((flags & SOCK_NONBLOCK) !== 0 ? O_NONBLOCK : 0);
  const openFile = createOpenFile(kernel, { kind: "socket", flags: status, inode, object, path: `socket:[${inode}]` });
  return install(kernel, task, openFile, 0, (flags & SOCK_CLOEXEC) !== 0)!;
}
function hasRoom(kernel: Kernel, task: Draft<Task>, count: number): Errno | null {
  if (!hasRoomForOpenFile(kernel, count)) return "ENFILE";
  const first = freeDescriptor(kernel, task);
  if (first === null) return "EMFILE";
  return count === 2 && freeDescriptor(kernel, task, first + 1) === null ? "EMFILE" : null;
}
/** The type without its flags; a raw Unix socket is one of datagrams. */
const kindOf = (family: number, type: number): number => ((type & SOCK_TYPE_MASK) === SOCK_RAW && family === AF_UNIX ? SOCK_DGRAM : type & SOCK_TYPE_MASK);

interface Found {
  readonly open: Draft<OpenFile>;
  readonly socket: Draft<Socket>;
}
function find(kernel: Kernel, call: Call<{ readonly sockfd: number }>): Found | Outcome<never> {
  const open = openFileOf(kernel, taskOf(kernel, call.tid), call.args.sockfd);
  if (!open) return fail("EBADF");
  return open.kind === "socket" ? { open, socket: socketOf(kernel, open.object) } : fail("ENOTSOCK");
}
const isFound = (found: Found | Outcome<never>): found is Found => !("kind" in found);

type Told = Outcome<{ addr: Filled | undefined; addrlen: number | undefined }>;
const tell = (value: number, room: Room, bytes: Bytes): Told =>
  room.room < 0 ? fail("EINVAL") : done(value, { addr: { room, bytes }, addrlen: bytes.length });

// Connecting

/** What a connect that did not wait, or waits, has come to. */
function connectionOf(call: Call<unknown>, { socket, open }: Found): PlainOutcome {
  if (socket.state === "connected") {
    socket.isConnectUntold = false;
    return OK;
  }
  if (socket.state !== "connecting") {
    const error = takeError(socket);
    socket.state = "idle";
    return fail(error ?? "ECONNABORTED");
  }
  if ((open.flags & O_NONBLOCK) !== 0) return fail(call.due === "run" && call.memo === null ? "EALREADY" : "EINPROGRESS");
  return wait(call, { channels: [sendChannel(socket.id)], memo: { isWaiting: true } });
}
function connectStream(kernel: Kernel, call: Call<unknown>, found: Found, host: string, port: number): PlainOutcome {
  const { socket, open } = found;
  const target = destinationHost(host);
  if (!isLoopback(target)) return fail("ENETUNREACH");
  if (!socket.local) {
    const errno = bindInternet(kernel, socket, socket.family === AF_INET ? ANY_IPV4 : ANY_HOST, 0);
    if (errno) return fail("EADDRNOTAVAIL");
  }
  const local = socket.local as Extract<Socket["local"], { kind: "inet" }>;
  if (isAny(local.host)) socket.local = { ...local, host: loopbackFor(target) };
  socket.remote = { kind: "inet", host: target, port };
  const listener = listenerAt(kernel, socket, target, port, local.port);
  if (!listener && kernel.system.parameters.network === "host") dial(kernel, socket, target, port);
  else if (!listener) Object.assign(socket, { state: "closed", error: "ECONNREFUSED" });
  else if (hasRoomToAccept(listener)) establish(kernel, listener, socket);
  else {
    socket.state = "connecting";
    listener.arriving.push(socket.id);
  }
  // The answer has come by the time the call is over, but not yet while it decides to wait (inet_stream_connect in net/ipv4/af_inet.c).
  if ((open.flags & O_NONBLOCK) !== 0) {
    socket.isConnectUntold = true;
    return fail("EINPROGRESS");
  }
  return connectionOf({ ...call, memo: { isWaiting: true } }, found);
}
function connectUnix(kernel: Kernel, call: Call<unknown>, { socket, open }: Found, bytes: Bytes): PlainOutcome {
  const address = parseAddress(AF_UNIX, bytes);
  if (!address) return fail("EINVAL");
  const task = taskOf(kernel, call.tid);
  const target = unixTarget(kernel, task, socket, address);
  if (typeof target === "string") return fail(target);
  const other = socketOf(kernel, target);
  if (!isConnected(socket)) {
    if (other.peer !== 0 && other.peer !== socket.id) return fail("EPERM");
    Object.assign(socket, { peer: target, remote: address, state: "connected" });
    return OK;
  }
  if (other.state !== "listening" || other.isReadShut) return fail("ECONNREFUSED");
  if (socket.state !== "idle") return fail(socket.state === "connected" ? "EISCONN" : "EINVAL");
  if (!hasRoomToAccept(other)) return (open.flags & O_NONBLOCK) !== 0 ? fail("EAGAIN") : wait(call, { channels: [sendChannel(target)] });
  socket.owner = senderOf(kernel, task);
  establish(kernel, other, socket);
  return OK;
}
function connectTo(kernel: Kernel, call: Call<unknown>, found: Found, bytes: Bytes): PlainOutcome {
  const { socket } = found;
  if (bytes.length < 2) return fail("EINVAL");
  if (isUnspecified(bytes) && !(isInternet(socket) && isStream(socket))) {
    Object.assign(socket, { remote: null, peer: 0, state: "idle" });
    return OK;
  }
  if (socket.family === AF_UNIX) return connectUnix(kernel, call, found, bytes);
  const address = parseAddress(socket.family, bytes);
  if (socket.family === AF_NETLINK) return address ? OK : fail("EINVAL");
  if (bytes.length < (socket.family === AF_INET ? 16 : 24)) return fail("EINVAL");
  if (address?.kind !== "inet") return fail("EAFNOSUPPORT");
  if (!isStream(socket)) {
    const host = destinationHost(address.host);
    if (!isLoopback(host)) return fail("ENETUNREACH");
    if (!socket.local && bindInternet(kernel, socket, loopbackFor(host), 0)) return fail("EAGAIN");
    if (socket.local?.kind === "inet" && isAny(socket.local.host)) socket.local = { ...socket.local, host: loopbackFor(host) };
    socket.remote = { kind: "inet", host, port: address.port };
    return OK;
  }
  if (socket.state === "connecting") return fail("EALREADY");
  if (socket.isConnectUntold) {
    socket.isConnectUntold = false;
    return connectionOf(call, found);
  }
  if (socket.state === "connected") return fail("EISCONN");
  if (socket.state === "listening") return fail("EISCONN");
  return connectStream(kernel, call, found, address.host, address.port);
}

function acceptOn(kernel: Kernel, call: Call<{ sockfd: number; addr: Room }>, flags: number): Told {
  if ((flags & ~(SOCK_NONBLOCK | SOCK_CLOEXEC)) !== 0) return fail("EINVAL");
  const found = find(kernel, call);
  if (!isFound(found)) return found;
  const { socket, open } = found;
  if (!isConnected(socket)) return fail("EOPNOTSUPP");
  if (socket.state !== "listening") return fail("EINVAL");
  const task = taskOf(kernel, call.tid);
  const errno = hasRoom(kernel, task, 1);
  if (errno) return fail(errno);
  const [next] = socket.accepting;
  if (next === undefined) {
    if ((open.flags & O_NONBLOCK) !== 0 || call.due === "timeout") return fail("EAGAIN");
    const { receiveTimeoutNanos: nanos } = socket;
    const untilNanos = (call.memo as { untilNanos: number } | null)?.untilNanos ?? deadlineAfter(kernel, nanos);
    return wait(call, { channels: [receiveChannel(socket.id)], ...(nanos === 0 ? {} : { deadlineNanos: untilNanos, memo: { untilNanos } }) });
  }
  socket.accepting.shift();
  admitNext(kernel, socket);
  const fd = openSocket(kernel, task, next, flags);
  return tell(fd, call.args.addr, addressBytes(socket.family, socketOf(kernel, next).remote));
}

const plain = (name: Bytes | null, bytes: Bytes): OutgoingMessage => ({ name, bytes, control: new Uint8Array(0) });

export const netCalls: Calls<"net"> = {
  socket(kernel, call) {
    const { family, type: full } = call.args;
    if ((full & ~SOCK_TYPE_MASK & ~(SOCK_NONBLOCK | SOCK_CLOEXEC)) !== 0) return fail("EINVAL");
    const protocol = protocolFor(family, full & SOCK_TYPE_MASK, call.args.protocol);
    if (typeof protocol === "string") return fail(protocol);
    const task = taskOf(kernel, call.tid);
    const errno = hasRoom(kernel, task, 1);
    if (errno) return fail(errno);
    const { id } = createSocket(kernel, { family, type: kindOf(family, full), protocol, owner: senderOf(kernel, task) });
    return done(openSocket(kernel, task, id, full), {});
  },
  socketpair(kernel, call) {
    const { family, type: full } = call.args;
    if ((full & ~SOCK_TYPE_MASK & ~(SOCK_NONBLOCK | SOCK_CLOEXEC)) !== 0) return fail("EINVAL");
    const task = taskOf(kernel, call.tid);
    const errno = hasRoom(kernel, task, 2);
    if (errno) return fail(errno);
    const protocol = protocolFor(family, full & SOCK_TYPE_MASK, call.args.protocol);
    if (typeof protocol === "string") return fail(protocol);
    if (family !== AF_UNIX) return fail("EOPNOTSUPP");
    const made = { family, type: kindOf(family, full), protocol, owner: senderOf(kernel, task) };
    const [a, b] = [createSocket(kernel, made), createSocket(kernel, made)];
    pairUp(a, b);
    return done(0, { sv: [openSocket(kernel, task, a.id, full), openSocket(kernel, task, b.id, full)] });
  },
  bind(kernel, call) {
    const found = find(kernel, call);
    if (!isFound(found)) return found;
    const { addr } = call.args;
    if (addr === undefined) return fail("EINVAL");
    if (addr === null) return fail("EFAULT");
    const errno = bindTo(kernel, taskOf(kernel, call.tid), found.socket, addr);
    return errno ? fail(errno) : OK;
  },
  listen(kernel, call) {
    const found = find(kernel, call);
    if (!isFound(found)) return found;
    const { socket } = found;
    if (!isConnected(socket)) return fail("EOPNOTSUPP");
    if (socket.state !== "idle" && socket.state !== "listening") return fail("EINVAL");
    if (!socket.local) {
      if (!isInternet(socket)) return fail("EINVAL");
      const errno = bindInternet(kernel, socket, socket.family === AF_INET ? ANY_IPV4 : ANY_HOST, 0);
      if (errno) return fail(errno);
    }
    const { backlog } = call.args;
    Object.assign(socket, {
      state: "listening",
      backlog: backlog < 0 ? SOMAXCONN : Math.min(backlog, SOMAXCONN),
      owner: senderOf(kernel, taskOf(kernel, call.tid)),
    });
    return OK;
  },
  connect(kernel, call) {
    const found = find(kernel, call);
    if (!isFound(found)) return found;
    const { addr } = call.args;
    if (call.memo !== null && isInternet(found.socket)) return connectionOf(call, found);
    if (addr === undefined) return fail("EINVAL");
    return addr === null ? fail("EFAULT") : connectTo(kernel, call, found, addr);
  },
  accept: (kernel, call) => acceptOn(kernel, call, 0),
  accept4: (kernel, call) => acceptOn(kernel, call, call.args.flags),
  getsockname(kernel, call) {
    const found = find(kernel, call);
    if (!isFound(found)) return found;
    return tell(0, call.args.addr, addressBytes(found.socket.family, found.socket.local));
  },
  getpeername(kernel, call) {
    const found = find(kernel, call);
    if (!isFound(found)) return found;
    const { family, state, remote, peer } = found.socket;
    const isThere = remote !== null || (family === AF_UNIX && peer !== 0) || family === AF_NETLINK;
    if (!isThere || state === "closed" || state === "connecting") return fail("ENOTCONN");
    return tell(0, call.args.addr, addressBytes(family, remote));
  },
  shutdown(kernel, call) {
    const found = find(kernel, call);
    if (!isFound(found)) return found;
    const { socket } = found;
    const { how } = call.args;
    if (how < 0 || how > 2) return fail("EINVAL");
    if (isInternet(socket) && (isStream(socket) ? socket.state !== "connected" && socket.state !== "listening" : !socket.remote)) {
      // Refused, and done all the same (inet_shutdown in net/ipv4/af_inet.c).
      if (isStream(socket)) shutDown(kernel, socket, how !== 1, how !== 0);
      return fail("ENOTCONN");
    }
    shutDown(kernel, socket, how !== 1, how !== 0);
    return OK;
  },
  setsockopt(kernel, call) {
    const found = find(kernel, call);
    if (!isFound(found)) return found;
    const { level, optname, optval } = call.args;
    const errno = setOption(kernel, found.socket, level, optname, optval, call.pid);
    return errno ? fail(errno) : OK;
  },
  getsockopt(kernel, call) {
    const found = find(kernel, call);
    if (!isFound(found)) return found;
    const { level, optname, optval } = call.args;
    if (optval.room < 0) return fail("EINVAL");
    const value = getOption(found.socket, level, optname);
    if (typeof value === "string") return fail(value);
    const bytes = value.subarray(0, optval.room);
    return done(0, { optval: { room: optval, bytes }, optlen: bytes.length });
  },

  sendto(kernel, call) {
    const found = find(kernel, call);
    if (!isFound(found)) return found;
    const { buf, flags, dest_addr } = call.args;
    if (dest_addr === undefined) return fail("EINVAL");
    return sendMessage(kernel, call, found.open, plain(dest_addr, buf), flags);
  },
  sendmsg(kernel, call) {
    const found = find(kernel, call);
    if (!isFound(found)) return found;
    return call.args.msg ? sendMessage(kernel, call, found.open, call.args.msg, call.args.flags) : fail("EMSGSIZE");
  },
  sendmmsg(kernel, call) {
    const found = find(kernel, call);
    if (!isFound(found)) return found;
    const { msgvec, flags } = call.args;
    const lengths: number[] = [];
    for (const message of msgvec) {
      const sent = message
        ? sendMessage(kernel, call, found.open, message, lengths.length > 0 ? flags | MSG_DONTWAIT : flags)
        : (fail("EMSGSIZE") as PlainOutcome);
      if (sent.kind === "done") lengths.push(sent.value);
      else if (lengths.length === 0) return sent as Outcome<never>;
      else break;
    }
    return done(lengths.length, { msgvec: lengths });
  },
  recvfrom(kernel, call) {
    const found = find(kernel, call);
    if (!isFound(found)) return found;
    const { len, flags, src_addr } = call.args;
    const received = receiveNext(kernel, call, found.open, len, flags);
    if (!isReceived(received)) return received;
    discardRights(kernel, received.rights);
    const name = nameOfSender(found.socket, received) ?? new Uint8Array(0);
    if (src_addr.address !== 0 && src_addr.room < 0) return fail("EINVAL");
    const isNamed = src_addr.address !== 0;
    return done(countOf(received, flags), {
      buf: received.bytes,
      src_addr: isNamed ? { room: src_addr, bytes: name } : undefined,
      addrlen: isNamed ? name.length : undefined,
    });
  },
  recvmsg(kernel, call) {
    const found = find(kernel, call);
    if (!isFound(found)) return found;
    const { msg, flags } = call.args;
    if (!msg) return fail("EMSGSIZE");
    const received = receiveNext(kernel, call, found.open, msg.length, flags);
    if (!isReceived(received)) return received;
    return done(countOf(received, flags), { msg: deliver(kernel, call, found.open, received, msg, flags) });
  },
  recvmmsg(kernel, call) {
    const found = find(kernel, call);
    return isFound(found) ? receiveMany(kernel, call, found.open) : found;
  },
};
