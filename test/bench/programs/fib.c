// Calls and returns: Fibonacci numbers by the slowest definition. What GCC would do to make it something else is switched off.
#include <stdio.h>
#include <stdlib.h>

__attribute__((noinline, optimize("no-optimize-sibling-calls"))) static long fibonacci(int n) {
  return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

long (*volatile measured)(int) = fibonacci;

int main(int argc, char **argv) {
  int n = argc > 1 ? atoi(argv[1]) : 39;
  printf("fib %ld\n", measured(n));
}
