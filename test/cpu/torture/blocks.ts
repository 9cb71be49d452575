// Kinds of code that compilers turn into kinds of instructions. A block is C text of one function `block_N` that mixes what it computes into the program's hash.
import type { Chance } from "../hardware/chance.ts";
import { floating, floatTypes, integer, integerTypes } from "./expression.ts";

type Block = (chance: Chance, name: string) => string;
const each = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
const input = (chance: Chance): string => `in[${chance.below(64)}]`;

const integers: Block = (chance, name) => {
  const names = each(6, i => `v${i}`);
  const declared = names.map(one => `${chance.one(integerTypes)} ${one} = ${input(chance)};`).join(" ");
  const body = each(12, () => `${chance.one(names)} = ${integer(chance, names, 4)};`).join("\n  ");
  return `static void ${name}(void) {\n  ${declared}\n  for (int i = 0; i < ${8 + chance.below(20)}; i++) {\n  v0 += in[i & 63];\n  ${body}\n  ${names.map(one => `mix(${one});`).join(" ")}\n  }\n}`;
};
const bitFields: Block = (chance, name) => {
  const widths = each(8, () => 1 + chance.below(31));
  const fields = widths.map((width, i) => `${chance.isOnce(2) ? "u32" : "i32"} f${i} : ${width};`).join(" ");
  const long = 1 + chance.below(63);
  const names = each(8, i => `s->f${i}`);
  const body = each(8, () => `${chance.one(names)} ${chance.one(["=", "+=", "^=", "-="])} ${integer(chance, [...names, "(u64)s->wide"], 2)};`).join("\n  ");
  return `struct ${name}_s { ${fields} u64 wide : ${long}; i64 rest : ${64 - long}; };
__attribute__((noinline)) static void ${name}_change(struct ${name}_s *s) {\n  ${body}\n  s->wide += s->f0; s->rest ^= s->f1;\n}
static void ${name}(void) {\n  struct ${name}_s s;\n  memset(&s, 0, sizeof s);\n  for (int i = 0; i < 16; i++) { s.f${chance.below(8)} = in[i]; ${name}_change(&s); ${names.map(one => `mix(${one.replace("s->", "s.")});`).join(" ")} mix(s.wide); mix(s.rest); }\n}`;
};
const structs: Block = (chance, name) => {
  const kinds = [...integerTypes, ...floatTypes, "long double"];
  const members = each(1 + chance.below(6), () => chance.one(kinds));
  const declared = members.map((type, i) => `${type} m${i};`).join(" ");
  const changes = members.map((_, i) => `a.m${i} += b.m${chance.below(members.length)} + k;`).join(" ");
  return `struct ${name}_s { ${declared} };
__attribute__((noinline)) static struct ${name}_s ${name}_sum(struct ${name}_s a, int k, struct ${name}_s b) { ${changes} return a; }
static void ${name}(void) {
  struct ${name}_s a = { ${members.map(() => `(int)(${input(chance)} & 0xffff)`).join(", ")} }, b = { ${members.map(() => `(int)(${input(chance)} & 0xff)`).join(", ")} };
  for (int i = 0; i < 9; i++) { a = ${name}_sum(a, i, b); b = ${name}_sum(b, -i, a); ${members.map((type, i) => (type === "long double" ? `mixl(a.m${i});` : type === "float" || type === "double" ? `mixd(a.m${i});` : `mix(a.m${i});`)).join(" ")} }
}`;
};
const floats: Block = (chance, name) => {
  const type = chance.one(floatTypes);
  const names = each(4, i => `x${i}`);
  const whole = each(3, i => `n${i}`);
  const body = each(8, () => `${chance.one(names)} = ${floating(chance, names, whole, type, 3)};`).join("\n  ");
  return `static void ${name}(void) {
  ${names.map((one, i) => `${type} ${one} = fin[${i + chance.below(28)}];`).join(" ")} ${whole.map(one => `${chance.one(integerTypes)} ${one} = ${input(chance)};`).join(" ")}
  for (int i = 0; i < 24; i++) {\n  x0 += fin[i & 31]; n0 ^= in[i];\n  ${body}\n  ${names.map(one => `mixd(${one});`).join(" ")}
  mix((i32)x0); mix((i64)x1); mix((u32)(i64)x2); mix(x0 < x1); mix(x2 != x2);\n  }\n}`;
};
const longDoubles: Block = (chance, name) => {
  const operation = () => chance.one(["+", "-", "*", "/"]);
  return `static void ${name}(void) {\n  long double x = fin[${chance.below(32)}], y = ${1 + chance.below(99)}.0L / 7, z = (i64)${input(chance)};
  for (int i = 0; i < 20; i++) { x = x ${operation()} y; y = (y ${operation()} z) ${operation()} (x + 3); z = __builtin_sqrtl(__builtin_fabsl(z ${operation()} ${1 + chance.below(50)}.5L)); if (x > y) z = -z; if (!(x < 1e200L && x > -1e200L)) x = i + 1;
  if (!(y < 1e200L && y > -1e200L)) y = 2.5L; mixl(x); mixl(y); mixl(z); mix((i64)z); mixd((double)x); mixd((float)y); z += (u64)in[i]; }\n}`;
};
const vectorTypes = ["u8", "i8", "u16", "i16", "u32", "i32", "u64", "i64", "float", "double"] as const;
const vectorLoops: Block = (chance, name) => {
  const type = chance.one(vectorTypes);
  const other = chance.one(vectorTypes);
  const isFloat = type === "float" || type === "double";
  const count = 17 + chance.below(200);
  const shift = isFloat || chance.isOnce(2) ? "" : `c[i] = a[i] ${chance.isOnce(2) ? "<<" : ">>"} ${1 + chance.below(7)};`;
  const operation = () => (isFloat ? chance.one(["+", "-", "*", "/"]) : chance.one(["+", "-", "*", "&", "|", "^"]));
  const bound = isFloat ? "1.5" : "40";
  const loops = [
    `for (int i = 0; i < n; i++) c[i] = a[i] ${operation()} b[i];`,
    `for (int i = 0; i < n; i++) c[i] = (a[i] ${operation()} b[i]) ${operation()} (${type})${chance.below(100)};`,
    `for (int i = 0; i < n; i++) c[i] = a[i] > b[i] ? a[i] : b[i];`,
    `for (int i = 0; i < n; i++) if (b[i] < ${bound}) a[i] = c[i] ${operation()} a[i];`,
    `for (int i = 0; i < n; i++) d[i] = (${other})a[i];`,
    `for (int i = 0; i < n; i++) a[i] = (${type})d[i] ${operation()} c[i];`,
    `for (int i = 0; i < n / 2; i++) c[i] = a[2 * i] ${operation()} a[2 * i + 1];`,
    `for (int i = 0; i < n; i++) c[n - 1 - i] = a[i];`,
    `{ ${type} s = 0; for (int i = 0; i < n; i++) s ${isFloat ? "+=" : chance.one(["+=", "^=", "|="])} a[i]; mix${isFloat ? "d" : ""}(s); }`,
    `{ ${type} s = a[0]; for (int i = 1; i < n; i++) s = s < a[i] ? s : a[i]; mix${isFloat ? "d" : ""}(s); }`,
    `{ ${isFloat ? "double" : "i64"} s = 0; for (int i = 0; i < n; i++) s += (${isFloat ? "double" : "i32"})a[i] * b[i]; mix${isFloat ? "d" : ""}(s); }`,
    ...(isFloat
      ? [`for (int i = 0; i < n; i++) a[i] = __builtin_sqrt${type === "float" ? "f" : ""}(__builtin_fabs${type === "float" ? "f" : ""}(b[i])) + c[i] * b[i];`]
      : [`for (int i = 0; i < n; i++) { ${shift} a[i] = (${type})((a[i] + b[i] + 1) >> 1); }`, `for (int i = 0; i < n; i++) c[i] = a[i] < 0 ? -a[i] : a[i];`]),
  ];
  const chosen = each(6, () => chance.one(loops));
  return `static ${type} ${name}_a[256], ${name}_b[256], ${name}_c[256]; static ${other} ${name}_d[256];
__attribute__((noinline)) static void ${name}_run(${type} *restrict a, ${type} *restrict b, ${type} *restrict c, ${other} *restrict d, int n) {\n  ${chosen.join("\n  ")}\n}
static void ${name}(void) {
  for (int i = 0; i < 256; i++) { ${name}_a[i] = ${isFloat ? "(i32)in[i & 63] / 1000.0" : "in[i & 63] >> (i & 15)"}; ${name}_b[i] = ${isFloat ? "fin[i & 31]" : "in[(i * 7) & 63]"}; ${name}_d[i] = i * 3; }
  for (int r = 0; r < 3; r++) { ${name}_run(${name}_a + r, ${name}_b, ${name}_c + ${chance.below(4)}, ${name}_d, ${count}); mixbytes(${name}_a, sizeof ${name}_a); mixbytes(${name}_c, sizeof ${name}_c); mixbytes(${name}_d, sizeof ${name}_d); }
}`;
};
const switches: Block = (chance, name) => {
  const cases = each(
    12 + chance.below(20),
    i => `case ${i * (chance.isOnce(6) ? 3 : 1)}: x = ${integer(chance, ["x", "y"], 2)}; ${chance.isOnce(3) ? "" : "break;"}`,
  );
  const distinct = [...new Map(cases.map(text => [/case (\d+)/.exec(text)![1], text])).values()];
  return `__attribute__((noinline)) static u64 ${name}_one(u32 k, u64 x, i32 y) { switch (k) { ${distinct.join("\n  ")} default: x += y; } return x; }
static void ${name}(void) { for (u32 i = 0; i < 80; i++) mix(${name}_one(i % 40, in[i & 63], i * 77)); }`;
};
const functionPointers: Block = (chance, name) => {
  const count = 5 + chance.below(6);
  const functions = each(
    count,
    i => `__attribute__((noinline)) static u64 ${name}_f${i}(u64 a, i32 b, u8 c) { return ${integer(chance, ["a", "b", "c"], 3)}; }`,
  );
  return `${functions.join("\n")}
static u64 (*const ${name}_all[])(u64, i32, u8) = { ${each(count, i => `${name}_f${i}`).join(", ")} };
static void ${name}(void) { u64 x = ${input(chance)}; for (int i = 0; i < 60; i++) { x = ${name}_all[(x ^ i) % ${count}](x, i, x >> 9); mix(x); } }`;
};
const copies: Block = (chance, name) => {
  const steps = each(14, () => {
    const [from, to, length] = [chance.below(700), chance.below(700), chance.isOnce(3) ? chance.below(300) : chance.below(40)];
    return chance.one([
      `memmove(t + ${to}, t + ${from}, ${length} + k);`,
      `memcpy(t + ${to}, u + ${from}, ${length});`,
      `memcpy(u + ${to}, t + ${from}, ${length} + k);`,
      `memset(t + ${to}, k + ${chance.below(256)}, ${length} + k);`,
      `mix(memcmp(t + ${from}, u + ${to}, ${length}) > 0);`,
      `mix((u64)((char *)memchr(t, ${chance.below(256)}, 1000) - (char *)t));`,
      `t[${from + length}] = 0; mix(strlen((char *)t + ${from}));`,
      `{ u64 w; memcpy(&w, t + ${from}, 8); w = w * 3 + k; memcpy(u + ${to}, &w, 8); }`,
      `for (int i = 0; i < ${length}; i++) t[${to} + i] = u[${from} + i] ^ t[i];`,
    ]);
  });
  return `static u8 ${name}_t[1100], ${name}_u[1100];
__attribute__((noinline)) static void ${name}_step(u8 *t, u8 *u, u64 k) {\n  ${steps.join("\n  ")}\n}
static void ${name}(void) { for (int i = 0; i < 1100; i++) ${name}_t[i] = in[i & 63] >> (i & 31), ${name}_u[i] = i * 13; for (u64 k = 0; k < 12; k++) { ${name}_step(${name}_t, ${name}_u, k); mixbytes(${name}_t, 1100); mixbytes(${name}_u, 1100); } }`;
};
const variadic: Block = (chance, name) => {
  const kinds = each(4 + chance.below(12), () => chance.one(["i", "l", "d", "L"] as const));
  const given = { i: "(int)in[3]", l: "in[5]", d: "fin[4]", L: "(long double)fin[6]" } as const;
  return `__attribute__((noinline)) static void ${name}_take(const char *kinds, ...) { va_list l; va_start(l, kinds); for (; *kinds; kinds++) switch (*kinds) { case 'i': mix(va_arg(l, int)); break; case 'l': mix(va_arg(l, u64)); break; case 'd': mixd(va_arg(l, double)); break; case 'L': mixl(va_arg(l, long double)); } va_end(l); }
static void ${name}(void) { ${name}_take("${kinds.join("")}", ${kinds.map(kind => given[kind]).join(", ")}); }`;
};
const jumps: Block = (chance, name) => `static jmp_buf ${name}_at;
__attribute__((noinline)) static void ${name}_down(int n, volatile u64 *x) { *x += n; if (n == ${chance.below(9)}) longjmp(${name}_at, n + 1); if (n > 0) ${name}_down(n - 1, x); *x ^= in[n & 63]; }
static void ${name}(void) { volatile u64 x = ${input(chance)}; for (volatile int i = 0; i < 14; i++) { int from = setjmp(${name}_at); mix(from); mix(x); if (from == 0) ${name}_down(i, &x); } }`;
const wideIntegers: Block = (chance, name) => {
  const steps = each(8, () =>
    chance.one([
      "x = x * y + 1;",
      "y ^= x >> 37;",
      "x = x / ((y & 0xffffffffffull) + 1);",
      "y = y + (x % 1000003);",
      `x = (x << ${chance.below(100)}) ^ y;`,
      "x = -x;",
      "y = (u128)(i128)((i128)x >> 5);",
      "if ((i128)x < (i128)y) x += y; else y -= x;",
      "x += (u128)in[9] * in[11];",
      "y += (u128)((i128)(i64)in[7] * (i64)in[8]);",
      "mixd((double)x); mixd((double)(i128)y);",
    ]),
  );
  return `static void ${name}(void) { u128 x = ((u128)${input(chance)} << 64) | ${input(chance)}, y = ${input(chance)}; for (int i = 0; i < 16; i++) { ${steps.join(" ")} x += in[i]; mix((u64)x); mix((u64)(x >> 64)); mix((u64)y); mix((u64)(y >> 64)); } }`;
};
const atomics: Block = (chance, name) => {
  const type = chance.one(["u8", "u16", "u32", "u64"] as const);
  const steps = each(10, () =>
    chance.one([
      `mix(__atomic_fetch_${chance.one(["add", "sub", "and", "or", "xor", "nand"])}(&${name}_x, (${type})in[i], __ATOMIC_SEQ_CST));`,
      `mix(__atomic_exchange_n(&${name}_x, (${type})(in[i] * 3), __ATOMIC_SEQ_CST));`,
      `{ ${type} e = i & 1 ? ${name}_x : 5; mix(__atomic_compare_exchange_n(&${name}_x, &e, (${type})in[(i + 1) & 63], 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)); mix(e); }`,
      `mix(__atomic_load_n(&${name}_x, __ATOMIC_ACQUIRE)); __atomic_store_n(&${name}_x, (${type})i, __ATOMIC_SEQ_CST);`,
      `mix(__atomic_fetch_or(&${name}_x, (${type})(1u << ${chance.below(8)}), __ATOMIC_SEQ_CST) & (1u << 3));`,
    ]),
  );
  return `static ${type} ${name}_x;\nstatic void ${name}(void) { for (int i = 0; i < 20; i++) { ${steps.join(" ")} mix(${name}_x); } }`;
};
const overflows: Block = (chance, name) => {
  const steps = each(6, () => {
    const type = chance.one(integerTypes);
    return `{ ${type} r; mix(__builtin_${chance.one(["add", "sub", "mul"])}_overflow((${chance.one(integerTypes)})in[i & 63], (${chance.one(integerTypes)})in[(i * 5) & 63], &r)); mix(r); }`;
  });
  return `static void ${name}(void) { for (int i = 0; i < 40; i++) { ${steps.join("\n  ")} } }`;
};
const texts: Block = (chance, name) =>
  `static void ${name}(void) { char t[200]; for (int i = 0; i < 6; i++) { int n = snprintf(t, sizeof t, "%lld %#llx %.${chance.below(17)}g %Lg %e %d %s", (long long)in[i + ${chance.below(50)}], (unsigned long long)in[i], fin[i + ${chance.below(20)}], (long double)fin[i] / 3, fin[i] * 1e30, (int)in[i + 1], "abc"); mixbytes(t, n); mixd(strtod("${chance.below(1000)}.${chance.below(1000)}e${chance.below(40) - 20}", 0)); mix(strtoull("${chance.below(2 ** 30)}7", 0, ${chance.one([10, 16, 8])})); } }`;
