#include "bare.h"
/* Integer loops as compilers write them. */
static u8 data[1 << 16];
__attribute__((noinline)) u64 collatz(u64 n) { u64 most = 0; for (u64 i = 1; i < n; i++) { u64 x = i, s = 0; while (x != 1) { x = x & 1 ? 3 * x + 1 : x >> 1; s++; } if (s > most) most = s; } return most; }
__attribute__((noinline)) u64 sieve(u8 *p, u64 n) { u64 c = 0; memset(p, 1, n); for (u64 i = 2; i < n; i++) if (p[i]) { c++; for (u64 j = i * i; j < n; j += i) p[j] = 0; } return c; }
__attribute__((noinline)) u64 fib(u64 n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
__attribute__((noinline)) u64 mix(u8 *p, u64 n) { u64 h = 14695981039346656037ul; for (u64 i = 0; i + 8 < n; i += 3) { u64 w = *(u64 *)(p + i); h = (h ^ w) * 1099511628211ul; h ^= h >> 29; h = h << 7 | h >> 57; *(u32 *)(p + i) = h; } return h; }
__attribute__((noinline)) u64 divide(u64 n) { u64 s = 0; for (u64 i = 1; i < n; i++) { s += 1000000007ul / i + 1000000007ul % i; s ^= (i64)-12345678901l / (i64)i; s += (u32)s / (u32)i + (int)s % (int)i; s += (u64)((unsigned __int128)s * s >> 64); s += (unsigned __int128)s * 12345 / i; } return s; }
__attribute__((noinline)) int choose(int k, int x) { switch (k % 9) { case 0: return x + 1; case 1: return x * 3; case 2: return x ^ 0x55; case 3: return x - 7; case 4: return x >> 2; case 5: return ~x; case 6: return x << 3; case 7: return -x; default: return x | 1; } }
unsigned __int128 __udivti3(unsigned __int128 a, unsigned __int128 b) { u64 q, r, h = a >> 64, l = a, d = b; u64 qh = h / d; h %= d; __asm__("divq %4" : "=a"(q), "=d"(r) : "a"(l), "d"(h), "r"(d)); return (unsigned __int128)qh << 64 | q; }
/* A string instruction whose source has a segment. */
__attribute__((noinline)) u64 of_segment(u8 *p, u64 n) {
  u64 h = 0;
  __asm__ volatile("wrfsbase %0" : : "r"(p));
  for (u64 i = 0; i < n; i++) { u64 at = i * 8, w; __asm__ volatile("lodsq %%fs:(%%rsi)" : "=a"(w), "+S"(at) : : "memory"); h = (h << 5 | h >> 59) ^ w ^ at; }
  return h;
}
#ifndef SCALE
#define SCALE 1
#endif
void start(void) {
  for (u32 i = 0, x = 1; i < sizeof data; i++) { x = x * 1103515245 + 12345; data[i] = x >> 16; }
  show("mix", mix(data, sizeof data));
  show("collatz", collatz(3000 * SCALE)); show("sieve", sieve(data, sizeof data)); show("fib", fib(18 + 2 * (SCALE > 1)));
  show("divide", divide(2000 * SCALE));
  int x = 1; for (int i = 0; i < 3000 * SCALE; i++) x = choose(i, x);
  show("switch", (u32)x);
  show("segment", of_segment(data, 4000 * SCALE));
  quit(42);
}
