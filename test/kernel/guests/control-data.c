// What comes beside a message's bytes: when it came, to which address, with which hops and class; and what is cut where there is no room.
#include "check.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

static const int on = 1, off = 0;
static void show_room(const char *what, int fd, int room) {
  char bytes[100], control[300], text[64];
  struct iovec piece = {bytes, sizeof bytes};
  struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1, .msg_control = control, .msg_controllen = room};
  struct timespec now;
  memset(control, 0, sizeof control);
  printf("%s: %zd", what, recvmsg(fd, &message, 0));
  clock_gettime(CLOCK_REALTIME, &now);
  printf(", flags %x, %zu of control\n", message.msg_flags, message.msg_controllen);
  for (struct cmsghdr *one = CMSG_FIRSTHDR(&message); one; one = CMSG_NXTHDR(&message, one)) {
    long *times = (void *)CMSG_DATA(one);
    printf("  level %d, type %d, length %zu", one->cmsg_level, one->cmsg_type, one->cmsg_len);
    if (one->cmsg_level == SOL_SOCKET && (one->cmsg_type == SO_TIMESTAMP || one->cmsg_type == SO_TIMESTAMPNS) && one->cmsg_len == 32) {
      int most = one->cmsg_type == SO_TIMESTAMP ? 1000000 : 1000000000;
      printf(", %s", times[0] <= now.tv_sec && times[0] > now.tv_sec - 5 && times[1] >= 0 && times[1] < most ? "just now" : "at another time");
    } else if (one->cmsg_level == SOL_IP && one->cmsg_type == IP_PKTINFO) {
      struct in_pktinfo *info = (void *)CMSG_DATA(one);
      printf(", interface %d, %s", info->ipi_ifindex, inet_ntop(AF_INET, &info->ipi_addr, text, sizeof text));
      printf(" for %s", inet_ntop(AF_INET, &info->ipi_spec_dst, text, sizeof text));
    } else if (one->cmsg_level == SOL_IPV6 && one->cmsg_type == IPV6_PKTINFO) {
      struct in6_pktinfo *info = (void *)CMSG_DATA(one);
      printf(", interface %d, %s", info->ipi6_ifindex, inet_ntop(AF_INET6, &info->ipi6_addr, text, sizeof text));
    } else if (one->cmsg_level != SOL_SOCKET && one->cmsg_len == 20) printf(", %d", *(int *)times);
    else if (one->cmsg_level != SOL_SOCKET) printf(", %d", *(char *)times);
    printf("\n");
  }
}
static void show(const char *what, int fd) { show_room(what, fd, 300); }
static void options(const char *what, int fd) {
  int micros, nanos;
  socklen_t length = 4;
  getsockopt(fd, SOL_SOCKET, SO_TIMESTAMP, &micros, &length), getsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &nanos, &length);
  printf("%s: %d %d\n", what, micros, nanos);
}
int main(void) {
  int receiver = socket(AF_INET, SOCK_DGRAM, 0), sender = socket(AF_INET, SOCK_DGRAM, 0), pair[2];
  struct sockaddr_in address = {.sin_family = AF_INET};
  socklen_t length = sizeof address;
  bind(receiver, (void *)&address, length), getsockname(receiver, (void *)&address, &length);
  inet_pton(AF_INET, "127.1.2.3", &address.sin_addr), connect(sender, (void *)&address, length);
  send(sender, "x", 1, 0), show("nothing", receiver);
  send(sender, "x", 1, 0), setsockopt(receiver, SOL_SOCKET, SO_TIMESTAMP, &on, 4), show("asked late", receiver), options("micros", receiver);
  send(sender, "x", 1, 0), show("asked", receiver);
  setsockopt(receiver, SOL_SOCKET, SO_TIMESTAMPNS, &on, 4), options("nanos", receiver), send(sender, "x", 1, 0), show("nanos", receiver);
  setsockopt(receiver, SOL_SOCKET, SO_TIMESTAMP, &off, 4), options("none", receiver);
  setsockopt(receiver, SOL_IP, IP_PKTINFO, &on, 4), setsockopt(receiver, SOL_IP, IP_RECVTTL, &on, 4), setsockopt(receiver, SOL_IP, IP_RECVTOS, &on, 4);
  setsockopt(receiver, SOL_SOCKET, SO_TIMESTAMP, &on, 4), send(sender, "x", 1, 0), show("all", receiver);
  for (int room = 0; room < 80; room += 12) send(sender, "x", 1, 0), show_room("with room", receiver, room);

  int receiver6 = socket(AF_INET6, SOCK_DGRAM, 0), sender6 = socket(AF_INET6, SOCK_DGRAM, 0);
  struct sockaddr_in6 address6 = {.sin6_family = AF_INET6};
  length = sizeof address6;
  bind(receiver6, (void *)&address6, length), getsockname(receiver6, (void *)&address6, &length);
  address6.sin6_addr = in6addr_loopback, connect(sender6, (void *)&address6, length);
  setsockopt(receiver6, SOL_IPV6, IPV6_RECVPKTINFO, &on, 4), setsockopt(receiver6, SOL_IPV6, IPV6_RECVHOPLIMIT, &on, 4);
  setsockopt(receiver6, SOL_IPV6, IPV6_RECVTCLASS, &on, 4), send(sender6, "x", 1, 0), show("IPv6", receiver6);
  address.sin_port = address6.sin6_port, connect(sender, (void *)&address, sizeof address), send(sender, "x", 1, 0), show("IPv4 at IPv6's", receiver6);

  socketpair(AF_UNIX, SOCK_DGRAM, 0, pair), setsockopt(pair[1], SOL_SOCKET, SO_TIMESTAMP, &on, 4), write(pair[0], "x", 1), show("Unix", pair[1]);
  setsockopt(pair[1], SOL_SOCKET, SO_PASSCRED, &on, 4), write(pair[0], "x", 1), show("with credentials", pair[1]);
  for (int room = 40; room < 70; room += 7) write(pair[0], "x", 1), show_room("with room", pair[1], room);
  socketpair(AF_UNIX, SOCK_STREAM, 0, pair), setsockopt(pair[1], SOL_SOCKET, SO_TIMESTAMP, &on, 4), write(pair[0], "x", 1), show("a stream", pair[1]);
  return 0;
}
