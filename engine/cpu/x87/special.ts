// What the rare operations do before they compute: NaNs, unsupported formats and denormals, in the order of SDM vol. 1, 4.9.2.
import { type Extended, INDEFINITE, isSignalling, kindOf, quieted, type Result } from "./extended.ts";
import { DE, IE } from "./status.ts";

export const invalid = (): Result => ({ value: INDEFINITE, status: IE });

/** The NaN rule of `nan.ts`, or undefined where all operands are numbers. */
export function nanResult(...operands: readonly Extended[]): Result | undefined {
  const kinds = operands.map(kindOf);
  if (kinds.includes("unsupported")) return invalid();
  if (!kinds.includes("nan")) return undefined;
  const nans = operands.filter(x => kindOf(x) === "nan");
  const status = nans.some(isSignalling) ? IE : 0;
  const quiet = nans.filter(x => !isSignalling(x));
  const best = (quiet.length ? quiet : nans).reduce((a, b) => {
    if (a.mantissa !== b.mantissa) return a.mantissa > b.mantissa ? a : b;
    return a.signExponent < b.signExponent ? a : b;
  });
  return { value: quieted(best), status };
}
export const denormalStatus = (...operands: readonly Extended[]): number => (operands.some(x => kindOf(x) === "denormal") ? DE : 0);
/** Whether DE stops the instruction before it has a result. */
export const trapsDenormal = (status: number, control: number): boolean => (status & DE & ~control) !== 0;

export const withStatus = ({ value, status }: Result, more: number): Result => ({ value, status: status | more });
export const exactly = (value: Extended, status = 0): Result => ({ value, status });
