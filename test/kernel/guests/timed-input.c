// Standard input that is waited for with a timeout: what is there already, or its end, comes before the time is over, and no other timer runs out for it;
// and who only looks for it, and sleeps between, finds it. Argument: milliseconds.
#include "check.h"
#include <sys/epoll.h>
#include <sys/select.h>

static int timeout = 3000;
static volatile sig_atomic_t alarms;
static void on_alarm(int signal) { alarms++; }

static int by_poll(void) {
  struct pollfd file = {0, POLLIN, 0};
  return poll(&file, 1, timeout);
}
static int by_select(void) {
  fd_set files;
  FD_ZERO(&files);
  FD_SET(0, &files);
  struct timeval time = {timeout / 1000, timeout % 1000 * 1000};
  return select(1, &files, NULL, NULL, &time);
}
static int inner, outer;
static int by_epoll(void) {
  struct epoll_event event;
  return epoll_wait(inner, &event, 1, timeout);
}
static int by_nested_epoll(void) {
  struct epoll_event event;
  return epoll_wait(outer, &event, 1, timeout);
}
// It asks again and again and sleeps between, as bash's read -t 0 lets a script do.
static int by_asking(void) {
  struct pollfd file = {0, POLLIN, 0};
  for (int left = timeout; poll(&file, 1, 0) == 0; left -= 10) {
    if (left < 0) return 0;
    pass_time(10);
  }
  return 1;
}
static int by_trying(char *buffer) {
  int count;
  fcntl(0, F_SETFL, O_NONBLOCK);
  for (int left = timeout; (count = read(0, buffer, 4)) == -1 && left >= 0; left -= 10) pass_time(10);
  fcntl(0, F_SETFL, 0);
  return count;
}
// As bash's read -t does it: a read that a signal breaks off.
static int by_alarm(char *buffer) {
  struct itimerval time = {{0, 0}, {timeout / 1000, timeout % 1000 * 1000}}, none = {};
  setitimer(ITIMER_REAL, &time, NULL);
  int count = read(0, buffer, 4);
  setitimer(ITIMER_REAL, &none, NULL);
  return count;
}
static const struct { const char *name; int (*wait)(void); } ways[] = {
  {"poll", by_poll}, {"select", by_select}, {"epoll", by_epoll}, {"nested epoll", by_nested_epoll}, {"asking", by_asking},
};
int main(int argc, char **argv) {
  char buffer[8];
  if (argc > 1) timeout = atoi(argv[1]);
  sigaction(SIGALRM, &(struct sigaction){.sa_handler = on_alarm}, NULL);
  struct epoll_event event = {EPOLLIN};
  epoll_ctl(inner = epoll_create1(0), EPOLL_CTL_ADD, 0, &event);
  epoll_ctl(outer = epoll_create1(0), EPOLL_CTL_ADD, inner, &event);
  pid_t sleeper = fork();
  if (sleeper == 0) {
    pass_time(20000);
    _exit(0);
  }
  for (unsigned at = 0; at < sizeof ways / sizeof *ways; at++) {
    int count = ways[at].wait();
    printf("%s: %d", ways[at].name, count);
    if (count == 1) {
      ssize_t length = read(0, buffer, 4);
      printf(", %zd bytes %.*s", length, (int)length, buffer);
    }
    printf("\n");
    fflush(stdout);
  }
  int count = by_trying(buffer);
  printf("trying: %s\n", count == -1 ? strerrorname_np(errno) : count == 0 ? "the end" : "bytes");
  fflush(stdout);
  count = by_alarm(buffer);
  printf("alarm: %s, %d alarms\n", count == -1 ? strerrorname_np(errno) : count == 0 ? "the end" : "bytes", alarms);
  check(waitpid(sleeper, NULL, WNOHANG) == 0, "the other sleeps on");
  kill(sleeper, SIGKILL);
  waitpid(sleeper, NULL, 0);
  return 0;
}
