// The x87 routines alone in a wasm module, callable by name.

import { typeCode } from "../../../engine/cpu/wasm/func.ts";
import { putUnsigned, type Sink, type Type } from "../../../engine/cpu/wasm/value.ts";
import { buildRoutines } from "../../../engine/cpu/x87/library.ts";
import type { RoutineName } from "../../../engine/cpu/x87/routine.ts";

const counted = (items: readonly Sink[]): Sink => {
  const out: Sink = [];
  putUnsigned(out, items.length);
  for (const item of items) for (const byte of item) out.push(byte);
  return out;
};
const bytesOf = (body: Iterable<number> & { readonly length: number }): Sink => {
  const out: Sink = [];
  putUnsigned(out, body.length);
  return [...out, ...body];
};
const section = (id: number, items: readonly Sink[]): Sink => [id, ...bytesOf(counted(items))];
const typesOf = (types: readonly Type[]): Sink => [types.length, ...types.map(type => typeCode[type])];

export type X87 = Readonly<Record<RoutineName, (...args: (number | bigint)[]) => unknown>>;

export function instantiateX87(): X87 {
  const routines = buildRoutines(0);
  const bytes = [
    [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    section(
      1,
      routines.map(({ params, results }) => [0x60, ...typesOf(params), ...typesOf(results)]),
    ),
    section(
      3,
      routines.map((_, index) => [index]),
    ),
    section(
      7,
      routines.map(({ name }, index) => [name.length, ...new TextEncoder().encode(name), 0, index]),
    ),
    section(
      10,
      routines.map(({ code }) => bytesOf(code.encode())),
    ),
  ].flat();
  return new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(bytes))).exports as unknown as X87;
}