const sorting: Block = (
  chance,
  name,
) => `static int ${name}_less(const void *a, const void *b) { u32 x = *(const u32 *)a ^ ${chance.below(9999)}, y = *(const u32 *)b ^ ${chance.below(9999)}; return x < y ? -1 : x > y; }
__attribute__((noinline)) static u64 ${name}_deep(u64 x, int n) { u8 room[n * 8 + 1]; memset(room, x, sizeof room); return n == 0 ? room[0] : ${name}_deep(x * 3 + room[n], n - 1) + room[n / 2]; }
static void ${name}(void) { u32 t[100]; for (int i = 0; i < 100; i++) t[i] = in[i & 63] >> (i & 7); qsort(t, 100, 4, ${name}_less); mixbytes(t, sizeof t); mix(${name}_deep(in[4], ${5 + chance.below(30)})); }`;
const complexes: Block = (chance, name) =>
  `static void ${name}(void) { _Complex double z = fin[${chance.below(32)}] + fin[${chance.below(32)}] * 1.0i, w = ${chance.below(9)} + 0.5i; _Complex float f = 1 + 2.0fi; for (int i = 0; i < 12; i++) { z = z * w + ${chance.below(5)}; w = w - z / (w + 3.0); f = f * f / 5.0f + 1.0fi; mixd(__real__ z); mixd(__imag__ w); mixd(__real__ f); mixd(__imag__ f); } }`;

export const blocks: readonly Block[] = [
  integers,
  bitFields,
  structs,
  floats,
  longDoubles,
  vectorLoops,
  switches,
  functionPointers,
  copies,
  variadic,
  jumps,
  wideIntegers,
  atomics,
  overflows,
  texts,
  sorting,
  complexes,
];
