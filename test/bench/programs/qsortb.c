// Sorting by the C library with a comparison by callback.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static int compare(const void *left, const void *right) {
  int a = *(const int *)left, b = *(const int *)right;
  return (a > b) - (a < b);
}

int main(int argc, char **argv) {
  int count = argc > 1 ? atoi(argv[1]) : 2000000;
  int *numbers = malloc(count * sizeof *numbers);
  uint32_t random = 1;
  for (int i = 0; i < count; i++) {
    random = random * 1664525 + 1013904223;
    numbers[i] = (int)random;
  }
  qsort(numbers, count, sizeof *numbers, compare);
  uint64_t hash = 0;
  for (int i = 0; i < count; i++) hash = hash * 31 + (uint32_t)numbers[i];
  printf("qsort %lx\n", hash);
}
