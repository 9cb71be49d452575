// The opcode map of MMX, in the letters of opcodes.ts. Most are those of SSE2 without the prefix 66.
import type { Line } from "./opcodes.ts";
import { integers } from "./vector-opcodes.ts";

/** PUNPCKLQDQ, PUNPCKHQDQ, MOVDQA, CVTTPD2DQ: with eight bytes there is no such thing, or another. */
const longOnly = new Set([0x6c, 0x6d, 0x6f, 0xe6]);
const ssse3 = "pshufb phaddw phaddd phaddsw pmaddubsw phsubw phsubd phsubsw psignb psignw psignd pmulhrsw".split(" ");

export const mmxLines = (PREFIX: { readonly 0x66: number; readonly 0xf2: number; readonly 0xf3: number }): readonly Line[] => [
  ...Object.entries(integers).flatMap(([opcode, name]): Line[] => (longOnly.has(Number(opcode)) ? [] : [[0x0f00 | Number(opcode), `${name}Mmx P Q`]])),
  ...ssse3.map((name, i): Line => [0x0f3800 + i, `${name}Mmx P Q`]),
  ...["pabsb", "pabsw", "pabsd"].map((name, i): Line => [0x0f381c + i, `${name}Mmx P Q`]),
  [0x0f3a0f, "palignrMmx P Q Ib"],
  [0x0f2a, "cvtpi2ps V Q"],
  [PREFIX[0x66] | 0x0f2a, "cvtpi2pd V Q"],
  [0x0f2c, "cvttps2pi P W"],
  [PREFIX[0x66] | 0x0f2c, "cvttpd2pi P W"],
  [0x0f2d, "cvtps2pi P W"],
  [PREFIX[0x66] | 0x0f2d, "cvtpd2pi P W"],
  [0x0f6e, "movdMmx P Ey"],
  [0x0f6f, "movqMmx P Q"],
  [0x0f77, "emms"],
  [0x0f70, "pshufw P Q Ib"],
  [0x0f71, "-/-/psrlwMmx N Ib/-/psrawMmx N Ib/-/psllwMmx N Ib/-"],
  [0x0f72, "-/-/psrldMmx N Ib/-/psradMmx N Ib/-/pslldMmx N Ib/-"],
  [0x0f73, "-/-/psrlqMmx N Ib/-/-/-/psllqMmx N Ib/-"],
  [0x0f7e, "movdMmx Ey P"],
  [0x0f7f, "movqMmx Q P"],
  [0x0fc4, "pinsrwMmx P Ed Ib"],
  [0x0fc5, "pextrwMmx Gd N Ib"],
  [0x0fd7, "pmovmskbMmx Gd N"],
  [0x0fe7, "movqMmx M P"],
  [0x0ff7, "maskmovq P N"],
  [PREFIX[0x66] | 0x0ff7, "maskmovdqu V U"],
  [PREFIX[0xf3] | 0x0fd6, "movq2dq V N"],
  [PREFIX[0xf2] | 0x0fd6, "movdq2q P U"],
];
