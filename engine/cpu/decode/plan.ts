// What an opcode's operands come to once ModRM.mod, operand size and prefixes are known: the form, and the steps that read registers and immediates.
// Made when such an instruction is first met; decoding is then mostly looking up.
import { type Form, formOf } from "../semantics/forms.ts";
import type { Bits } from "../wasm/value.ts";
import type { Variant } from "./opcode-map.ts";

/** One operand to be read from the instruction's bytes. */
export const steps = {
  rm: 0,
  rmByte: 1,
  reg: 2,
  regByte: 3,
  low: 4,
  lowByte: 5,
  accumulator: 6,
  vector: 7,
  rmVector: 8,
  stack: 9,
  immediate8: 10,
  immediate16: 11,
  immediate32: 12,
  immediate64: 13,
  relative8: 14,
  relative32: 15,
  absolute: 16,
  one: 17,
  second: 18,
  firstVector: 19,
  mmx: 20,
  third: 21,
  byImmediate: 22,
  vectorIndex: 23,
  control: 24,
  debug: 25,
} as const;
export type Step = (typeof steps)[keyof typeof steps];

export interface Plan {
  readonly form: Form;
  /** Instead, where the immediate, masked, is zero. */
  readonly countless: Form | undefined;
  /** For the immediate, where it is a count. */
  readonly countMask: number;
  readonly steps: readonly Step[];
  /** Its memory operands or its count are implied: with the prefix 67 it is another form, and so with a segment. */
  readonly isImplicit: boolean;
  /** LOCK is allowed. */
  readonly canLock: boolean;
  /** It computes an address and touches no memory: segments do not count. */
  readonly isAddress: boolean;
  /** VEX.vvvv names a register. */
  readonly hasThird: boolean;
}
export interface Mode {
  readonly isMemory: boolean;
  readonly word: Bits;
  /** The length of the vectors by VEX.L. */
  readonly vector?: 128 | 256;
  /** The prefix 66 is there, whatever REX.W makes of it. */
  readonly isShort: boolean;
  readonly isAddress32: boolean;
  readonly hasSegment: boolean;
}
const implicit = /^(rep.*|movs|stos|lods|scas|cmps|xlat|maskmov.*|jrcxz|loop.*)$/;
/** Those of them that a segment has no part in. */
const counting = /^(jrcxz|loop.*)$/;
const lockable = /^(add|adc|and|btc|btr|bts|cmpxchg|cmpxchg8b|cmpxchg16b|dec|inc|neg|not|or|sbb|sub|xor|xadd|xchg)$/;

/** `undefined`: such an instruction does not exist, or is not served. */
export function planOf(variant: Variant, mode: Mode): Plan | undefined {
  const { names, operands } = variant;
  const { word } = mode;
  const name = names.length === 3 ? names[word === 16 ? 0 : word === 32 ? 1 : 2]! : names.length === 2 && word === 64 ? names[1]! : names[0]!;
  if (mode.vector) return planVex(name, operands, mode, mode.vector);
  const read = operands.map(operand => planOperand(operand[0]!, operand[1] ?? "", mode));
  if (read.some(one => one === undefined)) return undefined;
  const shape = read.map(one => one!.shape).join("");
  const sized = sizedOf(operands);
  const bits = sized ? bitsOf(sized[1]!, mode) : 64;
  const isImplicit = implicit.test(name);
  const form = isImplicit
    ? formOf(`${name}${mode.isAddress32 ? "32" : ""}`, `${shape}${mode.hasSegment && !counting.test(name) ? "m" : ""}`, bits)
    : formOf(name, shape, bits);
  if (!form) return undefined;
  const { ifCountIsZero } = form.row;
  return {
    form,
    countless: ifCountIsZero === undefined ? undefined : formOf(ifCountIsZero, shape, bits),
    countMask: ifCountIsZero === undefined ? -1 : bits === 64 ? 63 : 31,
    steps: read.flatMap(one => (one!.step === undefined ? [] : [one!.step])),
    isImplicit,
    canLock: shape.startsWith("m") && lockable.test(name),
    isAddress: name === "lea",
    hasThird: false,
  };
}
const sizedOf = (operands: readonly string[]): string | undefined => operands.find(operand => !"IJ1KSVWUXPQN".includes(operand[0]!) && operand.length > 1);
/** Where a legacy opcode's operands are given and the row has one more, it is VEX.vvvv: the second, or in the groups of shifts the target. */
const withThird = (operands: readonly string[]): readonly string[] =>
  operands[0]?.startsWith("U") ? ["H", ...operands] : [...operands.slice(0, 1), "H", ...operands.slice(1)];
