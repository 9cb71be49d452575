// Random numbers from a seed, and the values at which instructions differ: edges of integers and of floating point.

/** xorshift128: fast, and the same everywhere. */
export class Chance {
  #a: number;
  #b: number;
  #c = 0x9e37_79b9 | 0;
  #d = 0x7f4a_7c15 | 0;
  constructor(seed: number) {
    this.#a = seed | 0;
    this.#b = Math.imul(seed, 0x85eb_ca6b) ^ 0x2545_f491;
    for (let i = 0; i < 16; i++) this.word();
  }
  /** 32 bits, signed. */
  word(): number {
    let t = this.#d;
    const s = this.#a;
    this.#d = this.#c;
    this.#c = this.#b;
    this.#b = s;
    t ^= t << 11;
    t ^= t >>> 8;
    this.#a = t ^ s ^ (s >>> 19);
    return this.#a | 0;
  }
  below(limit: number): number {
    return (this.word() >>> 1) % limit;
  }
  one<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }
  /** Once in so many. */
  isOnce(inSoMany: number): boolean {
    return this.below(inSoMany) === 0;
  }
}

const pairs = (words: readonly bigint[]): Int32Array => new Int32Array(BigUint64Array.from(words.map(word => BigInt.asUintN(64, word))).buffer);
/** Low and high word by turns. */
const integers = pairs([
  ...[
    0n,
    1n,
    2n,
    3n,
    4n,
    7n,
    8n,
    15n,
    16n,
    31n,
    32n,
    33n,
    63n,
    64n,
    65n,
    127n,
    128n,
    255n,
    256n,
    -1n,
    -2n,
    -127n,
    -128n,
    -129n,
    0x7fffn,
    0x8000n,
    0xffffn,
    0x1_0000n,
  ],
  ...[0x7fff_ffffn, 0x8000_0000n, 0xffff_ffffn, 0x1_0000_0000n, -0x8000_0000n, 0x7fff_ffff_ffff_ffffn, -0x8000_0000_0000_0000n, 0x8080_8080_8080_8080n],
  ...[0x7f80_7f80_7f80_7f80n, 0x5555_5555_5555_5555n, 0xaaaa_aaaa_aaaa_aaaan, 0x0123_4567_89ab_cdefn, 0x0f0f_0f0f_0f0f_0f0fn],
]);
const singles = [
  0, 0x8000_0000, 0x3f80_0000, 0xbf80_0000, 0x7f80_0000, 0xff80_0000, 0x7fc0_0000, 0xffc0_0001, 0x7f80_0001, 0xffa0_0000, 0x0000_0001, 0x807f_ffff, 0x0080_0000,
  0x7f7f_ffff, 0x3f00_0000, 0xbfc0_0000, 0x4f00_0000, 0xcf00_0000, 0x5f00_0000, 0x4eff_ffff, 0x3eaa_aaab, 0x4b7f_ffff, 0x3400_0000, 0x42c8_0000, 0x1f80_0000,
  0x5e80_0000,
].map(word => word | 0);
const doubles = pairs([
  ...[0n, 0x8000_0000_0000_0000n, 0x3ff0_0000_0000_0000n, 0xbff0_0000_0000_0000n, 0x7ff0_0000_0000_0000n, 0xfff0_0000_0000_0000n, 0x7ff8_0000_0000_0000n],
  ...[0xfff8_0000_0000_0123n, 0x7ff0_0000_0000_0001n, 0xfff4_0000_0000_0000n, 1n, 0x800f_ffff_ffff_ffffn, 0x0010_0000_0000_0000n, 0x7fef_ffff_ffff_ffffn],
  ...[0x3fe0_0000_0000_0000n, 0xbff8_0000_0000_0000n, 0x41e0_0000_0000_0000n, 0xc1e0_0000_0020_0000n, 0x41df_ffff_ffc0_0000n, 0x43e0_0000_0000_0000n],
  ...[
    0xc3e0_0000_0000_0000n,
    0x43df_ffff_ffff_ffffn,
    0x3fd5_5555_5555_5555n,
    0x36a0_0000_0000_0000n,
    0x47ef_ffff_e000_0000n,
    0x47ef_ffff_f000_0000n,
    0x3810_0000_0000_0000n,
  ],
  ...[0x380f_ffff_f000_0000n, 0x3690_0000_0000_0001n, 0x4330_0000_0000_0001n, 0x1ff0_0000_0000_0000n, 0x5fe0_0000_0000_0000n, 0x4024_0000_0000_0000n],
]);
/** 80 bits: sign and exponent, then the mantissa's words. */
const extended = [
  [0, 0, 0],
  [0x8000, 0, 0],
  [0x3fff, 0, 0x8000_0000],
  [0xbfff, 0, 0x8000_0000],
  [0x7fff, 0, 0x8000_0000],
  [0xffff, 0, 0x8000_0000],
  [0x7fff, 0, 0xc000_0000],
  [0xffff, 1, 0xc000_0000],
  [0x7fff, 1, 0x8000_0000],
  [0x7fff, 1, 0xa000_0000],
  [0, 1, 0],
  [0x8000, -1, 0x7fff_ffff],
  [0, 0, 0x8000_0000],
  [1, 0, 0x8000_0000],
  [0x7ffe, -1, 0xffff_ffff],
  [0xfffe, -1, 0xffff_ffff],
  [0x3ffe, 0, 0x8000_0000],
  [0x4000, 0, 0xc000_0000],
  [0x403e, 0, 0x8000_0000],
  [0xc03e, 0, 0x8000_0000],
  [0x403d, -1, 0xffff_ffff],
  [0x401e, 0, 0x8000_0000],
  [0x400e, 0, 0x8000_0000],
  [0x3ffd, 0xaaaa_aaab, 0xaaaa_aaaa],
  [0x4000, 0xcafe, 0],
  [0x7fff, 5, 0x4000_0000],
  [0x3fc0, 1, 0x8000_0000],
  [0x3c01, 0, 0x8000_0000],
  [0x43fe, 0xffff_f800, 0xffff_ffff],
  [0x3f81, 0, 0x8000_0000],
  [0x407e, 0, 0xffff_ff00],
  [0x3fff, 1, 0x8000_0000],
] as const;

