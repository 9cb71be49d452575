#include <immintrin.h>
#include "bare.h"
/* Loops that gcc makes vectors of 256 bits of, with AVX2, FMA, BMI2 and F16C. */
#define N 1024
static float f[N], g[N]; static double d[N], e[N]; static u32 w[N], at[N]; static u8 b[4 * N]; static u16 half[N];
static u64 hash(const void *p, u64 n) { u64 h = 14695981039346656037ul; for (u64 i = 0; i < n; i++) h = (h ^ ((const u8 *)p)[i]) * 1099511628211ul; return h; }
__attribute__((noinline)) void axpy(float a) { for (u32 i = 0; i < N; i++) f[i] = a * g[i] + f[i]; }
__attribute__((noinline)) void horner(void) { for (u32 i = 0; i < N; i++) d[i] = ((0.125 * e[i] - 0.5) * e[i] + 1.0 / 3) * e[i] - d[i]; }
__attribute__((noinline)) void chosen(void) { for (u32 i = 0; i < N; i++) if (w[i] & 4) f[i] = g[at[i]] - f[i]; }
__attribute__((noinline)) void shifts(void) { for (u32 i = 0; i < N; i++) w[i] = (w[i] << (at[i] & 31)) ^ (w[i] >> (at[i] & 15)); }
__attribute__((noinline)) u32 sums(void) { u32 s = 0; for (u32 i = 0; i < 4 * N; i++) s += b[i] > 100 ? b[i] - 100 : 2 * b[i]; return s; }
__attribute__((noinline)) void widen(void) { for (u32 i = 0; i < N; i++) d[i] += (double)(i32)w[i] + b[i]; }
__attribute__((noinline)) void halve(void) { for (u32 i = 0; i < N; i += 8) { _mm_storeu_si128((void *)(half + i), _mm256_cvtps_ph(_mm256_loadu_ps(g + i), 0)); _mm256_storeu_ps(g + i, _mm256_cvtph_ps(_mm_loadu_si128((void *)(half + i)))); } }
__attribute__((noinline)) u64 bits(void) { u64 s = 0; for (u32 i = 0; i < N; i++) { u64 v = (u64)w[i] << 32 | at[i] * 2654435761u; s += _pdep_u64(v, 0x0f0f0f0f0f0f0f0f) ^ _pext_u64(v, ~v >> 3) ^ _bzhi_u64(v, i & 63) ^ _blsr_u64(v); s ^= (unsigned __int128)s * v >> 64; } return s; }
void start(void) {
  u32 x = 1;
  for (u32 i = 0; i < N; i++) { x = x * 1103515245 + 12345; w[i] = x; at[i] = x >> 8 & (N - 1); f[i] = (float)(i32)x / 65536; g[i] = (float)(x >> 20) / 64 - 20; d[i] = (double)(i32)x / 3; e[i] = (double)(x >> 16) / 40000; }
  for (u32 i = 0; i < 4 * N; i++) { x = x * 1103515245 + 12345; b[i] = x >> 16; }
  u64 s = 0;
  for (u32 i = 0; i < 300; i++) { axpy(0.999f - i / 300.0f); horner(); chosen(); shifts(); s += sums(); widen(); halve(); s ^= bits(); }
  show("float", hash(f, sizeof f)); show("double", hash(d, sizeof d)); show("words", hash(w, sizeof w)); show("half", hash(half, sizeof half)); show("sums", s);
  quit(0);
}
