// Sockets. Handled by engine/kernel/services/net.ts.
import { Fd, flags, Int, inBytes, inOutStruct, oneOf, outBytes, outValue, Size, Uint } from "../argument.ts";
import { inAddress, inMessage, inMessages, inOption, outMessage, outMessages, outSized } from "../arguments/sockets.ts";
import { families, levels, messageFlags, SOCK_CLOEXEC, SOCK_NONBLOCK, shutdowns, socketTypes } from "../constants/sockets.ts";
import { array, i32 } from "../field.ts";
import { row } from "../row.ts";
import { timespec } from "../structs/timespec.ts";

const network = { classes: ["network"] } as const;
const opening = { classes: ["network"], returns: "fd" } as const;
const Flags = flags(messageFlags);
const Family = oneOf(families, "AF_???");
const Type = flags({ SOCK_NONBLOCK, SOCK_CLOEXEC, ...socketTypes });
const Level = oneOf(levels, "SOL_???");
const address = { addr: outSized("addrlen"), addrlen: inOutStruct(i32) };
const message = "an urgent byte goes outside as any other; control data other than rights, credentials, times and IP's addresses, hops and classes";

export const networkRows = {
  socket: row(
    41,
    "net",
    { family: Family, type: Type, protocol: Int },
    { ...opening, missing: "raw and packet sockets, netlink but for routes and diagnosis; the machine has only its loopback" },
  ),
  connect: row(42, "net", { sockfd: Fd, addr: inAddress("addrlen"), addrlen: Int }, network),
  accept: row(43, "net", { sockfd: Fd, ...address }, opening),
  sendto: row(44, "net", { sockfd: Fd, buf: inBytes("len"), len: Size, flags: Flags, dest_addr: inAddress("addrlen"), addrlen: Int }, network),
  recvfrom: row(45, "net", { sockfd: Fd, buf: outBytes("len"), len: Size, flags: Flags, src_addr: outSized("addrlen"), addrlen: inOutStruct(i32) }, network),
  sendmsg: row(46, "net", { sockfd: Fd, msg: inMessage, flags: Flags }, { ...network, missing: message }),
  recvmsg: row(47, "net", { sockfd: Fd, msg: outMessage, flags: Flags }, { ...network, missing: message }),
  shutdown: row(48, "net", { sockfd: Fd, how: oneOf(shutdowns, "SHUT_???") }, network),
  bind: row(49, "net", { sockfd: Fd, addr: inAddress("addrlen"), addrlen: Int }, network),
  listen: row(50, "net", { sockfd: Fd, backlog: Int }, network),
  getsockname: row(51, "net", { sockfd: Fd, ...address }, network),
  getpeername: row(52, "net", { sockfd: Fd, ...address }, network),
  socketpair: row(53, "net", { family: Family, type: Type, protocol: Int, sv: outValue(array(i32, 2)) }, network),
  setsockopt: row(
    54,
    "net",
    { sockfd: Fd, level: Level, optname: Int, optval: inOption, optlen: Int },
    { ...network, missing: "filters, multicast groups; most options of TCP and IP are kept, and change nothing" },
  ),
  getsockopt: row(
    55,
    "net",
    { sockfd: Fd, level: Level, optname: Int, optval: outSized("optlen"), optlen: inOutStruct(i32) },
    { ...network, missing: "TCP_INFO tells the state; its times and counts are those of a connection that nothing was lost on" },
  ),
  accept4: row(288, "net", { sockfd: Fd, ...address, flags: flags({ SOCK_NONBLOCK, SOCK_CLOEXEC }) }, opening),
  recvmmsg: row(299, "net", { sockfd: Fd, msgvec: outMessages, vlen: Uint, flags: Flags, timeout: inOutStruct(timespec) }, { ...network, missing: message }),
  sendmmsg: row(307, "net", { sockfd: Fd, msgvec: inMessages, vlen: Uint, flags: Flags }, { ...network, missing: message }),
};
