// The x87 instructions that TypeScript performs: what is rare, or needs arithmetic that wasm does not have. Waiting for exceptions is done before.
import type { Assist } from "./assist.ts";
import { arctangentResult } from "./x87/arctangent.ts";
import { fromDecimal, toDecimal } from "./x87/decimal.ts";
import { EMPTY_CLASS, examine, signStatus } from "./x87/examine.ts";
import { powerLessOne, timesLogarithm, timesLogarithmAboveOne } from "./x87/exponential.ts";
import { type Extended, INDEFINITE, kindOf, ONE, type Result } from "./x87/extended.ts";
import { remainder, remainderNearest } from "./x87/remainder.ts";
import { extract, scale } from "./x87/scale.ts";
import { C0, C1, C2, C3 } from "./x87/status.ts";
import { cosineResult, sineAndCosine, sineResult, tangentResult } from "./x87/trigonometry.ts";
import { FloatUnit, STACK_OVERFLOW, STACK_UNDERFLOW } from "./x87-unit.ts";

const PACKED_INDEFINITE = 0xffff_c000_0000_0000_0000n;
const faulted = (status: number): Result => ({ value: INDEFINITE, status });

/** ST(0) from itself; C2 where the operation says so. */
const unary =
  (compute: (x: Extended, control: number) => Result, codes: number): Assist =>
  ({ file }) => {
    const unit = new FloatUnit(file);
    const { value, status } = unit.isEmpty(0) ? faulted(STACK_UNDERFLOW) : compute(unit.read(0), unit.control);
    unit.conclude(status, () => unit.write(0, value), { mask: codes, value: status });
    return undefined;
  };
/** ST(0) from ST(0) and ST(1). */
const binary =
  (compute: (x: Extended, y: Extended, control: number) => Result, codes = 0): Assist =>
  ({ file }) => {
    const unit = new FloatUnit(file);
    const isFault = unit.isEmpty(0) || unit.isEmpty(1);
    const { value, status } = isFault ? faulted(STACK_UNDERFLOW) : compute(unit.read(0), unit.read(1), unit.control);
    // Where there is no quotient its bits stay.
    unit.conclude(status, () => unit.write(0, value), { mask: kindOf(value) === "nan" ? codes & C2 : codes, value: status });
    return undefined;
  };
/** ST(1) from both, and a pop. */
const popping =
  (compute: (x: Extended, y: Extended, control: number) => Result): Assist =>
  ({ file }) => {
    const unit = new FloatUnit(file);
    const isFault = unit.isEmpty(0) || unit.isEmpty(1);
    const { value, status } = isFault ? faulted(STACK_UNDERFLOW) : compute(unit.read(0), unit.read(1), unit.control);
    unit.conclude(status, () => {
      unit.write(1, value);
      unit.pop();
    });
    return undefined;
  };
/** ST(0) replaced, and another value pushed, unless C2 says that nothing was done. */
const pushing =
  (compute: (x: Extended, control: number) => { readonly replaced: Extended; readonly pushed: Extended; readonly status: number }, codes = C2): Assist =>
  ({ file }) => {
    const unit = new FloatUnit(file);
    const fault = unit.isEmpty(0) ? STACK_UNDERFLOW : unit.isEmpty(-1) ? 0 : STACK_OVERFLOW;
    const both = fault ? { replaced: INDEFINITE, pushed: INDEFINITE, status: fault } : compute(unit.read(0), unit.control);
    unit.conclude(
      both.status,
      () => {
        if (both.status & codes & C2) return;
        unit.write(0, both.replaced);
        unit.push(both.pushed);
      },
      { mask: codes, value: both.status },
    );
    return undefined;
  };
/** Words of two bytes with the prefix 66, else of four, whose upper halves are ones. */
interface Environment {
  readonly word: 2 | 4;
  readonly bytes: 14 | 28;
}
const LONG: Environment = { word: 4, bytes: 28 };
const SHORT: Environment = { word: 2, bytes: 14 };
const REGISTERS_BYTES = 80;
const UPPER = 0xffff_0000;

