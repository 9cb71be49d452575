// A server or a client over the loopback, told by its first word; the second is the port. What it finds out it prints, the same natively as with a client or server outside.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static char bytes[65536];
static const char *name(long result) { return result == -1 ? strerrorname_np(errno) : "fine"; }
static struct sockaddr_in at(const char *host, int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  inet_pton(AF_INET, host, &address.sin_addr);
  return address;
}
static int listening(int port, int backlog) {
  struct sockaddr_in address = at("127.0.0.1", port);
  int server = socket(AF_INET, SOCK_STREAM, 0), on = 1;
  setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(server, (void *)&address, sizeof address) || listen(server, backlog)) exit(9);
  printf("ready\n");
  fflush(stdout);
  return server;
}
static long drain(int fd) {
  long total = 0, count;
  while ((count = read(fd, bytes, sizeof bytes)) > 0) total += count;
  printf("read %ld, then %s\n", total, name(count));
  return total;
}

static void echo(int port) {
  int server = listening(port, 5);
  for (int i = 0; i < 3; i++) {
    struct sockaddr_in peer, own;
    socklen_t length = sizeof peer;
    int client = accept(server, (void *)&peer, &length);
    getsockname(client, (void *)&own, &length);
    long total = 0, count;
    while ((count = read(client, bytes, sizeof bytes)) > 0) {
      total += count;
      for (long done = 0; done < count;) done += write(client, bytes + done, count - done);
    }
    printf("%d: %ld bytes from %s at %s:%s\n", i, total, inet_ntoa(peer.sin_addr), inet_ntoa(own.sin_addr), ntohs(own.sin_port) == port ? "port" : "?");
    close(client);
  }
}
// Half closed: all is read before anything is answered.
static void sum(int port) {
  int client = accept(listening(port, 5), NULL, NULL);
  long total = drain(client);
  dprintf(client, "%ld\n", total);
  printf("again %zd\n", read(client, bytes, 1));
  shutdown(client, SHUT_WR);
  printf("write %s\n", name(send(client, "x", 1, MSG_NOSIGNAL)));
}
// More than anybody buffers, to a client that is slow; without waiting, and with.
static void flood(int port) {
  int client = accept(listening(port, 5), NULL, NULL);
  long total = 0, count;
  memset(bytes, 'x', sizeof bytes);
  while ((count = send(client, bytes, sizeof bytes, MSG_DONTWAIT)) > 0) total += count;
  const char *end = name(count);
  struct pollfd full = {client, POLLOUT};
  printf("%s, writable %d\n", end, poll(&full, 1, 0));
  for (; total < 20000000; total += count)
    if ((count = write(client, bytes, total + (long)sizeof bytes > 20000000 ? 20000000 - total : (long)sizeof bytes)) <= 0) break;
  printf("sent %ld\n", total);
}
static void abort_on(int client) {
  struct linger hard = {1, 0};
  setsockopt(client, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  close(client);
}
static void break_off(int port) {
  int server = listening(port, 5), client = accept(server, NULL, NULL);
  read(client, bytes, 1);
  abort_on(client);
  client = accept(server, NULL, NULL);
  read(client, bytes, 1);
  // Not all is read: that is a reset, too.
  close(client);
}
// The client is reset, before and after it said that it ends.
static void broken(int port) {
  int server = listening(port, 5), client = accept(server, NULL, NULL), error;
  socklen_t length = sizeof error;
  signal(SIGPIPE, SIG_IGN);
  drain(client);
  struct pollfd told = {client, POLLIN | POLLOUT | POLLRDHUP};
  poll(&told, 1, 0);
  printf("poll %x\n", told.revents);
  printf("write %s\n", name(write(client, "x", 1)));
  close(client);
  client = accept(server, NULL, NULL);
  drain(client);
  // What nobody takes is answered by a reset.
  while (write(client, "x", 1) == 1) poll(NULL, 0, 20);
  printf("write %s\n", name(-1));
  getsockopt(client, SOL_SOCKET, SO_ERROR, &error, &length);
  printf("error %d\n", error);
}
// Many at once, watched by epoll.
static void many(int port) {
  int server = listening(port, 100), epoll = epoll_create1(0), open = 0, served = 0;
  struct epoll_event event = {EPOLLIN, {.fd = server}}, ready[16];
  fcntl(server, F_SETFL, O_NONBLOCK);
  epoll_ctl(epoll, EPOLL_CTL_ADD, server, &event);
  while (served < 50 || open > 0) {
    int count = epoll_wait(epoll, ready, 16, 10000);
    if (count <= 0) break;
    for (int i = 0; i < count; i++) {
      int fd = ready[i].data.fd;
      if (fd == server) {
        int client = accept4(server, NULL, NULL, SOCK_NONBLOCK);
        if (client == -1) continue;
        event = (struct epoll_event){EPOLLIN | EPOLLET, {.fd = client}};
        epoll_ctl(epoll, EPOLL_CTL_ADD, client, &event);
        open++;
        continue;
      }
      for (;;) {
        long got = read(fd, bytes, sizeof bytes);
        if (got > 0) write(fd, bytes, got);
        else if (got == -1) break;
        else {
          close(fd);
          open--;
          served++;
          break;
        }
      }
    }
  }
  printf("served %d, open %d\n", served, open);
}
// More clients than the listener lets wait.
static void crowd(int port) {
  int server = listening(port, 1);
  // So long they wait.
  poll(NULL, 0, 300);
  for (int i = 0; i < 6; i++) {
    int client = accept(server, NULL, NULL);
    printf("%zd\n", read(client, bytes, 10));
    write(client, "served", 6);
    close(client);
  }
}
// Time passes while a client may come.
static void wait_for(int port) {
  struct pollfd listener = {listening(port, 5), POLLIN};
  printf("poll %d\n", poll(&listener, 1, 100));
  printf("poll %d\n", poll(&listener, 1, -1));
  int client = accept(listener.fd, NULL, NULL);
  struct timeval patience = {0, 50000};
  setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  printf("read %s\n", name(read(client, bytes, 1)));
  write(client, "go", 2);
  patience.tv_sec = 20;
  setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  int pending = 0;
  while (pending < 5 && poll(&(struct pollfd){client, POLLIN}, 1, 1000) == 1) ioctl(client, FIONREAD, &pending);
  long seen = recv(client, bytes, 3, MSG_PEEK), got = recv(client, bytes, 9, MSG_WAITALL);
  printf("pending %d, peek %ld, read %ld\n", pending, seen, got);
}

static void dial(int port) {
  struct sockaddr_in there = at("127.0.0.1", port), peer;
  socklen_t length = sizeof peer;
  int fd = socket(AF_INET, SOCK_STREAM, 0), error = -1;
  printf("connect %s\n", name(connect(fd, (void *)&there, sizeof there)));
  getpeername(fd, (void *)&peer, &length);
  printf("peer %s\n", peer.sin_port == there.sin_port && peer.sin_addr.s_addr == there.sin_addr.s_addr ? "right" : "wrong");
  write(fd, "question", 8);
  shutdown(fd, SHUT_WR);
  drain(fd);
  close(fd);
  fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  printf("connect %s\n", name(connect(fd, (void *)&there, sizeof there)));
  struct pollfd ready = {fd, POLLOUT};
  poll(&ready, 1, -1);
  printf("poll %x\n", ready.revents);
  length = sizeof error;
  getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length);
  printf("error %d\n", error);
  printf("connect %s\n", name(connect(fd, (void *)&there, sizeof there)));
  printf("connect %s\n", name(connect(fd, (void *)&there, sizeof there)));
  fcntl(fd, F_SETFL, 0);
  write(fd, "reset", 5);
  drain(fd);
  close(fd);
}
// Nobody is there; and, where there are no other networks, nowhere else is anything.
static void refused(int port) {
  struct sockaddr_in nobody = at("127.0.0.1", port);
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  printf("connect %s\n", name(connect(fd, (void *)&nobody, sizeof nobody)));
  printf("connect %s\n", name(connect(fd, (void *)&nobody, sizeof nobody)));
  fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  printf("connect %s\n", name(connect(fd, (void *)&nobody, sizeof nobody)));
  struct pollfd ready = {fd, POLLOUT};
  poll(&ready, 1, -1);
  printf("poll %x\n", ready.revents);
  printf("connect %s\n", name(connect(fd, (void *)&nobody, sizeof nobody)));
  printf("send %s\n", name(send(fd, "x", 1, MSG_NOSIGNAL)));
}
static void unreachable(int unused) {
  struct sockaddr_in elsewhere = at("192.0.2.1", 80);
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  printf("connect %s\n", name(connect(fd, (void *)&elsewhere, sizeof elsewhere)));
}
// A listener of one's own comes first.
static void own(int port) {
  struct sockaddr_in there = at("127.0.0.1", port);
  int server = listening(port, 5), fd = socket(AF_INET, SOCK_STREAM, 0);
  printf("connect %s\n", name(connect(fd, (void *)&there, sizeof there)));
  int accepted = accept(server, NULL, NULL);
  write(fd, "own", 3);
  printf("read %zd\n", read(accepted, bytes, 10));
}

static const struct {
  const char *word;
  void (*act)(int port);
} ACTS[] = {{"echo", echo}, {"sum", sum}, {"flood", flood}, {"break", break_off}, {"broken", broken}, {"many", many}, {"crowd", crowd}, {"wait", wait_for}, {"dial", dial}, {"refused", refused}, {"unreachable", unreachable}, {"own", own}};
int main(int count, char **words) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  for (unsigned i = 0; i < sizeof ACTS / sizeof *ACTS; i++)
    if (count > 1 && !strcmp(words[1], ACTS[i].word)) {
      ACTS[i].act(count > 2 ? atoi(words[2]) : 0);
      return 0;
    }
  return 2;
}
