// MSG_OOB: urgent bytes of TCP and of Unix streams, in line and beside, the mark, signals, polling, and what refuses them.
#include "check.h"
#include <linux/sockios.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/un.h>

static volatile int urgent, chosen, last_code, last_band, last_fd;
static void on_urgent(int signal, siginfo_t *info, void *context) { urgent++, last_code = info->si_code; }
static void on_chosen(int signal, siginfo_t *info, void *context) { chosen++, last_code = info->si_code, last_band = info->si_band, last_fd = info->si_fd; }
static void show(const char *what, int fd, int flags, int count) {
  char buffer[100] = "..........";
  struct iovec part = {buffer, count};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  long length = recvmsg(fd, &message, flags | MSG_DONTWAIT);
  if (length == -1) printf("%s: %s\n", what, strerrorname_np(errno));
  else printf("%s: %ld %.*s flags %x\n", what, length, (int)length, length > count ? "?" : buffer, message.msg_flags);
  fflush(stdout);
}
static void state(const char *what, int fd) {
  int at = -1, count = -1;
  struct pollfd asked = {fd, POLLIN | POLLPRI | POLLRDBAND | POLLHUP | POLLRDHUP};
  ioctl(fd, SIOCATMARK, &at), poll(&asked, 1, 0);
  fd_set set;
  FD_ZERO(&set);
  FD_SET(fd, &set);
  struct timeval none = {0, 0};
  // Linux from 6.17 on counts of Unix sockets a byte that was dropped.
  int domain;
  socklen_t size = sizeof domain;
  getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size);
  if (domain == AF_INET) ioctl(fd, FIONREAD, &count);
  int exceptional = select(fd + 1, NULL, NULL, &set, &none);
  printf("%s: mark %d, count %d, events %x, exceptional %d, signals %d\n", what, at, count, asked.revents, exceptional, urgent);
  fflush(stdout), urgent = 0;
}
static void connected(int ends[2], int family) {
  if (family == AF_UNIX) {
    socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    return;
  }
  struct sockaddr_in address = {AF_INET, 0, {htonl(INADDR_LOOPBACK)}};
  socklen_t size = sizeof address;
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  bind(listener, (void *)&address, size), listen(listener, 1), getsockname(listener, (void *)&address, &size);
  ends[0] = socket(AF_INET, SOCK_STREAM, 0), connect(ends[0], (void *)&address, size), ends[1] = accept(listener, NULL, NULL);
  show("a listener", listener, MSG_OOB, 1);
  close(listener);
}
static void put(int fd, const char *text, int flags) {
  char what[40];
  snprintf(what, sizeof what, "%s%s", text, flags & MSG_OOB ? "!" : "");
  tell(what, send(fd, text, strlen(text), flags));
}
static void stream(int family) {
  int ends[2], on = 1, off = 0;
  connected(ends, family);
  int from = ends[0], to = ends[1];
  printf("== %d\n", family);
  show("none yet", to, MSG_OOB, 1), state("empty", to);
  fcntl(to, F_SETOWN, getpid());
  put(from, "", MSG_OOB);
  put(from, "abc", MSG_OOB), state("three", to);
  show("peeked", to, MSG_OOB | MSG_PEEK, 4), show("taken", to, MSG_OOB, 4), show("again", to, MSG_OOB, 4), state("taken", to);
  show("before it", to, MSG_PEEK, 10), show("before it", to, 0, 10), state("at its place", to), show("nothing left", to, 0, 10), state("past it", to);
  put(from, "def", 0), put(from, "g", MSG_OOB), put(from, "hij", 0), state("in the middle", to);
  show("part", to, 0, 2), state("on the way", to), show("stops", to, 0, 10), state("at the mark", to), show("past the mark", to, MSG_PEEK, 10), show("the urgent one", to, MSG_OOB, 1), show("past the mark", to, 0, 10), state("over", to);
  put(from, "k", MSG_OOB), state("alone", to), show("not in line", to, MSG_PEEK, 10), show("not in line", to, 0, 10), state("dropped", to), show("gone", to, MSG_OOB, 1);
  put(from, "l", MSG_OOB), put(from, "m", MSG_OOB), state("two", to), show("the later", to, MSG_OOB | MSG_PEEK, 1), show("the former", to, 0, 10), show("rest", to, 0, 10), state("two read", to);
  put(from, "no", MSG_OOB), put(from, "pq", MSG_OOB), show("until", to, 0, 10), show("then", to, MSG_OOB, 10), show("rest", to, 0, 10), state("again", to);
  tell("in line", setsockopt(to, SOL_SOCKET, SO_OOBINLINE, &on, sizeof on));
  put(from, "rs", 0), put(from, "t", MSG_OOB), put(from, "uv", 0), state("in line", to), show("not beside", to, MSG_OOB, 1), show("until", to, 0, 10), state("at the mark", to), show("with it", to, 0, 10), state("over", to);
  put(from, "w", MSG_OOB), state("alone", to), show("peeked", to, MSG_PEEK, 10), show("read", to, 0, 10);
  put(from, "xyz", MSG_OOB), tell("switched", setsockopt(to, SOL_SOCKET, SO_OOBINLINE, &off, sizeof off)), state("beside again", to), show("two", to, 0, 10), show("third", to, MSG_OOB, 10), show("over", to, 0, 10);
  int epoll = epoll_create1(0);
  struct epoll_event event = {EPOLLPRI}, came;
  epoll_ctl(epoll, EPOLL_CTL_ADD, to, &event), tell("not urgent", epoll_wait(epoll, &came, 1, 0)), put(from, "A", 0), tell("not urgent", epoll_wait(epoll, &came, 1, 0)), put(from, "B", MSG_OOB), tell("urgent", epoll_wait(epoll, &came, 1, 0)), show("read", to, 0, 10), show("urgent", to, MSG_OOB, 10), tell("not urgent", epoll_wait(epoll, &came, 1, 0)), close(epoll);
  urgent = chosen = 0, fcntl(to, F_SETSIG, SIGRTMIN + 1), put(from, "C", MSG_OOB), printf("%d %d\n", urgent, chosen), show("urgent", to, MSG_OOB, 10);
  fcntl(to, F_SETFL, O_ASYNC), chosen = last_code = 0, put(from, "D", MSG_OOB), printf("%d %d\n", urgent, chosen > 0), fcntl(to, F_SETFL, 0), fcntl(to, F_SETOWN, 0), urgent = 0;
  put(from, "E", MSG_OOB), state("nobody is told", to), show("rest", to, 0, 10);
  if (fork() == 0) {
    pass_time(20), send(from, "waited", 6, MSG_OOB), exit(0);
  }
  char buffer[100];
  tell("waits for the rest", recv(to, buffer, 100, 0)), wait(NULL), show("and the urgent one", to, MSG_OOB, 1);
  put(from, "123", 0), put(from, "4", MSG_OOB), tell("all that comes", recv(to, buffer, 5, MSG_WAITALL)), show("urgent", to, MSG_OOB | MSG_TRUNC, 1), show("no room", to, MSG_OOB, 0);
  put(from, "5", MSG_OOB), show("nothing of it", to, MSG_OOB | MSG_TRUNC, 1);
  put(from, "6", MSG_OOB), show("urgent", to, MSG_OOB, 1), show("rest", to, 0, 10), put(from, "7", MSG_OOB), shutdown(from, SHUT_WR), state("the end", to), show("urgent", to, MSG_OOB, 1), show("end", to, 0, 1), state("the end", to);
  tell("after the end", send(from, "8", 1, MSG_OOB | MSG_NOSIGNAL)), tell("close", close(from)), state("alone", to), close(to);
  connected(ends, family), put(ends[0], "9", MSG_OOB), show("taken", ends[1], MSG_OOB, 1), close(ends[1]), state("closed by the other", ends[0]), show("closed", ends[0], 0, 1), close(ends[0]);
  connected(ends, family), put(ends[0], "0", MSG_OOB), close(ends[1]), show("lost", ends[0], 0, 1), close(ends[0]);
}
static void refusals(void) {
  struct sockaddr_in address = {AF_INET, 0, {htonl(INADDR_LOOPBACK)}};
  socklen_t size = sizeof address;
  int ends[2], mark = 7, udp = socket(AF_INET, SOCK_DGRAM, 0), tcp = socket(AF_INET, SOCK_STREAM, 0), one = socket(AF_UNIX, SOCK_STREAM, 0), netlink = socket(AF_NETLINK, SOCK_RAW, 0);
  bind(udp, (void *)&address, size), getsockname(udp, (void *)&address, &size);
  tell("a datagram", sendto(udp, "x", 1, MSG_OOB, (void *)&address, size)), sendto(udp, "x", 1, 0, (void *)&address, size), show("not looked at", udp, MSG_OOB, 1), tell("its mark", ioctl(udp, SIOCATMARK, &mark));
  tell("not connected", send(tcp, "x", 1, MSG_OOB | MSG_NOSIGNAL)), show("not connected", tcp, MSG_OOB, 1), tell("its mark", ioctl(tcp, SIOCATMARK, &mark)), check(mark == 0, "none");
  tell("not connected", send(one, "x", 1, MSG_OOB | MSG_NOSIGNAL)), show("not connected", one, MSG_OOB, 1), tell("its mark", ioctl(one, SIOCATMARK, &mark));
  socketpair(AF_UNIX, SOCK_DGRAM, 0, ends), tell("datagrams", send(ends[0], "x", 1, MSG_OOB)), show("datagrams", ends[1], MSG_OOB, 1), tell("their mark", ioctl(ends[1], SIOCATMARK, &mark)), close(ends[0]), close(ends[1]);
  socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), tell("packets", send(ends[0], "x", 1, MSG_OOB)), show("packets", ends[1], MSG_OOB, 1);
  tell("netlink", send(netlink, "x", 1, MSG_OOB)), show("netlink", netlink, MSG_OOB, 1), tell("nowhere", ioctl(tcp, SIOCATMARK, (void *)8)), tell("no socket", ioctl(open("/dev/null", O_RDONLY), SIOCATMARK, &mark));
}
int main(void) {
  struct sigaction action = {.sa_flags = SA_SIGINFO};
  action.sa_sigaction = on_urgent, sigaction(SIGURG, &action, NULL);
  action.sa_sigaction = on_chosen, sigaction(SIGRTMIN + 1, &action, NULL);
  int sockets[2], who = getpid(), plain = open("/dev/null", O_RDONLY);
  socketpair(AF_UNIX, SOCK_STREAM, 0, sockets);
  if (send(sockets[1], "x", 1, MSG_OOB) == -1) return not_compared("urgent data of Unix sockets");
  tell("owner", ioctl(sockets[0], SIOCSPGRP, &who)), who = 0, ioctl(sockets[0], FIOGETOWN, &who), check(who == getpid(), "told"), who = -getpgrp(), tell("group", ioctl(sockets[0], FIOSETOWN, &who)), who = 0, ioctl(sockets[0], SIOCGPGRP, &who), check(who == -getpgrp() && fcntl(sockets[0], F_GETOWN) == who, "told"), who = 999999;
  tell("nobody there", ioctl(sockets[0], SIOCSPGRP, &who)), tell("nowhere", ioctl(sockets[0], SIOCSPGRP, (void *)8)), tell("no socket", ioctl(plain, SIOCSPGRP, &who)), tell("no socket", ioctl(plain, SIOCGPGRP, &who));
  stream(AF_INET), stream(AF_UNIX), refusals();
  return 0;
}
