// A C program of random blocks: it prints a hash after each, so that the first that differs is known.
import { Chance } from "../hardware/chance.ts";
import { blocks } from "./blocks.ts";

const PRELUDE = `#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
typedef uint8_t u8; typedef uint16_t u16; typedef uint32_t u32; typedef uint64_t u64; typedef int8_t i8; typedef int16_t i16; typedef int32_t i32; typedef int64_t i64;
typedef unsigned __int128 u128; typedef __int128 i128;
static u64 hash = 1;
static volatile u64 in[128]; static volatile double fin[64];
__attribute__((noinline)) static void mix(u64 v) { hash = (hash ^ v) * 1099511628211ull; hash ^= hash >> 31; }
/* Which NaN it is follows from the order of operands, which is the compiler's choice, but the same in both: it counts. */
static void mixd(double v) { u64 w; memcpy(&w, &v, 8); mix(w); }
static void mixl(long double v) { u64 w[2] = {0, 0}; memcpy(w, &v, 10); mix(w[0]); mix(w[1]); }
static void mixbytes(const void *p, u64 n) { const u8 *q = p; while (n--) mix(*q++); }
static void prepare(void) { u64 x = SEED; for (int i = 0; i < 128; i++) { x ^= x << 13; x ^= x >> 7; x ^= x << 17; in[i] = i % 5 == 0 ? x >> (x & 63) : i % 7 == 0 ? -(x & 0xff) : x; } for (int i = 0; i < 64; i++) fin[i] = i % 3 ? (i64)in[i] / 65536.0 : (i32)in[i] / 7.0; }
`;
const BLOCKS = 12;

export interface Program {
  readonly source: string;
  readonly blocks: number;
}
export function program(seed: number): Program {
  const chance = new Chance(seed);
  const names = Array.from({ length: BLOCKS }, (_, i) => `block_${i}`);
  const texts = names.map(name => chance.one(blocks)(chance, name));
  const main = `int main(void) {\n  prepare();\n${names.map(name => `  ${name}(); printf("${name} %016llx\\n", (unsigned long long)hash);`).join("\n")}\n  return 0;\n}\n`;
  return { source: [PRELUDE.replace("SEED", `${(chance.word() >>> 0) + 1}ull * 0x9e3779b97f4a7c15ull`), ...texts, main].join("\n\n"), blocks: BLOCKS };
}
