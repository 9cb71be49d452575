// needs: gcc
// The generated routines against the host's processor: all bits and all flags, in every rounding mode and precision, masked and unmasked.
import { test } from "uvu";
import type { Extended } from "../../../engine/cpu/x87/extended.ts";
import type { RoutineName } from "../../../engine/cpu/x87/routine.ts";
import { compareWithProcessor, type Question, show } from "./comparison.ts";
import { instantiateX87 } from "./module.ts";
import { edges, Random } from "./operands.ts";

const x87 = instantiateX87();
const random = new Random();
const ZERO: Extended = { mantissa: 0n, signExponent: 0 };
const MASKED = 0x3f;
/** IE, DE, ZE: where one of them is not masked there is no result. */
const BEFORE = 0x07;
/** All exceptions and C1, and without C1 where it says nothing. */
const FLAGS = 0x23f;
const CODES = 0x4500;

const modes = [0, 1, 2, 3].flatMap(rounding => [0, 1, 2, 3].map(precision => (rounding << 10) | (precision << 8)));
const anyControl = (): number => random.pick(modes) | (random.below(3) > 0 ? MASKED : random.below(64));

const pairResult = (result: unknown, control: number): string => {
  const [mantissa, word] = result as [bigint, number];
  const status = word >>> 16;
  const trapped = status & BEFORE & ~control;
  return trapped
    ? `trap ${(status & 0x3f).toString(16)}`
    : `${show({ mantissa: BigInt.asUintN(64, mantissa), signExponent: word & 0xffff })} ${status.toString(16)}`;
};
const seenPair =
  (control: number) =>
  ({ st0, status }: { st0: Extended; status: number }) =>
    status & BEFORE & ~control ? `trap ${(status & 0x3f).toString(16)}` : `${show(st0)} ${(status & FLAGS).toString(16)}`;

const binaries: readonly [RoutineName, number][] = [
  ["add", 0],
  ["subtract", 1],
  ["multiply", 2],
  ["divide", 3],
];
const binary = ([name, operation]: readonly [RoutineName, number], a: Extended, b: Extended, control: number): Question => ({
  request: { operation, control, a, b, memory: 0n },
  name,
  ours: pairResult(x87[name](a.mantissa, a.signExponent, b.mantissa, b.signExponent, control), control),
  seen: seenPair(control),
});
for (const row of binaries) {
  test(`${row[0]}, edges with edges`, () => {
    const questions: Question[] = [];
    for (const a of edges) for (const b of edges) if (random.below(3) === 0) questions.push(binary(row, a, b, random.pick(modes) | MASKED));
    compareWithProcessor(questions);
  });
  test(`${row[0]}, random`, () => compareWithProcessor(Array.from({ length: 20_000 }, () => binary(row, random.operand(), random.operand(), anyControl()))));
}

const unaries: readonly [RoutineName, number][] = [
  ["squareRoot", 4],
  ["roundToInteger", 7],
];
for (const [name, operation] of unaries) {
  test(`${name}`, () => {
    const question = (a: Extended, control: number): Question => ({
      request: { operation, control, a, b: ZERO, memory: 0n },
      name,
      ours: pairResult(x87[name](a.mantissa, a.signExponent, control), control),
      seen: seenPair(control),
    });
    compareWithProcessor([
      ...edges.flatMap(a => modes.map(mode => question(a, mode | MASKED))),
      ...Array.from({ length: 20_000 }, () => question(random.operand(), anyControl())),
    ]);
  });
}

const comparisons: readonly [RoutineName, number][] = [
  ["compareOrdered", 5],
  ["compareUnordered", 6],
];
for (const [name, operation] of comparisons) {
  test(`${name}`, () => {
    const question = (a: Extended, b: Extended): Question => ({
      request: { operation, control: 0x37f, a, b, memory: 0n },
      name,
      ours: (x87[name](a.mantissa, a.signExponent, b.mantissa, b.signExponent) as number).toString(16),
      seen: ({ status }) => (status & (FLAGS | CODES)).toString(16),
    });
    const questions: Question[] = [];
    for (const a of edges) for (const b of edges) if (random.below(6) === 0) questions.push(question(a, b));
    compareWithProcessor([...questions, ...Array.from({ length: 10_000 }, () => question(random.operand(), random.operand()))]);
  });
}

