// SSE and SSE2 arithmetic where MXCSR asks for more than the fast path gives: another rounding mode, FTZ, DAZ, or an exception that is not masked.
// Here, and only here, the exceptions are recorded in MXCSR.
import type { Assist, AssistContext } from "./assist.ts";
import {
  add,
  type Binary,
  compare,
  comparisonRaises,
  convert,
  DOUBLE,
  divide,
  type Format,
  fromInteger,
  MASKS_SHIFT,
  modeOf,
  multiply,
  type Order,
  type Result,
  roundToInteger,
  SINGLE,
  squareRoot,
  subtract,
  toInteger,
  unpack,
} from "./exact-float.ts";
import { fileOffset, setGeneral } from "./register-file.ts";
import { FloatUnit } from "./x87-unit.ts";

const EXCEPTIONS = 0x3f;
/** CF PF AF ZF SF OF. */
const STATUS_FLAGS = 0x8d5n;

type LaneBits = 16 | 32 | 64;
export function readLane(view: DataView, at: number, lane: number, bits: LaneBits): bigint {
  if (bits === 64) return view.getBigUint64(at + 8 * lane, true);
  return BigInt(bits === 32 ? view.getUint32(at + 4 * lane, true) : view.getUint16(at + 2 * lane, true));
}
export function writeLane(view: DataView, at: number, lane: number, bits: LaneBits, value: bigint): void {
  if (bits === 64) view.setBigUint64(at + 8 * lane, value, true);
  else if (bits === 32) view.setUint32(at + 4 * lane, Number(value), true);
  else view.setUint16(at + 2 * lane, Number(value), true);
}
const mxcsrOf = ({ view, fileAt }: AssistContext): number => view.getUint16(fileAt + fileOffset.mxcsr, true);

/** Invalid, denormal, division by zero. */
const BEFORE_COMPUTING = 7;
/** Beside exceptions: they come from several steps, each seen by itself. */
const IN_STEPS = 0x100;
const inOneStep = (raised: number, open: number): number => (raised & open & BEFORE_COMPUTING ? raised & BEFORE_COMPUTING : raised);
/** Records what was raised; then, unless it is an exception that is not masked, the change. */
export function conclude(context: AssistContext, raised: number, change: () => void): "simd" | undefined {
  const mxcsr = mxcsrOf(context);
  const open = ~(mxcsr >> MASKS_SHIFT) & EXCEPTIONS;
  // Those found before computing, in any lane, come first: what the results would raise is not known then (SDM vol. 1, 11.5.1).
  const recorded = raised & IN_STEPS ? raised & EXCEPTIONS : inOneStep(raised, open);
  context.view.setUint16(context.fileAt + fileOffset.mxcsr, mxcsr | recorded, true);
  if (recorded & open) return "simd";
  change();
  return undefined;
}
const VECTOR_BYTES = 32;
export const vectorAt = ({ fileAt, registers }: AssistContext, place: number): number => fileAt + fileOffset.vectors + VECTOR_BYTES * registers[place]!;
const targetOf = (context: AssistContext): number => vectorAt(context, 0);
const sourceOf = ({ argument }: AssistContext): number => Number(argument);
const sum = (results: readonly Result[]): number => results.reduce((all, { raised }) => all | raised, 0);

