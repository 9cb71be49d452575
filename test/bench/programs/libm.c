// The C library's double functions, and conversions between double and integer.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
  int count = argc > 1 ? atoi(argv[1]) : 4000000;
  double sum = 0;
  for (int i = 1; i <= count; i++) {
    double x = i * 1e-3;
    sum += sin(x) + exp(-x * 1e-3) + log(x) + pow(x, .37) + (double)(long)(x * 7.3);
  }
  printf("libm %.12g\n", sum);
}
