// The rounds of SHA-1 and SHA-256 (FIPS 180-4; SDM vol. 2, SHA1MSG1 to SHA256RNDS2).
import { i32, select, type Value, v128 } from "../wasm/value.ts";
import { i8x16, i32x4 } from "../wasm/vector-lanes.ts";
import { binary, legacy, masked, type OperationRows, type Vector, type VectorContext } from "./vector-operation.ts";

type Word = Value<"i32">;
const lanesOf = (a: Vector, keep: VectorContext["keep"]): readonly [Word, Word, Word, Word] => {
  const lane = (n: number) => keep(i32x4.extract(n, a));
  return [lane(0), lane(1), lane(2), lane(3)];
};
const vectorOf = (lanes: readonly Word[]): Vector => lanes.reduce((all, value, n) => (n ? i32x4.replace(n, all, value) : i32x4.splat(value)), v128.zero);
const left = (a: Word, by: number): Word => i32.rotl(a, i32.constant(by));
const sum = (...terms: readonly Word[]): Word => terms.reduce((all, term) => i32.add(all, term));
/** Of SHA-256: two turns and a third, or a shift. */
const mixed = (a: Word, turns: readonly [number, number, number]): Word =>
  turns.map(by => i32.rotr(a, i32.constant(by))).reduce((all, some) => i32.xor(all, some));
const small = (a: Vector, first: number, second: number, shifted: number): Vector => {
  const turn = (by: number) => v128.or(i32x4.shrU(a, i32.constant(by)), i32x4.shl(a, i32.constant(32 - by)));
  return v128.xor(v128.xor(turn(first), turn(second)), i32x4.shrU(a, i32.constant(shifted)));
};
const choice = (b: Word, c: Word, d: Word): Word => i32.xor(i32.and(b, c), i32.and(i32.xor(b, i32.constant(-1)), d));
const majority = (b: Word, c: Word, d: Word): Word => i32.xor(i32.xor(i32.and(b, c), i32.and(b, d)), i32.and(c, d));
const parity = (b: Word, c: Word, d: Word): Word => i32.xor(i32.xor(b, c), d);
const SHA1_CONSTANTS = [0x5a82_7999, 0x6ed9_eba1, 0x8f1b_bcdc, 0xca62_c1d6];

export const vectorSha: OperationRows = {
  sha1nexte: binary((a, b) => i32x4.replace(3, b, i32.add(left(i32x4.extract(3, a), 30), i32x4.extract(3, b)))),
  sha1msg1: binary((a, b) => v128.xor(a, i8x16.shuffle([24, 25, 26, 27, 28, 29, 30, 31, 0, 1, 2, 3, 4, 5, 6, 7], a, b))),
  sha1msg2: binary((a, b, { keep }) => {
    const [[a0, a1, a2, a3], [b0, b1, b2]] = [lanesOf(a, keep), lanesOf(b, keep)];
    const first = keep(left(i32.xor(a3, b2), 1));
    return vectorOf([left(i32.xor(a0, first), 1), left(i32.xor(a1, b0), 1), left(i32.xor(a2, b1), 1), first]);
  }),
  sha1rnds4: legacy({
    reads: 128,
    hasImmediate: true,
    compute(from, words, { immediate, keep }) {
      let [d, c, b, a] = lanesOf(from, keep);
      const kind = keep(i32.and(immediate(), i32.constant(3)));
      const is = (n: number) => i32.eq(kind, i32.constant(n));
      const of = <T>(values: readonly T[], pick: (yes: T, no: T, n: number) => T): T => values.reduceRight((no, yes, n) => pick(yes, no, n));
      const constant = keep(of<Word>(SHA1_CONSTANTS.map(i32.constant), (yes, no, n) => select(is(n), yes, no)));
      let e: Word = i32.constant(0);
      for (const word of [...lanesOf(words, keep)].reverse()) {
        const f = of<Word>([choice(b, c, d), parity(b, c, d), majority(b, c, d), parity(b, c, d)], (yes, no, n) => select(is(n), yes, no));
        const next = keep(sum(f, left(a, 5), word, e, constant));
        [a, b, c, d, e] = [next, a, keep(left(b, 30)), c, d];
      }
      return vectorOf([d, c, b, a]);
    },
  }),
  sha256msg1: binary((a, b, { keep }) => {
    const next = keep(i8x16.shuffle([4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19], a, b));
    return i32x4.add(a, small(next, 7, 18, 3));
  }),
  sha256msg2: binary((a, b, { keep }) => {
    const high = keep(i8x16.shuffle([8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15], b, b));
    const low = keep(i32x4.add(a, small(high, 17, 19, 10)));
    const doubled = keep(i8x16.shuffle([0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7], low, low));
    const upper = i32x4.add(a, small(doubled, 17, 19, 10));
    return i8x16.shuffle([0, 1, 2, 3, 4, 5, 6, 7, 24, 25, 26, 27, 28, 29, 30, 31], low, upper);
  }),
  sha256rnds2: masked((from, other, { keep }, words) => {
    let [h, g, d, c] = lanesOf(from, keep);
    let [f, e, b, a] = lanesOf(other, keep);
    for (const word of lanesOf(words, keep).slice(0, 2)) {
      const one = keep(sum(choice(e, f, g), mixed(e, [6, 11, 25]), word, h));
      [a, b, c, d, e, f, g, h] = [keep(sum(one, majority(a, b, c), mixed(a, [2, 13, 22]))), a, b, c, keep(i32.add(one, d)), e, f, g];
    }
    return vectorOf([f, e, b, a]);
  }),
};
