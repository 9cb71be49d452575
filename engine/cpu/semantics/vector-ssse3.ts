// The integer instructions that came with SSSE3 (SDM vol. 2, PABSB to PSIGNW).
import { i32, select, v128 } from "../wasm/value.ts";
import { constantBytes, i8x16, i16x8, i32x4, repeated } from "../wasm/vector-lanes.ts";
import { binary, type OperationRow, type OperationRows, unary, type Vector, withImmediate } from "./vector-operation.ts";

const bytes = [...Array(16).keys()];
const IOTA = constantBytes(bytes);
/** Every other lane of `size` bytes of both, from the first or the second on. */
const everyOther = (size: number, first: 0 | 1, a: Vector, b: Vector): Vector =>
  i8x16.shuffle(
    bytes.map(i => (2 * Math.floor(i / size) + first) * size + (i % size)),
    a,
    b,
  );
const horizontal = (size: 2 | 4, combine: (a: Vector, b: Vector) => Vector): OperationRow =>
  binary((a, b) => combine(everyOther(size, 0, a, b), everyOther(size, 1, a, b)));

interface Lanes {
  readonly sub: (a: Vector, b: Vector) => Vector;
  readonly eq: (a: Vector, b: Vector) => Vector;
  readonly gtS: (a: Vector, b: Vector) => Vector;
}
/** `a` with the sign of `b`, and zero where that is zero. */
const signed = ({ sub, eq, gtS }: Lanes): OperationRow =>
  binary((a, b, { keep }) => {
    const isNegative = keep(gtS(v128.zero, b));
    return v128.andNot(sub(v128.xor(a, isNegative), isNegative), eq(b, v128.zero));
  });
const EIGHT = i32.constant(8);
const LEAST = repeated(0x7fffn, 16);

export const vectorSsse3: OperationRows = {
  // Bit 7 asks for zero; WebAssembly gives zero from 16 on.
  pshufb: binary((a, b) => i8x16.swizzle(a, v128.and(b, repeated(0x8fn, 8)))),
  phaddw: horizontal(2, i16x8.add),
  phaddd: horizontal(4, i32x4.add),
  phaddsw: horizontal(2, i16x8.addSatS),
  phsubw: horizontal(2, i16x8.sub),
  phsubd: horizontal(4, i32x4.sub),
  phsubsw: horizontal(2, i16x8.subSatS),
  pmaddubsw: binary((a, b) => {
    const even = i16x8.mul(v128.and(a, repeated(0xffn, 16)), i16x8.shrS(i16x8.shl(b, EIGHT), EIGHT));
    return i16x8.addSatS(even, i16x8.mul(i16x8.shrU(a, EIGHT), i16x8.shrS(b, EIGHT)));
  }),
  // The one product that WebAssembly holds to the greatest, -1 times -1, is the least here; nothing else comes to the greatest.
  pmulhrsw: binary((a, b, { keep }) => {
    const product = keep(i16x8.mulRoundedSat(a, b));
    return v128.xor(product, i16x8.eq(product, LEAST));
  }),
  psignb: signed(i8x16),
  psignw: signed(i16x8),
  psignd: signed(i32x4),
  pabsb: unary(i8x16.abs),
  pabsw: unary(i16x8.abs),
  pabsd: unary(i32x4.abs),
  // The source below the target, moved down by bytes: numbers that wrap below zero are 240 and above.
  palignr: withImmediate((a, b, { immediate, keep }) => {
    const count = keep(i32.and(immediate(), i32.constant(0xff)));
    const places = keep(i8x16.add(IOTA, i8x16.splat(select(i32.gtU(count, i32.constant(32)), i32.constant(32), count))));
    return v128.or(i8x16.swizzle(b, places), i8x16.swizzle(a, i8x16.sub(places, repeated(16n, 8))));
  }),
};
