// Two processes send each other signals, one at a time. Each blocks the signal except while it waits, so none is lost.
#include "linux.h"

static volatile int arrived;

static void note(int signal) {
  (void)signal;
  arrived = 1;
}

static void wait_for_signal(void) {
  sigset_t none = 0;
  while (!arrived) sys(rt_sigsuspend, &none, sizeof none);
  arrived = 0;
}

static void answer(long parent, long rounds) {
  for (long round = 1; round <= rounds; round++) {
    wait_for_signal();
    print("  pong %d\n", round);
    sys(kill, parent, SIGUSR1);
  }
}

int main(int count, char **words, char **environment) {
  (void)environment;
  long rounds = count > 1 ? number_in(words[1], 5) : 5;
  sigset_t usr1 = 1ul << (SIGUSR1 - 1);
  on_signal(SIGUSR1, note);
  must(sys(rt_sigprocmask, SIG_BLOCK, &usr1, 0, sizeof usr1), "rt_sigprocmask");
  long parent = sys(getpid);
  long child = must(sys(fork), "fork");
  if (child == 0) {
    answer(parent, rounds);
    return 0;
  }
  for (long round = 1; round <= rounds; round++) {
    print("ping %d\n", round);
    sys(kill, child, SIGUSR1);
    wait_for_signal();
  }
  print("%d rounds, child left with status %d\n", rounds, (long)exit_status(wait_for(child)));
  return 0;
}
