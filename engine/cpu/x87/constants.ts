// FLD1 and its kin: constants rounded from the processor's longer ones by the rounding mode, raising nothing (SDM vol. 2, FLD1).
import { type Extended, ONE, zero } from "./extended.ts";
import { modeOf } from "./rounding.ts";
import { NEAREST, UP } from "./status.ts";

/** Rounded down, and whether the nearest is one more. */
const constant =
  (mantissa: bigint, exponent: number, isNearestAbove: boolean) =>
  (control: number): Extended => {
    const mode = modeOf(control);
    const isUp = mode === UP || (mode === NEAREST && isNearestAbove);
    return { mantissa: isUp ? mantissa + 1n : mantissa, signExponent: exponent };
  };
export const constants = {
  fld1: (): Extended => ONE,
  fldl2t: constant(0xd49a_784b_cd1b_8afen, 0x4000, false),
  fldl2e: constant(0xb8aa_3b29_5c17_f0bbn, 0x3fff, true),
  fldpi: constant(0xc90f_daa2_2168_c234n, 0x4000, true),
  fldlg2: constant(0x9a20_9a84_fbcf_f798n, 0x3ffd, true),
  fldln2: constant(0xb172_17f7_d1cf_79abn, 0x3ffe, true),
  fldz: (): Extended => zero(0),
};
