#include "bare.h"
/* Code that is left and met again in the middle: loops in functions with several callers, recursion around a loop and a tail call, code that changes between two rounds. */
static u32 words[1 << 14], spare[1 << 14];
__attribute__((section(".wtext,\"awx\",@progbits#"))) static u8 patched[4096] __attribute__((aligned(4096)));
#define APART __attribute__((noinline, noclone))
APART u64 two_loops(u32 *p, u64 n) {
  u64 h = 1;
  for (u64 i = 2; i < n; i++) p[i] += (p[i - 1] << 7 | p[i - 1] >> 25) ^ p[i - 2];
  for (u64 i = 0; i < n; i++) h = h * 31 + p[i];
  return h;
}
APART u64 callers(u32 *p, u64 rounds) {
  u64 h = 0;
  for (u64 i = 0; i < rounds; i++) {
    h ^= two_loops(p + i % 64, 64 + i % 5);
    if (i % 3 == 0) h += two_loops(p + 4096, 200);
  }
  return h;
}
APART void *copy(void *to, const void *from, u64 n) {
  for (u64 i = 0; i < n; i++) ((u8 *)to)[i] = ((const u8 *)from)[i];
  return to;
}
static void *(*volatile copier)(void *, const void *, u64) = copy;
APART int above(const u32 *a, const u32 *b) { return *a > *b; }
APART void sort(u32 *p, u32 *room, u64 n, int (*isAbove)(const u32 *, const u32 *)) {
  if (n < 2) return;
  u64 half = n / 2, left = half, right = n - half;
  sort(p, room, left, isAbove);
  sort(p + half, room, right, isAbove);
  u32 *a = p, *b = p + half, *to = room;
  while (left && right) {
    if (isAbove(a, b)) *to++ = *b++, right--;
    else *to++ = *a++, left--;
  }
  if (left) copy(to, a, left * 4);
  copier(p, room, (n - right) * 4);
}
APART u64 patch(u64 rounds) {
  u64 h = 0;
  /* lea eax, [rdi + rdi*2]; add eax, IMMEDIATE; dec esi; jne to the add; ret */
  static const u8 text[] = {0x8d, 0x04, 0x7f, 0x05, 1, 0, 0, 0, 0xff, 0xce, 0x75, 0xf7, 0xc3};
  copy(patched + 4090, text, 0);
  copy(patched, text, sizeof text);
  for (u64 i = 0; i < rounds; i++) {
    h = h * 7 + ((u32(*)(u32, u32))patched)(i, 40 + i % 90);
    if (i % 50 == 49) *(u32 *)(patched + 4) += 3;
  }
  return h;
}
void start(void) {
  for (u32 i = 0, x = 1; i < 1 << 14; i++) words[i] = x = x * 1664525 + 1013904223;
  for (u32 round = 0; round < 3; round++) {
    show("callers", callers(words, 700));
    sort(words, spare, 2500, above);
    u64 h = 0;
    for (u32 i = 0; i < 1 << 14; i++) h = h * 31 + words[i];
    show("sorted", h);
    show("patch", patch(700));
  }
  quit(42);
}
