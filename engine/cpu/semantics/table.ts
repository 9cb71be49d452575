// Every instruction, and every form of it.
import type { Shape } from "../operands.ts";
import type { FormBits } from "../width.ts";
import { arithmetic } from "./arithmetic.ts";
import { bits } from "./bits.ts";
import { bitFields } from "./bmi.ts";
import { checksums } from "./checksum.ts";
import { control } from "./control.ts";
import { exchange } from "./exchange.ts";
import { mmx } from "./mmx.ts";
import { mmxConversions } from "./mmx-convert.ts";
import { moves } from "./move.ts";
import { multiplication } from "./multiply.ts";
import type { Row, Rows } from "./row.ts";
import { shifts } from "./shift.ts";
import { stack } from "./stack.ts";
import { strings } from "./string.ts";
import { system } from "./system.ts";
import { vectorAes } from "./vector-aes.ts";
import { vectorAvx } from "./vector-avx.ts";
import { vectorConversions } from "./vector-convert.ts";
import { vectorFloats } from "./vector-float.ts";
import { vectorFused } from "./vector-fused.ts";
import { vectorHalves } from "./vector-half.ts";
import { vectorHorizontals } from "./vector-horizontal.ts";
import { vectorIntegers } from "./vector-integer.ts";
import { vectorLanes } from "./vector-lane.ts";
import { vectorMasked } from "./vector-masked.ts";
import { vectorMoves } from "./vector-move.ts";
import { vectorRoundings } from "./vector-round.ts";
import { vectorSha } from "./vector-sha.ts";
import { vectorShuffles } from "./vector-shuffle.ts";
import { vectorSse4, vectorTests } from "./vector-sse4.ts";
import { vectorSsse3 } from "./vector-ssse3.ts";
import { vectorStrings } from "./vector-string.ts";

import { vexOf } from "./vex.ts";
import { x87Arithmetic } from "./x87-arithmetic.ts";
import { x87Control } from "./x87-control.ts";
import { x87Moves } from "./x87-move.ts";

const groups: readonly Rows<FormBits>[] = [
  arithmetic,
  exchange,
  shifts,
  multiplication,
  bits,
  bitFields,
  moves,
  stack,
  control,
  strings,
  system,
  vectorMoves,
  vectorIntegers,
  vectorShuffles,
  vectorFloats,
  vectorConversions,
  vectorSsse3,
  vectorSse4,
  vectorTests,
  vectorLanes,
  vectorAvx,
  vectorMasked,
  vectorFused,
  vectorHalves,
  vectorStrings,
  vectorAes,
  vectorSha,
  mmx,
  mmxConversions,
  vectorHorizontals,
  vectorRoundings,
  checksums,
  x87Moves,
  x87Arithmetic,
  x87Control,
];
const named: Rows<FormBits> = Object.assign({}, ...groups);
export const table: Rows<FormBits> = {
  ...named,
  ...Object.fromEntries(
    Object.entries(named).flatMap(([name, { vex, operation }]): [string, Row<FormBits>][] => {
      // SHA has no VEX.
      const row = vex ?? (operation && !(name in vectorSha) ? vexOf(operation) : undefined);
      return row ? [[`v${name}`, row]] : [];
    }),
  ),
};

export interface Form {
  readonly number: number;
  readonly name: string;
  readonly shape: Shape;
  readonly bits: FormBits;
  readonly row: Row<FormBits>;
}
export const forms: readonly Form[] = Object.entries(table)
  .flatMap(([name, row]) => row.shapes.flatMap(shape => row.widths.map(width => ({ name, shape, bits: width, row }))))
  .map((form, number) => ({ number, ...form }));

const byKey = new Map(forms.map(form => [`${form.name} ${form.shape} ${form.bits}`, form]));
export const formOf = (name: string, shape: Shape, width: FormBits): Form | undefined => byKey.get(`${name} ${shape} ${width}`);
