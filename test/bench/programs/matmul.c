// Double multiply-and-add over memory: two products of square matrices, added up.
#include <stdio.h>
#include <stdlib.h>

static void add_product(const double *left, const double *right, double *sum, int size) {
  for (int row = 0; row < size; row++)
    for (int inner = 0; inner < size; inner++) {
      double factor = left[row * size + inner];
      for (int column = 0; column < size; column++) sum[row * size + column] += factor * right[inner * size + column];
    }
}

int main(int argc, char **argv) {
  int size = argc > 1 ? atoi(argv[1]) : 420;
  int cells = size * size;
  double *left = malloc(cells * sizeof *left), *right = malloc(cells * sizeof *right), *sum = calloc(cells, sizeof *sum);
  for (int i = 0; i < cells; i++) {
    left[i] = (i % 97) * .25;
    right[i] = (i % 89) * .5 - 3;
  }
  for (int round = 0; round < 2; round++) add_product(left, right, sum, size);
  double total = 0;
  for (int i = 0; i < cells; i++) total += sum[i] * (i % 7);
  printf("matmul %.17g\n", total);
}
