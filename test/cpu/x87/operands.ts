// Operands worth trying: every kind of 80-bit number at its edges, and random ones from a fixed seed.
import type { Extended } from "../../../engine/cpu/x87/extended.ts";

const mantissas = [
  0x8000_0000_0000_0000n,
  0x8000_0000_0000_0001n,
  0xffff_ffff_ffff_ffffn,
  0xc000_0000_0000_0000n,
  0xffff_ff80_0000_0000n,
  0xffff_ffff_ffff_fc00n,
  0xaaaa_aaaa_aaaa_aaabn,
];
const exponents = [
  0x0000, 0x0001, 0x0002, 0x003f, 0x3bcd, 0x3c01, 0x3f80, 0x3fbe, 0x3ffe, 0x3fff, 0x4000, 0x400e, 0x401e, 0x403e, 0x407e, 0x43fe, 0x7ffd, 0x7ffe,
];
const special: readonly Extended[] = [
  [0n, 0],
  [1n, 0],
  [0x7fff_ffff_ffff_ffffn, 0],
  [0x4000_0000_0000_0000n, 0],
  [0x0000_0100_0000_0000n, 0],
  [0x8000_0000_0000_0000n, 0x7fff],
  [0xc000_0000_0000_0000n, 0x7fff],
  [0xc000_0000_0000_0001n, 0x7fff],
  [0x8000_0000_0000_0001n, 0x7fff],
  [0xbfff_ffff_ffff_ffffn, 0x7fff],
  [0x4000_0000_0000_0000n, 0x3fff],
  [0n, 0x7fff],
  [0x4000_0000_0000_0001n, 0x7fff],
  [0n, 0x3fff],
].map(([mantissa, signExponent]) => ({ mantissa: BigInt(mantissa!), signExponent: Number(signExponent) }));

const negated = (x: Extended): Extended => ({ ...x, signExponent: x.signExponent ^ 0x8000 });
const positives = [...special, ...exponents.flatMap(signExponent => mantissas.map(mantissa => ({ mantissa, signExponent })))];
export const edges: readonly Extended[] = positives.flatMap(x => [x, negated(x)]);

/** xorshift64*. */
export class Random {
  #state = 0x9e37_79b9_7f4a_7c15n;
  bits64(): bigint {
    let x = this.#state;
    x ^= x >> 12n;
    x = BigInt.asUintN(64, x ^ (x << 25n));
    this.#state = x ^ (x >> 27n);
    return BigInt.asUintN(64, this.#state * 0x2545_f491_4f6c_dd1dn);
  }
  below(limit: number): number {
    return Number(this.bits64() >> 40n) % limit;
  }
  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!;
  }
  /** Near 1, so that two of them have much to do with each other; often with few bits, so that ties happen. */
  near(spread: number): Extended {
    const mantissa = this.bits64() | (1n << 63n);
    const short = this.below(3) === 0 ? mantissa & ~((1n << BigInt(this.below(63))) - 1n) : mantissa;
    return { mantissa: BigInt.asUintN(64, short), signExponent: (this.below(2) << 15) | (0x3fff + this.below(2 * spread) - spread) };
  }
  operand(): Extended {
    const kind = this.below(8);
    if (kind === 0) return this.pick(edges);
    if (kind === 1) return { mantissa: this.bits64(), signExponent: this.below(0x1_0000) };
    if (kind === 2) return { mantissa: this.bits64() >> BigInt(1 + this.below(63)), signExponent: this.below(2) << 15 };
    return this.near(kind === 3 ? 0x3ffe : kind === 4 ? 1100 : 70);
  }
}