/** What VEX changes: where the first operand is, how long vectors are, and what becomes of the lanes that are not computed. */
interface Encoding {
  readonly firstOf: (context: AssistContext) => number;
  /** How many times 128 bits. */
  readonly halves: (context: AssistContext) => number;
  /** The bytes of the target that the lanes do not fill: those of a scalar's first operand, or zeros. */
  readonly prepare: (context: AssistContext, isScalar: boolean) => void;
}
const bytesAt = ({ view }: AssistContext, at: number, length: number): Uint8Array => new Uint8Array(view.buffer, at, length);
const legacy: Encoding = {
  firstOf: targetOf,
  halves: () => 1,
  prepare: (context, isScalar) => void (isScalar || bytesAt(context, targetOf(context), 16).fill(0)),
};
export const vex: Encoding = {
  firstOf: context => vectorAt(context, 1),
  halves: ({ bits }) => (bits === 256 ? 2 : 1),
  prepare(context, isScalar) {
    const kept = isScalar ? bytesAt(context, vectorAt(context, 1), 16).slice() : new Uint8Array();
    const target = bytesAt(context, targetOf(context), VECTOR_BYTES);
    target.fill(0);
    target.set(kept);
  },
};
/** Fused operations, whose target is an operand and keeps its lanes. */
export const fusedTarget: Encoding = {
  ...vex,
  prepare: (context, isScalar) => void bytesAt(context, targetOf(context), VECTOR_BYTES).fill(0, isScalar ? 16 : 0),
};
/** The lowest lanes, where nothing is raised that is not masked. */
export function writeResults(
  context: AssistContext,
  { prepare }: Pick<Encoding, "prepare">,
  bits: LaneBits,
  isScalar: boolean,
  results: readonly Result[],
): "simd" | undefined {
  return conclude(context, sum(results), () => {
    prepare(context, isScalar);
    for (const [lane, result] of results.entries()) writeLane(context.view, targetOf(context), lane, bits, result.bits);
  });
}
const both = (name: string, make: (encoding: Encoding) => Assist): Readonly<Record<string, Assist>> => ({ [name]: make(legacy), [`v${name}`]: make(vex) });
const allOf = (parts: readonly Readonly<Record<string, Assist>>[]): Readonly<Record<string, Assist>> => Object.assign({}, ...parts);

type Lanewise = (a: bigint, b: bigint, mxcsr: number, context: AssistContext) => Result;
/** Lane by lane; a lane that is not computed stays. */
const lanewise =
  (format: Format, isPacked: boolean, encoding: Encoding, compute: Lanewise): Assist =>
  context => {
    const { view } = context;
    const [source, first, mxcsr] = [sourceOf(context), encoding.firstOf(context), mxcsrOf(context)];
    const count = isPacked ? (encoding.halves(context) * 128) / format.bits : 1;
    const at = (place: number, lane: number) => readLane(view, place, lane, format.bits);
    const results = Array.from({ length: count }, (_, lane) => compute(at(first, lane), at(source, lane), mxcsr, context));
    return writeResults(context, encoding, format.bits, !isPacked, results);
  };
const forms = [
  ["ps", SINGLE, true],
  ["pd", DOUBLE, true],
  ["ss", SINGLE, false],
  ["sd", DOUBLE, false],
] as const;
const fourForms = (name: string, compute: (format: Format) => Lanewise) =>
  allOf(forms.map(([suffix, format, isPacked]) => both(`${name}${suffix}`, encoding => lanewise(format, isPacked, encoding, compute(format)))));
const arithmetic = (name: string, compute: Binary) =>
  fourForms(name, format => (a, b, mxcsr) => compute(unpack(a, format, mxcsr), unpack(b, format, mxcsr), format, mxcsr));
/** The second operand unless the first comes before it in `order`. */
const extreme = (name: string, order: Order) =>
  fourForms(name, format => (a, b, mxcsr) => {
    const [x, y] = [unpack(a, format, mxcsr), unpack(b, format, mxcsr)];
    const isNan = x.kind === "quiet" || x.kind === "signalling" ? y : undefined;
    const chosen = compare(x, y) === order ? x : y;
    // A NaN is given as it is.
    return { bits: (isNan ?? chosen).bits, raised: comparisonRaises(x, y, true) };
  });
