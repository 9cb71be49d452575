// MXCSR's bits (SDM vol. 1, 10.2.3), and all that definitions ask of it.
import type { Tier } from "../tier.ts";
import { i32, type Value } from "../wasm/value.ts";

export const mxcsrBits = { invalid: 0x01, inexact: 0x20, invalidMask: 0x80, inexactMask: 0x1000, rounding: 0x6000 } as const;

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
/** Whether IE is recorded and masked: then only the value counts. For code that is seldom reached. */
export const isInvalidRecorded = (tier: Tier): Value<"i32"> => {
  const both = i32.constant(mxcsrBits.invalid | mxcsrBits.invalidMask);
  return i32.eq(i32.and(tier.readHalf("mxcsr"), both), both);
};