/** Eight bytes at a word's place: integers mostly of edges, or random. */
export function putInteger(chance: Chance, words: Int32Array, at: number): void {
  const kind = chance.below(8);
  if (kind < 3) {
    const pair = chance.below(integers.length / 2) * 2;
    words[at] = integers[pair]!;
    words[at + 1] = integers[pair + 1]!;
  } else if (kind === 3) {
    words[at] = chance.below(256);
    words[at + 1] = 0;
  } else if (kind === 4) {
    const word = chance.word() >> chance.below(32);
    words[at] = word;
    words[at + 1] = word >> 31;
  } else {
    words[at] = chance.word();
    words[at + 1] = chance.word();
  }
}
function putDouble(chance: Chance, words: Int32Array, at: number): void {
  const kind = chance.below(6);
  if (kind < 4) {
    const pair = chance.below(doubles.length / 2) * 2;
    words[at] = doubles[pair]!;
    words[at + 1] = doubles[pair + 1]!;
    if (kind === 3) words[at] = words[at]! ^ (1 << chance.below(32));
    return;
  }
  words[at] = chance.word();
  // Near one, so that sums and products round.
  words[at + 1] = kind === 4 ? 0x3ff0_0000 ^ (chance.word() & 0x800f_ffff) ^ (chance.below(64) << 20) : chance.word();
}
function putSingle(chance: Chance, words: Int32Array, at: number): void {
  const kind = chance.below(6);
  words[at] =
    kind < 4 ? chance.one(singles) ^ (kind === 3 ? 1 << chance.below(23) : 0) : kind === 4 ? 0x3f80_0000 ^ (chance.word() & 0x80ff_ffff) : chance.word();
}
/** Sixteen bytes of one kind: what a vector register or memory may hold. */
export function putVector(chance: Chance, words: Int32Array, at: number): void {
  switch (chance.below(5)) {
    case 0:
      putInteger(chance, words, at);
      putInteger(chance, words, at + 2);
      return;
    case 1:
      for (let i = 0; i < 4; i++) putSingle(chance, words, at + i);
      return;
    case 2:
    case 3:
      putDouble(chance, words, at);
      putDouble(chance, words, at + 2);
      return;
    default:
      for (let i = 0; i < 4; i++) words[at + i] = chance.word();
  }
}
/** An x87 register: ten bytes of sixteen. */
export function putExtended(chance: Chance, words: Int32Array, at: number): void {
  const kind = chance.below(6);
  words[at + 3] = 0;
  if (kind < 3) {
    const [signExponent, low, high] = chance.one(extended);
    words[at] = low | 0;
    words[at + 1] = high | 0;
    words[at + 2] = signExponent;
    return;
  }
  words[at] = kind === 3 ? 0 : chance.word();
  words[at + 1] = chance.word() | 0x8000_0000;
  words[at + 2] = kind === 5 ? chance.below(0x1_0000) : (0x3fff + chance.below(140) - 70) | (chance.below(2) << 15);
}
