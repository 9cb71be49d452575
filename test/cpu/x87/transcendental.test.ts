// needs: gcc
// The transcendental instructions against the host's processor: flags, special values exactly, the others within one unit in the last place.
import { test } from "uvu";
import { arctangentResult } from "../../../engine/cpu/x87/arctangent.ts";
import { powerLessOne, timesLogarithm, timesLogarithmAboveOne } from "../../../engine/cpu/x87/exponential.ts";
import { type Extended, kindOf, type Result } from "../../../engine/cpu/x87/extended.ts";
import { cosineResult, sineAndCosine, sineResult, tangentResult } from "../../../engine/cpu/x87/trigonometry.ts";
import { compareWithProcessor, type Question, show } from "./comparison.ts";
import { edges, Random } from "./operands.ts";

const random = new Random();
const ONE: Extended = { mantissa: 1n << 63n, signExponent: 0x3fff };
/** Exceptions and C2. C1 is how the last place was rounded, and processors do not round these correctly. */
const FLAGS = 0x43f;
const BEFORE = 0x07;
const anyControl = (): number => (random.below(4) << 10) | (random.pick([0, 2, 3]) << 8) | (random.below(4) > 0 ? 0x3f : 0x38 | random.below(8));
const shown = (value: Extended, status: number, control: number): string =>
  status & BEFORE & ~control ? `trap ${(status & 0x3f).toString(16)}` : `${show(value)} ${(status & FLAGS).toString(16)}`;

/** A number's place in the order of all numbers. */
const ordinal = ({ mantissa, signExponent }: Extended): bigint => {
  const exponent = BigInt(signExponent & 0x7fff);
  const magnitude = exponent ? (exponent << 63n) + mantissa - (1n << 63n) : mantissa;
  return signExponent & 0x8000 ? -magnitude : magnitude;
};
const isInexact = (x: Extended): boolean => ["normal", "denormal", "zero"].includes(kindOf(x));
const isNear = (a: Extended, b: Extended): boolean => {
  const distance = ordinal(a) - ordinal(b);
  return isInexact(a) && isInexact(b) && distance <= 1n && distance >= -1n;
};
const PE = 0x20;
const UE = 0x10;
const isAtBorder = (x: Extended): boolean => {
  const distance = (ordinal(x) < 0n ? -ordinal(x) : ordinal(x)) - (1n << 63n);
  return distance <= 1n && distance >= -1n;
};
/**
 * Whether the processor's answer is ours but for what it gets wrong: the last place; PE, and with a denormal UE, where our result is exact; and UE where a
 * result lies next to the least normal number (for FSINCOS, its other result, which is then close to the operand).
 */
const agrees = (ours: Result, operand: Extended, theirs: Extended, theirStatus: number): boolean => {
  const isExact = (ours.status & PE) === 0;
  const allowed = (isExact ? PE : 0) | (isAtBorder(theirs) || isAtBorder(operand) || (isExact && kindOf(ours.value) === "denormal") ? UE : 0);
  return ((ours.status ^ theirStatus) & FLAGS & ~allowed) === 0 && isNear(ours.value, theirs) && (theirStatus & PE) !== 0;
};

type Operation = (a: Extended, b: Extended, control: number) => Result;
const question = (name: string, operation: number, compute: Operation, a: Extended, b: Extended, control: number, place: "st0" | "st1" = "st0"): Question => {
  const { value, status } = compute(a, b, control);
  return {
    request: { operation, control, a, b, memory: 0n },
    name,
    ours: shown(value, status, control),
    seen: answer => (agrees({ value, status }, a, answer[place], answer.status) ? shown(value, status, control) : shown(answer[place], answer.status, control)),
  };
};
const isInvalidPlace = (x: Extended, limit: number): boolean => kindOf(x) !== "nan" && (x.signExponent & 0x7fff) >= limit;

const binaries: readonly [string, number, Operation, (x: Extended) => boolean][] = [
  ["fyl2x", 61, timesLogarithm, () => true],
  ["fyl2xp1", 62, timesLogarithmAboveOne, x => !isInvalidPlace(x, 0x3ffd)],
  ["fpatan", 67, arctangentResult, () => true],
];
for (const [name, operation, compute, isDefined] of binaries) {
  test(name, () => {
    const questions: Question[] = [];
    for (const a of edges)
      for (const b of edges) if (random.below(12) === 0 && isDefined(a)) questions.push(question(name, operation, compute, a, b, anyControl()));
    for (let i = 0; i < 4_000; i++) {
      const a = random.below(2) ? random.operand() : random.near(3);
      if (isDefined(a)) questions.push(question(name, operation, compute, a, random.operand(), anyControl()));
    }
    compareWithProcessor(questions);
  });
}

const unaries: readonly [string, number, (x: Extended, control: number) => Result, "st0" | "st1"][] = [
  ["f2xm1", 60, powerLessOne, "st0"],
  ["fsin", 63, sineResult, "st0"],
  ["fcos", 64, cosineResult, "st0"],
  ["fsincos, its cosine", 65, (x, control) => ({ value: sineAndCosine(x, control).cosine, status: sineAndCosine(x, control).status }), "st0"],
  ["fsincos, its sine", 65, (x, control) => ({ value: sineAndCosine(x, control).sine, status: sineAndCosine(x, control).status }), "st1"],
  ["fptan", 66, tangentResult, "st1"],
];
for (const [name, operation, compute, usual] of unaries) {
  test(name, () => {
    const ask = (a: Extended, control: number): Question => {
      const hasPushed = (compute(a, control).status & (0x401 | (BEFORE & ~control))) === 0;
      return question(name, operation, (x, _, control) => compute(x, control), a, ONE, control, hasPushed ? usual : "st0");
    };
    const operands = [...edges, ...Array.from({ length: 4_000 }, () => (random.below(2) ? random.operand() : random.near(5)))];
    const inDomain = operands.filter(x => name !== "f2xm1" || !isInvalidPlace(x, 0x3fff));
    compareWithProcessor(inDomain.map(a => ask(a, anyControl())));
  });
}
test.run();
