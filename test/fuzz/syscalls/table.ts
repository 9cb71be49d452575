// What the guest reads before it starts: every row of the system call table with where its arguments are drawn from, shapes, named numbers and paths, as words of 32 bits.
// Made from the table of the engine, so that a call which is served one day is fuzzed from that day on.

import type { Row } from "../../../engine/abi/row.ts";
import { syscalls } from "../../../engine/abi/syscalls.ts";
import { drawOf, weightOf } from "./hints.ts";
import { PATHS } from "./paths.ts";
import { POOLS } from "./pools.ts";
import { type Field, type Shape, shapes } from "./shapes.ts";

const MAGIC = 0x7a7a7566;
const MOST_ARGUMENTS = 6;
const FIELD_WORDS = 5;

export const CALL_COUNT = Object.keys(syscalls).length;

/** Little-endian. The order of the parts is that of `struct table` in table.h. */
export function callTable(): Uint8Array {
  const rows: readonly (readonly [string, Row])[] = Object.entries<Row>(syscalls).toSorted(([, a], [, b]) => a.number - b.number);
  const shapeNames = Object.keys(shapes);
  const values: bigint[] = [];
  const field = ({ width, pool, shape, values: own = [] }: Field): readonly number[] => {
    const first = values.length;
    if (shape !== undefined && !shapeNames.includes(shape)) throw new Error(`No shape is called ${shape}.`);
    values.push(...own.map(value => BigInt.asUintN(64, BigInt(value))));
    return [width, POOLS.indexOf(pool), shape === undefined ? 0 : shapeNames.indexOf(shape), first, own.length];
  };
  const calls = rows.flatMap(([name, row]) => {
    const drawn = Object.entries(row.args)
      .slice(0, row.from ? -1 : undefined)
      .map(([argument, arg]) => field({ width: 8, ...drawOf(name, argument, arg) }));
    const nothing = Array.from({ length: MOST_ARGUMENTS - drawn.length }, () => Array(FIELD_WORDS).fill(0));
    return [row.number, drawn.length, ...[...drawn, ...nothing].flat()];
  });
  const order = rows.flatMap(([name, row], index) => Array(weightOf(name, row)).fill(index) as number[]);
  const fields: number[][] = [];
  const shapeWords = Object.values<Shape>(shapes).flatMap(({ fields: own, most = 1 }) => {
    const first = fields.length;
    fields.push(...own.map(one => [...field(one)]));
    return [first, own.length, most];
  });
  const strings = PATHS.map(path => Buffer.from(`${path}\0`, "latin1"));
  const offsets: number[] = [];
  let end = 0;
  for (const string of strings) {
    offsets.push(end);
    end += string.length;
  }
  if (values.length % 2) values.push(0n); // So that nothing behind lies across words.
  const counts = [order.length, rows.length, shapeNames.length, fields.length, values.length, strings.length];
  const words = Uint32Array.from([
    MAGIC,
    ...counts,
    0,
    ...values.flatMap(value => [Number(value & 0xffff_ffffn), Number(value >> 32n)]),
    ...order,
    ...calls,
    ...shapeWords,
    ...fields.flat(),
    ...offsets,
  ]);
  return Buffer.concat([new Uint8Array(words.buffer), ...strings]);
}
