// Headers of datagrams: hops and classes that options and control data choose; UDP-Lite's ports, and how much its checksums cover.
#include "check.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#define UDPLITE 136
enum { SEND_COVERAGE = 10, RECEIVE_COVERAGE = 11 };
static struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
static struct sockaddr_in four = {.sin_family = AF_INET};

static int bound(int family, int protocol) {
  int fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK, protocol);
  works("bind", family == AF_INET6 ? bind(fd, (void *)&six, sizeof six) : bind(fd, (void *)&four, sizeof four));
  return fd;
}
static int port_of(int fd) {
  struct sockaddr_in6 address;
  socklen_t length = sizeof address;
  getsockname(fd, (void *)&address, &length);
  return address.sin6_port;
}
static long option(int fd, int level, int name) {
  int value = -7;
  socklen_t length = sizeof value;
  return getsockopt(fd, level, name, &value, &length) == -1 ? -1 : value;
}
/** One message with two control messages of up to 4 bytes each; a length of 0 leaves one out. */
static long send_with(int fd, int level, int type, int length, int value, int other, int other_value) {
  _Alignas(8) char control[CMSG_SPACE(8) * 2] = "";
  struct iovec bytes = {"x", 1};
  struct msghdr message = {.msg_iov = &bytes, .msg_iovlen = 1, .msg_control = control, .msg_controllen = 0};
  struct cmsghdr *header = (void *)control;
  *header = (struct cmsghdr){.cmsg_len = CMSG_LEN(length), .cmsg_level = level, .cmsg_type = type};
  memcpy(CMSG_DATA(header), &value, 4);
  message.msg_controllen = CMSG_SPACE(length);
  if (other) {
    header = (void *)(control + CMSG_SPACE(length));
    *header = (struct cmsghdr){.cmsg_len = CMSG_LEN(4), .cmsg_level = level, .cmsg_type = other};
    memcpy(CMSG_DATA(header), &other_value, 4);
    message.msg_controllen += CMSG_SPACE(4);
  }
  return sendmsg(fd, &message, 0);
}
static void show(const char *what, int fd) {
  _Alignas(8) char control[256];
  char byte;
  struct iovec bytes = {&byte, 1};
  struct msghdr message = {.msg_iov = &bytes, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  printf("%s:", what);
  if (recvmsg(fd, &message, 0) == -1) printf(" %s", strerrorname_np(errno));
  else
    for (struct cmsghdr *one = CMSG_FIRSTHDR(&message); one; one = CMSG_NXTHDR(&message, one)) {
      int value = 0;
      memcpy(&value, CMSG_DATA(one), one->cmsg_len - CMSG_LEN(0) < 4 ? one->cmsg_len - CMSG_LEN(0) : 4);
      printf(" %d/%d=%d", one->cmsg_level, one->cmsg_type, value);
    }
  printf("\n");
}
static void headers6(void) {
  int receiver = bound(AF_INET6, 0), sender = bound(AF_INET6, 0);
  works("hops", setsockopt(receiver, SOL_IPV6, IPV6_RECVHOPLIMIT, &(int){1}, 4));
  works("class", setsockopt(receiver, SOL_IPV6, IPV6_RECVTCLASS, &(int){1}, 4));
  struct sockaddr_in6 to = six;
  to.sin6_port = port_of(receiver);
  works("connect", connect(sender, (void *)&to, sizeof to));
  tell("plain", send(sender, "x", 1, 0));
  show("plain", receiver);
  tell("chosen", send_with(sender, SOL_IPV6, IPV6_HOPLIMIT, 4, 7, IPV6_TCLASS, 0x20));
  show("chosen", receiver);
  works("unicast hops", setsockopt(sender, SOL_IPV6, IPV6_UNICAST_HOPS, &(int){9}, 4));
  works("traffic class", setsockopt(sender, SOL_IPV6, IPV6_TCLASS, &(int){0x48}, 4));
  tell("options", send(sender, "x", 1, 0));
  show("options", receiver);
  tell("one of them", send_with(sender, SOL_IPV6, IPV6_HOPLIMIT, 4, 0, 0, 0));
  show("one of them", receiver);
  tell("as it is", send_with(sender, SOL_IPV6, IPV6_HOPLIMIT, 4, -1, IPV6_TCLASS, -1));
  show("as it is", receiver);
  tell("too many", send_with(sender, SOL_IPV6, IPV6_HOPLIMIT, 4, 256, 0, 0));
  tell("too few", send_with(sender, SOL_IPV6, IPV6_TCLASS, 4, -2, 0, 0));
  tell("too short", send_with(sender, SOL_IPV6, IPV6_TCLASS, 2, 1, 0, 0));
  show("nothing came", receiver);
}
static void headers4(void) {
  int receiver = bound(AF_INET, 0), sender = bound(AF_INET, 0);
  works("ttl", setsockopt(receiver, SOL_IP, IP_RECVTTL, &(int){1}, 4));
  works("tos", setsockopt(receiver, SOL_IP, IP_RECVTOS, &(int){1}, 4));
  struct sockaddr_in to = four;
  to.sin_port = port_of(receiver);
  works("connect", connect(sender, (void *)&to, sizeof to));
  tell("plain", send(sender, "x", 1, 0));
  show("plain", receiver);
  tell("chosen", send_with(sender, SOL_IP, IP_TOS, 1, 0x10, IP_TTL, 3));
  show("chosen", receiver);
  works("ttl", setsockopt(sender, SOL_IP, IP_TTL, &(int){5}, 4));
  works("tos", setsockopt(sender, SOL_IP, IP_TOS, &(int){0x28}, 4));
  tell("options", send(sender, "x", 1, 0));
  show("options", receiver);
  tell("no hops", send_with(sender, SOL_IP, IP_TTL, 4, 0, 0, 0));
  tell("too many", send_with(sender, SOL_IP, IP_TTL, 4, 256, 0, 0));
  tell("of IPv6", send_with(sender, SOL_IPV6, IPV6_HOPLIMIT, 4, 300, 0, 0));
  show("of IPv6", receiver);
}
static void lite(void) {
  tell("a stream of it", socket(AF_INET, SOCK_STREAM, UDPLITE));
  int receiver = bound(AF_INET, UDPLITE), plain = socket(AF_INET, SOCK_DGRAM, 0);
  tell("protocol", option(receiver, SOL_SOCKET, SO_PROTOCOL));
  struct sockaddr_in to = four;
  to.sin_port = port_of(receiver);
  works("the same port", bind(plain, (void *)&to, sizeof to));
  int twin = socket(AF_INET, SOCK_DGRAM, UDPLITE);
  tell("a twin", bind(twin, (void *)&to, sizeof to));
  static const int values[] = {-1, 0, 1, 8, 20, 65535, 70000};
  for (unsigned i = 0; i < sizeof values / sizeof *values; i++) {
    works("set", setsockopt(twin, UDPLITE, SEND_COVERAGE, &values[i], 4));
    tell("coverage", option(twin, UDPLITE, SEND_COVERAGE));
  }
  tell("of plain UDP", setsockopt(plain, UDPLITE, SEND_COVERAGE, &(int){8}, 4));
  tell("no such", setsockopt(twin, UDPLITE, 99, &(int){8}, 4));
  tell("short", setsockopt(twin, UDPLITE, SEND_COVERAGE, &(int){8}, 2));
  int sender = socket(AF_INET, SOCK_DGRAM, UDPLITE);
  works("connect", connect(sender, (void *)&to, sizeof to));
  static const int sent[] = {0, 8, 12, 20, 40}, asked[] = {-2, 0, 8, 12, 30};
  for (int a = 0; a < 5; a++) {
    if (asked[a] != -2) works("ask", setsockopt(receiver, UDPLITE, RECEIVE_COVERAGE, &asked[a], 4));
    for (int s = 0; s < 5; s++) {
      works("cover", setsockopt(sender, UDPLITE, SEND_COVERAGE, &sent[s], 4));
      works("send", send(sender, "twelve bytes", 12, 0));
      char bytes[20];
      printf("%d of 20 for %d: ", sent[s], asked[a]);
      tell("came", recv(receiver, bytes, sizeof bytes, 0));
    }
  }
  FILE *table = fopen("/proc/net/udplite", "r");
  char line[256], wanted[32];
  sprintf(wanted, "0100007F:%04X 00000000:0000 07", ntohs(to.sin_port));
  int count = 0;
  while (fgets(line, sizeof line, table)) count += strstr(line, wanted) != NULL;
  tell("in the table", count);
}
int main(void) {
  four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  headers6();
  headers4();
  lite();
}
