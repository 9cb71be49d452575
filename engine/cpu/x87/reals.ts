// Real numbers as BigInt with a count of binary places: the constants and series behind the transcendental instructions. The same on every host, by construction.

/** Binary places of the constants. More than 140 bits are asked for, of numbers down to 2^-140. */
const CONSTANT_BITS = 512;

const absolute = (n: bigint): bigint => (n < 0n ? -n : n);
/** A sum of terms `next` after `first`, each given its index, until they vanish. */
function series(first: bigint, next: (term: bigint, index: bigint) => bigint): bigint {
  let sum = first;
  let term = first;
  for (let index = 1n; absolute(term) > 1n; index++) {
    term = next(term, index);
    sum += term;
  }
  return sum;
}
/** A sum of power / (2k + 1), where each power is the one before times `ratio`. */
function oddSeries(first: bigint, ratio: bigint, bits: bigint): bigint {
  let sum = first;
  let power = first;
  for (let divisor = 3n; absolute(power) > 1n; divisor += 2n) {
    const product = power * ratio;
    // Towards zero: downwards, a negative power would never vanish where the ratio is above one half.
    power = product < 0n ? -(-product >> bits) : product >> bits;
    sum += power / divisor;
  }
  return sum;
}

/** atanh(numerator / denominator), small. ln m is twice that of (m - 1) / (m + 1). */
export function hyperbolicArctangent(numerator: bigint, denominator: bigint, bits: number): bigint {
  const places = BigInt(bits);
  const quotient = (numerator << places) / denominator;
  return oddSeries(quotient, (quotient * quotient) >> places, places);
}
/** atan(x), for x below 1/16 or so. */
export const smallArctangent = (x: bigint, bits: number): bigint => oddSeries(x, -((x * x) >> BigInt(bits)), BigInt(bits));
/** e^x - 1. */
export const exponentialLessOne = (x: bigint, bits: number): bigint => series(x, (term, index) => ((term * x) >> BigInt(bits)) / (index + 1n));
export function sine(x: bigint, bits: number): bigint {
  const square = (x * x) >> BigInt(bits);
  return series(x, (term, index) => -((term * square) >> BigInt(bits)) / (2n * index * (2n * index + 1n)));
}
export function cosine(x: bigint, bits: number): bigint {
  const square = (x * x) >> BigInt(bits);
  return series(1n << BigInt(bits), (term, index) => -((term * square) >> BigInt(bits)) / (2n * index * (2n * index - 1n)));
}

const GUARD = 16;
const guarded = CONSTANT_BITS + GUARD;
const one = 1n << BigInt(guarded);
const LN2 = (2n * hyperbolicArctangent(1n, 3n, guarded)) >> BigInt(GUARD);
/** Machin's formula. */
const PI = (4n * (4n * smallArctangent(one / 5n, guarded) - smallArctangent(one / 239n, guarded))) >> BigInt(GUARD);
const at = (constant: bigint, bits: number): bigint => constant >> BigInt(CONSTANT_BITS - bits);
export const ln2 = (bits: number): bigint => at(LN2, bits);
export const pi = (bits: number): bigint => at(PI, bits);
