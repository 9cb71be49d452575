// Block copies and comparisons by the C library: a megabyte at once, then many small pieces at odd offsets.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIZE = 1 << 20, SMALL_COPIES_A_ROUND = 400 };

int main(int argc, char **argv) {
  int rounds = argc > 1 ? atoi(argv[1]) : 4000;
  char *from = malloc(SIZE), *to = malloc(SIZE);
  for (size_t i = 0; i < SIZE; i++) from[i] = i * 7;
  unsigned long total = 0;
  for (int round = 0; round < rounds; round++) {
    from[round % SIZE] ^= round;
    memcpy(to, from, SIZE);
    total += to[(round * 4099u) % SIZE];
    total += memcmp(from, to, SIZE);
  }
  for (int i = 0; i < rounds * SMALL_COPIES_A_ROUND; i++) {
    size_t offset = (i * 977u) % (SIZE - 256);
    memcpy(to + offset, from + (SIZE - 256 - offset), 16 + (i & 63));
    total += to[offset + 3];
  }
  printf("memcpy %lu\n", total);
}
