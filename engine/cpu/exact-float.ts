// IEEE arithmetic of 32 and 64 bits on BigInts, in every rounding mode and with MXCSR's exceptions (SDM vol. 1, 4.8 and 11.5): slow, and exact.

export interface Format {
  readonly bits: 16 | 32 | 64;
  /** With the bit that the format leaves out. */
  readonly precision: number;
  readonly bias: number;
  readonly fractionBits: bigint;
  readonly infinity: bigint;
  readonly quietBit: bigint;
}
const format = (bits: 16 | 32 | 64, precision: number, bias: number): Format => {
  const fractionBits = BigInt(precision - 1);
  return { bits, precision, bias, fractionBits, infinity: BigInt(2 * bias + 1) << fractionBits, quietBit: 1n << (fractionBits - 1n) };
};
export const HALF = format(16, 11, 15);
export const SINGLE = format(32, 24, 127);
export const DOUBLE = format(64, 53, 1023);
export const IE = 0x01;
export const DE = 0x02;
export const ZE = 0x04;
export const OE = 0x08;
export const UE = 0x10;
export const PE = 0x20;
export const MASKS_SHIFT = 7;
const DAZ = 0x40;
const FTZ = 0x8000;
const DOWN = 1;
const UP = 2;
const CHOP = 3;

/** `sign * magnitude * 2 ** power`, or what is not a number of that kind. */
export interface Unpacked {
  readonly kind: "finite" | "infinity" | "quiet" | "signalling";
  readonly isNegative: boolean;
  readonly magnitude: bigint;
  readonly power: number;
  readonly isDenormal: boolean;
  readonly bits: bigint;
}
export interface Result {
  readonly bits: bigint;
  readonly raised: number;
}
/** An exact value, or, where `hasMore`, one a little greater in magnitude. */
interface Exact {
  readonly isNegative: boolean;
  readonly magnitude: bigint;
  readonly power: number;
  readonly hasMore?: boolean;
}
function lengthOf(n: bigint): number {
  const digits = n.toString(16);
  return 4 * digits.length - Math.clz32(Number.parseInt(digits[0]!, 16)) + 28;
}
const signBit = ({ bits }: Format, isNegative: boolean): bigint => (isNegative ? 1n << BigInt(bits - 1) : 0n);
export const defaultNan = (format: Format): bigint => signBit(format, true) | format.infinity | format.quietBit;
export const modeOf = (mxcsr: number): number => (mxcsr >> 13) & 3;
export const isNan = ({ kind }: Unpacked): boolean => kind === "quiet" || kind === "signalling";
export const isZero = ({ kind, magnitude }: Unpacked): boolean => kind === "finite" && magnitude === 0n;

/** With DAZ a denormal is a zero, and raises nothing. */
export function unpack(bits: bigint, format: Format, mxcsr: number): Unpacked {
  const places = format.fractionBits;
  const fraction = bits & ((1n << places) - 1n);
  const exponent = Number((bits >> places) & BigInt(2 * format.bias + 1));
  const isNegative = bits >> BigInt(format.bits - 1) === 1n;
  const base = { isNegative, magnitude: 0n, power: 0, isDenormal: false, bits };
  if (exponent === 2 * format.bias + 1) return { ...base, kind: fraction === 0n ? "infinity" : fraction & format.quietBit ? "quiet" : "signalling" };
  if (exponent === 0 && mxcsr & DAZ) return { ...base, kind: "finite", bits: signBit(format, isNegative) };
  const power = Math.max(exponent, 1) - format.bias - Number(places);
  return { ...base, kind: "finite", magnitude: exponent ? fraction | (1n << places) : fraction, power, isDenormal: exponent === 0 && fraction !== 0n };
}

/** The lowest `places` bits rounded away. */
function drop({ isNegative, magnitude, hasMore }: Exact, places: number, mode: number): { readonly kept: bigint; readonly isInexact: boolean } {
  const shift = BigInt(Math.max(places, 0));
  const low = places > 0 ? magnitude : magnitude << BigInt(-places);
  const kept = low >> shift;
  const rest = ((low & ((1n << shift) - 1n)) << 1n) | (hasMore ? 1n : 0n);
  const half = places > 0 ? 1n << shift : 2n;
  const isInexact = rest !== 0n;
  const isUp = mode === 0 ? rest > half || (rest === half && (kept & 1n) === 1n) : mode === (isNegative ? DOWN : UP) && isInexact;
  return { kept: isUp ? kept + 1n : kept, isInexact };
}
export function round(exact: Exact, format: Format, mxcsr: number): Result {
  const { isNegative, magnitude, power } = exact;
  const sign = signBit(format, isNegative);
  const mode = modeOf(mxcsr);
  if (magnitude === 0n) return { bits: sign, raised: 0 };
  const least = 1 - format.bias;
  const top = power + lengthOf(magnitude) - 1;
  const free = drop(exact, top - (format.precision - 1) - power, mode);
  // Tiny after rounding, as if there were no least exponent.
  const isTiny = top + (lengthOf(free.kept) > format.precision ? 1 : 0) < least;
  const isMasked = (mxcsr & (UE << MASKS_SHIFT)) !== 0;
  if (isTiny && isMasked && mxcsr & FTZ) return { bits: sign, raised: UE | PE };
  const { kept, isInexact } = isTiny || top < least ? drop(exact, least - (format.precision - 1) - power, mode) : free;
  const raised = (isInexact ? PE : 0) | (isTiny && (isInexact || !isMasked) ? UE : 0);
  // The integer bit, and a carry, add themselves to the exponent.
  const exponent = BigInt(Math.max(top, least) - least);
  const packed = (exponent << format.fractionBits) + kept;
  if (packed < format.infinity) return { bits: sign | packed, raised };
  const isInfinite = mode === 0 || mode === (isNegative ? DOWN : UP);
  return { bits: sign | (isInfinite ? format.infinity : format.infinity - 1n), raised: OE | PE };
}

