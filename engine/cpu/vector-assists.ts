// SSE and SSE2 arithmetic where MXCSR asks for more than the fast path gives: another rounding mode, FTZ, DAZ, or an exception that is not masked.
// Here, and only here, the exceptions are recorded in MXCSR.
import type { Assist, AssistContext } from "./assist.ts";
import {
  add,
  type Binary,
  compare,
  comparisonRaises,
  convert,
  DE,
  DOUBLE,
  divide,
  type Format,
  fromInteger,
  IE,
  MASKS_SHIFT,
  multiply,
  type Order,
  type Result,
  SINGLE,
  squareRoot,
  subtract,
  toInteger,
  unpack,
  ZE,
} from "./exact-float.ts";
import { fileOffset, setGeneral } from "./register-file.ts";

const EXCEPTIONS = 0x3f;
/** CF PF AF ZF SF OF. */
const STATUS_FLAGS = 0x8d5n;

const readLane = (view: DataView, at: number, lane: number, bits: 32 | 64): bigint =>
  bits === 64 ? view.getBigUint64(at + 8 * lane, true) : BigInt(view.getUint32(at + 4 * lane, true));
const writeLane = (view: DataView, at: number, lane: number, bits: 32 | 64, value: bigint): void =>
  bits === 64 ? view.setBigUint64(at + 8 * lane, value, true) : view.setUint32(at + 4 * lane, Number(value), true);
const mxcsrOf = ({ view, fileAt }: AssistContext): number => view.getUint16(fileAt + fileOffset.mxcsr, true);

/** What is found before anything is computed: where one of them is not masked, nothing is, in no lane (SDM vol. 1, 4.9.2 and 11.5.3). */
const BEFORE = IE | DE | ZE;
/** Records what was raised; then, unless it is an exception that is not masked, the change. */
function conclude(context: AssistContext, all: number, change: () => void): "simd" | undefined {
  const mxcsr = mxcsrOf(context);
  const unmasked = ~(mxcsr >> MASKS_SHIFT) & EXCEPTIONS;
  const raised = all & BEFORE & unmasked ? all & BEFORE : all;
  context.view.setUint16(context.fileAt + fileOffset.mxcsr, mxcsr | raised, true);
  if (raised & unmasked) return "simd";
  change();
  return undefined;
}
const VECTOR_BYTES = 32;
const targetOf = ({ fileAt, registers }: AssistContext): number => fileAt + fileOffset.vectors + VECTOR_BYTES * registers[0]!;
const sourceOf = ({ argument }: AssistContext): number => Number(argument);
const sum = (results: readonly Result[]): number => results.reduce((all, { raised }) => all | raised, 0);

/** Lane by lane; a lane that is not computed stays. */
const lanewise =
  (format: Format, isPacked: boolean, compute: (a: bigint, b: bigint, mxcsr: number, context: AssistContext) => Result): Assist =>
  context => {
    const { view } = context;
    const [source, target, mxcsr] = [sourceOf(context), targetOf(context), mxcsrOf(context)];
    const at = (place: number, lane: number) => readLane(view, place, lane, format.bits);
    if (!isPacked) {
      const { bits, raised } = compute(at(target, 0), at(source, 0), mxcsr, context);
      return conclude(context, raised, () => writeLane(view, target, 0, format.bits, bits));
    }
    const results = Array.from({ length: 128 / format.bits }, (_, lane) => compute(at(target, lane), at(source, lane), mxcsr, context));
    return conclude(context, sum(results), () => {
      for (const [lane, { bits }] of results.entries()) writeLane(view, target, lane, format.bits, bits);
    });
  };
