// /proc/net of a machine without a network: the tables' headings, and the loopback device, which is down (proc_pid_net(5)).

const SOCKETS = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";
const SOCKETS6 =
  "  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";
const DATAGRAMS = " ref pointer drops";
const line = (text: string, width = 0): string => `${text.padEnd(width)}\n`;
const TCP_WIDTH = 149;
const UDP_WIDTH = 127;

export const networkTables: Readonly<Record<string, string>> = {
  arp: line("IP address       HW type     Flags       HW address            Mask     Device"),
  dev: [
    "Inter-|   Receive                                                |  Transmit",
    " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed",
    "    lo:       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0",
    "",
  ].join("\n"),
  if_inet6: "",
  ipv6_route: "",
  packet: line("sk               RefCnt Type Proto  Iface R Rmem   User   Inode"),
  raw: line(SOCKETS + DATAGRAMS),
  raw6: line(SOCKETS6 + DATAGRAMS),
  route: line("Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT", 127),
  tcp: line(SOCKETS, TCP_WIDTH),
  tcp6: line(SOCKETS6),
  udp: line(SOCKETS + DATAGRAMS, UDP_WIDTH),
  udp6: line(SOCKETS6 + DATAGRAMS),
  unix: line("Num       RefCount Protocol Flags    Type St Inode Path"),
};
