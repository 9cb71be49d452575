// AES and carryless multiplication (FIPS 197; SDM vol. 2, AESDEC to AESKEYGENASSIST, PCLMULQDQ). The substitution is sixteen lookups of sixteen bytes.
import { i32, i64, select, v128 } from "../wasm/value.ts";
import { constantBytes, i8x16, i32x4, i64x2, repeated } from "../wasm/vector-lanes.ts";
import { binary, legacy, type OperationRow, type OperationRows, type Vector, type VectorContext, withImmediate } from "./vector-operation.ts";

type Keep = VectorContext["keep"];
const bytes = [...Array(16).keys()];
const times = (a: number, b: number): number => {
  let product = 0;
  for (let i = 0; i < 8; i++) {
    if ((b >> i) & 1) product ^= a << i;
  }
  for (let i = 14; i >= 8; i--) if ((product >> i) & 1) product ^= 0x11b << (i - 8);
  return product;
};
const rotate = (a: number, by: number): number => ((a << by) | (a >> (8 - by))) & 0xff;
const inverse = (a: number): number => [...Array(256).keys()].find(b => times(a, b) === 1) ?? 0;
const substitution = [...Array(256).keys()].map(a => {
  const b = inverse(a);
  return b ^ rotate(b, 1) ^ rotate(b, 2) ^ rotate(b, 3) ^ rotate(b, 4) ^ 0x63;
});
const inverseSubstitution = [...Array(256).keys()].map(a => substitution.indexOf(a));

/** Numbers outside a row's sixteen give zero, so the rows are put together with OR. */
const substitute = (table: readonly number[], a: Vector, keep: Keep): Vector => {
  const kept = keep(a);
  return bytes
    .map(row => i8x16.swizzle(constantBytes(table.slice(16 * row, 16 * row + 16)), i8x16.sub(kept, repeated(BigInt(16 * row), 8))))
    .reduce((all, some) => v128.or(all, some));
};
/** Row r of the state, which has four bytes a column, turned by r columns. */
const shiftRows = (direction: 1 | -1, a: Vector): Vector => {
  const lanes = bytes.map(i => ((Math.floor(i / 4) + direction * (i % 4) + 4) % 4) * 4 + (i % 4));
  return i8x16.shuffle(lanes, a, a);
};
const turned = (a: Vector, by: number): Vector =>
  i8x16.shuffle(
    bytes.map(i => (i & 12) + ((i + by) & 3)),
    a,
    a,
  );
const twice = (a: Vector): Vector => v128.xor(i8x16.add(a, a), v128.and(i8x16.gtS(v128.zero, a), repeated(0x1bn, 8)));
function mixColumns(a: Vector, keep: Keep): Vector {
  const kept = keep(a);
  const next = keep(turned(kept, 1));
  return v128.xor(v128.xor(twice(keep(v128.xor(kept, next))), next), v128.xor(turned(kept, 2), turned(kept, 3)));
}
/** The inverse is the same after 5, 0, 4, 0. */
function unmixColumns(a: Vector, keep: Keep): Vector {
  const kept = keep(a);
  const double = keep(twice(keep(v128.xor(kept, turned(kept, 2)))));
  return mixColumns(v128.xor(kept, twice(double)), keep);
}
const round = (transform: (a: Vector, keep: Keep) => Vector): OperationRow => binary((a, key, { keep }) => v128.xor(transform(a, keep), key));
const encrypted = (a: Vector, keep: Keep): Vector => substitute(substitution, shiftRows(1, a), keep);
const decrypted = (a: Vector, keep: Keep): Vector => substitute(inverseSubstitution, shiftRows(-1, a), keep);

export const vectorAes: OperationRows = {
  aesenc: round((a, keep) => mixColumns(encrypted(a, keep), keep)),
  aesenclast: round(encrypted),
  aesdec: round((a, keep) => unmixColumns(decrypted(a, keep), keep)),
  aesdeclast: round(decrypted),
  aesimc: legacy({ reads: 128, isUnary: true, isShort: true, compute: (_, b, { keep }) => unmixColumns(b, keep) }),
  aeskeygenassist: legacy({
    reads: 128,
    isUnary: true,
    isShort: true,
    hasImmediate: true,
    compute(_, b, { immediate, keep }) {
      // Doublewords 1 and 3, each as it is and turned by a byte.
      const words = keep(substitute(substitution, b, keep));
      const placed = i8x16.shuffle([4, 5, 6, 7, 5, 6, 7, 4, 12, 13, 14, 15, 13, 14, 15, 12], words, words);
      const constant = i32x4.splat(i32.and(immediate(), i32.constant(0xff)));
      return v128.xor(placed, v128.and(constant, constantBytes(bytes.map(i => (i & 4 ? 0xff : 0)))));
    },
  }),
  pclmulqdq: withImmediate((a, b, { tier: { code }, immediate, keep }) => {
    const half = (of: Vector, bit: number) => select(i32.and(immediate(), i32.constant(1 << bit)), i64x2.extract(1, of), i64x2.extract(0, of));
    const factor = keep(half(a, 0));
    const [rest, low, high, left] = [code.temporary("i64"), code.temporary("i64"), code.temporary("i64"), code.temporary("i32")];
    rest.set(half(b, 4));
    low.set(i64.constant(0));
    high.set(i64.constant(0));
    left.set(i32.constant(64));
    const [one, last] = [i64.constant(1), i64.constant(63)];
    code.loop(start => {
      high.set(i64.or(i64.shl(high, one), i64.shrU(low, last)));
      low.set(i64.xor(i64.shl(low, one), i64.and(factor, i64.shrS(rest, last))));
      rest.set(i64.shl(rest, one));
      left.set(i32.sub(left, i32.constant(1)));
      code.if(left, () => code.br(start));
    });
    return i64x2.replace(1, i64x2.splat(low), high);
  }),
};
