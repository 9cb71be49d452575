// Signals that tell that a file can be read: O_ASYNC, FIOASYNC, F_SETOWN and F_SETSIG.
#include "check.h"
#include <sys/ioctl.h>
#include <sys/socket.h>

static volatile int count, code, band, from;
static void plain(int signal) { count++; }
static void told(int signal, siginfo_t *info, void *unused) { count++, code = info->si_code, band = info->si_band, from = info->si_fd; }
static void report(const char *what) {
  printf("%s: %d\n", what, count);
  count = 0;
}
int main(void) {
  int pair[2], pipes[2], on = 1, off = 0, file = open("file", O_RDWR | O_CREAT, 0600);
  char byte;
  struct f_owner_ex owner = {9, 9};
  socketpair(AF_UNIX, SOCK_STREAM, 0, pair), pipe(pipes);
  signal(SIGIO, plain);
  // Nobody else is to be told.
  setpgid(0, 0);
  struct sigaction action = {.sa_sigaction = told, .sa_flags = SA_SIGINFO};
  sigaction(SIGRTMIN, &action, NULL);

  tell("nobody", fcntl(pair[0], F_GETOWN)), tell("none", fcntl(pair[0], F_GETSIG));
  tell("is nobody", fcntl(pair[0], F_GETOWN_EX, &owner)), printf("%d %d\n", owner.type, owner.pid);
  tell("by ioctl", ioctl(pair[0], FIOASYNC, &on)), check(fcntl(pair[0], F_GETFL) == (O_RDWR | O_ASYNC), "the flag");
  write(pair[1], "x", 1), report("no owner, no signal");
  tell("owner", fcntl(pair[0], F_SETOWN, getpid())), check(fcntl(pair[0], F_GETOWN) == getpid(), "is it");
  write(pair[1], "x", 1), report("told");
  write(pair[1], "x", 1), report("told again");
  read(pair[0], &byte, 1), report("reading tells nothing");
  tell("off", ioctl(pair[0], FIOASYNC, &off)), tell("flags", fcntl(pair[0], F_GETFL));
  write(pair[1], "x", 1), report("silent");

  tell("by flag", fcntl(pipes[0], F_SETFL, O_ASYNC)), tell("group", fcntl(pipes[0], F_SETOWN, -getpgrp())), check(fcntl(pipes[0], F_GETOWN) == -getpgrp(), "is it");
  write(pipes[1], "x", 1), report("told");
  tell("signal", fcntl(pipes[0], F_SETSIG, SIGRTMIN)), tell("is it", fcntl(pipes[0], F_GETSIG));
  owner.type = F_OWNER_TID, owner.pid = gettid();
  tell("thread", fcntl(pipes[0], F_SETOWN_EX, &owner)), owner.pid = 0;
  tell("asked", fcntl(pipes[0], F_GETOWN_EX, &owner)), check(owner.type == F_OWNER_TID && owner.pid == gettid(), "is it");
  write(pipes[1], "x", 1), report("told");
  printf("code %d, band %x, %s\n", code, band, from == pipes[0] ? "its descriptor" : "another");
  close(pipes[1]), report("and of the end");

  tell("a file", ioctl(file, FIOASYNC, &on)), tell("has the flag", fcntl(file, F_SETFL, O_ASYNC)), tell("no such process", fcntl(file, F_SETOWN, 99999));
  tell("no such group", fcntl(file, F_SETOWN, -99999)), tell("no such signal", fcntl(file, F_SETSIG, 65)), tell("least", fcntl(file, F_SETOWN, 1 << 31));
  owner.type = 3;
  tell("no such kind", fcntl(file, F_SETOWN_EX, &owner)), tell("nobody again", fcntl(file, F_SETOWN, 0)), tell("not open", fcntl(99, F_SETOWN, 0));
  fcntl(pair[0], F_SETFL, O_ASYNC);
  if (fork() == 0) {
    write(pair[1], "y", 1);
    report("not the child");
    _exit(0);
  }
  wait(NULL), report("the owner, of a child's");
  close(pair[0]), report("closed");
  return 0;
}
