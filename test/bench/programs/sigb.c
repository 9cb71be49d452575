// Signals: raise one, have it handled, return from the handler.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static volatile long handled;

static void count(int signal) {
  (void)signal;
  handled++;
}

int main(int argc, char **argv) {
  int signals = argc > 1 ? atoi(argv[1]) : 100000;
  struct sigaction action = {.sa_handler = count};
  sigaction(SIGUSR1, &action, 0);
  for (int i = 0; i < signals; i++) raise(SIGUSR1);
  printf("sig %ld\n", handled);
}
