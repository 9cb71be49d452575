// FSQRT.
import { extendU, i32, i64, select } from "../wasm/value.ts";
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
  NO_STATUS,
  normalise,
  operandAt,
  signExponentOf,
  signOf,
  ZERO,
} from "./operand.ts";
import { divideSigned, leave, multiplyWide, roughRoot } from "./operators.ts";
import { finish } from "./round.ts";
import { type Indices, type Routine, routine } from "./routine.ts";

const ONE = i64.constant(1);
const ONE_BIT = i32.constant(1);

export const squareRoot = (indices: Indices): Routine =>
  routine("squareRoot", ["i64", "i32", "i32"], ["i64", "i32"], code => {
    const [x, control] = [operandAt(code, 0), code.param("i32", 2)];
    const [exponent, status] = [code.local("i32"), code.local("i32")];
    const [root, high, low] = [code.local("i64"), code.local("i64"), code.local("i64")];

    exponent.set(exponentOf(x.word));
    code.if(i32.eqz(both(isPlain(x), both(i64.ltS(x.mantissa, ZERO), i32.eqz(signOf(x.word))))), () => {
      leaveIfNaN(code, indices, x, x);
      code.if(isZero(x), () => code.do(leave([x.mantissa, signExponentOf(x.word)])));
      code.if(signOf(x.word), () => leaveInvalid(code));
      code.if(isMaximal(x), () => code.do(leave([x.mantissa, x.word])));
      status.set(denormalStatus(x));
      leaveIfTrapsDenormal(code, status, control, raised => [x.mantissa, either(signExponentOf(x.word), raised)]);
      normalise(code, x.mantissa, exponent);
    });
    // The radicand high:low is the mantissa, halved where the power of two is even, which is where the biased exponent is odd; its root has 64 bits.
    const isHalved = code.let(i32.and(exponent, ONE_BIT));
    const shift = code.let(extendU(isHalved));
    high.set(i64.shrU(x.mantissa, shift));
    low.set(select(isHalved, i64.shl(x.mantissa, i64.constant(63)), ZERO));
    exponent.set(i32.add(i32.shrS(i32.add(exponent, i32.constant(0x3ffe)), ONE_BIT), isHalved));
    root.set(roughRoot(high));
    // One step of Newton's method: 53 bits become 64, off by 1 or so.
    const square = multiplyWide(code, root, root);
    const missingHigh = code.let(i64.sub(i64.sub(high, square.high), extendU(i64.ltU(low, square.low))));
    const missing = i64.or(i64.shl(missingHigh, i64.constant(50)), i64.shrU(i64.sub(low, square.low), i64.constant(14)));
    root.set(i64.add(root, divideSigned(code.let(missing), i64.shrU(root, i64.constant(13)))));
    const rest = { high: code.local("i64"), low: code.local("i64") };
    const measure = () => {
      const { high: squareHigh, low: squareLow } = multiplyWide(code, root, root);
      rest.high.set(i64.sub(i64.sub(high, squareHigh), extendU(i64.ltU(low, squareLow))));
      rest.low.set(i64.sub(low, squareLow));
    };
    code.loop(again => {
      measure();
      code.if(i64.ltS(rest.high, ZERO), () => {
        root.set(i64.sub(root, ONE));
        code.br(again);
      });
      // A rest above twice the root: too small by one.
      const doubled = i64.shl(root, ONE);
      code.if(either(i64.gtS(rest.high, ONE), both(i64.eq(rest.high, ONE), i64.gtU(rest.low, doubled))), () => {
        root.set(i64.add(root, ONE));
        code.br(again);
      });
    });
    // A rest equal to the root lies just below one half, since (r + 1/2)^2 = r^2 + r + 1/4.
    const isPastHalf = either(i64.ne(rest.high, ZERO), i64.gtU(rest.low, root));
    const past = select(isPastHalf, i64.constant(3n << 62n), select(i64.eqz(rest.low), ZERO, ONE));
    low.set(past);
    high.set(root);
    finish(code, indices, { sign: NO_STATUS, exponent, high, low }, control, status);
    code.unreachable();
  });
