// Clocks and timers: every clock, timer_create with each way to tell, overrun, timerfd, itimers, absolute sleeps, CPU-time clocks.
#include "check.h"
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <sys/timex.h>

static volatile int ticks, code, value, number;
static volatile pid_t taken_by;
static void tick(int signal, siginfo_t *info, void *unused) {
  ticks++;
  code = info->si_code, value = info->si_value.sival_int, number = info->si_timerid, taken_by = syscall(SYS_gettid);
}
static void burn(long millis) {
  clockid_t clock = CLOCK_THREAD_CPUTIME_ID;
  struct timespec from, now;
  clock_gettime(clock, &from);
  do {
    for (volatile int i = 0; i < 50000; i++) {}
    clock_gettime(clock, &now);
  }
  while ((now.tv_sec - from.tv_sec) * 1000 + (now.tv_nsec - from.tv_nsec) / 1000000 < millis);
}
static void *wait_here(void *tid) {
  *(volatile int *)tid = syscall(SYS_gettid);
  for (int i = 0; i < 200 && !ticks; i++) pass_time(2);
  return NULL;
}
static struct itimerspec in(long first, long interval) {
  struct itimerspec time = {{interval / 1000, interval % 1000 * 1000000}, {first / 1000, first % 1000 * 1000000}};
  return time;
}
int main(void) {
  struct timespec time, start;
  const clockid_t known[] = {0, 1, 2, 3, 4, 5, 6, 7, 11};
  for (int i = 0; i < 9; i++) {
    check(clock_gettime(known[i], &time) == 0 && time.tv_sec >= 0 && time.tv_nsec < 1000000000, "clock");
    check(syscall(SYS_clock_getres, known[i], &time) == 0 && time.tv_sec == 0 && time.tv_nsec > 0, "resolution");
  }
  tell("no such clock", clock_gettime(10, &time));
  tell("no such clock either", clock_gettime(77, &time));
  clockid_t of_process, of_thread;
  clock_getcpuclockid(getpid(), &of_process);
  pthread_getcpuclockid(pthread_self(), &of_thread);
  works("clock of the process", clock_gettime(of_process, &time));
  works("clock of the thread", clock_gettime(of_thread, &time));
  tell("clock of nobody", clock_getcpuclockid(99999999, &of_process));

  clock_gettime(CLOCK_MONOTONIC, &start);
  time = start, time.tv_nsec += 20000000;
  if (time.tv_nsec >= 1000000000) time.tv_sec++, time.tv_nsec -= 1000000000;
  tell("sleep until", clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL));
  check(millis_since(&start) >= 20, "slept");
  tell("sleep until the past", clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &(struct timespec){1, 0}, NULL));
  tell("sleep by a raw clock", clock_nanosleep(CLOCK_MONOTONIC_RAW, 0, &(struct timespec){0, 1}, NULL));
  tell("sleep by own time", clock_nanosleep(CLOCK_THREAD_CPUTIME_ID, 0, &(struct timespec){0, 1}, NULL));
  tell("sleep for nothing valid", clock_nanosleep(CLOCK_MONOTONIC, 0, &(struct timespec){0, -1}, NULL));

  struct sigaction action = {.sa_sigaction = tick, .sa_flags = SA_SIGINFO};
  sigaction(SIGRTMIN, &action, NULL);
  sigaction(SIGALRM, &action, NULL);
  sigaction(SIGVTALRM, &action, NULL);
  sigaction(SIGPROF, &action, NULL);
  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN, .sigev_value.sival_int = 42};
  int timer = -1, second = -1;
  tell("create", syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &timer));
  tell("number", timer);
  struct itimerspec setting = in(5, 5), old;
  tell("set", syscall(SYS_timer_settime, timer, 0, &setting, NULL));
  while (ticks < 3) pass_time(5);
  check(code == SI_TIMER && value == 42 && number == 0, "told by the timer");
  sigset_t mask;
  sigemptyset(&mask), sigaddset(&mask, SIGRTMIN);
  sigprocmask(SIG_BLOCK, &mask, NULL);
  pass_time(52);
  siginfo_t info;
  tell("taken", sigwaitinfo(&mask, &info) == SIGRTMIN);
  check(info.si_overrun >= 5 && syscall(SYS_timer_getoverrun, timer) == info.si_overrun, "overrun");
  setting = in(0, 0);
  tell("disarm", syscall(SYS_timer_settime, timer, 0, &setting, &old));
  check(old.it_interval.tv_nsec == 5000000 && old.it_value.tv_nsec > 0, "what it was");
  struct timespec none = {0, 0};
  while (sigtimedwait(&mask, &info, &none) > 0) {}
  sigprocmask(SIG_UNBLOCK, &mask, NULL);
  tell("delete", syscall(SYS_timer_delete, timer));
  tell("delete again", syscall(SYS_timer_delete, timer));
  tell("set none", syscall(SYS_timer_settime, 17, 0, &setting, NULL));
  event.sigev_signo = 99;
  tell("no such signal", syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &second));
  event.sigev_notify = 3;
  tell("no such way", syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &second));
  tell("no such clock", syscall(SYS_timer_create, 55, NULL, &second));
  tell("by default", syscall(SYS_timer_create, CLOCK_REALTIME, NULL, &second));
  ticks = 0, setting = in(3, 0);
  syscall(SYS_timer_settime, second, 0, &setting, NULL);
  while (!ticks) pass_time(2);
  tell("its number is the value", value == second);
  syscall(SYS_timer_gettime, second, &old);
  check(old.it_value.tv_sec == 0 && old.it_value.tv_nsec == 0, "once only");

  int tid = 0;
  pthread_t thread;
  ticks = 0;
  pthread_create(&thread, NULL, wait_here, &tid);
  while (!*(volatile int *)&tid) sched_yield();
  event = (struct sigevent){.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGRTMIN};
  event._sigev_un._tid = tid;
  syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &second);
  syscall(SYS_timer_settime, second, 0, &setting, NULL);
  pthread_join(thread, NULL);
  check(taken_by == tid, "told the thread");
  event = (struct sigevent){.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN};
  works("by own time", syscall(SYS_timer_create, CLOCK_THREAD_CPUTIME_ID, &event, &second));
  ticks = 0;
  syscall(SYS_timer_settime, second, 0, &setting, NULL);
  pass_time(8);
  check(ticks == 0, "sleeping takes none of it");
  for (int i = 0; i < 100 && !ticks; i++) burn(5);
  check(ticks == 1, "working does");

  struct itimerval often = {{0, 2000}, {0, 2000}}, never = {{0, 0}, {0, 0}}, left;
  for (int which = 0; which < 3; which++) {
    ticks = 0;
    setitimer(which, &often, NULL);
    while (ticks < 2) burn(1);
    setitimer(which, &never, &left);
    check(left.it_interval.tv_usec == 2000, "interval");
  }
  tell("no such itimer", setitimer(5, &often, NULL));

  signal(SIGALRM, SIG_IGN);
  setitimer(ITIMER_REAL, &often, NULL);
  pass_time(9);
  getitimer(ITIMER_REAL, &left);
  check(left.it_value.tv_sec == 0 && left.it_value.tv_usec == 0 && left.it_interval.tv_usec == 2000, "ignored once, it stands still");
  ticks = 0;
  sigaction(SIGALRM, &action, NULL);
  pass_time(9);
  tell("for good", ticks);
  kill(getpid(), SIGALRM);
  for (int i = 0; i < 200 && ticks < 3; i++) pass_time(2);
  check(ticks >= 3, "until one is taken");
  sigemptyset(&mask), sigaddset(&mask, SIGALRM);
  sigprocmask(SIG_BLOCK, &mask, NULL);
  pass_time(9);
  getitimer(ITIMER_REAL, &left);
  check(left.it_value.tv_sec == 0 && left.it_value.tv_usec == 0, "blocked, it waits");
  ticks = 0;
  sigprocmask(SIG_UNBLOCK, &mask, NULL);
  for (int i = 0; i < 200 && ticks < 3; i++) pass_time(2);
  check(ticks >= 3, "and goes on");
  setitimer(ITIMER_REAL, &never, NULL);

  int fd = works("timerfd", timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK));
  uint64_t count = 0;
  tell("not yet", read(fd, &count, 8));
  tell("too short", read(fd, &count, 4));
  setting = in(4, 4);
  tell("set", timerfd_settime(fd, 0, &setting, NULL));
  pass_time(22);
  struct pollfd poll_it = {fd, POLLIN};
  tell("ready", poll(&poll_it, 1, 0));
  tell("read", read(fd, &count, 8));
  check(count >= 5, "expirations");
  timerfd_gettime(fd, &old);
  check(old.it_interval.tv_nsec == 4000000 && old.it_value.tv_nsec > 0 && old.it_value.tv_nsec <= 4000000, "what is left");
  fcntl(fd, F_SETFL, 0);
  tell("wait for it", read(fd, &count, 8));
  tell("write", write(fd, &count, 8));
  setting = in(4, 4);
  timerfd_settime(fd, 0, &setting, NULL);
  struct epoll_event edge = {EPOLLIN | EPOLLET};
  int watcher = epoll_create1(0);
  epoll_ctl(watcher, EPOLL_CTL_ADD, fd, &edge);
  tell("it expires", epoll_wait(watcher, &edge, 1, 1000));
  tell("once, until it is read", epoll_wait(watcher, &edge, 1, 30));
  works("look", timerfd_gettime(fd, &old));
  tell("or looked at", epoll_wait(watcher, &edge, 1, 1000));
  tell("missed", read(fd, &count, 8));
  check(count >= 8, "and all are counted");
  tell("it goes on", epoll_wait(watcher, &edge, 1, 1000));
  setting = (struct itimerspec){{0, 1}, {0, 1}};
  timerfd_settime(fd, 0, &setting, NULL);
  signal(SIGUSR2, SIG_IGN);
  event = (struct sigevent){.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR2};
  works("ignored", syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &second));
  syscall(SYS_timer_settime, second, 0, &setting, NULL);
  event.sigev_notify = SIGEV_NONE;
  works("told to nobody", syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &timer));
  syscall(SYS_timer_settime, timer, 0, &setting, NULL);
  pass_time(500);
  tell("each nanosecond", read(fd, &count, 8));
  check(count >= 500000000, "a nanosecond's");
  tell("missed by nobody", syscall(SYS_timer_getoverrun, timer));
  setting = in(0, 0);
  timerfd_settime(fd, 0, &setting, NULL);
  tell("disarmed", poll(&poll_it, 1, 8));
  tell("wrong clock", timerfd_create(CLOCK_THREAD_CPUTIME_ID, 0));
  tell("wrong flags", timerfd_create(CLOCK_MONOTONIC, 1));
  tell("no timer", timerfd_settime(1, 0, &setting, NULL));
  clock_gettime(CLOCK_REALTIME, &time);
  fd = timerfd_create(CLOCK_REALTIME, 0);
  setting = (struct itimerspec){{0, 0}, {time.tv_sec, 1}};
  timerfd_settime(fd, TFD_TIMER_ABSTIME, &setting, NULL);
  tell("a past moment", read(fd, &count, 8));
  tell("once", count);
  struct timex state = {0};
  works("adjtimex", adjtimex(&state));
  check(state.time.tv_sec >= time.tv_sec, "its time");
  return 0;
}
