// Cache misses: follows a random permutation of a million 32-bit indices, each load waiting for the one before.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { COUNT = 1 << 20 };

static void shuffle(uint32_t *permutation) {
  uint64_t random = 88172645463325252ull;
  for (uint32_t i = 0; i < COUNT; i++) permutation[i] = i;
  for (uint32_t i = COUNT - 1; i > 0; i--) {
    random ^= random << 13;
    random ^= random >> 7;
    random ^= random << 17;
    uint32_t other = random % i;
    uint32_t kept = permutation[i];
    permutation[i] = permutation[other];
    permutation[other] = kept;
  }
}

int main(int argc, char **argv) {
  long steps = argc > 1 ? atol(argv[1]) : 10000000;
  uint32_t *permutation = malloc(COUNT * sizeof *permutation);
  shuffle(permutation);
  uint32_t at = 0;
  uint64_t sum = 0;
  for (long step = 0; step < steps; step++) {
    at = permutation[at];
    sum += at;
  }
  printf("chase %u %lu\n", at, sum);
}
