// PCMPESTRI, PCMPESTRM, PCMPISTRI, PCMPISTRM (SDM vol. 2, 4.1): comparing every character of one text with every one of another.
import { ofBits } from "../flags.ts";
import { RAX, RCX, RDX, type Tier } from "../tier.ts";
import { extendU, i32, i64, select, simd, type Value, v128, wrap } from "../wasm/value.ts";
import { choose, constantBytes, i8x16, i16x8, i32x4, i64x2, repeated } from "../wasm/vector-lanes.ts";
import { widths } from "../width.ts";
import type { Row, Rows } from "./row.ts";
import { source, vectorAt } from "./vector-move.ts";
import type { Vector } from "./vector-operation.ts";

type Word = Value<"i32">;
const [D, Q] = [widths[32], widths[64]];
const places = [...Array(16).keys()];
const IOTA = constantBytes(places);

/** Characters of one byte or of two. */
interface Characters {
  readonly size: 1 | 2;
  readonly count: 16 | 8;
  readonly eq: (a: Vector, b: Vector) => Vector;
  readonly gtS: (a: Vector, b: Vector) => Vector;
  readonly splat: (a: Word) => Vector;
  /** One bit for each. */
  readonly bits: (mask: Vector) => Word;
  readonly numbers: Vector;
  readonly lowestSign: bigint;
}
const oneByte: Characters = { ...i8x16, size: 1, count: 16, bits: i8x16.bitmask, numbers: IOTA, lowestSign: 0x80n };
const twoBytes: Characters = {
  ...i16x8,
  size: 2,
  count: 8,
  bits: mask => simd("i32", 0x84, [mask]),
  numbers: constantBytes(places.map(i => (i % 2 ? 0 : i / 2))),
  lowestSign: 0x8000n,
};

interface Texts {
  readonly a: Vector;
  readonly b: Vector;
  readonly lengthA: Word;
  readonly lengthB: Word;
}
/** One bit for each character of `b`: the comparison by bits 3 and 2 of the immediate. */
function compare(tier: Tier, kind: Characters, immediate: Word, { a, b, lengthA, lengthB }: Texts): Word {
  const { code } = tier;
  const { eq, gtS, splat, size, numbers } = kind;
  const bit = (n: number) => i32.and(immediate, i32.constant(1 << n));
  const [result, n] = [code.temporary("v128"), code.temporary("i32")];
  const isWithin = (length: Word) => gtS(splat(length), numbers);
  const isInB = code.let(isWithin(lengthB));
  const character = (at: Word) =>
    i8x16.swizzle(a, size === 1 ? i8x16.splat(at) : i16x8.splat(i32.add(i32.mul(at, i32.constant(0x0202)), i32.constant(0x0100))));
  const forEach = (step: number, body: () => void) => {
    n.set(i32.constant(0));
    code.block(end =>
      code.loop(start => {
        code.if(i32.geU(i32.add(n, i32.constant(step - 1)), lengthA), () => code.br(end));
        body();
        n.set(i32.add(n, i32.constant(step)));
        code.br(start);
      }),
    );
  };
  const any = () => {
    result.set(v128.zero);
    forEach(1, () => result.set(v128.or(result, eq(b, character(n)))));
    result.set(v128.and(result, isInB));
  };
  const ranges = () => {
    const bias = code.let(select(bit(1), v128.zero, repeated(kind.lowestSign, size === 1 ? 8 : 16)));
    const biased = (of: Vector) => v128.xor(of, bias);
    const value = code.let(biased(b));
    result.set(v128.zero);
    forEach(2, () => {
      const isOutside = v128.or(gtS(biased(character(n)), value), gtS(value, biased(character(i32.add(n, i32.constant(1))))));
      result.set(v128.or(result, v128.xor(isOutside, repeated(0xffn, 8))));
    });
    result.set(v128.and(result, isInB));
  };
  const each = () => {
    const isInA = code.let(isWithin(lengthA));
    // Beyond the ends of both they are equal.
    result.set(choose(v128.and(eq(a, b), isInA), v128.xor(isInA, repeated(0xffn, 8)), isInB));
  };
  const ordered = () => {
    result.set(repeated(0xffn, 8));
    forEach(1, () => {
      const moved = code.let(i8x16.add(IOTA, i8x16.splat(i32.mul(n, i32.constant(size)))));
      const isBeyond = i8x16.geU(moved, repeated(16n, 8));
      const isEqual = v128.and(eq(i8x16.swizzle(b, moved), character(n)), i8x16.swizzle(isInB, moved));
      result.set(v128.and(result, v128.or(isEqual, isBeyond)));
    });
  };
  code.if(
    bit(3),
    () => code.if(bit(2), ordered, each),
    () => code.if(bit(2), ranges, any),
  );
  return kind.bits(result);
}

