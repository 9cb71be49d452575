// F16C where something is raised, or the rounding is not to nearest. FTZ says nothing here, and DAZ nothing of numbers of 16 bits.
import type { Assist } from "./assist.ts";
import { convert, HALF, IE, SINGLE, unpack } from "./exact-float.ts";
import { fileOffset } from "./register-file.ts";
import { conclude, readLane, vectorAt, vex, writeLane, writeResults } from "./vector-assists.ts";

const DAZ = 0x40;
const FTZ = 0x8000;
const ROUNDING = 0x6000;
const BY_MXCSR = 4;

export const halfAssists: Readonly<Record<string, Assist>> = {
  vcvtph2ps(context) {
    const { view, argument, bits: length } = context;
    const results = Array.from({ length: length / 32 }, (_, lane) => {
      const { bits, raised } = convert(unpack(readLane(view, Number(argument), lane, 16), HALF, 0), HALF, SINGLE, 0);
      return { bits, raised: raised & IE };
    });
    return writeResults(context, vex, 32, false, results);
  },
  vcvtps2ph(context) {
    const { view, fileAt, argument, bits: length, immediate } = context;
    const mxcsr = view.getUint16(fileAt + fileOffset.mxcsr, true) & ~FTZ;
    const rounding = immediate & BY_MXCSR ? mxcsr & ROUNDING : (immediate & 3) << 13;
    const isToMemory = argument !== 0n;
    const source = vectorAt(context, isToMemory ? 0 : 1);
    const results = Array.from({ length: length / 32 }, (_, lane) =>
      convert(unpack(readLane(view, source, lane, 32), SINGLE, mxcsr & DAZ), SINGLE, HALF, (mxcsr & ~ROUNDING) | rounding),
    );
    if (!isToMemory) return writeResults(context, vex, 16, false, results);
    const raised = results.reduce((all, result) => all | result.raised, 0);
    return conclude(context, raised, () => {
      for (const [lane, { bits }] of results.entries()) writeLane(view, Number(argument), lane, 16, bits);
    });
  },
};