/** CMPPS by its low four bits; the second sixteen signal where the first do not (SDM vol. 2, table 3-1). Without VEX there are the first eight. */
const predicates: readonly (readonly [holds: readonly Order[], signals: boolean])[] = [
  [["equal"], false],
  [["less"], true],
  [["less", "equal"], true],
  [["unordered"], false],
  [["less", "greater", "unordered"], false],
  [["equal", "greater", "unordered"], true],
  [["greater", "unordered"], true],
  [["less", "equal", "greater"], false],
  [["equal", "unordered"], false],
  [["less", "unordered"], true],
  [["less", "equal", "unordered"], true],
  [[], false],
  [["less", "greater"], false],
  [["equal", "greater"], true],
  [["greater"], true],
  [["less", "equal", "greater", "unordered"], false],
];
const comparisons = allOf(
  forms.map(([suffix, format, isPacked]) =>
    both(`cmp${suffix}`, encoding =>
      lanewise(format, isPacked, encoding, (a, b, mxcsr, { immediate }) => {
        const [x, y] = [unpack(a, format, mxcsr), unpack(b, format, mxcsr)];
        const predicate = immediate & (encoding === vex ? 31 : 7);
        const [holds, signals] = predicates[predicate & 15]!;
        return { bits: holds.includes(compare(x, y)) ? (1n << BigInt(format.bits)) - 1n : 0n, raised: comparisonRaises(x, y, signals !== predicate > 15) };
      }),
    ),
  ),
);
const flagsOf: Readonly<Record<Order, bigint>> = { unordered: 0x45n, less: 0x01n, equal: 0x40n, greater: 0n };
const toFlags =
  (format: Format, signals: boolean): Assist =>
  context => {
    const mxcsr = mxcsrOf(context);
    const x = unpack(readLane(context.view, targetOf(context), 0, format.bits), format, mxcsr);
    const y = unpack(readLane(context.view, sourceOf(context), 0, format.bits), format, mxcsr);
    return conclude(context, comparisonRaises(x, y, signals), () => context.changeFlags(rflags => (rflags & ~STATUS_FLAGS) | flagsOf[compare(x, y)]));
  };
const fromGeneral =
  (format: Format) =>
  (encoding: Encoding): Assist =>
  context =>
    writeResults(context, encoding, format.bits, true, [fromInteger(context.argument, format, mxcsrOf(context))]);
const toGeneral =
  (format: Format, isTruncating: boolean): Assist =>
  context => {
    const mxcsr = mxcsrOf(context);
    const width = context.bits === 64 ? 64 : 32;
    const { bits, raised } = toInteger(unpack(readLane(context.view, sourceOf(context), 0, format.bits), format, mxcsr), width, mxcsr, isTruncating);
    return conclude(context, raised, () => setGeneral(context.file, context.registers[0]!, bits));
  };
/** From lanes of one size to lanes of another, from the lowest on; the rest becomes zero where the form is packed. */
const converting =
  (from: LaneBits, to: LaneBits, lanes: number, compute: (bits: bigint, mxcsr: number) => Result) =>
  (encoding: Encoding): Assist =>
  context => {
    const [source, mxcsr] = [sourceOf(context), mxcsrOf(context)];
    const count = lanes > 1 ? lanes * encoding.halves(context) : 1;
    const results = Array.from({ length: count }, (_, lane) => compute(readLane(context.view, source, lane, from), mxcsr));
    return writeResults(context, encoding, to, lanes === 1, results);
  };
const between = (from: Format, to: Format, lanes: number) =>
  converting(from.bits, to.bits, lanes, (bits, mxcsr) => convert(unpack(bits, from, mxcsr), from, to, mxcsr));
const toDoublewords = (from: Format, lanes: number, isTruncating: boolean) =>
  converting(from.bits, 32, lanes, (bits, mxcsr) => toInteger(unpack(bits, from, mxcsr), 32, mxcsr, isTruncating));

type Across = (a: readonly bigint[], b: readonly bigint[], format: Format, context: AssistContext) => readonly Result[];
/** By all lanes of 128 bits of both operands, lowest first. */
const acrossLanes =
  (format: Format, compute: Across) =>
  (encoding: Encoding): Assist =>
  context => {
    const count = 128 / format.bits;
    const read = (place: number, half: number) => Array.from({ length: count }, (_, lane) => readLane(context.view, place, half * count + lane, format.bits));
    const halves = Array.from({ length: encoding.halves(context) }, (_, half) => half);
    const results = halves.flatMap(half => compute(read(encoding.firstOf(context), half), read(sourceOf(context), half), format, context));
    return writeResults(context, encoding, format.bits, false, results);
  };
