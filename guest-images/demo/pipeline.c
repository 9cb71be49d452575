// A pipeline of forks that finds primes: each process keeps the first number it reads, prints it, and passes on what that does not divide.
// One process and one pipe for each prime, so its tree of processes is as deep as its output is long.
#include "linux.h"

static void generate(int out, long limit) {
  for (int number = 2; number <= limit; number++) must(sys(write, out, &number, sizeof number), "write");
}

static void filter(int in, int out, int prime) {
  int number;
  while (must(sys(read, in, &number, sizeof number), "read") == sizeof number)
    if (number % prime) must(sys(write, out, &number, sizeof number), "write");
}

/// Reads from `in`; forks the next stage once it knows its prime.
static int stage(int in) {
  int prime, ends[2];
  if (must(sys(read, in, &prime, sizeof prime), "read") != sizeof prime) return 0;
  print("%d\n", (long)prime);
  must(sys(pipe, ends), "pipe");
  long next = must(sys(fork), "fork");
  if (next == 0) {
    sys(close, in);
    sys(close, ends[1]);
    leave(stage(ends[0]));
  }
  sys(close, ends[0]);
  filter(in, ends[1], prime);
  sys(close, ends[1]);
  int status = wait_for(next);
  return exit_status(status) + 1;
}

int main(int count, char **words, char **environment) {
  (void)environment;
  long limit = count > 1 ? number_in(words[1], 30) : 30;
  int ends[2];
  must(sys(pipe, ends), "pipe");
  long first = must(sys(fork), "fork");
  if (first == 0) {
    sys(close, ends[1]);
    leave(stage(ends[0]));
  }
  sys(close, ends[0]);
  generate(ends[1], limit);
  sys(close, ends[1]);
  print("%d primes up to %d, and as many processes\n", (long)exit_status(wait_for(first)), limit);
  return 0;
}
