// TCP and UDP over the loopback, IPv4 and IPv6: connecting with and without waiting, refusals, ends and resets, addresses, options, interfaces, getaddrinfo.
#include "check.h"
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>

static char buffer[100000];
static struct sockaddr_in at(int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  return address;
}
static int port_of(int fd) {
  struct sockaddr_in6 address;
  socklen_t length = sizeof address;
  getsockname(fd, (void *)&address, &length);
  return ntohs(address.sin6_port);
}
static void show_name(const char *what, int fd, int (*name)(int, struct sockaddr *, socklen_t *)) {
  struct sockaddr_storage address;
  socklen_t length = sizeof address;
  char text[64] = "";
  if (name(fd, (void *)&address, &length) == -1) { tell(what, -1); return; }
  if (address.ss_family == AF_INET) inet_ntop(AF_INET, &((struct sockaddr_in *)&address)->sin_addr, text, 64);
  else inet_ntop(AF_INET6, &((struct sockaddr_in6 *)&address)->sin6_addr, text, 64);
  printf("%s: %d %s %d\n", what, address.ss_family, text, length);
}
static void show_poll(const char *what, int fd) {
  struct pollfd ready = {fd, POLLIN | POLLOUT | POLLRDHUP};
  int count = poll(&ready, 1, 0);
  printf("%s: %d %x\n", what, count, ready.revents);
}
static int listener(int family) {
  int fd = socket(family, SOCK_STREAM, 0);
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, 4);
  struct sockaddr_in old = at(0);
  struct sockaddr_in6 new = {.sin6_family = AF_INET6, .sin6_addr = in6addr_any};
  works("bind", family == AF_INET ? bind(fd, (void *)&old, sizeof old) : bind(fd, (void *)&new, sizeof new));
  works("listen", listen(fd, 8));
  return fd;
}
static long connect_to(int fd, int port) {
  struct sockaddr_in address = at(port);
  return connect(fd, (void *)&address, sizeof address);
}
static void *serve(void *fd) {
  int server = *(int *)fd;
  for (int i = 0; i < 5; i++) {
    int client = accept(server, NULL, NULL);
    long length;
    while ((length = read(client, buffer, sizeof buffer)) > 0) write(client, buffer, length);
    close(client);
  }
  return NULL;
}
int main(void) {
  signal(SIGPIPE, SIG_IGN);
  int server = listener(AF_INET), port = port_of(server), client, fd, value;
  socklen_t length = 4;
  show_name("listener", server, getsockname), show_name("listener has no peer", server, getpeername);
  client = socket(AF_INET, SOCK_STREAM, 0);
  show_poll("idle", client);
  show_name("no name yet", client, getsockname);
  tell("not connected", send(client, "x", 1, 0)), tell("not connected", recv(client, buffer, 1, 0));
  tell("shut what is not connected", shutdown(client, SHUT_WR));
  close(client), client = socket(AF_INET, SOCK_STREAM, 0);
  tell("connect", connect_to(client, port)), tell("again", connect_to(client, port));
  show_poll("somebody came", server);
  fd = works("accept", accept(server, NULL, NULL));
  fcntl(server, F_SETFL, O_NONBLOCK);
  tell("nobody else", accept(server, NULL, NULL));
  show_name("name", fd, getsockname), show_name("peer", client, getpeername);
  show_poll("connected", client);
  tell("send", send(client, "hello", 5, 0)), tell("send", write(client, " world", 6));
  tell("peek", recv(fd, buffer, 99, MSG_PEEK)), tell("receive", recv(fd, buffer, 99, 0));
  tell("nothing", recv(fd, buffer, 99, MSG_DONTWAIT));
  tell("shut", shutdown(client, SHUT_WR));
  show_poll("it will send no more", fd);
  tell("end", read(fd, buffer, 9)), tell("no more", send(client, "x", 1, 0));
  tell("the other way", send(fd, "back", 4, 0)), tell("back", recv(client, buffer, 9, MSG_WAITALL | MSG_DONTWAIT));
  close(fd);
  show_poll("both ended", client);
  close(client);

  // The other end closes: a first send arrives nowhere, a second is told.
  client = socket(AF_INET, SOCK_STREAM, 0), connect_to(client, port), fd = accept(server, NULL, NULL);
  close(fd), pass_time(5);
  show_poll("closed", client);
  tell("first", send(client, "x", 1, MSG_NOSIGNAL)), pass_time(5);
  tell("second", send(client, "x", 1, MSG_NOSIGNAL));
  close(client);
  // It closes with something unread: reset.
  client = socket(AF_INET, SOCK_STREAM, 0), connect_to(client, port), fd = accept(server, NULL, NULL);
  send(client, "unread", 6, 0), pass_time(5), close(fd), pass_time(5);
  show_poll("reset", client);
  tell("reset", recv(client, buffer, 9, 0)), tell("once", recv(client, buffer, 9, 0));
  close(client);
  client = socket(AF_INET, SOCK_STREAM, 0), connect_to(client, port), fd = accept(server, NULL, NULL);
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &(struct linger){1, 0}, 8);
  close(fd), pass_time(5);
  getsockopt(client, SOL_SOCKET, SO_ERROR, &value, &length);
  printf("broken off: %s\n", strerrorname_np(value));
  close(client);

  client = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  tell("without waiting", connect_to(client, port)), pass_time(5);
  show_poll("is there", client);
  getsockopt(client, SOL_SOCKET, SO_ERROR, &value, &length), tell("no error", value);
  tell("told", connect_to(client, port)), tell("told again", connect_to(client, port));
  close(client), close(accept(server, NULL, NULL));
  int unused = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = at(0);
  bind(unused, (void *)&address, sizeof address);
  client = socket(AF_INET, SOCK_STREAM, 0);
  tell("refused", connect_to(client, port_of(unused)));
  close(client), client = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  tell("without waiting", connect_to(client, port_of(unused))), pass_time(5);
  show_poll("refused", client);
  getsockopt(client, SOL_SOCKET, SO_ERROR, &value, &length);
  printf("refused: %s\n", strerrorname_np(value));
  close(client);
  client = socket(AF_INET, SOCK_STREAM, 0);
  address = at(port);
  tell("in use", bind(client, (void *)&address, sizeof address));
  address.sin_addr.s_addr = htonl(0x08080808), address.sin_port = 0;
  tell("not mine", bind(client, (void *)&address, sizeof address));
  tell("too short", bind(client, (void *)&address, 8));
  address.sin_family = AF_INET6;
  tell("wrong family", bind(client, (void *)&address, sizeof address));
  close(client);

  pthread_t thread;
  fcntl(server, F_SETFL, 0);
  pthread_create(&thread, NULL, serve, &server);
  for (int i = 0; i < 5; i++) {
    client = socket(AF_INET, SOCK_STREAM, 0);
    connect_to(client, port);
    long total = 0, got;
    send(client, "some bytes that come back", 25, 0), shutdown(client, SHUT_WR);
    while ((got = recv(client, buffer, 7, 0)) > 0) total += got;
    tell("echo", total);
    close(client);
  }
  pthread_join(thread, NULL);

  struct { int level, name, value; } options[] = {{1, SO_REUSEADDR, 5}, {1, SO_KEEPALIVE, 1}, {6, TCP_NODELAY, 1}, {6, TCP_KEEPIDLE, 30}, {6, TCP_KEEPCNT, 3}, {0, IP_TOS, 16}, {0, IP_TTL, 9}, {6, TCP_KEEPIDLE, 0}, {1, SO_RCVBUF, 8192}, {1, SO_SNDBUF, 9000}, {6, 9999, 1}, {0, 9999, 1}, {999, 1, 1}, {41, IPV6_V6ONLY, 1}};
  client = socket(AF_INET, SOCK_STREAM, 0);
  for (int i = 0; i < sizeof options / sizeof *options; i++) {
    tell("set", setsockopt(client, options[i].level, options[i].name, &options[i].value, 4));
    length = 4, value = 0;
    tell("get", getsockopt(client, options[i].level, options[i].name, &value, &length)), tell("is", value);
  }
  length = 4, getsockopt(server, SOL_SOCKET, SO_ACCEPTCONN, &value, &length), tell("listens", value);
  length = 4, getsockopt(server, SOL_SOCKET, SO_PROTOCOL, &value, &length), tell("protocol", value);
  close(client), close(server);

  server = listener(AF_INET6), port = port_of(server);
  client = socket(AF_INET, SOCK_STREAM, 0);
  tell("by the old way", connect_to(client, port));
  fd = accept(server, NULL, NULL);
  show_name("mapped", fd, getpeername);
  close(client), close(fd);
  client = socket(AF_INET6, SOCK_STREAM, 0);
  struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = in6addr_loopback};
  tell("by the new way", connect(client, (void *)&six, sizeof six));
  fd = accept(server, NULL, NULL);
  show_name("six", fd, getpeername), show_name("any", server, getsockname);
  close(client), close(fd), close(server);

  int a = socket(AF_INET, SOCK_DGRAM, 0), b = socket(AF_INET, SOCK_DGRAM, 0);
  show_poll("datagrams", a);
  address = at(0), bind(a, (void *)&address, sizeof address);
  tell("to nobody in particular", send(b, "x", 1, 0));
  address = at(port_of(a));
  tell("send to", sendto(b, "datagram", 8, 0, (void *)&address, sizeof address)), pass_time(3);
  struct sockaddr_in from;
  length = sizeof from;
  tell("cut", recvfrom(a, buffer, 4, MSG_TRUNC, (void *)&from, &length));
  check(ntohs(from.sin_port) == port_of(b) && from.sin_addr.s_addr == htonl(INADDR_LOOPBACK), "from there");
  tell("empty", sendto(b, "", 0, 0, (void *)&address, sizeof address)), pass_time(3);
  tell("is received", recv(a, buffer, 4, 0));
  tell("too long", sendto(b, buffer, 70000, 0, (void *)&address, sizeof address));
  tell("connect", connect(b, (void *)&address, sizeof address));
  show_name("from the loopback", b, getsockname);
  tell("send", send(b, "1", 1, 0)), tell("receive", recv(a, buffer, 4, 0));
  close(a);
  tell("send", send(b, "2", 1, 0)), pass_time(3), tell("refused", send(b, "3", 1, 0));
  close(b);

  struct ifreq request = {.ifr_name = "lo"};
  fd = socket(AF_INET, SOCK_DGRAM, 0);
  tell("index", ioctl(fd, SIOCGIFINDEX, &request)), tell("is", request.ifr_ifindex);
  tell("address", ioctl(fd, SIOCGIFADDR, &request));
  printf("%s\n", inet_ntoa(((struct sockaddr_in *)&request.ifr_addr)->sin_addr));
  ioctl(fd, SIOCGIFFLAGS, &request), check((request.ifr_flags & (IFF_UP | IFF_LOOPBACK)) == (IFF_UP | IFF_LOOPBACK), "up");
  strcpy(request.ifr_name, "none");
  tell("no such interface", ioctl(fd, SIOCGIFADDR, &request));
  struct ifaddrs *all;
  tell("interfaces", getifaddrs(&all));
  int found = 0;
  for (struct ifaddrs *one = all; one; one = one->ifa_next)
    if (!strcmp(one->ifa_name, "lo") && one->ifa_addr->sa_family == AF_INET) found++;
  check(found == 1, "lo among them");
  struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV}, *list;
  tell("getaddrinfo", getaddrinfo("127.0.0.1", "80", &hints, &list));
  printf("%s\n", inet_ntoa(((struct sockaddr_in *)list->ai_addr)->sin_addr));

  // Nobody takes it any more: the call that is answered by a reset takes so much, and the next one nothing.
  signal(SIGPIPE, SIG_IGN);
  for (int size = 0; size <= 8192; size += 8192) {
    static char much[1000000];
    int server = listener(AF_INET), client = socket(AF_INET, SOCK_STREAM, 0);
    connect_to(client, port_of(server)), close(accept(server, NULL, NULL)), close(server);
    if (size) setsockopt(client, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    pass_time(3);
    long taken = write(client, much, sizeof much);
    // How much more than the buffer depends on how far a page was filled.
    if (size) check(taken >= size / 2 && taken <= 65536, "as much as there is room for");
    else tell("taken", taken);
    pass_time(3), tell("no more", write(client, much, sizeof much)), close(client);
  }
  return 0;
}
