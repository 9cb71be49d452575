// needs: gcc
// The exact operations in TypeScript against the host's processor: all bits, flags and condition codes.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { constants } from "../../../engine/cpu/x87/constants.ts";
import { fromDecimal, toDecimal } from "../../../engine/cpu/x87/decimal.ts";
import { absolute, examine, negated } from "../../../engine/cpu/x87/examine.ts";
import type { Extended, Result } from "../../../engine/cpu/x87/extended.ts";
import { remainder, remainderNearest } from "../../../engine/cpu/x87/remainder.ts";
import { extract, scale } from "../../../engine/cpu/x87/scale.ts";
import { DE, UE } from "../../../engine/cpu/x87/status.ts";
import { compareWithProcessor, type Question, show } from "./comparison.ts";
import { edges, Random } from "./operands.ts";

const random = new Random();
const ZERO: Extended = { mantissa: 0n, signExponent: 0 };
const FLAGS = 0x23f;
const ALL = 0x473f | FLAGS;
const BEFORE = 0x07;
const anyControl = (): number => (random.below(4) << 10) | 0x300 | (random.below(3) > 0 ? 0x3f : random.below(64));
const shown = (value: Extended, status: number, control: number): string =>
  status & BEFORE & ~control ? `trap ${(status & 0x3f).toString(16)}` : `${show(value)} ${status.toString(16)}`;

const pairs: readonly [string, number, (a: Extended, b: Extended, control: number) => Result, number][] = [
  ["fscale", 8, scale, FLAGS],
  ["fprem", 10, remainder, ALL],
  ["fprem1", 11, remainderNearest, ALL],
];
for (const [name, operation, compute, flags] of pairs) {
  test(name, () => {
    const question = (a: Extended, b: Extended, control: number): Question => {
      const { value, status } = compute(a, b, control);
      return {
        request: { operation, control, a, b, memory: 0n },
        name,
        ours: shown(value, status, control),
        seen: answer => shown(answer.st0, answer.status & flags, control),
      };
    };
    const questions: Question[] = [];
    for (const a of edges) for (const b of edges) if (random.below(6) === 0) questions.push(question(a, b, anyControl()));
    for (let i = 0; i < 8_000; i++) questions.push(question(random.operand(), random.operand(), anyControl()));
    compareWithProcessor(questions);
  });
}
test("an operand that is the result raises no underflow, as it does where it is computed with", () => {
  const tiny: Extended = { mantissa: 1n, signExponent: 0 };
  const [one, infinity]: Extended[] = [
    { mantissa: 2n ** 63n, signExponent: 0x3fff },
    { mantissa: 2n ** 63n, signExponent: 0x7fff },
  ];
  const [trapping, itself] = [0x36f, { value: tiny, status: DE }];
  assert.equal(scale(tiny, ZERO, trapping), itself);
  for (const remains of [remainder, remainderNearest]) assert.equal(remains(tiny, infinity!, trapping), itself);
  for (const computed of [scale(tiny, one!, trapping), remainder(tiny, one!, trapping)]) assert.is(computed.status & UE, UE);
});
const operands = [...edges, ...Array.from({ length: 3_000 }, () => random.operand())];

test("fxtract", () => {
  compareWithProcessor(
    operands.map(a => {
      const control = anyControl();
      const { exponent, significand, status } = extract(a, control);
      const both = (upper: Extended, lower: Extended, status: number) =>
        status & BEFORE & ~control ? `trap ${(status & 0x3f).toString(16)}` : `${show(upper)} ${show(lower)} ${status.toString(16)}`;
      return {
        request: { operation: 9, control, a, b: ZERO, memory: 0n },
        name: "fxtract",
        ours: both(significand, exponent, status),
        seen: ({ st0, st1, status }) => both(st0, st1, status & FLAGS),
      };
    }),
  );
});
test("fxam, fabs, fchs", () => {
  const request = (operation: number, a: Extended) => ({ operation, control: 0x37f, a, b: ZERO, memory: 0n });
  compareWithProcessor(
    operands.flatMap((a): Question[] => [
      { request: request(12, a), name: "fxam", ours: examine(a).toString(16), seen: ({ status }) => (status & ALL).toString(16) },
      { request: request(13, a), name: "fabs", ours: shown(absolute(a), 0, 0x3f), seen: ({ st0, status }) => shown(st0, status & FLAGS, 0x3f) },
      { request: request(14, a), name: "fchs", ours: shown(negated(a), 0, 0x3f), seen: ({ st0, status }) => shown(st0, status & FLAGS, 0x3f) },
    ]),
  );
});
test("constants", () => {
  compareWithProcessor(
    Object.entries(constants).flatMap(([name, constant], index) =>
      [0, 1, 2, 3].map(rounding => {
        const control = 0x37f | (rounding << 10);
        return { request: { operation: 50 + index, control, a: ZERO, b: ZERO, memory: 0n }, name, ours: show(constant(control)), seen: ({ st0 }) => show(st0) };
      }),
    ),
  );
});
test("fbld", () => {
  const digits = () => BigInt(`0x${Array.from({ length: 18 }, () => random.below(10)).join("")}`) >> BigInt(4 * random.below(19));
  const values = [0n, 1n << 79n, ...Array.from({ length: 1_000 }, () => digits() | (BigInt(random.below(2)) << 79n))];
  compareWithProcessor(
    values.map(memory => ({
      request: { operation: 25, control: 0x37f, a: ZERO, b: ZERO, memory },
      name: "fbld",
      ours: show(fromDecimal(memory)),
      seen: ({ st0 }) => show(st0),
    })),
  );
});
test("fbstp", () => {
  const untouched = 0x1234_5678_9abc_def0_1234n;
  compareWithProcessor(
    operands.map(a => {
      const control = anyControl();
      const { packed, status } = toDecimal(a, control);
      const stored = status & 1 & ~control ? untouched : packed;
      return {
        request: { operation: 35, control, a, b: ZERO, memory: untouched },
        name: "fbstp",
        ours: `${stored.toString(16)} ${status.toString(16)}`,
        seen: answer => `${answer.memory.toString(16)} ${(answer.status & FLAGS).toString(16)}`,
      };
    }),
  );
});
test.run();
