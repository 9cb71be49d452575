// recvmmsg, which waits for all that it asks for; and what TCP_INFO tells of connections.
#include "check.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

static char buffer[4][16];
static struct iovec rooms[4];
static struct mmsghdr many[4];
static void clear(void) {
  for (int i = 0; i < 4; i++) {
    memset(buffer[i], 0, sizeof buffer[i]);
    rooms[i] = (struct iovec){buffer[i], sizeof buffer[i] - 1};
    many[i] = (struct mmsghdr){.msg_hdr = {.msg_iov = &rooms[i], .msg_iovlen = 1}};
  }
}
static void show(const char *what, long count) {
  tell(what, count);
  for (int i = 0; i < count; i++) printf("  %u %s\n", many[i].msg_len, buffer[i]);
  clear();
}
static void ring(int signal) {}
static void send_later(int fd, int count, int millis) {
  if (fork()) return;
  for (int i = 0; i < count; i++) {
    pass_time(millis);
    dprintf(fd, "message %d", i);
  }
  _exit(0);
}
static void state(const char *what, int fd, int wanted) {
  struct tcp_info info;
  for (int i = 0; i < 100; i++) {
    socklen_t length = sizeof info;
    if (getsockopt(fd, SOL_TCP, TCP_INFO, &info, &length)) { tell(what, -1); return; }
    // The other end's answer may be late.
    if (info.tcpi_state == wanted) break;
    pass_time(10);
  }
  printf("%s: state %d, options %d, lost %d, sent again %d, window %d, most %d\n", what, info.tcpi_state, info.tcpi_options, info.tcpi_lost, info.tcpi_total_retrans,
         info.tcpi_snd_ssthresh, info.tcpi_advmss);
}
int main(void) {
  int pair[2], status;
  socketpair(AF_UNIX, SOCK_DGRAM, 0, pair);
  clear();
  send_later(pair[0], 3, 30);
  show("three come", recvmmsg(pair[1], many, 3, 0, NULL)), wait(NULL);
  send_later(pair[0], 3, 30);
  show("one will do", recvmmsg(pair[1], many, 3, MSG_WAITFORONE, NULL)), wait(NULL);
  show("the others", recvmmsg(pair[1], many, 4, MSG_DONTWAIT, NULL)), show("none", recvmmsg(pair[1], many, 4, MSG_DONTWAIT, NULL));
  send_later(pair[0], 4, 60);
  struct timespec limit = {0, 100000000};
  long count = recvmmsg(pair[1], many, 4, 0, &limit);
  check(count == 2 && limit.tv_sec == 0 && limit.tv_nsec < 100000000, "the limit is looked at after each");
  clear(), wait(NULL), recvmmsg(pair[1], many, 4, MSG_DONTWAIT, NULL), clear();
  limit = (struct timespec){0, 2000000000};
  tell("no limit", recvmmsg(pair[1], many, 4, 0, &limit));
  limit = (struct timespec){0, 0};
  write(pair[0], "a", 1), write(pair[0], "b", 1), show("no time", recvmmsg(pair[1], many, 4, 0, &limit)), printf("left %ld\n", (long)limit.tv_nsec);
  show("left over", recvmmsg(pair[1], many, 4, MSG_DONTWAIT, NULL));

  struct sigaction action = {.sa_handler = ring};
  sigaction(SIGALRM, &action, NULL);
  struct itimerval soon = {.it_value = {0, 100000}};
  write(pair[0], "first", 5), setitimer(ITIMER_REAL, &soon, NULL);
  show("interrupted after one", recvmmsg(pair[1], many, 3, 0, NULL));
  // Linux keeps the interruption as the socket's error, and tells it by a number that no program should see.
  socketpair(AF_UNIX, SOCK_DGRAM, 0, pair);
  setitimer(ITIMER_REAL, &soon, NULL), show("interrupted before", recvmmsg(pair[1], many, 3, 0, NULL));
  struct timeval patience = {0, 50000};
  setsockopt(pair[1], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  write(pair[0], "first", 5), show("impatient", recvmmsg(pair[1], many, 3, 0, NULL)), show("impatient", recvmmsg(pair[1], many, 3, 0, NULL));

  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  int server = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
  state("new", client, TCP_CLOSE), bind(server, (void *)&address, length), listen(server, 8), getsockname(server, (void *)&address, &length);
  connect(client, (void *)&address, length);
  struct tcp_info info;
  length = sizeof info, getsockopt(server, SOL_TCP, TCP_INFO, &info, &length);
  printf("listener: state %d, waiting %d of %d\n", info.tcpi_state, info.tcpi_unacked, info.tcpi_sacked);
  int accepted = accept(server, NULL, NULL);
  state("client", client, TCP_ESTABLISHED), state("server", accepted, TCP_ESTABLISHED);
  shutdown(client, SHUT_WR), state("ended", client, TCP_FIN_WAIT2), state("told so", accepted, TCP_CLOSE_WAIT);
  shutdown(accepted, SHUT_WR), state("both", client, TCP_CLOSE), state("both", accepted, TCP_CLOSE);
  length = 1, tell("short", getsockopt(client, SOL_TCP, TCP_INFO, &info, &length)), tell("length", length);
  length = 1000, tell("datagrams", getsockopt(socket(AF_INET, SOCK_DGRAM, 0), SOL_TCP, TCP_INFO, &info, &length));
  tell("not to be set", setsockopt(client, SOL_TCP, TCP_INFO, &info, sizeof info));
  return 0;
}
