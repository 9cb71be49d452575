// 80-bit arithmetic of the x87 unit, which long double is: the logistic map, and a sum of its thirds.
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
  int count = argc > 1 ? atoi(argv[1]) : 15000000;
  long double x = .5L, sum = 0;
  for (int i = 0; i < count; i++) {
    x = 3.7L * x * (1 - x);
    sum += x / 3;
  }
  printf("x87 %.15Lg %.15Lg\n", x, sum);
}
