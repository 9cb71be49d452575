#include "bare.h"
/* Many functions that call one another: directly, through pointers, at their ends, themselves, and through a stub. No region holds them all. */
typedef u64 function(u64, u64);
function *const table[40];
__attribute__((noinline)) static u64 small(u64 x) { return (x ^ x >> 7) * 0x9e3779b97f4a7c15ul; }
__attribute__((noinline)) static u64 wrapped(u64 x) { return small(x + 1) ^ small(x); }
static function *volatile target;
__attribute__((noinline, naked)) static u64 stub(u64 x, u64 d) { __asm__("endbr64; jmp *%0" : : "m"(target)); }
#define NEXT(y) table[(y) % 40]
#define F(n)                                                            \
  __attribute__((noinline)) static u64 f##n(u64 x, u64 d) {             \
    u64 y = x * (2 * n + 3) ^ x >> (n % 13 + 1);                        \
    if (d == 0) return y;                                               \
    switch ((y >> 5) % (n % 3 + 6)) {                                   \
    case 0: y += NEXT(y >> 8)(y, d - 1); break;                         \
    case 1: y ^= wrapped(y) + n; break;                                 \
    case 2: return NEXT(y >> 11)(y ^ n, d - 1);                         \
    case 3: for (u64 k = 0; k < y % 9; k++) y = y * 5 + k; break;       \
    case 4: y += d > n % 5 ? f##n(y + n, d - 1) : small(y); break;      \
    case 5: target = NEXT(y >> 3); y ^= stub(y, d - 1); break;          \
    case 6: { u8 bytes[24]; for (int i = 0; i < 24; i++) bytes[i] = y >> i; for (int i = 1; i < 24; i += 2) y += bytes[i] * bytes[i - 1]; break; } \
    default: y = (y << (n % 31 + 1)) - (y >> 3);                        \
    }                                                                   \
    return (i64)y < 0 ? y ^ NEXT(x >> 13)(x + n, d - 1) : y + (x & n);  \
  }
#define TEN(A, t) A(t##0) A(t##1) A(t##2) A(t##3) A(t##4) A(t##5) A(t##6) A(t##7) A(t##8) A(t##9)
#define ALL(A) TEN(A, 1) TEN(A, 2) TEN(A, 3) TEN(A, 4)
ALL(F)
#define NAME(n) f##n,
function *const table[40] = { ALL(NAME) };
void start(void) {
  u64 sum = 0;
  for (u64 i = 0; i < 9000; i++) sum = sum * 31 + NEXT(i)(i * 0x9e3779b97f4a7c15ul + sum, 9);
  show("wide", sum);
  quit(42);
}
