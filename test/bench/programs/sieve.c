// Integer arithmetic, branches and byte stores: primes below two million, found again in every round.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LIMIT = 2000000 };

static void mark_primes(unsigned char *is_prime) {
  memset(is_prime, 1, LIMIT + 1);
  for (uint32_t i = 2; i * i <= LIMIT; i++) {
    if (!is_prime[i]) continue;
    for (uint32_t multiple = i * i; multiple <= LIMIT; multiple += i) is_prime[multiple] = 0;
  }
}

static uint32_t count_primes(const unsigned char *is_prime) {
  uint32_t count = 0;
  for (uint32_t i = 2; i <= LIMIT; i++) count += is_prime[i];
  return count;
}

int main(int argc, char **argv) {
  int rounds = argc > 1 ? atoi(argv[1]) : 100;
  unsigned char *is_prime = malloc(LIMIT + 1);
  unsigned long total = 0;
  for (int round = 0; round < rounds; round++) {
    mark_primes(is_prime);
    total += count_primes(is_prime);
  }
  printf("sieve %lu\n", total);
}
