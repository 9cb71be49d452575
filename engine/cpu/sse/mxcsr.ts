// MXCSR's bits (SDM vol. 1, 10.2.3), and all that definitions ask of it.
import type { Tier } from "../tier.ts";
import { i32, type Value } from "../wasm/value.ts";

export const mxcsrBits = { invalid: 0x01, inexact: 0x20, invalidMask: 0x80, inexactMask: 0x1000, rounding: 0x6000 } as const;

/** What `Tier.isFloatPlain` and `Tier.isInexactRecorded` answer, of an MXCSR. */
export const isPlain = (mxcsr: Value<"i32">): Value<"i32"> => i32.eqz(i32.and(mxcsr, i32.constant(mxcsrBits.rounding)));
export const recordsInexact = (mxcsr: Value<"i32">): Value<"i32"> => {
  const recorded = mxcsrBits.inexact | mxcsrBits.inexactMask;
  return i32.eq(i32.and(mxcsr, i32.constant(mxcsrBits.rounding | recorded)), i32.constant(recorded));
};
const not = (condition: Value<"i32">): Value<"i32"> =>
  condition.constant === undefined ? i32.eqz(condition) : i32.constant(condition.constant === 0n ? 1 : 0);
type Bail = (condition: Value<"i32">) => void;

/**
 * `body` may bail out wherever it stands, before it has changed anything; all ways out lead to one refusal, since each costs a compiled tier code.
 * The exact way of vector-assists.ts is given what `hand` answers.
 */
export function orExactly(tier: Tier, hand: () => Value<"i64">, body: (bail: Bail) => void): void {
  const { code } = tier;
  code.block(done => {
    code.block(bad => {
      body(condition => code.brIf(bad, condition));
      code.br(done);
    });
    tier.refuse("assist", hand());
  });
}
/** Where PE is not yet recorded, or would trap, or the rounding is another: an inexact result is left to the exact way. */
export function bailIfInexact(tier: Tier, bail: Bail, isInexact: () => Value<"i32">): void {
  const isPending = not(tier.isInexactRecorded());
  if (isPending.constant !== 0n) tier.code.if(isPending, () => bail(i32.or(not(tier.isFloatPlain()), isInexact())));
}
/** The same where the instruction truncates, whatever the rounding. */
export function bailIfTruncated(tier: Tier, bail: Bail, isInexact: () => Value<"i32">): void {
  const isPending = not(tier.isInexactRecorded());
  if (isPending.constant !== 0n) tier.code.if(isPending, () => bail(isInexact()));
}
/**
 * Where an inexact result is all that can still be raised, and `isInexact` says exactly that. The interpreter records PE by itself: the exact way is loaded when it is first asked for, and many a program converts one
 * large integer and rounds nothing else. Compiled code leaves, since it relies on MXCSR.
 */
export function recordInexact(tier: Tier, bail: Bail, isInexact: () => Value<"i32">): void {
  if (tier.isCompiled) {
    bailIfInexact(tier, bail, isInexact);
    return;
  }
  const { code } = tier;
  code.if(not(tier.isInexactRecorded()), () => {
    bail(not(tier.isFloatPlain()));
    code.if(isInexact(), () => {
      const mxcsr = code.let(tier.readHalf("mxcsr"));
      bail(i32.eqz(i32.and(mxcsr, i32.constant(mxcsrBits.inexactMask))));
      tier.writeHalf("mxcsr", i32.or(mxcsr, i32.constant(mxcsrBits.inexact)));
    });
  });
}
/** Whether IE is recorded and masked: then only the value counts. For code that is seldom reached. */
export const isInvalidRecorded = (tier: Tier): Value<"i32"> => {
  const both = i32.constant(mxcsrBits.invalid | mxcsrBits.invalidMask);
  return i32.eq(i32.and(tier.readHalf("mxcsr"), both), both);
};
