// What a form of an instruction does, found by running its definition once against a tier that only watches: no such column is kept in the table.
import type { Flags } from "../flags.ts";
import type { Form } from "../semantics/forms.ts";
import type { Register, Tier, VectorRegister } from "../tier.ts";
import { Func } from "../wasm/func.ts";
import { type IntegerType, i32, i64, type Value, v128 } from "../wasm/value.ts";
import type { Width } from "../width.ts";

export interface Effects {
  /** It may leave before it has happened. */
  readonly mayLeave: boolean;
  /** It reads the flags, or leaves them as they are on a condition. */
  readonly readsFlags: boolean;
  readonly setsFlags: boolean;
  /** It sets them inside a condition of its own. */
  readonly setsFlagsInside: boolean;
  /** It writes MXCSR, on which compiled code relies. */
  readonly changesMode: boolean;
  /** It may ask to be done again, as another tick. */
  readonly repeats: boolean;
  /** Vector registers of which it writes only the lowest bits, by their places among the operands. */
  readonly scalarTargets: readonly ScalarTarget[];
  readonly control?: "branch" | "jump" | "jumpTo" | "complete";
}

export interface ScalarTarget {
  readonly place: number;
  readonly bits: 32 | 64;
}

const ZERO = i64.constant(0);
const NO_FLAGS: Flags = { result: ZERO, augend: ZERO, addend: ZERO, sum: ZERO };
/** Not a constant, so that no definition folds it away. */
const something = <T extends IntegerType>(w: Width<T>): Value<T> => ({ type: w.int.type, isStable: true, put: sink => w.int.constant(0).put(sink) });
const SOMETHING32: Value<"i32"> = { type: "i32", isStable: true, put: sink => i32.constant(0).put(sink) };
const VECTOR: Value<"v128"> = { ...v128.zero };
const SOMETHING64: Value<"i64"> = { type: "i64", isStable: true, put: sink => ZERO.put(sink) };

function watch({ row, shape, bits }: Form): Effects {
  const scalarTargets: ScalarTarget[] = [];
  const seen: { -readonly [K in keyof Effects]: Effects[K] } = {
    scalarTargets,
    mayLeave: false,
    readsFlags: false,
    setsFlags: false,
    setsFlagsInside: false,
    changesMode: false,
    repeats: false,
  };
  const code = new Func([]);
  const register: Register = { read: something, write() {} };
  const vector: VectorRegister = {
    read: () => VECTOR,
    write() {},
    place: () => SOMETHING32,
    readHigh: () => VECTOR,
    writeHigh() {},
    readLow: () => VECTOR,
    writeLow() {},
    readLane: something,
    writeLane() {},
  };
  const vectorOperand = (place: number): VectorRegister => ({
    ...vector,
    write({ joined }) {
      // What is loaded or moved with nothing above it needs no second place.
      if (joined && joined.rest !== v128.zero) scalarTargets.push({ place, bits: joined.bits });
    },
    writeLow: bits => void scalarTargets.push({ place, bits }),
    writeLane(w, lane) {
      if (lane === 0 && w.bits >= 32) scalarTargets.push({ place, bits: w.bits === 64 ? 64 : 32 });
    },
  });
  const tier: Tier = {
    code,
    register: () => register,
    operandRegister: () => register,
    operandVector: vectorOperand,
    vector: () => vector,
    isCompiled: true,
    fuses: false,
    isFloatPlain: () => SOMETHING32,
    isInexactRecorded: () => SOMETHING32,
    readField: () => SOMETHING64,
    writeField() {},
    readHalf: () => SOMETHING32,
    writeHalf(field) {
      if (field === "mxcsr") seen.changesMode = true;
    },
    operandStackNumber: () => SOMETHING32,
    x87Place: () => SOMETHING32,
    floatPlaces: () => ({ at: () => SOMETHING32, bit: () => SOMETHING32, turned() {} }),
    routine: () => 0,
    immediate: something,
    address: () => SOMETHING64,
    nextRip: () => SOMETHING64,
    translate() {
      seen.mayLeave = true;
      return SOMETHING32;
    },
    flags() {
      seen.readsFlags = true;
      return NO_FLAGS;
    },
    setFlags(_, condition) {
      seen.setsFlags = true;
      if (condition) seen.readsFlags = true;
      if (code.depth > 0) seen.setsFlagsInside = seen.readsFlags = true;
    },
    refuse() {
      seen.mayLeave = true;
    },
    branch() {
      seen.control = "branch";
    },
    jump() {
      seen.control = "jump";
    },
    jumpTo() {
      seen.control = "jumpTo";
    },
    complete() {
      seen.control = "complete";
      seen.mayLeave = true;
    },
    again() {
      seen.repeats = seen.mayLeave = true;
    },
    ticksLeft: () => SOMETHING32,
    spend() {},
  };
  row.define(tier, shape, bits);
  return seen;
}

const known: Effects[] = [];
export const effectsOf = (form: Form): Effects => {
  known[form.number] ??= watch(form);
  return known[form.number]!;
};