const forms = [
  ["ps", SINGLE, true],
  ["pd", DOUBLE, true],
  ["ss", SINGLE, false],
  ["sd", DOUBLE, false],
] as const;
const fourForms = (name: string, compute: (format: Format) => (a: bigint, b: bigint, mxcsr: number, context: AssistContext) => Result) =>
  Object.fromEntries(forms.map(([suffix, format, isPacked]) => [`${name}${suffix}`, lanewise(format, isPacked, compute(format))]));
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
/** CMPPS: equal, less, less or equal, unordered, and their opposites; the four of less signal. */
const predicates: readonly (readonly [holds: readonly Order[], signals: boolean])[] = [
  [["equal"], false],
  [["less"], true],
  [["less", "equal"], true],
  [["unordered"], false],
  [["less", "greater", "unordered"], false],
  [["equal", "greater", "unordered"], true],
  [["greater", "unordered"], true],
  [["less", "equal", "greater"], false],
];
const comparisons = fourForms("cmp", format => (a, b, mxcsr, { immediate }) => {
  const [x, y] = [unpack(a, format, mxcsr), unpack(b, format, mxcsr)];
  const [holds, signals] = predicates[immediate & 7]!;
  return { bits: holds.includes(compare(x, y)) ? (1n << BigInt(format.bits)) - 1n : 0n, raised: comparisonRaises(x, y, signals) };
});
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
  (format: Format): Assist =>
  context => {
    const { bits, raised } = fromInteger(context.argument, format, mxcsrOf(context));
    return conclude(context, raised, () => writeLane(context.view, targetOf(context), 0, format.bits, bits));
  };
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
  (from: 32 | 64, to: 32 | 64, lanes: number, compute: (bits: bigint, mxcsr: number) => Result): Assist =>
  context => {
    const { view } = context;
    const [source, target, mxcsr] = [sourceOf(context), targetOf(context), mxcsrOf(context)];
    const results = Array.from({ length: lanes }, (_, lane) => compute(readLane(view, source, lane, from), mxcsr));
    return conclude(context, sum(results), () => {
      if (lanes > 1) writeLane(view, target, 1, 64, 0n);
      for (const [lane, { bits }] of results.entries()) writeLane(view, target, lane, to, bits);
    });
  };
const between = (from: Format, to: Format, lanes: number): Assist =>
  converting(from.bits, to.bits, lanes, (bits, mxcsr) => convert(unpack(bits, from, mxcsr), from, to, mxcsr));
const toDoublewords = (from: Format, lanes: number, isTruncating: boolean): Assist =>
  converting(from.bits, 32, lanes, (bits, mxcsr) => toInteger(unpack(bits, from, mxcsr), 32, mxcsr, isTruncating));

export const vectorAssists: Readonly<Record<string, Assist>> = {
  ...arithmetic("add", add),
  ...arithmetic("sub", subtract),
  ...arithmetic("mul", multiply),
  ...arithmetic("div", divide),
  ...arithmetic("sqrt", (_, b, format, mxcsr) => squareRoot(b, format, mxcsr)),
  ...extreme("min", "less"),
  ...extreme("max", "greater"),
  ...comparisons,
  comiss: toFlags(SINGLE, true),
  comisd: toFlags(DOUBLE, true),
  ucomiss: toFlags(SINGLE, false),
  ucomisd: toFlags(DOUBLE, false),
  cvtsi2ss: fromGeneral(SINGLE),
  cvtsi2sd: fromGeneral(DOUBLE),
  cvtss2si: toGeneral(SINGLE, false),
  cvtsd2si: toGeneral(DOUBLE, false),
  cvttss2si: toGeneral(SINGLE, true),
  cvttsd2si: toGeneral(DOUBLE, true),
  cvtss2sd: between(SINGLE, DOUBLE, 1),
  cvtsd2ss: between(DOUBLE, SINGLE, 1),
  cvtps2pd: between(SINGLE, DOUBLE, 2),
  cvtpd2ps: between(DOUBLE, SINGLE, 2),
  cvtdq2ps: converting(32, 32, 4, (bits, mxcsr) => fromInteger(BigInt.asIntN(32, bits), SINGLE, mxcsr)),
  cvtps2dq: toDoublewords(SINGLE, 4, false),
  cvttps2dq: toDoublewords(SINGLE, 4, true),
  cvtpd2dq: toDoublewords(DOUBLE, 2, false),
  cvttpd2dq: toDoublewords(DOUBLE, 2, true),
};