const denormals = (...operands: readonly Unpacked[]): number => (operands.some(x => x.isDenormal) ? DE : 0);
const invalid = (format: Format): Result => ({ bits: defaultNan(format), raised: IE });
/** The first operand if it is a NaN, else the second, made quiet. */
export function nanOf(format: Format, ...operands: readonly Unpacked[]): Result | undefined {
  const nan = operands.find(isNan);
  return nan && { bits: nan.bits | format.quietBit, raised: operands.some(x => x.kind === "signalling") ? IE : 0 };
}
const infinite = (format: Format, isNegative: boolean, raised = 0): Result => ({ bits: signBit(format, isNegative) | format.infinity, raised });

export type Binary = (a: Unpacked, b: Unpacked, format: Format, mxcsr: number) => Result;
const withDenormals = ({ bits, raised }: Result, ...operands: readonly Unpacked[]): Result => ({ bits, raised: raised | denormals(...operands) });

export const add: Binary = (a, b, format, mxcsr) => {
  const nan = nanOf(format, a, b);
  if (nan) return nan;
  if (a.kind === "infinity" && b.kind === "infinity" && a.isNegative !== b.isNegative) return invalid(format);
  if (a.kind === "infinity" || b.kind === "infinity") return withDenormals(infinite(format, a.kind === "infinity" ? a.isNegative : b.isNegative), a, b);
  const power = Math.min(a.power, b.power);
  const signed = (x: Unpacked) => (x.isNegative ? -x.magnitude : x.magnitude) << BigInt(x.power - power);
  const sum = signed(a) + signed(b);
  const isNegative = sum === 0n ? (a.isNegative === b.isNegative && isZero(a) ? a.isNegative : modeOf(mxcsr) === DOWN) : sum < 0n;
  return withDenormals(round({ isNegative, magnitude: sum < 0n ? -sum : sum, power }, format, mxcsr), a, b);
};
const opposite = (x: Unpacked): Unpacked => ({ ...x, isNegative: !x.isNegative });
export const subtract: Binary = (a, b, format, mxcsr) => (isNan(b) ? add(a, b, format, mxcsr) : add(a, opposite(b), format, mxcsr));
export const multiply: Binary = (a, b, format, mxcsr) => {
  const nan = nanOf(format, a, b);
  if (nan) return nan;
  const isNegative = a.isNegative !== b.isNegative;
  if (a.kind === "infinity" || b.kind === "infinity") return isZero(a) || isZero(b) ? invalid(format) : withDenormals(infinite(format, isNegative), a, b);
  return withDenormals(round({ isNegative, magnitude: a.magnitude * b.magnitude, power: a.power + b.power }, format, mxcsr), a, b);
};
/** x * y + z with one rounding. */
export function fuse(x: Unpacked, y: Unpacked, z: Unpacked, { isProductNegated, isAddendNegated }: FusedSigns, format: Format, mxcsr: number): Result {
  const isInvalidProduct = (x.kind === "infinity" && isZero(y)) || (isZero(x) && y.kind === "infinity");
  const nan = nanOf(format, x, y, z);
  if (nan) return nan;
  if (isInvalidProduct) return invalid(format);
  const isProductNegative = (x.isNegative !== y.isNegative) !== isProductNegated;
  const product: Unpacked =
    x.kind === "infinity" || y.kind === "infinity"
      ? { ...x, kind: "infinity", isNegative: isProductNegative, isDenormal: false }
      : { ...x, isNegative: isProductNegative, magnitude: x.magnitude * y.magnitude, power: x.power + y.power, isDenormal: false };
  return withDenormals(add(product, isAddendNegated ? opposite(z) : z, format, mxcsr), x, y, z);
}
export interface FusedSigns {
  readonly isProductNegated: boolean;
  readonly isAddendNegated: boolean;
}
const GUARD = 130;
export const divide: Binary = (a, b, format, mxcsr) => {
  const nan = nanOf(format, a, b);
  if (nan) return nan;
  const isNegative = a.isNegative !== b.isNegative;
  if ((a.kind === "infinity" && b.kind === "infinity") || (isZero(a) && isZero(b))) return invalid(format);
  if (a.kind === "infinity") return withDenormals(infinite(format, isNegative), b);
  if (b.kind === "infinity") return withDenormals({ bits: signBit(format, isNegative), raised: 0 }, a);
  if (isZero(b)) return infinite(format, isNegative, ZE);
  const dividend = a.magnitude << BigInt(GUARD);
  const magnitude = dividend / b.magnitude;
  const hasMore = magnitude * b.magnitude !== dividend;
  return withDenormals(round({ isNegative, magnitude, power: a.power - b.power - GUARD, hasMore }, format, mxcsr), a, b);
};
function root(n: bigint): bigint {
  let x = 1n << BigInt((lengthOf(n) + 1) >> 1);
  for (;;) {
    const next = (x + n / x) >> 1n;
    if (next >= x) return x;
    x = next;
  }
}
export function squareRoot(x: Unpacked, format: Format, mxcsr: number): Result {
  const nan = nanOf(format, x);
  if (nan) return nan;
  if (isZero(x)) return { bits: x.bits, raised: 0 };
  if (x.isNegative) return invalid(format);
  if (x.kind === "infinity") return { bits: x.bits, raised: 0 };
  const shift = GUARD + (x.power & 1);
  const radicand = x.magnitude << BigInt(shift);
  const magnitude = root(radicand);
  return withDenormals(round({ isNegative: false, magnitude, power: (x.power - shift) / 2, hasMore: magnitude * magnitude !== radicand }, format, mxcsr), x);
}

