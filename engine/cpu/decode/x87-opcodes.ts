// The opcode map of x87, in the letters of opcodes.ts.
import type { Line } from "./opcodes.ts";

const group = (names: string, operands: string): string =>
  names
    .split("/")
    .map(name => (name === "-" ? name : `${name} ${operands}`))
    .join("/");
const memory = (prefix: string, size: string): string =>
  group(["add", "mul", "com", "comp", "sub", "subr", "div", "divr"].map(name => prefix + name).join("/"), `M${size}`);

export const x87Lines: readonly Line[] = [
  [0xd8, `${memory("f", "d")}|${group("faddTop/fmulTop/fcomTop/fcompTop/fsubTop/fsubrTop/fdivTop/fdivrTop", "S")}`],
  [0xd9, `fld Md/-/fst Md/fstp Md/fldenv M/fldcw Mw/fnstenv M/fnstcw Mw|${group("fldRegister/fxch/-/-/-/-/-/-", "S")}`],
  [0xda, `${memory("fi", "d")}|${group("fcmovb/fcmove/fcmovbe/fcmovu/-/-/-/-", "S")}`],
  [0xdb, `${group("fild/fisttp/fist/fistp", "Md")}/-/fldExtended M/-/fstpExtended M|${group("fcmovnb/fcmovne/fcmovnbe/fcmovnu/-/fucomi/fcomi/-", "S")}`],
  [0xdc, `${memory("f", "q")}|${group("faddOther/fmulOther/fcomTop/fcompTop/fsubrOther/fsubOther/fdivrOther/fdivOther", "S")}`],
  [0xdd, `fld Mq/fisttp Mq/fst Mq/fstp Mq/frstor M/-/fnsave M/fnstsw Mw|${group("ffree/fxch/fstRegister/fstpRegister/fucom/fucomp/-/-", "S")}`],
  [0xde, `${memory("fi", "w")}|${group("faddp/fmulp/fcompTop/-/fsubrp/fsubp/fdivrp/fdivp", "S")}`],
  [0xdf, `${group("fild/fisttp/fist/fistp", "Mw")}/fbld M/fild Mq/fbstp M/fistp Mq|${group("ffreep/fxch/fstpRegister/fstpRegister/-/fucomip/fcomip/-", "S")}`],
];
/** With a whole ModRM byte. */
export const x87ExactLines: readonly Line[] = [
  [0xd9d0, "fnop"],
  [0xd9e0, "fchs"],
  [0xd9e1, "fabs"],
  [0xd9e4, "ftst"],
  [0xd9e5, "fxam"],
  ...["fld1", "fldl2t", "fldl2e", "fldpi", "fldlg2", "fldln2", "fldz"].map((name, i): Line => [0xd9e8 + i, name]),
  ...["f2xm1", "fyl2x", "fptan", "fpatan", "fxtract", "fprem1", "fdecstp", "fincstp"].map((name, i): Line => [0xd9f0 + i, name]),
  ...["fprem", "fyl2xp1", "fsqrt", "fsincos", "frndint", "fscale", "fsin", "fcos"].map((name, i): Line => [0xd9f8 + i, name]),
  [0xdae9, "fucompp"],
  [0xdbe0, "fneni"],
  [0xdbe1, "fndisi"],
  [0xdbe4, "fnsetpm"],
  [0xdbe2, "fnclex"],
  [0xdbe3, "fninit"],
  [0xded9, "fcompp"],
  [0xdfe0, "fnstsw .w"],
];