function planVex(name: string, operands: readonly string[], mode: Mode, length: 128 | 256): Plan | undefined {
  const sized = sizedOf(operands);
  const isImplicit = name === "vmaskmovdqu";
  const form = (shape: string, length: Bits | 128 | 256) =>
    isImplicit ? formOf(`${name}${mode.isAddress32 ? "32" : ""}`, `${shape}${mode.hasSegment ? "m" : ""}`, length) : formOf(name, shape, length);
  for (const list of [operands, withThird(operands)]) {
    const read = list.map(operand => planOperand(operand[0]!, operand[1] ?? "", mode));
    if (read.some(one => one === undefined)) return undefined;
    const shape = read.map(one => one!.shape).join("");
    const shortest = form(shape, sized ? bitsOf(sized[1]!, mode) : 128);
    const found = shortest?.row.isScalar || (sized && length === 128) ? shortest : sized ? undefined : form(shape, length);
    if (found) {
      const steps = read.flatMap(one => (one!.step === undefined ? [] : [one!.step]));
      return {
        form: found,
        countless: undefined,
        countMask: -1,
        steps,
        isImplicit,
        canLock: false,
        isAddress: false,
        hasThird: list.some(operand => "HB".includes(operand[0]!)),
      };
    }
  }
  return undefined;
}
function bitsOf(size: string, { word, isShort }: Mode): Bits {
  const fixed: Readonly<Record<string, Bits>> = { v: word, f: isShort ? 16 : 64, y: word === 64 ? 64 : 32, b: 8, w: 16, d: 32 };
  return fixed[size] ?? 64;
}

interface Operand {
  readonly shape: string;
  readonly step?: Step;
}
const register = (size: string, step: Step, byteStep: Step): Operand => ({ shape: "r", step: size === "b" ? byteStep : step });
const inMemory: Operand = { shape: "m" };
const immediates: Readonly<Record<number, Step>> = { 1: steps.immediate8, 2: steps.immediate16, 4: steps.immediate32, 8: steps.immediate64 };

const planners: Readonly<Record<string, (size: string, mode: Mode) => Operand | undefined>> = {
  E: (size, { isMemory }) => (isMemory ? inMemory : register(size, steps.rm, steps.rmByte)),
  G: size => register(size, steps.reg, steps.regByte),
  M: (_, { isMemory }) => (isMemory ? inMemory : undefined),
  Z: size => register(size, steps.low, steps.lowByte),
  A: () => ({ shape: "r", step: steps.accumulator }),
  V: () => ({ shape: "v", step: steps.vector }),
  W: (_, { isMemory }) => (isMemory ? inMemory : { shape: "v", step: steps.rmVector }),
  U: (_, { isMemory }) => (isMemory ? undefined : { shape: "v", step: steps.rmVector }),
  H: () => ({ shape: "v", step: steps.third }),
  B: () => ({ shape: "r", step: steps.third }),
  L: () => ({ shape: "v", step: steps.byImmediate }),
  T: (_, { isMemory }) => (isMemory ? { shape: "mv", step: steps.vectorIndex } : undefined),
  X: () => ({ shape: "v", step: steps.firstVector }),
  P: () => ({ shape: "x", step: steps.mmx }),
  Q: (_, { isMemory }) => (isMemory ? inMemory : { shape: "x", step: steps.stack }),
  N: (_, { isMemory }) => (isMemory ? undefined : { shape: "x", step: steps.stack }),
  S: () => ({ shape: "s", step: steps.stack }),
  C: () => ({ shape: "", step: steps.control }),
  D: () => ({ shape: "", step: steps.debug }),
  I(size, { word }) {
    const bytes = size === "b" ? 1 : size === "w" ? 2 : size === "z" ? (word === 16 ? 2 : 4) : word / 8;
    return { shape: "i", step: immediates[bytes]! };
  },
  J: size => ({ shape: "", step: size === "b" ? steps.relative8 : steps.relative32 }),
  O: () => ({ shape: "m", step: steps.absolute }),
  "1": () => ({ shape: "i", step: steps.one }),
  K: () => ({ shape: "", step: steps.second }),
};
const planOperand = (letter: string, size: string, mode: Mode): Operand | undefined => (planners[letter] ?? (() => ({ shape: "" })))(size, mode);
