// A signal of the whole process interrupts one thread that would take it, at most, and that only once (kernel/signal.c, complete_signal and retarget_shared_pending).
#include "check.h"
#include <sys/epoll.h>

static int epoll, interruptions[3];

static void *wait_a_while(void *number) {
  struct epoll_event event;
  while (epoll_wait(epoll, &event, 1, 200) == -1 && ++interruptions[(long)number] < 10) {}
  return NULL;
}
static volatile sig_atomic_t handled;
static void count(int signal) { handled++; }
static void begin(pthread_t *threads) {
  memset(interruptions, 0, sizeof interruptions);
  for (long i = 0; i < 3; i++) pthread_create(&threads[i], NULL, wait_a_while, (void *)i);
  pass_time(20);
}
static int all_of(pthread_t *threads) {
  for (int i = 0; i < 3; i++) pthread_join(threads[i], NULL);
  return interruptions[0] + interruptions[1] + interruptions[2];
}
int main(void) {
  pthread_t threads[3];
  sigset_t all, old;
  epoll = epoll_create1(0);
  sigfillset(&all);

  // As posix_spawn does it: the child's end is told while the first thread takes no signals, and before others have run.
  begin(threads);
  sigprocmask(SIG_BLOCK, &all, &old);
  pid_t child = vfork();
  if (child == 0) _exit(3);
  sigprocmask(SIG_SETMASK, &old, NULL);
  int status;
  check(waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 3, "the child ended");
  check(all_of(threads) <= 1, "one thread at most is interrupted by what is ignored");

  // A signal that the first thread blocks is for one other; a new mask of the first interrupts no more of them.
  signal(SIGUSR1, count);
  begin(threads);
  sigprocmask(SIG_BLOCK, &all, NULL);
  kill(getpid(), SIGUSR1);
  sigprocmask(SIG_SETMASK, &old, NULL);
  check(all_of(threads) == 1, "one thread is interrupted by what is handled");
  tell("handled", handled);
  return 0;
}
