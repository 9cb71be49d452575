// FMA3 where MXCSR asks for more than the fast path gives, or its numbers are beyond it.
import type { Assist } from "./assist.ts";
import { DOUBLE, type Format, fuse, SINGLE, unpack } from "./exact-float.ts";
import { fileOffset } from "./register-file.ts";
import { fusedNames, fusedOrders, fusedSigns, orderNumbers } from "./semantics/vector-fused.ts";
import { fusedTarget, readLane, vectorAt, writeResults } from "./vector-assists.ts";

const kinds = [
  ["ps", SINGLE, true],
  ["pd", DOUBLE, true],
  ["ss", SINGLE, false],
  ["sd", DOUBLE, false],
] as const;
const assistOf =
  (name: (typeof fusedNames)[number], order: (typeof orderNumbers)[number], format: Format, isPacked: boolean): Assist =>
  context => {
    const { view, fileAt, argument, bits } = context;
    const mxcsr = view.getUint16(fileAt + fileOffset.mxcsr, true);
    const places = [vectorAt(context, 0), vectorAt(context, 1), Number(argument)];
    const { isProductNegated, addends } = fusedSigns[name];
    const results = Array.from({ length: isPacked ? bits / format.bits : 1 }, (_, lane) => {
      const operand = (place: number) => unpack(readLane(view, places[place]!, lane, format.bits), format, mxcsr);
      const [x, y, z] = fusedOrders[order];
      return fuse(operand(x), operand(y), operand(z), { isProductNegated, isAddendNegated: addends[lane % 2 === 0 ? 0 : 1] }, format, mxcsr);
    });
    return writeResults(context, fusedTarget, format.bits, !isPacked, results);
  };
export const fusedAssists: Readonly<Record<string, Assist>> = Object.fromEntries(
  fusedNames.flatMap(name =>
    orderNumbers.flatMap(order => kinds.map(([suffix, format, isPacked]) => [`v${name}${order}${suffix}`, assistOf(name, order, format, isPacked)])),
  ),
);
