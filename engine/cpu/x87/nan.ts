// Which NaN two operands give (SDM vol. 1, table 4-7), where at least one of them is a NaN or an unsupported format.
import type { Func } from "../wasm/func.ts";
import { i32, i64, select, type Value } from "../wasm/value.ts";
import {
  either,
  isNotNumber,
  isSignalling,
  isUnsupported,
  leaveInvalid,
  NO_STATUS,
  type Operand,
  operandAt,
  quieted,
  raised,
  signExponentOf,
} from "./operand.ts";
import { leave, leaveBy } from "./operators.ts";
import { type Indices, type Routine, routine } from "./routine.ts";
import { IE } from "./status.ts";

export const chooseNaN = (): Routine =>
  routine("chooseNaN", ["i64", "i32", "i64", "i32"], ["i64", "i32"], code => {
    const [a, b] = [operandAt(code, 0), operandAt(code, 2)];
    code.if(either(isUnsupported(a), isUnsupported(b)), () => leaveInvalid(code));
    const [aSignals, bSignals] = [code.let(isSignalling(a)), code.let(isSignalling(b))];
    const status = code.let(select(either(aSignals, bSignals), raised(IE), NO_STATUS));
    const answer = ({ mantissa, word }: Operand) => code.do(leave([quieted(mantissa), either(signExponentOf(word), status)]));
    code.if(i32.eqz(isNotNumber(a)), () => answer(b));
    code.if(i32.eqz(isNotNumber(b)), () => answer(a));
    // A quiet one before a signalling one, then the greater significand, then the positive one.
    code.if(i32.ne(aSignals, bSignals), () => {
      code.if(aSignals, () => answer(b));
      answer(a);
    });
    code.if(i64.gtU(a.mantissa, b.mantissa), () => answer(a));
    code.if(i64.ltU(a.mantissa, b.mantissa), () => answer(b));
    code.if(i32.ltU(signExponentOf(a.word), signExponentOf(b.word)), () => answer(a));
    answer(b);
    code.unreachable();
  });

const isOdd = (x: Operand): Value<"i32"> => either(isUnsupported(x), isNotNumber(x));
/** Leaves with a NaN where an operand is one, or is no number at all. */
export function leaveIfNaN(code: Func, indices: Indices, a: Operand, b: Operand): void {
  code.if(either(isOdd(a), isOdd(b)), () => code.do(leaveBy(indices("chooseNaN"), [a.mantissa, a.word, b.mantissa, b.word])));
}
