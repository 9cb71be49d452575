// FADD and FSUB: a + b or a - b.
import type { Func, Local } from "../wasm/func.ts";
import { extendU, i32, i64, select, type Value, wrap } from "../wasm/value.ts";
import { leaveIfNaN } from "./nan.ts";
import {
  both,
  denormalStatus,
  either,
  exponentOf,
  isMaximal,
  isPlain,
  isZero,
  leaveIfTrapsDenormal,
  leaveInvalid,
  normalise,
  type Operand,
  operandAt,
  signExponentOf,
  signOf,
  TOP,
  unit,
  ZERO,
} from "./operand.ts";
import { leadingZeros, leave, leaveBy } from "./operators.ts";
import { finish, modeOf } from "./round.ts";
import { type Indices, type Routine, routine } from "./routine.ts";
import { DOWN } from "./status.ts";

const ONE = i64.constant(1);
const SIXTY_THREE = i64.constant(63);

interface Addition {
  readonly a: Operand;
  readonly b: Operand;
  readonly control: Local<"i32">;
  readonly aSign: Local<"i32">;
  readonly bSign: Local<"i32">;
  readonly aExponent: Local<"i32">;
  readonly bExponent: Local<"i32">;
  readonly status: Local<"i32">;
}

/** All that is not two plain numbers: leaves, or brings both to plain form. */
function special(code: Func, indices: Indices, { a, b, control, aSign, bSign, aExponent, bExponent, status }: Addition): void {
  leaveIfNaN(code, indices, a, b);
  const areOpposed = i32.ne(aSign, bSign);
  code.if(both(both(isMaximal(a), isMaximal(b)), areOpposed), () => leaveInvalid(code));
  status.set(either(denormalStatus(a), denormalStatus(b)));
  leaveIfTrapsDenormal(code, status, control, raised => [a.mantissa, either(signExponentOf(a.word), raised)]);
  const signed = (sign: Value<"i32">, word: Value<"i32">) => either(either(sign, exponentOf(word)), status);
  code.if(isMaximal(a), () => code.do(leave([a.mantissa, signed(aSign, a.word)])));
  code.if(isMaximal(b), () => code.do(leave([b.mantissa, signed(bSign, b.word)])));
  code.if(isZero(a), () => {
    code.if(isZero(b), () => code.do(leave([ZERO, select(areOpposed, zeroSign(control), aSign)])));
    normalise(code, b.mantissa, bExponent);
    code.do(leaveBy(indices("roundExtended"), [bSign, bExponent, b.mantissa, ZERO, control, status]));
  });
  normalise(code, a.mantissa, aExponent);
  code.if(isZero(b), () => code.do(leaveBy(indices("roundExtended"), [aSign, aExponent, a.mantissa, ZERO, control, status])));
  normalise(code, b.mantissa, bExponent);
}
/** A difference of equals is +0, but -0 when rounding down (SDM vol. 1, 4.8.3.1). */
const zeroSign = (control: Value<"i32">): Value<"i32"> => select(i32.eq(modeOf(control), i32.constant(DOWN)), i32.constant(0x8000), i32.constant(0));

/** Makes `a` the one of greater magnitude. */
function order(code: Func, { a, b, aSign, bSign, aExponent, bExponent }: Addition): void {
  const isLess = either(i32.ltS(aExponent, bExponent), both(i32.eq(aExponent, bExponent), i64.ltU(a.mantissa, b.mantissa)));
  code.if(isLess, () =>
    code.assign([
      [a.mantissa, b.mantissa],
      [b.mantissa, a.mantissa],
      [aSign, bSign],
      [bSign, aSign],
      [aExponent, bExponent],
      [bExponent, aExponent],
    ]),
  );
}

/** Shifts the smaller one into place. Unlike `shiftRightSticky` it is exact to 128 bits, since a difference may move left again by one. */
function align(code: Func, high: Local<"i64">, low: Local<"i64">, distance: Value<"i32">): void {
  low.set(ZERO);
  code.if(
    i32.geU(distance, i32.constant(64)),
    () => {
      low.set(high);
      high.set(ZERO);
      const beyond = code.let(i32.sub(distance, i32.constant(64)));
      code.if(
        i32.geU(beyond, i32.constant(64)),
        () => low.set(ONE),
        () => {
          const lost = i64.ne(i64.shl(i64.shrU(low, extendU(beyond)), extendU(beyond)), low);
          low.set(i64.or(i64.shrU(low, extendU(beyond)), unit(lost)));
        },
      );
    },
    () =>
      code.if(distance, () => {
        low.set(i64.shl(high, extendU(i32.sub(i32.constant(64), distance))));
        high.set(i64.shrU(high, extendU(distance)));
      }),
  );
}

function addition(name: "add" | "subtract", indices: Indices): Routine {
  return routine(name, ["i64", "i32", "i64", "i32", "i32"], ["i64", "i32"], code => {
    const local = () => code.local("i32");
    const [a, b, control] = [operandAt(code, 0), operandAt(code, 2), code.param("i32", 4)];
    const all: Addition = { a, b, control, aSign: local(), bSign: local(), aExponent: local(), bExponent: local(), status: local() };
    const { aSign, aExponent, status } = all;
    const [low, high] = [code.local("i64"), a.mantissa];
    aSign.set(signOf(a.word));
    all.bSign.set(name === "add" ? signOf(b.word) : i32.xor(signOf(b.word), i32.constant(0x8000)));
    aExponent.set(exponentOf(a.word));
    all.bExponent.set(exponentOf(b.word));
    code.if(i32.eqz(both(isPlain(a), both(isPlain(b), i64.ltS(i64.and(a.mantissa, b.mantissa), ZERO)))), () => special(code, indices, all));
    order(code, all);
    align(code, b.mantissa, low, i32.sub(aExponent, all.bExponent));
    code.if(
      i32.eq(aSign, all.bSign),
      () => {
        high.set(i64.add(high, b.mantissa));
        code.if(i64.ltU(high, b.mantissa), () => {
          // A carry out: one place to the right.
          low.set(i64.or(i64.shl(high, SIXTY_THREE), unit(i64.ne(low, ZERO))));
          high.set(i64.or(i64.shrU(high, ONE), TOP));
          aExponent.set(i32.add(aExponent, i32.constant(1)));
        });
      },
      () => {
        high.set(i64.sub(i64.sub(high, b.mantissa), unit(i64.ne(low, ZERO))));
        low.set(i64.sub(ZERO, low));
        code.if(i64.geS(high, ZERO), () => {
          code.if(i64.eqz(high), () => {
            code.if(i64.eqz(low), () => code.do(leave([ZERO, either(zeroSign(control), status)])));
            high.set(low);
            low.set(ZERO);
            aExponent.set(i32.sub(aExponent, i32.constant(64)));
          });
          const zeros = code.let(leadingZeros(high));
          code.if(wrap(zeros), () => {
            high.set(i64.or(i64.shl(high, zeros), i64.shrU(low, i64.sub(i64.constant(64), zeros))));
            low.set(i64.shl(low, zeros));
            aExponent.set(i32.sub(aExponent, wrap(zeros)));
          });
        });
      },
    );
    finish(code, indices, { sign: aSign, exponent: aExponent, high, low }, control, status);
  });
}
export const add = (indices: Indices): Routine => addition("add", indices);
export const subtract = (indices: Indices): Routine => addition("subtract", indices);
