// Signals: real-time queues in order with their values, sigqueue's errnos, waiting for them, signalfd, alternate stacks, which calls are made again, temporary masks.
#include "check.h"
#include <sys/select.h>
#include <sys/signalfd.h>

static int order[32], taken;
static void note(int signal, siginfo_t *info, void *unused) { order[taken++] = signal * 100 + info->si_value.sival_int; }
static volatile int count;
static void count_it(int signal) { count++; }
static char stack[65536];
static volatile int was_on_stack, flags_inside, change_inside;
static void on_stack(int signal) {
  char here;
  stack_t now;
  was_on_stack = &here >= stack && &here < stack + sizeof stack;
  sigaltstack(NULL, &now);
  flags_inside = now.ss_flags;
  change_inside = sigaltstack(&(stack_t){stack, 0, 8192}, NULL) == -1 ? errno : 0;
}
static void later(long millis, int signal) {
  pid_t parent = getpid();
  if (fork() == 0) {
    pass_time(millis);
    kill(parent, signal);
    _exit(0);
  }
}
int main(void) {
  struct sigaction action = {.sa_sigaction = note, .sa_flags = SA_SIGINFO};
  sigset_t all, old, set;
  sigfillset(&all);
  const int numbers[] = {SIGRTMIN + 2, SIGRTMIN, SIGRTMIN + 1, SIGUSR1};
  for (int i = 0; i < 4; i++) sigaction(numbers[i], &action, NULL);
  sigprocmask(SIG_BLOCK, &all, &old);
  for (int i = 0; i < 4; i++)
    for (int j = 0; j < 3; j++) tell("queued", sigqueue(getpid(), numbers[i], (union sigval){.sival_int = j}));
  sigpending(&set);
  check(sigismember(&set, SIGRTMIN + 1) && !sigismember(&set, SIGUSR2), "pending");
  sigprocmask(SIG_SETMASK, &old, NULL);
  for (int i = 0; i < taken; i++) printf("%d ", order[i]);
  printf("\n");
  tell("no such signal", sigqueue(getpid(), 65, (union sigval){0}));
  tell("only asked", sigqueue(getpid(), 0, (union sigval){0}));
  siginfo_t forged = {.si_code = SI_TKILL};
  tell("forged", syscall(SYS_rt_sigqueueinfo, getppid(), SIGUSR1, &forged));
  forged.si_code = SI_USER;
  tell("forged towards nobody", syscall(SYS_rt_sigqueueinfo, 1, SIGUSR1, &forged));
  forged.si_code = -50, forged.si_value.sival_int = 7;
  taken = 0;
  tell("own code", syscall(SYS_rt_tgsigqueueinfo, getpid(), getpid(), SIGUSR1, &forged));
  tell("handled", order[0]);

  sigemptyset(&set), sigaddset(&set, SIGUSR2), sigaddset(&set, SIGRTMIN + 3);
  sigprocmask(SIG_BLOCK, &set, NULL);
  siginfo_t info;
  struct timespec soon = {0, 3000000}, wrong = {0, -1};
  tell("nothing came", sigtimedwait(&set, &info, &soon));
  tell("wrong time", sigtimedwait(&set, &info, &wrong));
  sigqueue(getpid(), SIGRTMIN + 3, (union sigval){.sival_int = 9});
  kill(getpid(), SIGUSR2);
  check(sigwaitinfo(&set, &info) == SIGUSR2 && info.si_code == SI_USER && info.si_pid == getpid(), "the lower first");
  check(sigwaitinfo(&set, &info) == SIGRTMIN + 3 && info.si_value.sival_int == 9 && info.si_code == SI_QUEUE, "then the other");
  signal(SIGALRM, count_it);
  later(5, SIGALRM);
  tell("another signal came", sigwaitinfo(&set, &info));
  wait(NULL);

  int fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
  struct signalfd_siginfo found[3];
  tell("nothing to read", read(fd, found, sizeof found));
  tell("too short", read(fd, found, 100));
  sigqueue(getpid(), SIGRTMIN + 3, (union sigval){.sival_int = 4});
  sigqueue(getpid(), SIGRTMIN + 3, (union sigval){.sival_int = 5});
  kill(getpid(), SIGUSR2);
  struct pollfd ready = {fd, POLLIN};
  tell("ready", poll(&ready, 1, 0));
  tell("read", read(fd, found, sizeof found));
  printf("%d %d %d; %d %d; %d\n", found[0].ssi_signo, found[1].ssi_signo, found[2].ssi_signo, found[1].ssi_int, found[2].ssi_int, found[1].ssi_code);
  check(found[0].ssi_pid == getpid(), "from me");
  sigemptyset(&set), sigaddset(&set, SIGRTMIN + 4);
  sigprocmask(SIG_BLOCK, &set, NULL);
  check(signalfd(fd, &set, 0) == fd, "changed");
  kill(getpid(), SIGRTMIN + 4);
  tell("read the other", read(fd, found, sizeof found) == 128 && found[0].ssi_signo == SIGRTMIN + 4);
  tell("no signalfd", signalfd(1, &set, 0));
  tell("not open", signalfd(77, &set, 0));
  tell("flags", signalfd(-1, &set, 3));
  if (fork() == 0) _exit(3);
  sigemptyset(&set), sigaddset(&set, SIGCHLD);
  sigprocmask(SIG_BLOCK, &set, NULL);
  fd = signalfd(-1, &set, 0);
  if (fork() == 0) _exit(4);
  tell("a child ended", read(fd, found, sizeof found) == 128 && found[0].ssi_signo == SIGCHLD);
  while (wait(NULL) > 0) {}
  sigprocmask(SIG_UNBLOCK, &set, NULL);

  action = (struct sigaction){.sa_handler = on_stack, .sa_flags = SA_ONSTACK};
  sigaction(SIGUSR1, &action, NULL);
  tell("no stack", sigaltstack(NULL, &(stack_t){0}));
  tell("too small", sigaltstack(&(stack_t){stack, 0, 100}, NULL));
  tell("wrong flags", sigaltstack(&(stack_t){stack, 77, sizeof stack}, NULL));
  tell("stack", sigaltstack(&(stack_t){stack, 0, sizeof stack}, NULL));
  raise(SIGUSR1);
  tell("on it", was_on_stack), tell("it says so", flags_inside);
  printf("changed inside: %s\n", strerrorname_np(change_inside));
  tell("off", sigaltstack(&(stack_t){0, SS_DISABLE, 0}, NULL));

  int ends[2];
  char byte;
  pipe(ends);
  for (int restarting = 0; restarting < 2; restarting++) {
    action = (struct sigaction){.sa_handler = count_it, .sa_flags = restarting ? SA_RESTART : 0};
    sigaction(SIGALRM, &action, NULL);
    later(5, SIGALRM);
    if (fork() == 0) {
      pass_time(30);
      write(ends[1], "x", 1);
      _exit(0);
    }
    tell("read", read(ends[0], &byte, 1));
    if (!restarting) read(ends[0], &byte, 1);
    while (wait(NULL) > 0 || errno == EINTR) {}
    later(5, SIGALRM);
    tell("poll", poll(&(struct pollfd){ends[0], POLLIN}, 1, 1000));
    wait(NULL);
    later(5, SIGALRM);
    tell("sleep", usleep(100000));
    wait(NULL);
    later(5, SIGALRM);
    tell("pause", pause());
    wait(NULL);
    later(5, SIGALRM);
    fd_set readable;
    FD_ZERO(&readable); FD_SET(ends[0], &readable);
    tell("select", select(ends[0] + 1, &readable, NULL, NULL, &(struct timeval){1, 0}));
    wait(NULL);
  }
  // Ignored, and stopped and continued: nothing ends.
  signal(SIGUSR2, SIG_IGN);
  sigemptyset(&set), sigaddset(&set, SIGUSR2);
  sigprocmask(SIG_UNBLOCK, &set, NULL);
  later(3, SIGUSR2);
  tell("ignored", poll(&(struct pollfd){ends[0], POLLIN}, 1, 20));
  wait(NULL);
  struct timespec begin;
  clock_gettime(CLOCK_MONOTONIC, &begin);
  pid_t child = fork();
  if (child == 0) {
    signal(SIGCONT, SIG_DFL);
    tell("slept on", nanosleep(&(struct timespec){0, 40000000}, NULL));
    check(millis_since(&begin) >= 40, "to its end");
    _exit(0);
  }
  pass_time(10), kill(child, SIGSTOP);
  int status;
  waitpid(child, &status, WUNTRACED);
  check(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP, "stopped");
  pass_time(5), kill(child, SIGCONT);
  waitpid(child, &status, WCONTINUED);
  check(WIFCONTINUED(status), "continued");
  waitpid(child, &status, 0);

  sigset_t none;
  sigemptyset(&none), sigemptyset(&set), sigaddset(&set, SIGALRM);
  sigprocmask(SIG_BLOCK, &set, NULL);
  count = 0;
  raise(SIGALRM);
  tell("blocked", count);
  tell("suspend", sigsuspend(&none));
  tell("handled", count);
  raise(SIGALRM);
  tell("ppoll", ppoll(NULL, 0, &(struct timespec){1, 0}, &none));
  raise(SIGALRM);
  tell("pselect", pselect(0, NULL, NULL, NULL, &(struct timespec){1, 0}, &none));
  tell("handled", count);
  sigprocmask(SIG_SETMASK, NULL, &old);
  check(sigismember(&old, SIGALRM), "the mask is back");
  return 0;
}