/** HADDPS: each result of two neighbours, those of the target below. */
const horizontal =
  (compute: Binary): Across =>
  (a, b, format, context) => {
    const mxcsr = mxcsrOf(context);
    const all = [...a, ...b].map(bits => unpack(bits, format, mxcsr));
    return Array.from({ length: all.length / 2 }, (_, i) => compute(all[2 * i]!, all[2 * i + 1]!, format, mxcsr));
  };
const alternating: Across = (a, b, format, context) => {
  const mxcsr = mxcsrOf(context);
  return a.map((bits, i) => (i % 2 ? add : subtract)(unpack(bits, format, mxcsr), unpack(b[i]!, format, mxcsr), format, mxcsr));
};
/** DPPS, in each half by itself. Each step's exceptions, of both halves, are seen before the next is done. */
const dotProduct =
  (format: Format) =>
  (encoding: Encoding): Assist =>
  context => {
    const mxcsr = mxcsrOf(context);
    const open = ~(mxcsr >> MASKS_SHIFT) & EXCEPTIONS;
    const { immediate, view } = context;
    const halves = encoding.halves(context);
    const count = 128 / format.bits;
    const lanes = Array.from({ length: halves * count }, (_, lane) => lane);
    const operand = (place: number, lane: number) => unpack(readLane(view, place, lane, format.bits), format, mxcsr);
    const [first, second] = [encoding.firstOf(context), sourceOf(context)];
    let raised = IN_STEPS;
    const step = (results: readonly Result[]): readonly bigint[] => {
      raised |= inOneStep(sum(results), open);
      return results.map(({ bits }) => bits);
    };
    const product = (lane: number): Result =>
      immediate & (16 << (lane % count)) ? multiply(operand(first, lane), operand(second, lane), format, mxcsr) : { bits: 0n, raised: 0 };
    let terms = step(lanes.map(product));
    const term = (i: number) => unpack(terms[i]!, format, mxcsr);
    while (terms.length > halves && !(raised & open))
      terms = step(Array.from({ length: terms.length / 2 }, (_, i) => add(term(2 * i), term(2 * i + 1), format, mxcsr)));
    const results = lanes.map((lane): Result => ({ bits: immediate & (1 << (lane % count)) ? terms[Math.floor(lane / count)]! : 0n, raised }));
    return writeResults(context, encoding, format.bits, false, results);
  };
const rounded =
  (format: Format, isPacked: boolean) =>
  (encoding: Encoding): Assist =>
    lanewise(format, isPacked, encoding, (_, b, mxcsr, { immediate }) =>
      roundToInteger(unpack(b, format, mxcsr), format, immediate & 4 ? modeOf(mxcsr) : immediate & 3, (immediate & 8) !== 0),
    );
/** To two doublewords in an MMX register, whose place is the argument's upper half. */
const toMmx =
  (format: Format, isTruncating: boolean): Assist =>
  context => {
    const { view, file } = context;
    const mxcsr = mxcsrOf(context);
    const [source, target] = [Number(context.argument & 0xffff_ffffn), Number(BigInt.asUintN(64, context.argument) >> 32n)];
    const results = [0, 1].map(lane => toInteger(unpack(readLane(view, source, lane, format.bits), format, mxcsr), 32, mxcsr, isTruncating));
    return conclude(context, sum(results), () => {
      for (const [lane, { bits }] of results.entries()) writeLane(view, target, lane, 32, bits);
      view.setUint16(target + 8, 0xffff, true);
      new FloatUnit(file).enterMmx();
    });
  };
