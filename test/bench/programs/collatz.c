// Integer arithmetic and one branch that nothing predicts: the longest Collatz sequence that starts below a limit.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static uint64_t steps_to_one(uint64_t number) {
  uint64_t steps = 0;
  for (; number != 1; steps++) {
    if (number & 1)
      number = 3 * number + 1;
    else
      number >>= 1;
  }
  return steps;
}

int main(int argc, char **argv) {
  uint64_t limit = argc > 1 ? strtoull(argv[1], 0, 10) : 1800000;
  uint64_t longest = 0, longest_start = 0, total = 0;
  for (uint64_t start = 1; start < limit; start++) {
    uint64_t steps = steps_to_one(start);
    total += steps;
    if (steps > longest) {
      longest = steps;
      longest_start = start;
    }
  }
  printf("collatz %lu %lu %lu\n", longest_start, longest, total);
}