/** Explicit lengths lie in RAX and RDX, whose sign does not count; implicit ones end with a zero. */
function lengthOf(tier: Tier, kind: Characters, text: Vector, register: number | undefined, isWide: boolean): Word {
  const most = i32.constant(kind.count);
  if (register === undefined) return i32.ctz(i32.or(kind.bits(kind.eq(text, v128.zero)), i32.constant(1 << kind.count)));
  const given = tier.register(register);
  const length = tier.code.let(isWide ? given.read(Q) : D.widen(given.read(D)));
  const absolute = tier.code.let(select(i64.ltS(length, i64.constant(0)), i64.sub(i64.constant(0), length), length));
  return select(i64.gtU(absolute, i64.constant(kind.count)), most, wrap(absolute));
}
const at = (value: Word, bit: number): Value<"i64"> => i64.shl(extendU(value), i64.constant(bit));

interface Answer {
  readonly kind: Characters;
  readonly isSixthSet: Word;
  readonly found: Word;
}
const comparison = (hasLengths: boolean, isWide: boolean, target: "index" | "mask"): Row => ({
  // XMM0 is an operand that the encoding leaves unsaid.
  shapes: target === "mask" ? ["vviv", "vmiv"] : ["vvi", "vmi"],
  widths: [64],
  define(tier, shape) {
    const { code } = tier;
    const immediate = code.let(tier.immediate(D));
    const b = code.let(source(tier, shape, 128, false));
    const a = code.let(vectorAt(tier, shape, 0).read());
    const [index, mask, status] = [code.temporary("i32"), code.temporary("v128"), code.temporary("i64")];
    const withKind = (kind: Characters) => {
      const lengthA = code.let(lengthOf(tier, kind, a, hasLengths ? RAX : undefined, isWide));
      const lengthB = code.let(lengthOf(tier, kind, b, hasLengths ? RDX : undefined, isWide));
      const compared = code.let(compare(tier, kind, immediate, { a, b, lengthA, lengthB }));
      const bit = (n: number) => i32.and(immediate, i32.constant(1 << n));
      // Bit 4 turns the answer round; with bit 5 only that of characters within `b`.
      const within = i32.sub(i32.shl(i32.constant(1), lengthB), i32.constant(1));
      const turned = select(bit(4), select(bit(5), within, i32.constant((1 << kind.count) - 1)), i32.constant(0));
      const found = code.let(i32.xor(compared, turned));
      const isShort = (length: Word) => i32.ltU(length, i32.constant(kind.count));
      const bits = [at(i32.ne(found, i32.constant(0)), 0), at(isShort(lengthB), 6), at(isShort(lengthA), 7), at(i32.and(found, i32.constant(1)), 11)];
      status.set(bits.reduce((some, flag) => i64.or(some, flag)));
      const answer = { kind, isSixthSet: bit(6), found };
      if (target === "index") index.set(toIndex(answer));
      else mask.set(toMask(answer));
    };
    code.if(
      i32.and(immediate, i32.constant(1)),
      () => withKind(twoBytes),
      () => withKind(oneByte),
    );
    if (target === "index") tier.register(RCX).write(D, index);
    else vectorAt(tier, shape, 3).write(mask);
    tier.setFlags(ofBits(status));
  },
});
function toIndex({ kind, isSixthSet, found }: Answer): Word {
  const lowest = i32.ctz(i32.or(found, i32.constant(1 << kind.count)));
  const highest = i32.sub(i32.constant(31), i32.clz(found));
  return select(i32.eqz(found), i32.constant(kind.count), select(isSixthSet, highest, lowest));
}
function toMask({ kind, isSixthSet, found }: Answer): Vector {
  const bits = constantBytes(places.map(i => (kind.size === 1 ? 1 << (i & 7) : i % 2 ? 0 : 1 << (i / 2))));
  const spread = kind.size === 1 ? i8x16.swizzle(i32x4.splat(found), constantBytes(places.map(i => i >> 3))) : i16x8.splat(found);
  return select(isSixthSet, kind.eq(v128.and(spread, bits), bits), i64x2.replace(0, v128.zero, extendU(found)));
}

const withVex = (row: Row): Row => ({
  ...row,
  vex: {
    ...row,
    widths: [128],
    define(tier, shape) {
      row.define(tier, shape, 64);
      if (shape.endsWith("v")) vectorAt(tier, shape, 3).writeHigh(v128.zero);
    },
  },
});
export const vectorStrings: Rows = {
  pcmpestri: withVex(comparison(true, false, "index")),
  pcmpestriWide: withVex(comparison(true, true, "index")),
  pcmpistri: withVex(comparison(false, false, "index")),
  pcmpestrm: withVex(comparison(true, false, "mask")),
  pcmpestrmWide: withVex(comparison(true, true, "mask")),
  pcmpistrm: withVex(comparison(false, false, "mask")),
};
