// Scalar double multiplications and comparisons: how long the points of the Mandelbrot set's square stay bounded.
#include <stdio.h>
#include <stdlib.h>

enum { MOST_STEPS = 200 };

static int steps_within(double real, double imaginary) {
  double x = 0, y = 0;
  int step = 0;
  for (; step < MOST_STEPS; step++) {
    double xx = x * x, yy = y * y;
    if (xx + yy > 4) break;
    y = 2 * x * y + imaginary;
    x = xx - yy + real;
  }
  return step;
}

int main(int argc, char **argv) {
  int size = argc > 1 ? atoi(argv[1]) : 700;
  unsigned long total = 0;
  for (int row = 0; row < size; row++)
    for (int column = 0; column < size; column++) total += steps_within(2.0 * column / size - 1.5, 2.0 * row / size - 1);
  printf("mandel %lu\n", total);
}