function storeEnvironment(unit: FloatUnit, view: DataView, { word }: Environment): void {
  // The last instruction and operand are not kept.
  [UPPER | unit.control, UPPER | unit.status, UPPER | unit.tagWord, 0, 0, 0, word === 4 ? UPPER : 0].forEach((value, i) => {
    if (word === 4) view.setInt32(4 * i, value, true);
    else view.setInt16(2 * i, value, true);
  });
}
function loadEnvironment(unit: FloatUnit, view: DataView, { word }: Environment): void {
  unit.control = view.getUint16(0, true);
  unit.status = view.getUint16(word, true);
  unit.tagWord = view.getUint16(2 * word, true);
}
const environments = (suffix: string, kind: Environment): Readonly<Record<string, Assist>> => ({
  [`fnstenv${suffix}`]({ file, memory }) {
    const unit = new FloatUnit(file);
    storeEnvironment(unit, memory(kind.bytes), kind);
    unit.control |= 0x3f;
    return undefined;
  },
  [`fldenv${suffix}`]({ file, memory }) {
    loadEnvironment(new FloatUnit(file), memory(kind.bytes), kind);
    return undefined;
  },
  [`fnsave${suffix}`]({ file, memory }) {
    const unit = new FloatUnit(file);
    const view = memory(kind.bytes + REGISTERS_BYTES);
    storeEnvironment(unit, view, kind);
    for (let place = 0; place < 8; place++) {
      const { mantissa, signExponent } = unit.read(place);
      view.setBigUint64(kind.bytes + 10 * place, mantissa, true);
      view.setUint16(kind.bytes + 10 * place + 8, signExponent, true);
    }
    unit.initialise();
    return undefined;
  },
  [`frstor${suffix}`]({ file, memory }) {
    const unit = new FloatUnit(file);
    const view = memory(kind.bytes + REGISTERS_BYTES);
    loadEnvironment(unit, view, kind);
    for (let place = 0; place < 8; place++) {
      const at = kind.bytes + 10 * place;
      unit.put(place, { mantissa: view.getBigUint64(at, true), signExponent: view.getUint16(at + 8, true) });
    }
    return undefined;
  },
});

export const x87Assists: Readonly<Record<string, Assist>> = {
  fxam({ file }) {
    const unit = new FloatUnit(file);
    const value = unit.read(0);
    const codes = unit.isEmpty(0) ? EMPTY_CLASS | signStatus(value) : examine(value);
    unit.status = (unit.status & ~(C0 | C1 | C2 | C3)) | codes;
    return undefined;
  },
  fscale: binary(scale),
  fprem: binary(remainder, C0 | C2 | C3),
  fprem1: binary(remainderNearest, C0 | C2 | C3),
  f2xm1: unary(powerLessOne, 0),
  fsin: unary(sineResult, C2),
  fcos: unary(cosineResult, C2),
  fyl2x: popping(timesLogarithm),
  fyl2xp1: popping(timesLogarithmAboveOne),
  fpatan: popping(arctangentResult),
  fxtract: pushing((x, control) => {
    const { exponent, significand, status } = extract(x, control);
    return { replaced: exponent, pushed: significand, status };
  }, 0),
  fptan: pushing((x, control) => {
    const { value, status } = tangentResult(x, control);
    return { replaced: value, pushed: kindOf(value) === "nan" ? value : ONE, status };
  }),
  fsincos: pushing((x, control) => {
    const { sine, cosine, status } = sineAndCosine(x, control);
    return { replaced: sine, pushed: cosine, status };
  }),
  fbld({ file, memory }) {
    const unit = new FloatUnit(file);
    const packed = memory(10);
    const value = fromDecimal((BigInt(packed.getUint16(8, true)) << 64n) | packed.getBigUint64(0, true));
    const isFull = !unit.isEmpty(-1);
    unit.conclude(isFull ? STACK_OVERFLOW : 0, () => unit.push(isFull ? INDEFINITE : value));
    return undefined;
  },
  fbstp({ file, memory }) {
    const unit = new FloatUnit(file);
    const { packed, status } = unit.isEmpty(0) ? { packed: PACKED_INDEFINITE, status: STACK_UNDERFLOW } : toDecimal(unit.read(0), unit.control);
    unit.conclude(status, () => {
      const view = memory(10);
      view.setBigUint64(0, BigInt.asUintN(64, packed), true);
      view.setUint16(8, Number(packed >> 64n), true);
      unit.pop();
    });
    return undefined;
  },
  ...environments("", LONG),
  ...environments("Short", SHORT),
};