/** Like CVTDQ2PS on two lanes; the upper half stays. The argument's upper half says whether they come from an MMX register. */
const fromMmx: Assist = context => {
  const { view, file, argument } = context;
  const [source, target, mxcsr] = [Number(argument & 0xffff_ffffn), targetOf(context), mxcsrOf(context)];
  const results = [0, 1].map(lane => fromInteger(BigInt.asIntN(32, readLane(view, source, lane, 32)), SINGLE, mxcsr));
  return conclude(context, sum(results), () => {
    for (const [lane, { bits }] of results.entries()) writeLane(view, target, lane, 32, bits);
    if (argument >> 32n) new FloatUnit(file).enterMmx();
  });
};
/** VEX changes nothing. */
const alike = (name: string, assist: Assist): Readonly<Record<string, Assist>> => ({ [name]: assist, [`v${name}`]: assist });

export const vectorAssists: Readonly<Record<string, Assist>> = {
  ...arithmetic("add", add),
  ...arithmetic("sub", subtract),
  ...arithmetic("mul", multiply),
  ...arithmetic("div", divide),
  ...arithmetic("sqrt", (_, b, format, mxcsr) => squareRoot(b, format, mxcsr)),
  ...extreme("min", "less"),
  ...extreme("max", "greater"),
  ...comparisons,
  ...both("haddps", acrossLanes(SINGLE, horizontal(add))),
  ...both("haddpd", acrossLanes(DOUBLE, horizontal(add))),
  ...both("hsubps", acrossLanes(SINGLE, horizontal(subtract))),
  ...both("hsubpd", acrossLanes(DOUBLE, horizontal(subtract))),
  ...both("addsubps", acrossLanes(SINGLE, alternating)),
  ...both("addsubpd", acrossLanes(DOUBLE, alternating)),
  ...both("dpps", dotProduct(SINGLE)),
  ...both("dppd", dotProduct(DOUBLE)),
  ...both("roundps", rounded(SINGLE, true)),
  ...both("roundpd", rounded(DOUBLE, true)),
  ...both("roundss", rounded(SINGLE, false)),
  ...both("roundsd", rounded(DOUBLE, false)),
  cvtpi2ps: fromMmx,
  cvtps2pi: toMmx(SINGLE, false),
  cvttps2pi: toMmx(SINGLE, true),
  cvtpd2pi: toMmx(DOUBLE, false),
  cvttpd2pi: toMmx(DOUBLE, true),
  ...alike("comiss", toFlags(SINGLE, true)),
  ...alike("comisd", toFlags(DOUBLE, true)),
  ...alike("ucomiss", toFlags(SINGLE, false)),
  ...alike("ucomisd", toFlags(DOUBLE, false)),
  ...both("cvtsi2ss", fromGeneral(SINGLE)),
  ...both("cvtsi2sd", fromGeneral(DOUBLE)),
  ...alike("cvtss2si", toGeneral(SINGLE, false)),
  ...alike("cvtsd2si", toGeneral(DOUBLE, false)),
  ...alike("cvttss2si", toGeneral(SINGLE, true)),
  ...alike("cvttsd2si", toGeneral(DOUBLE, true)),
  ...both("cvtss2sd", between(SINGLE, DOUBLE, 1)),
  ...both("cvtsd2ss", between(DOUBLE, SINGLE, 1)),
  ...both("cvtps2pd", between(SINGLE, DOUBLE, 2)),
  ...both("cvtpd2ps", between(DOUBLE, SINGLE, 2)),
  ...both(
    "cvtdq2ps",
    converting(32, 32, 4, (bits, mxcsr) => fromInteger(BigInt.asIntN(32, bits), SINGLE, mxcsr)),
  ),
  ...both("cvtps2dq", toDoublewords(SINGLE, 4, false)),
  ...both("cvttps2dq", toDoublewords(SINGLE, 4, true)),
  ...both("cvtpd2dq", toDoublewords(DOUBLE, 2, false)),
  ...both("cvttpd2dq", toDoublewords(DOUBLE, 2, true)),
};
