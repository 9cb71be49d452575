// Address families, socket types, flags and options (socket(2), socket(7), send(2), recv(2)).

export const families = { AF_UNSPEC: 0, AF_UNIX: 1, AF_INET: 2, AF_INET6: 10, AF_NETLINK: 16, AF_PACKET: 17 } as const;
export const socketTypes = { SOCK_STREAM: 1, SOCK_DGRAM: 2, SOCK_RAW: 3, SOCK_SEQPACKET: 5 } as const;
export const SOCK_TYPE_MASK = 0xf;
export const SOCK_NONBLOCK = 0o4000;
export const SOCK_CLOEXEC = 0o2000000;
export const protocols = { IPPROTO_IP: 0, IPPROTO_ICMP: 1, IPPROTO_TCP: 6, IPPROTO_UDP: 17, IPPROTO_IPV6: 41, IPPROTO_UDPLITE: 136 } as const;
export const netlinkProtocols = { NETLINK_ROUTE: 0, NETLINK_SOCK_DIAG: 4 } as const;
export const messageFlags = {
  MSG_OOB: 1,
  MSG_PEEK: 2,
  MSG_DONTROUTE: 4,
  MSG_CTRUNC: 8,
  MSG_TRUNC: 0x20,
  MSG_DONTWAIT: 0x40,
  MSG_EOR: 0x80,
  MSG_WAITALL: 0x100,
  MSG_NOSIGNAL: 0x4000,
  MSG_MORE: 0x8000,
  MSG_WAITFORONE: 0x10000,
  MSG_ZEROCOPY: 0x400_0000,
  MSG_CMSG_CLOEXEC: 0x4000_0000,
} as const;
export const shutdowns = { SHUT_RD: 0, SHUT_WR: 1, SHUT_RDWR: 2 } as const;
export const SOL_SOCKET = 1;
export const levels = { SOL_IP: 0, SOL_SOCKET, SOL_TCP: 6, SOL_UDP: 17, SOL_IPV6: 41, SOL_UDPLITE: 136, SOL_NETLINK: 270 } as const;
export const socketOptions = {
  SO_DEBUG: 1,
  SO_REUSEADDR: 2,
  SO_TYPE: 3,
  SO_ERROR: 4,
  SO_DONTROUTE: 5,
  SO_BROADCAST: 6,
  SO_SNDBUF: 7,
  SO_RCVBUF: 8,
  SO_KEEPALIVE: 9,
  SO_OOBINLINE: 10,
  SO_PRIORITY: 12,
  SO_LINGER: 13,
  SO_REUSEPORT: 15,
  SO_PASSCRED: 16,
  SO_PEERCRED: 17,
  SO_RCVLOWAT: 18,
  SO_SNDLOWAT: 19,
  SO_RCVTIMEO: 20,
  SO_SNDTIMEO: 21,
  SO_TIMESTAMP: 29,
  SO_ACCEPTCONN: 30,
  SO_SNDBUFFORCE: 32,
  SO_TIMESTAMPNS: 35,
  SO_RCVBUFFORCE: 33,
  SO_MARK: 36,
  SO_PROTOCOL: 38,
  SO_DOMAIN: 39,
  SO_BUSY_POLL: 46,
  SO_COOKIE: 57,
  SO_INCOMING_CPU: 49,
} as const;
/** Options of IPPROTO_IP and IPPROTO_IPV6 that are looked at by name (ip(7), ipv6(7)). */
export const ipOptions = { IP_TOS: 1, IP_TTL: 2, IP_RECVERR: 11, IP_FREEBIND: 15, IP_BIND_ADDRESS_NO_PORT: 24 } as const;
export const ipv6Options = { IPV6_UNICAST_HOPS: 16, IPV6_V6ONLY: 26, IPV6_HOPLIMIT: 52, IPV6_TCLASS: 67 } as const;
/** What a datagram may be passed on by, and reads as at its end, where nobody chose otherwise (ip(7), ip_default_ttl). */
export const DEFAULT_HOPS = 64;
/** How much of a datagram its checksum covers (udplite(7)). */
export const udpliteOptions = { UDPLITE_SEND_CSCOV: 10, UDPLITE_RECV_CSCOV: 11 } as const;
export const controlTypes = { SCM_RIGHTS: 1, SCM_CREDENTIALS: 2 } as const;
