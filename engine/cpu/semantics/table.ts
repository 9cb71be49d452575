// Every instruction: see forms.ts for the forms of it.
import { arithmetic } from "./arithmetic.ts";
import { bits } from "./bits.ts";
import { control } from "./control.ts";
import { exchange } from "./exchange.ts";
import { moves } from "./move.ts";
import { multiplication } from "./multiply.ts";
import type { Rows } from "./row.ts";
import { shifts } from "./shift.ts";
import { stack } from "./stack.ts";
import { strings } from "./string.ts";
import { system } from "./system.ts";
import { vectorConversions } from "./vector-convert.ts";
import { vectorFloats } from "./vector-float.ts";
import { vectorIntegers } from "./vector-integer.ts";
import { vectorMoves } from "./vector-move.ts";
import { vectorShuffles } from "./vector-shuffle.ts";

import { x87Arithmetic } from "./x87-arithmetic.ts";
import { x87Control } from "./x87-control.ts";
import { x87Moves } from "./x87-move.ts";

const groups: readonly Rows[] = [
  arithmetic,
  exchange,
  shifts,
  multiplication,
  bits,
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
  x87Moves,
  x87Arithmetic,
  x87Control,
];
export const table: Rows = Object.assign({}, ...groups);
