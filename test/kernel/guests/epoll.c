// epoll(7): level, edge, one-shot, exclusive and nested; eventfd(2); errnos of epoll_ctl; files that are closed while they are watched.
#include "check.h"
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/eventfd.h>

static int epoll;
static void show(const char *what, int timeout) {
  struct epoll_event events[8];
  int count = epoll_wait(epoll, events, 8, timeout);
  printf("%s: %d", what, count);
  for (int i = 0; i < count; i++) printf(" [%x %d]", events[i].events, events[i].data.u32);
  printf("\n");
  fflush(stdout);
}
static long control(int op, int fd, uint32_t events, uint32_t data) {
  struct epoll_event event = {events, {.u32 = data}};
  return epoll_ctl(epoll, op, fd, &event);
}
static void interrupt(int signal) {}
static int inner;
static void *wait_inner(void *unused) {
  struct epoll_event event;
  return (void *)(long)epoll_wait(inner, &event, 1, 2000);
}
static void *write_later(void *fd) {
  pass_time(10);
  write((long)fd, "later", 5);
  return NULL;
}
int main(void) {
  int ends[2], counter, other;
  uint64_t number = 3;
  char buffer[64];
  pipe(ends);
  tell("no size", epoll_create(0));
  tell("flags", epoll_create1(1));
  epoll = epoll_create1(EPOLL_CLOEXEC);
  check(fcntl(epoll, F_GETFD) == FD_CLOEXEC && fcntl(epoll, F_GETFL) == O_RDWR, "its flags");
  struct stat status;
  fstat(epoll, &status);
  check(status.st_mode == 0600, "its mode");
  tell("read it", read(epoll, buffer, 1));
  tell("watch itself", control(EPOLL_CTL_ADD, epoll, EPOLLIN, 0));
  tell("watch nothing", control(EPOLL_CTL_ADD, 99, EPOLLIN, 0));
  int file = open("/proc/self/exe", O_RDONLY);
  tell("watch a file", control(EPOLL_CTL_ADD, file, EPOLLIN, 0));
  tell("by no epoll", epoll_ctl(ends[0], EPOLL_CTL_ADD, ends[1], &(struct epoll_event){0}));
  tell("no event", syscall(SYS_epoll_ctl, epoll, EPOLL_CTL_ADD, ends[0], NULL));
  tell("change what is not there", control(EPOLL_CTL_MOD, ends[0], EPOLLIN, 0));
  tell("remove what is not there", control(EPOLL_CTL_DEL, ends[0], 0, 0));
  tell("no such operation", control(9, ends[0], EPOLLIN, 0));
  tell("add", control(EPOLL_CTL_ADD, ends[0], EPOLLIN, 1));
  tell("add again", control(EPOLL_CTL_ADD, ends[0], EPOLLIN, 1));
  tell("none may be asked for", epoll_wait(epoll, (void *)buffer, 0, 0));
  tell("wait for no epoll", epoll_wait(ends[0], (void *)buffer, 1, 0));
  show("nothing yet", 0);
  show("nothing for a while", 5);
  write(ends[1], "a", 1);
  show("level", 0), show("level again", 0);
  read(ends[0], buffer, 64);
  show("level, read", 0);
  tell("edge", control(EPOLL_CTL_MOD, ends[0], EPOLLIN | EPOLLET, 2));
  write(ends[1], "b", 1);
  show("edge", 0), show("edge, no news", 0);
  write(ends[1], "c", 1);
  show("edge, more", 0), show("edge, no news", 0);
  control(EPOLL_CTL_MOD, ends[0], EPOLLIN | EPOLLET, 2);
  show("changed is news", 0);
  read(ends[0], buffer, 64);
  tell("once", control(EPOLL_CTL_MOD, ends[0], EPOLLIN | EPOLLONESHOT, 3));
  write(ends[1], "d", 1);
  show("once", 0), show("not twice", 0);
  write(ends[1], "e", 1);
  show("still not", 0);
  control(EPOLL_CTL_MOD, ends[0], EPOLLIN | EPOLLONESHOT, 4);
  show("armed again", 0);
  control(EPOLL_CTL_MOD, ends[0], EPOLLIN, 5);
  tell("room", control(EPOLL_CTL_ADD, ends[1], EPOLLOUT, 6));
  show("two", 0);
  struct epoll_event one;
  for (int i = 0; i < 4; i++) {
    epoll_wait(epoll, &one, 1, 0);
    printf("in turn: %d\n", one.data.u32);
  }
  control(EPOLL_CTL_DEL, ends[1], 0, 0);
  int copy = dup(ends[0]);
  close(ends[0]);
  show("a copy keeps it", 0);
  close(copy);
  show("all closed", 0);
  close(ends[1]);

  pipe(ends);
  control(EPOLL_CTL_ADD, ends[0], EPOLLIN, 7);
  close(ends[1]);
  show("hung up", 0);
  close(ends[0]);

  counter = eventfd(0, EFD_NONBLOCK);
  control(EPOLL_CTL_ADD, counter, EPOLLIN | EPOLLOUT, 8);
  show("counter", 0);
  write(counter, &number, 8);
  show("counted", 0);
  tell("take", read(counter, &number, 8));
  tell("all", number);
  tell("take none", read(counter, &number, 8));
  number = -1;
  tell("too much", write(counter, &number, 8));
  tell("too short", write(counter, &number, 7));
  number = -2;
  tell("most", write(counter, &number, 8));
  number = 1;
  tell("more", write(counter, &number, 8));
  show("full", 0);
  close(counter);
  counter = eventfd(2, EFD_SEMAPHORE | EFD_NONBLOCK);
  tell("one", read(counter, &number, 8)), tell("number", number);
  tell("another", read(counter, &number, 8));
  tell("no third", read(counter, &number, 8));
  tell("flags", eventfd(0, 8));

  inner = epoll_create1(0);
  tell("nested", control(EPOLL_CTL_ADD, inner, EPOLLIN, 9));
  struct epoll_event event = {EPOLLIN, {.u32 = 10}};
  tell("a circle", epoll_ctl(inner, EPOLL_CTL_ADD, epoll, &event));
  epoll_ctl(inner, EPOLL_CTL_ADD, counter, &event);
  show("nothing inside", 0);
  number = 1;
  write(counter, &number, 8);
  show("something inside", 0);
  struct pollfd ready = {epoll, POLLIN};
  tell("polled", poll(&ready, 1, 0));
  read(counter, &number, 8);
  show("nothing any more", 0);
  tell("not polled", poll(&ready, 1, 0));
  pthread_t thread;
  void *result;
  pthread_create(&thread, NULL, wait_inner, NULL);
  pass_time(5);
  number = 1;
  write(counter, &number, 8);
  pthread_join(thread, &result);
  tell("inside waited", (long)result);
  read(counter, &number, 8);
  tell("exclusive to epoll", control(EPOLL_CTL_ADD, inner, EPOLLIN | EPOLLEXCLUSIVE, 0));
  tell("exclusive", control(EPOLL_CTL_ADD, counter, EPOLLIN | EPOLLEXCLUSIVE, 11));
  tell("exclusive is not changed", control(EPOLL_CTL_MOD, counter, EPOLLIN, 11));
  tell("exclusive once", control(EPOLL_CTL_ADD, STDOUT_FILENO, EPOLLIN | EPOLLEXCLUSIVE | EPOLLONESHOT, 11));
  close(inner);

  pipe(ends);
  control(EPOLL_CTL_DEL, counter, 0, 0);
  control(EPOLL_CTL_ADD, ends[0], EPOLLIN, 12);
  pthread_create(&thread, NULL, write_later, (void *)(long)ends[1]);
  show("waited", -1);
  pthread_join(thread, NULL);
  read(ends[0], buffer, 64);

  signal(SIGALRM, interrupt);
  struct itimerval soon = {{0, 0}, {0, 5000}};
  setitimer(ITIMER_REAL, &soon, NULL);
  tell("interrupted", epoll_wait(epoll, &one, 1, -1));
  sigset_t mask, none;
  sigemptyset(&none), sigemptyset(&mask), sigaddset(&mask, SIGALRM);
  sigprocmask(SIG_BLOCK, &mask, NULL);
  raise(SIGALRM);
  tell("only now", epoll_pwait(epoll, &one, 1, -1, &none));
  struct timespec time = {0, 2000000};
  raise(SIGALRM);
  tell("not now", epoll_pwait2(epoll, &one, 1, &time, &mask));
  sigset_t now;
  sigprocmask(SIG_SETMASK, NULL, &now);
  check(sigismember(&now, SIGALRM), "the mask is back");
  // Only reading is asked of an end that cannot be read, and the other way round: it tells of its end all the same.
  pipe(ends), control(EPOLL_CTL_ADD, ends[1], EPOLLIN, 13);
  show("write end", 0), close(ends[0]), show("no reader any more", 0), close(ends[1]);
  pipe(ends), control(EPOLL_CTL_ADD, ends[0], EPOLLOUT, 14);
  show("read end", 0), close(ends[1]), show("no writer any more", 0), close(ends[0]);
  pipe(ends), control(EPOLL_CTL_ADD, ends[1], EPOLLIN | EPOLLET, 15);
  show("write end, by edges", 0), write(ends[1], "x", 1), read(ends[0], buffer, 1), show("room is nothing", 0), close(ends[0]), show("no reader any more", 0), show("told already", 0), close(ends[1]);
  socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), control(EPOLL_CTL_ADD, ends[0], EPOLLOUT, 16);
  while (write(ends[0], buffer, sizeof buffer) > 0) {}
  show("full", 0), close(ends[1]), show("the other side is closed", 0), close(ends[0]);
  other = eventfd(0, 0);
  tell("last", close(other) + close(epoll));
  return 0;
}
