// NETLINK_SOCK_DIAG (sock_diag(7)): dumps of Internet and Unix sockets, narrowed by states, ports and small programs, one socket alone, and what is refused.
#include "check.h"
#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>
#include <sys/un.h>

struct known { const char *name; unsigned inode, port; };
static struct known all[30];
static int count, netlink;
static unsigned inode_of(int fd) {
  struct stat status;
  fstat(fd, &status);
  return status.st_ino;
}
static int know(const char *name, int fd) {
  struct sockaddr_in6 address;
  socklen_t size = sizeof address;
  getsockname(fd, (void *)&address, &size);
  all[count++] = (struct known){name, inode_of(fd), address.sin6_family == AF_UNIX ? 0 : ntohs(address.sin6_port)};
  return fd;
}
static const char *by_inode(unsigned inode) {
  for (int i = 0; i < count; i++) if (inode && all[i].inode == inode) return all[i].name;
  return inode ? "another" : "none";
}
static const char *by_port(unsigned port) {
  for (int i = 0; i < count; i++) if (port && all[i].port == port) return all[i].name;
  return port ? "another" : "none";
}
static int compare(const void *a, const void *b) { return strcmp(*(char **)a, *(char **)b); }
static char *lines[100];
static int line_count;
static void attributes(char *line, struct nlmsghdr *header, int from, int is_unix) {
  for (struct nlattr *one = (void *)((char *)header + NLMSG_HDRLEN + from); (char *)one < (char *)header + header->nlmsg_len; one = (void *)((char *)one + NLA_ALIGN(one->nla_len))) {
    unsigned char *value = (void *)(one + 1);
    unsigned *numbers = (void *)value;
    int length = one->nla_len - NLA_HDRLEN, at = strlen(line);
    char *end = line + at;
    if (is_unix) {
      if (one->nla_type == UNIX_DIAG_NAME) sprintf(end, " name %d %s", length, value[0] ? (char *)value : (char *)value + 1);
      else if (one->nla_type == UNIX_DIAG_PEER) sprintf(end, " peer %s", by_inode(numbers[0]));
      else if (one->nla_type == UNIX_DIAG_VFS) { struct stat status; stat("named", &status); sprintf(end, " file %d", numbers[0] == status.st_ino && numbers[1] == (major(status.st_dev) << 20 | minor(status.st_dev))); }
      else if (one->nla_type == UNIX_DIAG_ICONS) sprintf(end, " waiting %d %s", length, length ? by_inode(numbers[0]) : "");
      else if (one->nla_type == UNIX_DIAG_RQLEN) sprintf(end, " queues %u %u", numbers[0], strstr(line, "listen") ? numbers[1] : 0);
      else if (one->nla_type == UNIX_DIAG_MEMINFO) sprintf(end, " memory %d", length);
      else if (one->nla_type == UNIX_DIAG_SHUTDOWN) sprintf(end, " shut %d", value[0]);
      else if (one->nla_type == UNIX_DIAG_UID) sprintf(end, " user %u", numbers[0]);
      else sprintf(end, " %d", one->nla_type);
    } else {
      if (one->nla_type == INET_DIAG_SHUTDOWN) sprintf(end, " shut %d", value[0]);
      else if (one->nla_type == INET_DIAG_MARK) sprintf(end, " mark %u", numbers[0]);
      else if (one->nla_type == INET_DIAG_SKV6ONLY) sprintf(end, " only6 %d", value[0]);
      else if (one->nla_type == INET_DIAG_TOS || one->nla_type == INET_DIAG_TCLASS) sprintf(end, " class %d %d", one->nla_type, value[0]);
      else if (one->nla_type == INET_DIAG_CONG) sprintf(end, " congestion");
      else if (one->nla_type == INET_DIAG_INFO) sprintf(end, " info %d", value[0]);
      else if (one->nla_type == INET_DIAG_SOCKOPT) sprintf(end, " options %x %x", value[0], value[1]);
      else if (one->nla_type == INET_DIAG_CGROUP_ID) sprintf(end, " cgroup %d", length);
      else sprintf(end, " %d:%d", one->nla_type, length);
    }
  }
}
static void show_message(struct nlmsghdr *header) {
  static char line[1000];
  line[0] = 0;
  if (header->nlmsg_type != SOCK_DIAG_BY_FAMILY) { sprintf(line, "type %d", header->nlmsg_type); }
  else if (((struct inet_diag_msg *)NLMSG_DATA(header))->idiag_family == AF_UNIX) {
    struct unix_diag_msg *message = NLMSG_DATA(header);
    const char *name = by_inode(message->udiag_ino);
    if (!strcmp(name, "another")) return;
    sprintf(line, "%s: type %d state %d", name, message->udiag_type, message->udiag_state), attributes(line, header, sizeof *message, 1);
  } else {
    struct inet_diag_msg *message = NLMSG_DATA(header);
    const char *name = by_inode(message->idiag_inode), *peer = by_port(ntohs(message->id.idiag_dport)), *own = by_port(ntohs(message->id.idiag_sport));
    if (!strcmp(name, "another") || (!strcmp(name, "none") && !strcmp(own, "another"))) return;
    char source[50], destination[50];
    inet_ntop(message->idiag_family, message->id.idiag_src, source, 50), inet_ntop(message->idiag_family, message->id.idiag_dst, destination, 50);
    sprintf(line, "%s: family %d state %d timer %d %d %d from %s %s to %s %s if %u queue %u %u user %u", name, message->idiag_family, message->idiag_state, message->idiag_timer, message->idiag_retrans, message->idiag_expires, source, own, destination, peer, message->id.idiag_if, message->idiag_state == 8 ? 0 : message->idiag_rqueue, message->idiag_wqueue, message->idiag_uid), attributes(line, header, sizeof *message, 0);
  }
  lines[line_count++] = strdup(line);
}
static void ask(const char *what, void *request, int length, int type, int flags) {
  static char buffer[65536];
  struct nlmsghdr *header = (void *)buffer;
  memset(buffer, 0, sizeof buffer);
  *header = (struct nlmsghdr){NLMSG_LENGTH(length), type, flags, 77, 0}, memcpy(NLMSG_DATA(header), request, length);
  printf("%s (%ld)", what, (long)send(netlink, buffer, header->nlmsg_len, 0) - header->nlmsg_len);
  line_count = 0;
  for (int more = 1; more;) {
    long got = recv(netlink, buffer, sizeof buffer, MSG_DONTWAIT);
    if (got == -1) { printf(" %s\n", strerrorname_np(errno)); break; }
    for (header = (void *)buffer; NLMSG_OK(header, got); header = NLMSG_NEXT(header, got)) {
      if (header->nlmsg_seq != 77 || header->nlmsg_pid != getpid()) printf(" [sequence %u]", header->nlmsg_seq);
      if (header->nlmsg_type == NLMSG_DONE) { int error = *(int *)NLMSG_DATA(header); printf(": done %s flags %x\n", error ? strerrorname_np(-error) : "0", header->nlmsg_flags); more = 0; }
      else if (header->nlmsg_type == NLMSG_ERROR) { struct nlmsgerr *error = NLMSG_DATA(header); printf(": error %s length %u flags %x of %d\n", error->error ? strerrorname_np(-error->error) : "0", header->nlmsg_len, header->nlmsg_flags, error->msg.nlmsg_type), more = 0; }
      else { show_message(header); if (!(header->nlmsg_flags & NLM_F_MULTI)) { more = 0, printf("\n"); } }
    }
  }
  qsort(lines, line_count, sizeof *lines, compare);
  for (int i = 0; i < line_count; i++) printf("  %s\n", lines[i]);
  fflush(stdout);
}
// Without those that are bound only, of which Linux tells from 6.8 on.
enum { STATES = 0xfff };
enum { DUMP = NLM_F_REQUEST | NLM_F_DUMP };
static void internet(const char *what, int family, int protocol, unsigned states, int extensions, int source, int destination) {
  struct inet_diag_req_v2 request = {family, protocol, extensions, 0, states, {htons(source), htons(destination)}};
  ask(what, &request, sizeof request, SOCK_DIAG_BY_FAMILY, DUMP);
}
static void filtered(const char *what, int family, void *filter, int length) {
  struct { struct inet_diag_req_v2 request; struct nlattr attribute; char filter[200]; } whole = {{family, IPPROTO_TCP, 0, 0, STATES}, {NLA_HDRLEN + length, INET_DIAG_REQ_BYTECODE}};
  memcpy(whole.filter, filter, length);
  ask(what, &whole, sizeof whole.request + NLA_ALIGN(NLA_HDRLEN + length), SOCK_DIAG_BY_FAMILY, DUMP);
}
static void unixes(const char *what, unsigned states, unsigned show) {
  struct unix_diag_req request = {AF_UNIX, 0, 0, states, 0, show, {-1, -1}};
  ask(what, &request, sizeof request, SOCK_DIAG_BY_FAMILY, DUMP);
}
static unsigned long cookie(int fd) {
  unsigned long value = 0;
  socklen_t size = sizeof value;
  tell("cookie", getsockopt(fd, SOL_SOCKET, SO_COOKIE, &value, &size));
  return value;
}
// One dump at a time, and what nobody reads is lost.
static void busy(void) {
  struct { struct nlmsghdr header; struct inet_diag_req_v2 request; } dump = {{sizeof dump, SOCK_DIAG_BY_FAMILY, DUMP, 1, 0}, {AF_INET, IPPROTO_TCP, 0, 0, 1 << 10, {htons(all[0].port)}}};
  struct nlmsghdr other = {NLMSG_HDRLEN, 30, NLM_F_REQUEST, 2, 0};
  static char buffer[4096];
  struct nlmsghdr *header = (void *)buffer;
  send(netlink, &dump, sizeof dump, 0), send(netlink, &dump, sizeof dump, 0);
  for (long length; (length = recv(netlink, buffer, sizeof buffer, MSG_DONTWAIT)) > 0;) printf("type %d %d\n", header->nlmsg_type, header->nlmsg_type == NLMSG_ERROR ? ((struct nlmsgerr *)NLMSG_DATA(header))->error : 0);
  send(netlink, &dump, sizeof dump, 0), recv(netlink, buffer, sizeof buffer, 0), send(netlink, &dump, sizeof dump, 0);
  for (long length; (length = recv(netlink, buffer, sizeof buffer, MSG_DONTWAIT)) > 0;) printf("type %d\n", header->nlmsg_type);
  struct pollfd asked = {netlink, POLLIN};
  for (int i = 0; i < 100000 && (poll(&asked, 1, 0), !(asked.revents & POLLERR)); i++) send(netlink, &other, sizeof other, 0);
  printf("events %x\n", asked.revents), tell("lost", recv(netlink, buffer, sizeof buffer, MSG_DONTWAIT)), tell("there", recv(netlink, buffer, sizeof buffer, MSG_DONTWAIT));
  while (recv(netlink, buffer, sizeof buffer, MSG_DONTWAIT) > 0) {}
}
int main(void) {
  struct sockaddr_in address = {AF_INET, 0, {htonl(INADDR_LOOPBACK)}};
  struct sockaddr_in6 six = {AF_INET6};
  struct sockaddr_un named = {AF_UNIX, "named"}, abstract = {AF_UNIX, "\0socket-diagnosis"};
  socklen_t size = sizeof address, size6 = sizeof six;
  int on = 1, mark = 5, ends[2];
  if (socket(AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG) == -1) return not_compared("diagnosis of sockets");
  tell("no such protocol", socket(AF_NETLINK, SOCK_RAW, 99)), netlink = works("socket", socket(AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG));
  tell("extended", setsockopt(netlink, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof on)), on = 0, setsockopt(netlink, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof on), on = 1, tell("no option", setsockopt(netlink, SOL_NETLINK, 99, &on, sizeof on));
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  bind(listener, (void *)&address, size), listen(listener, 7), getsockname(listener, (void *)&address, &size), know("listener", listener);
  int client = socket(AF_INET, SOCK_STREAM, 0), server;
  connect(client, (void *)&address, size), server = accept(listener, NULL, NULL), know("client", client), know("server", server);
  int waiting = socket(AF_INET, SOCK_STREAM, 0);
  connect(waiting, (void *)&address, size), know("waiting", waiting), send(client, "hello", 5, 0), setsockopt(client, SOL_SOCKET, SO_MARK, &mark, sizeof mark);
  int listener6 = socket(AF_INET6, SOCK_STREAM, 0);
  bind(listener6, (void *)&six, size6), listen(listener6, 3), getsockname(listener6, (void *)&six, &size6), know("listener6", listener6);
  struct sockaddr_in old = {AF_INET, six.sin6_port, {htonl(INADDR_LOOPBACK)}};
  int client4 = socket(AF_INET, SOCK_STREAM, 0), server6;
  connect(client4, (void *)&old, sizeof old), server6 = accept(listener6, NULL, NULL), know("client4", client4), know("server6", server6);
  int client6 = socket(AF_INET6, SOCK_STREAM, 0);
  six.sin6_addr = in6addr_loopback, connect(client6, (void *)&six, size6), know("client6", client6);
  int unbound = socket(AF_INET, SOCK_STREAM, 0), bound = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in any = {AF_INET};
  bind(bound, (void *)&any, sizeof any), know("unbound", unbound), know("bound", bound);
  int udp = socket(AF_INET, SOCK_DGRAM, 0), udp2 = socket(AF_INET, SOCK_DGRAM, 0);
  bind(udp, (void *)&any, sizeof any), know("datagrams", udp);
  struct sockaddr_in to = {AF_INET, htons(all[count - 1].port), {htonl(INADDR_LOOPBACK)}};
  connect(udp2, (void *)&to, sizeof to), know("connected datagrams", udp2);
  internet("tcp", AF_INET, IPPROTO_TCP, STATES, 0, 0, 0), internet("tcp6", AF_INET6, IPPROTO_TCP, STATES, 0, 0, 0), internet("udp", AF_INET, IPPROTO_UDP, -1, 0, 0, 0);
  internet("listening", AF_INET, IPPROTO_TCP, 1 << 10, 0, 0, 0), internet("established", AF_INET, IPPROTO_TCP, 1 << 1, 0, 0, 0), internet("unconnected", AF_INET, IPPROTO_UDP, 1 << 7, 0, 0, 0);
  internet("source", AF_INET, IPPROTO_TCP, STATES, 0, all[0].port, 0), internet("destination", AF_INET, IPPROTO_TCP, STATES, 0, 0, all[0].port);
  internet("classes", AF_INET6, IPPROTO_TCP, STATES, 1 << (INET_DIAG_TOS - 1) | 1 << (INET_DIAG_CONG - 1) | 1 << (INET_DIAG_INFO - 1), 0, 0);
  internet("memory", AF_INET, IPPROTO_TCP, 1 << 10, 1 << (INET_DIAG_MEMINFO - 1) | 1 << (INET_DIAG_SKMEMINFO - 1), 0, 0);
  shutdown(client, SHUT_WR), pass_time(300), internet("half closed", AF_INET, IPPROTO_TCP, 1 << 5 | 1 << 4, 0, 0, 0);
  internet("no such protocol", AF_INET, 200, -1, 0, 0, 0);
  struct { struct inet_diag_bc_op op, port; } equal = {{INET_DIAG_BC_S_EQ, 8, 12}, {0, 0, all[0].port}}, below = {{INET_DIAG_BC_D_LE, 8, 12}, {0, 0, 1}}, bad = {{INET_DIAG_BC_S_EQ, 6, 12}}, wild = {{99, 8, 12}};
  filtered("port", AF_INET, &equal, sizeof equal), filtered("least", AF_INET, &below, sizeof below), filtered("bad", AF_INET, &bad, sizeof bad), filtered("no such", AF_INET, &wild, sizeof wild), filtered("short", AF_INET, &equal, 4);
  struct { struct inet_diag_bc_op op; struct inet_diag_hostcond host; unsigned address; } host = {{INET_DIAG_BC_D_COND, 16, 20}, {AF_INET, 8, -1}, htonl(0x7f000000)}, far = {{INET_DIAG_BC_S_COND, 16, 20}, {AF_INET, 32, -1}, htonl(0x0a000001)};
  filtered("host", AF_INET, &host, sizeof host), filtered("mapped", AF_INET6, &host, sizeof host), filtered("far", AF_INET, &far, sizeof far);
  host.host.port = all[0].port, filtered("host and port", AF_INET, &host, sizeof host), host.host.prefix_len = 33, filtered("long prefix", AF_INET, &host, sizeof host), host.host.family = 99, filtered("no family", AF_INET, &host, sizeof host);
  struct { struct inet_diag_bc_op auto_, jump; } automatic = {{INET_DIAG_BC_NOP, 4, 0}, {INET_DIAG_BC_JMP, 4, 8}};
  filtered("nothing", AF_INET, &automatic, sizeof automatic);
  struct inet_diag_req_v2 one = {AF_INET, IPPROTO_TCP, 0, 0, -1, {htons(all[1].port), htons(all[0].port), {htonl(INADDR_LOOPBACK)}, {htonl(INADDR_LOOPBACK)}, 0, {-1, -1}}};
  ask("one", &one, sizeof one, SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST), ask("acknowledged", &one, sizeof one, SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST | NLM_F_ACK);
  recv(netlink, &on, sizeof on, MSG_DONTWAIT), on = 1;
  unsigned long number = cookie(client);
  one.id.idiag_cookie[0] = number, one.id.idiag_cookie[1] = number >> 32, ask("by cookie", &one, sizeof one, SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST), one.id.idiag_cookie[0]++, ask("another's cookie", &one, sizeof one, SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST);
  one.id.idiag_cookie[0] = one.id.idiag_cookie[1] = -1, one.id.idiag_dport = htons(1), one.id.idiag_sport = htons(1), ask("nobody", &one, sizeof one, SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST);
  ask("short", &one, 20, SOCK_DIAG_BY_FAMILY, DUMP), ask("shorter", &one, 1, SOCK_DIAG_BY_FAMILY, DUMP), ask("no such type", &one, sizeof one, 30, DUMP);
  one.sdiag_family = 3, ask("no family", &one, sizeof one, SOCK_DIAG_BY_FAMILY, DUMP), one.sdiag_family = 200, ask("too large", &one, sizeof one, SOCK_DIAG_BY_FAMILY, DUMP);
  ask("no request", &one, sizeof one, SOCK_DIAG_BY_FAMILY, 0), ask("only acknowledged", &one, sizeof one, SOCK_DIAG_BY_FAMILY, NLM_F_ACK), ask("a type of netlink's", &one, sizeof one, 3, NLM_F_REQUEST | NLM_F_ACK);
  tell("capped", setsockopt(netlink, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on)), ask("short error", &one, sizeof one, SOCK_DIAG_BY_FAMILY, DUMP), on = 0, setsockopt(netlink, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on);
  busy();
  count = 0;
  unlink("named");
  int stream = socket(AF_UNIX, SOCK_STREAM, 0), other = socket(AF_UNIX, SOCK_STREAM, 0), datagram = socket(AF_UNIX, SOCK_DGRAM, 0), sender = socket(AF_UNIX, SOCK_DGRAM, 0);
  bind(stream, (void *)&named, sizeof named), listen(stream, 9), know("stream", stream), connect(other, (void *)&named, sizeof named), know("other", other);
  bind(datagram, (void *)&abstract, 2 + sizeof "\0socket-diagnosis" - 1), know("datagram", datagram), connect(sender, (void *)&abstract, 2 + sizeof "\0socket-diagnosis" - 1), know("sender", sender);
  socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), know("one", ends[0]), know("two", ends[1]), send(ends[0], "four", 4, 0), shutdown(ends[0], SHUT_WR);
  unixes("all", -1, UDIAG_SHOW_NAME | UDIAG_SHOW_VFS | UDIAG_SHOW_PEER | UDIAG_SHOW_ICONS | UDIAG_SHOW_RQLEN | UDIAG_SHOW_MEMINFO | UDIAG_SHOW_UID), unixes("plain", -1, 0), unixes("listening", 1 << 10, UDIAG_SHOW_NAME), unixes("connected", 1 << 1, UDIAG_SHOW_PEER), unixes("neither", 1 << 7, 0);
  struct unix_diag_req by = {AF_UNIX, 0, 0, -1, all[1].inode, UDIAG_SHOW_PEER | UDIAG_SHOW_NAME, {-1, -1}};
  ask("by inode", &by, sizeof by, SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST), by.udiag_cookie[0] = 0, ask("another's cookie", &by, sizeof by, SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST), by.udiag_ino = 0, ask("no inode", &by, sizeof by, SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST), by.udiag_ino = 0x7fffffff, ask("not there", &by, sizeof by, SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST), ask("short", &by, 8, SOCK_DIAG_BY_FAMILY, DUMP);
  ask("not to be ended", &by, sizeof by, SOCK_DESTROY, NLM_F_REQUEST), unlink("named");
  return 0;
}