export type Order = "less" | "equal" | "greater" | "unordered";
export function compare(a: Unpacked, b: Unpacked): Order {
  if (isNan(a) || isNan(b)) return "unordered";
  const value = (x: Unpacked): readonly [number, bigint] => [x.kind === "infinity" ? 1 : 0, x.magnitude];
  const sign = (x: Unpacked) => (isZero(x) ? 0 : x.isNegative ? -1 : 1);
  if (sign(a) !== sign(b)) return sign(a) < sign(b) ? "less" : "greater";
  if (sign(a) === 0) return "equal";
  const power = Math.min(a.power, b.power);
  const [aInfinite, bInfinite] = [value(a)[0], value(b)[0]];
  const difference =
    aInfinite !== bInfinite ? BigInt(aInfinite - bInfinite) : (a.magnitude << BigInt(a.power - power)) - (b.magnitude << BigInt(b.power - power));
  if (difference === 0n) return "equal";
  return difference < 0n === sign(a) > 0 ? "less" : "greater";
}
/** What a comparison, MIN or MAX raises; a quiet NaN only where it `signals`. */
export const comparisonRaises = (a: Unpacked, b: Unpacked, signals: boolean): number => {
  if (a.kind === "signalling" || b.kind === "signalling" || (signals && (isNan(a) || isNan(b)))) return IE;
  return isNan(a) || isNan(b) ? 0 : denormals(a, b);
};

export function toInteger(x: Unpacked, bits: 32 | 64, mxcsr: number, isTruncating: boolean): Result {
  const indefinite = { bits: 1n << BigInt(bits - 1), raised: IE };
  if (x.kind !== "finite") return indefinite;
  const { kept, isInexact } = drop(x, -x.power, isTruncating ? CHOP : modeOf(mxcsr));
  const value = x.isNegative ? -kept : kept;
  if (BigInt.asIntN(bits, value) !== value) return indefinite;
  return { bits: BigInt.asUintN(bits, value), raised: isInexact ? PE : 0 };
}
/** ROUNDPS: to an integer that stays a floating point number. `isQuiet`: PE is not raised. */
export function roundToInteger(x: Unpacked, format: Format, mode: number, isQuiet: boolean): Result {
  const nan = nanOf(format, x);
  if (nan) return nan;
  if (x.kind === "infinity" || isZero(x)) return { bits: x.bits, raised: 0 };
  const { kept, isInexact } = drop(x, -x.power, mode);
  return { bits: round({ isNegative: x.isNegative, magnitude: kept, power: 0 }, format, 0).bits, raised: isInexact && !isQuiet ? PE : 0 };
}
export const fromInteger = (value: bigint, format: Format, mxcsr: number): Result =>
  round({ isNegative: value < 0n, magnitude: value < 0n ? -value : value, power: 0 }, format, mxcsr);

/** Between the formats; a NaN keeps the high bits of its payload. */
export function convert(x: Unpacked, from: Format, to: Format, mxcsr: number): Result {
  if (isNan(x)) {
    const payload = x.bits & ((1n << from.fractionBits) - 1n);
    const moved = to.precision > from.precision ? payload << BigInt(to.precision - from.precision) : payload >> BigInt(from.precision - to.precision);
    return { bits: signBit(to, x.isNegative) | to.infinity | to.quietBit | moved, raised: x.kind === "signalling" ? IE : 0 };
  }
  if (x.kind === "infinity") return infinite(to, x.isNegative);
  return withDenormals(round(x, to, mxcsr), x);
}
