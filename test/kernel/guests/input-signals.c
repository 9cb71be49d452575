// Signals for input and output: who owns a file's signals, which signal it is, what it tells, and when it comes.
#include "check.h"
#include <sys/ioctl.h>
#include <sys/socket.h>

static volatile int count, last_fd, last_code, last_signal, last_band;
static void handler(int signal, siginfo_t *info, void *context) { count++, last_signal = signal, last_code = info->si_code, last_fd = info->si_fd, last_band = info->si_band; }
static void show(const char *what) {
  printf("%s: %d of %d, code %d", what, count, last_signal, last_code);
  if (last_code > 0 && last_code < 0x80) printf(", descriptor %d, band %x", last_fd, last_band);
  printf("\n"), fflush(stdout), count = last_signal = last_code = 0;
}
static void *in_thread(void *end) {
  struct f_owner_ex owner = {F_OWNER_TID, syscall(SYS_gettid)};
  sigset_t set;
  sigemptyset(&set), sigaddset(&set, SIGIO), pthread_sigmask(SIG_UNBLOCK, &set, NULL);
  tell("by thread", fcntl(*(int *)end, F_SETOWN_EX, &owner));
  for (int i = 0; i < 500 && count == 0; i++) pass_time(1);
  show("in the thread");
  return NULL;
}
int main(void) {
  int ends[2], sockets[2], plain = open("/dev/null", O_RDONLY);
  char buffer[100];
  struct sigaction action = {.sa_flags = SA_SIGINFO};
  struct f_owner_ex owner = {9, 9};
  action.sa_sigaction = handler, sigaction(SIGIO, &action, NULL), sigaction(SIGRTMIN, &action, NULL), sigaction(SIGUSR1, &action, NULL);
  setpgid(0, 0), pipe(ends), socketpair(AF_UNIX, SOCK_STREAM, 0, sockets), dup2(ends[0], 40), dup2(sockets[0], 41);
  tell("nobody", fcntl(40, F_GETOWN)), tell("which", fcntl(40, F_GETSIG)), tell("nobody", fcntl(40, F_GETOWN_EX, &owner)), printf("%d %d\n", owner.type, owner.pid);
  tell("own", fcntl(40, F_SETOWN, getpid())), check(fcntl(40, F_GETOWN) == getpid(), "told"), tell("nobody there", fcntl(40, F_SETOWN, 999999)), tell("nor a group", fcntl(40, F_SETOWN, -999999)), tell("least", fcntl(40, F_SETOWN, 0x80000000));
  owner.type = 7, owner.pid = getpid(), tell("no type", fcntl(40, F_SETOWN_EX, &owner)), tell("nowhere", fcntl(40, F_SETOWN_EX, 8)), owner.type = F_OWNER_PID, owner.pid = 999999, tell("nobody there", fcntl(40, F_SETOWN_EX, &owner));
  tell("no signal", fcntl(40, F_SETSIG, 65)), tell("less", fcntl(40, F_SETSIG, -1));
  write(ends[1], "a", 1), show("not asked for"), read(40, buffer, 1);
  tell("asked for", fcntl(40, F_SETFL, O_ASYNC)), write(ends[1], "a", 1), show("by default"), read(40, buffer, 1), show("not of reading");
  tell("another signal", fcntl(40, F_SETSIG, SIGRTMIN)), check(fcntl(40, F_GETSIG) == SIGRTMIN, "told"), write(ends[1], "ab", 2), show("with a descriptor"), write(ends[1], "c", 1), show("again"), read(40, buffer, 3);
  tell("a standard one", fcntl(40, F_SETSIG, SIGUSR1)), write(ends[1], "d", 1), show("with a descriptor"), read(40, buffer, 1), tell("not any more", fcntl(40, F_SETFL, 0)), write(ends[1], "d", 1), show("nothing"), read(40, buffer, 1);
  int on = 1, off = 0;
  tell("socket", ioctl(41, FIOASYNC, &on)), check((fcntl(41, F_GETFL) & O_ASYNC) != 0, "a flag"), tell("nobody", fcntl(41, F_SETOWN, 0)), write(sockets[1], "x", 1), show("for nobody"), read(41, buffer, 1);
  tell("group", fcntl(41, F_SETOWN, -getpgrp())), check(fcntl(41, F_GETOWN) == -getpgrp(), "told"), fcntl(41, F_GETOWN_EX, &owner), check(owner.type == F_OWNER_PGRP && owner.pid == getpgrp(), "told so"), fcntl(41, F_SETSIG, SIGRTMIN), write(sockets[1], "x", 1), show("for the group"), read(41, buffer, 1);
  tell("off", ioctl(41, FIOASYNC, &off)), write(sockets[1], "x", 1), show("nothing"), tell("not a file that tells", ioctl(plain, FIOASYNC, &on)), tell("off already", ioctl(plain, FIOASYNC, &off)), tell("but a flag", fcntl(plain, F_SETFL, O_ASYNC)), tell("nowhere", ioctl(41, FIOASYNC, 8));
  fcntl(40, F_SETSIG, 0);
  if (fork() == 0) {
    count = 0, tell("the child's", fcntl(40, F_SETOWN, getpid())), fcntl(40, F_SETFL, O_ASYNC), write(ends[1], "e", 1), show("in the child"), exit(0);
  }
  wait(NULL), read(40, buffer, 1), show("not here"), tell("gone", fcntl(40, F_GETOWN)), write(ends[1], "f", 1), show("for nobody"), read(40, buffer, 1);
  sigset_t set;
  sigemptyset(&set), sigaddset(&set, SIGIO), sigprocmask(SIG_BLOCK, &set, NULL);
  pthread_t thread;
  int end = 40;
  pthread_create(&thread, NULL, in_thread, &end), pass_time(5), write(ends[1], "g", 1), pthread_join(thread, NULL), tell("thread is gone", fcntl(40, F_GETOWN));
  return 0;
}