const shorts = { 32: [23, 0xff], 64: [52, 0x7ff] } as const;
const shortEdges = (bits: 32 | 64): readonly bigint[] => {
  const [fraction, greatest] = shorts[bits];
  const fractions = [0n, 1n, 1n << BigInt(fraction - 1), (1n << BigInt(fraction)) - 1n, (1n << BigInt(fraction - 1)) - 1n];
  return [0, 1].flatMap(sign =>
    [0, 1, greatest >> 1, greatest - 1, greatest].flatMap(e => fractions.map(f => (BigInt(sign) << BigInt(bits - 1)) | (BigInt(e) << BigInt(fraction)) | f)),
  );
};
const randomShort = (bits: 32 | 64): bigint => (random.below(4) ? BigInt.asUintN(bits, random.bits64()) : random.pick(shortEdges(bits)));
for (const [name, operation, bits] of [
  ["loadFloat32", 20, 32],
  ["loadFloat64", 21, 64],
] as const) {
  test(`${name}`, () => {
    const question = (memory: bigint): Question => ({
      request: { operation, control: 0x37f, a: ZERO, b: ZERO, memory },
      name,
      ours: pairResult(x87[name](memory), 0x37f),
      seen: seenPair(0x37f),
    });
    compareWithProcessor([...shortEdges(bits).map(question), ...Array.from({ length: 2_000 }, () => question(randomShort(bits)))]);
  });
}
for (const [name, operation, bits] of [
  ["fromInteger", 22, 16],
  ["fromInteger", 23, 32],
  ["fromInteger", 24, 64],
] as const) {
  test(`${name} of ${bits} bits`, () => {
    const values = [
      0n,
      1n,
      -1n,
      1n << BigInt(bits - 1),
      (1n << BigInt(bits - 1)) - 1n,
      ...Array.from({ length: 1_000 }, () => random.bits64() >> BigInt(random.below(64))),
    ];
    compareWithProcessor(
      values.map(value => ({
        request: { operation, control: 0x37f, a: ZERO, b: ZERO, memory: BigInt.asUintN(bits, value) },
        name,
        ours: pairResult(x87[name](BigInt.asIntN(bits, value)), 0x37f),
        seen: seenPair(0x37f),
      })),
    );
  });
}

const withMemory = [
  ["add", 40, 32],
  ["add", 41, 64],
  ["divide", 42, 32],
  ["divide", 43, 64],
] as const;
for (const [name, operation, bits] of withMemory) {
  test(`${name} with ${bits} bits in memory`, () => {
    const question = (a: Extended, memory: bigint, control: number): Question => {
      const [mantissa, word] = x87[bits === 32 ? "widenFloat32" : "widenFloat64"](memory) as [bigint, number];
      const [first, second] =
        operation === 43
          ? ([
              [mantissa, word],
              [a.mantissa, a.signExponent],
            ] as const)
          : ([
              [a.mantissa, a.signExponent],
              [mantissa, word],
            ] as const);
      return {
        request: { operation, control, a, b: ZERO, memory },
        name,
        ours: pairResult(x87[name](...first, ...second, control), control),
        seen: seenPair(control),
      };
    };
    const questions = edges.flatMap(a =>
      shortEdges(bits)
        .filter(() => random.below(2))
        .map(memory => question(a, memory, random.pick(modes) | MASKED)),
    );
    compareWithProcessor([...questions, ...Array.from({ length: 5_000 }, () => question(random.operand(), randomShort(bits), anyControl()))]);
  });
}

for (const [operation, bits] of [
  [44, 32],
  [45, 64],
] as const) {
  test(`compareOrdered with ${bits} bits in memory`, () => {
    const question = (a: Extended, memory: bigint): Question => {
      const [mantissa, word] = x87[bits === 32 ? "widenFloat32" : "widenFloat64"](memory) as [bigint, number];
      return {
        request: { operation, control: 0x37f, a, b: ZERO, memory },
        name: "compareOrdered",
        ours: (x87.compareOrdered(a.mantissa, a.signExponent, mantissa, word) as number).toString(16),
        seen: ({ status }) => (status & (FLAGS | CODES)).toString(16),
      };
    };
    compareWithProcessor(edges.flatMap(a => shortEdges(bits).map(memory => question(a, memory))));
  });
}

const stores = [
  ["toFloat32", 30, 32],
  ["toFloat64", 31, 64],
  ["toInteger", 32, 16],
  ["toInteger", 33, 32],
  ["toInteger", 34, 64],
  ["toInteger", 36, 16],
  ["toInteger", 37, 32],
  ["toInteger", 38, 64],
] as const;
for (const [name, operation, bits] of stores) {
  test(`${name}, ${bits} bits, instruction ${operation}`, () => {
    const chops = operation > 35 ? 0xc00 : 0;
    const untouched = 0x1234_5678_9abc_def0n;
    const stopping = name === "toInteger" ? 0x01 : 0x19;
    const question = (a: Extended, control: number): Question => {
      const [value, status] = x87[name](a.mantissa, a.signExponent, control | chops, ...(name === "toInteger" ? [bits] : [])) as [bigint, number];
      return {
        request: { operation, control, a, b: ZERO, memory: untouched },
        name,
        ours: `${BigInt.asUintN(bits, status & stopping & ~control ? untouched : value).toString(16)} ${status.toString(16)}`,
        seen: ({ memory, status }) => `${BigInt.asUintN(bits, memory).toString(16)} ${(status & FLAGS).toString(16)}`,
      };
    };
    compareWithProcessor([
      ...edges.flatMap(a => modes.map(mode => question(a, mode | MASKED))),
      ...Array.from({ length: 10_000 }, () => question(random.operand(), anyControl())),
    ]);
  });
}
test.run();
