// FMA3: the three orders of operands, four signs, and sums and differences by turns (SDM vol. 2, VFMADD132PD to VFNMSUB231SS).
import { double, type Lane, single, type Vector } from "../sse/lane.ts";
import { bailIfInexact, orExactly } from "../sse/mxcsr.ts";
import type { Tier } from "../tier.ts";
import { call, extendU, i32, type Value, v128 } from "../wasm/value.ts";
import { anyTrue, repeated } from "../wasm/vector-lanes.ts";
import type { FormBits } from "../width.ts";
import type { Row, Rows } from "./row.ts";
import { bailIfMoreThanZero, type Extent } from "./vector-float.ts";
import { BOTH_LENGTHS, type Halves, halvesAt, type Placed, pointerTo, vectorOf, writeWhole } from "./vex.ts";

/** Which of the operands 0, 1 and 2 are multiplied, and which is added. */
export const fusedOrders = { 132: [0, 2, 1], 213: [1, 0, 2], 231: [1, 2, 0] } as const;
/** Signs of product and addend; of addends lane by lane: the even lane's, then the odd one's. */
export const fusedSigns = {
  fmadd: { isProductNegated: false, addends: [false, false] },
  fmsub: { isProductNegated: false, addends: [true, true] },
  fnmadd: { isProductNegated: true, addends: [false, false] },
  fnmsub: { isProductNegated: true, addends: [true, true] },
  fmaddsub: { isProductNegated: false, addends: [true, false] },
  fmsubadd: { isProductNegated: false, addends: [false, true] },
} as const;
type Order = keyof typeof fusedOrders;
export type FusedName = keyof typeof fusedSigns;

/** 2^-900 and 2^-70: products that cancel such a number have bits down to 2^-106 or 2^-48 of it. */
const LEAST_CANCELLED = { 64: BigInt(1023 - 900) << 52n, 32: BigInt(127 - 70) << 23n } as const;

const SIGN = { 32: 0x8000_0000n, 64: 0x8000_0000_0000_0000n } as const;
/** A word of 128 bits with the signs that are turned. */
function turned({ bits }: Lane, [even, odd]: readonly [boolean, boolean], v: Vector): Vector {
  if (!even && !odd) return v;
  if (even && odd) return v128.xor(v, repeated(SIGN[bits], bits));
  if (bits === 32) return v128.xor(v, repeated(even ? SIGN[32] : SIGN[32] << 32n, 64));
  const lanes = Array.from({ length: 16 }, (_, i) => (i === (even ? 7 : 15) ? 0x80 : 0));
  return v128.xor(v, { type: "v128", isStable: true, put: sink => void sink.push(0xfd, 12, ...lanes) });
}

function fusedRow(lane: Lane, isPacked: boolean, name: FusedName, order: Order): Row<FormBits> {
  const { isProductNegated, addends } = fusedSigns[name];
  const places = fusedOrders[order];
  const counted = (mask: Value<"i32">) => (isPacked ? mask : i32.and(mask, i32.constant(1)));
  return {
    shapes: ["vvv", "vvm"],
    widths: isPacked ? BOTH_LENGTHS : [128],
    isScalar: !isPacked,
    define(tier, shape, bits) {
      const at = (place: number) => (isPacked ? halvesAt(tier, shape, place, bits) : scalarAt(tier, shape, place, lane.bits));
      const third = at(2);
      const operands = [at(0), at(1), third];
      const [x, y, z] = places.map(place => operands[place]!);
      const target = vectorOf(tier, shape, 0);
      let result: Halves = third;
      orExactly(tier, third.place, bail => {
        const half = (which: keyof Halves): Vector => {
          const keep = (value: Vector) => tier.code.let(value);
          const of = [keep(turned(lane, [isProductNegated, isProductNegated], x![which])), keep(y![which]), keep(turned(lane, addends, z![which]))] as const;
          if (isAtOnce(tier)) return fusedAtOnce(tier, bail, { lane, isPacked }, of);
          const fused = keep(call("v128", tier.routine(`fused${lane.bits}`), of));
          const unusual = call("i32", tier.routine(`isFusedUnusual${lane.bits}`), [...of, fused]);
          // Of singles what is usual is soon seen.
          if (lane.bits === 64) bail(counted(unusual));
          else tier.code.if(anyTrue([lane.isExtreme(fused), ...of.map(lane.isDenormal)].reduce(v128.or)), () => bail(counted(unusual)));
          bailIfInexact(tier, bail, () => counted(call("i32", tier.routine(`inexactFused${lane.bits}`), [...of, fused])));
          return fused;
        };
        result = { low: half("low"), high: bits === 256 ? half("high") : v128.zero };
      });
      if (!isPacked)
        for (const place of [1, 2]) if (shape[place] === "v" && isAtOnce(tier)) vectorOf(tier, shape, place).passed?.({ bits: lane.bits, isPacked });
      if (isPacked) writeWhole(target, result);
      else {
        target.writeLow(lane.bits, result.low);
        target.writeHigh(v128.zero);
      }
    },
  };
}
const isAtOnce = (tier: Tier): boolean => tier.isCompiled && tier.fuses && tier.isInexactRecorded().constant === 1n;
/** As the host does it. A zero that comes of a large addend is exact: what cancels has no bits below the least number. */
function fusedAtOnce(tier: Tier, bail: (condition: Value<"i32">) => void, extent: Extent, of: readonly [Vector, Vector, Vector]): Vector {
  const { float, bits } = extent.lane;
  const result = tier.code.let(float.relaxedMadd(...of));
  const [isZeroX, isZeroY, isZeroZ] = of.map(v => float.eq(v, v128.zero)) as [Vector, Vector, Vector];
  const isLarge = float.ge(float.abs(of[2]), repeated(LEAST_CANCELLED[bits], bits));
  const isExact = v128.or(isLarge, v128.and(isZeroZ, v128.or(isZeroX, isZeroY)));
  bailIfMoreThanZero(tier, bail, extent, of, result, () => v128.and(float.eq(result, v128.zero), isExact));
  return { ...result, ordinary: { bits, isPacked: extent.isPacked } };
}
/** The other lanes do not count, and are whatever there is. */
function scalarAt(tier: Tier, shape: string, place: number, bits: 32 | 64): Placed {
  const { code } = tier;
  if (shape[place] === "m") {
    const at = code.let(pointerTo(tier, bits, "read"));
    return { low: code.let(v128.load(bits, at)), high: v128.zero, place: () => extendU(at) };
  }
  const register = vectorOf(tier, shape, place);
  return { low: code.let(register.readLow(bits)), high: v128.zero, place: () => extendU(register.place()) };
}
const kinds = [
  ["ps", single, true],
  ["pd", double, true],
  ["ss", single, false],
  ["sd", double, false],
] as const;
export const fusedNames: readonly FusedName[] = ["fmadd", "fmsub", "fnmadd", "fnmsub", "fmaddsub", "fmsubadd"];
export const orderNumbers: readonly Order[] = [132, 213, 231];
export const vectorFused: Rows<FormBits> = Object.fromEntries(
  fusedNames.flatMap(name =>
    orderNumbers.flatMap(order =>
      kinds
        .filter(([, , isPacked]) => isPacked || !/sub.*add|add.*sub/.test(name))
        .map(([suffix, lane, isPacked]): [string, Row<FormBits>] => [`v${name}${order}${suffix}`, fusedRow(lane, isPacked, name, order)]),
    ),
  ),
);
