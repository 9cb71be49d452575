// A module of functions that share one imported memory, some of them exported by name, some in a table.
import { type Func, typeCode } from "./func.ts";
import { i32, putUnsigned, type Sink, type Type } from "./value.ts";

export interface ImportedFunction {
  readonly name: string;
  readonly params: readonly Type[];
  readonly results: readonly Type[];
}
/** Bytes that an instance puts into the memory. */
export interface DataPart {
  readonly at: number;
  readonly bytes: Uint8Array;
}
export interface ModuleParts {
  /** They have the first indexes. */
  readonly imports?: readonly ImportedFunction[];
  /** A table that is imported, in place of one of its own: its name, size, and what its functions take and answer. */
  readonly importedTable?: ImportedFunction & { readonly size: number };
  readonly functions: readonly Pick<Func, "params" | "results" | "encode">[];
  readonly exports: Readonly<Record<string, number>>;
  /** Function indexes, in the order of the exported table. */
  readonly table?: readonly number[];
  readonly data?: readonly DataPart[];
  /** Function indexes of a passive segment, from which a function may fill the imported table: number 0. */
  readonly segment?: readonly number[];
}

const unsigned = (n: number): Sink => {
  const out: Sink = [];
  putUnsigned(out, n);
  return out;
};
type Bytes = Sink | Uint8Array;
const join = (items: readonly Bytes[]): Uint8Array<ArrayBuffer> => {
  const out = new Uint8Array(items.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const item of items) {
    out.set(item, at);
    at += item.length;
  }
  return out;
};
const vector = (items: readonly Bytes[]): Uint8Array => join([unsigned(items.length), ...items]);
const sized = (body: Bytes): Uint8Array => join([unsigned(body.length), body]);
const section = (id: number, body: Bytes): Uint8Array => join([[id], sized(body)]);
const [CUSTOM_SECTION, CODE_SECTION] = [0, 10];
const encoder = new TextEncoder();
const name = (text: string): Sink => [text.length, ...encoder.encode(text)];
const typeOf = (f: Pick<Func, "params" | "results">): Sink => [
  0x60,
  ...vector(f.params.map(type => [typeCode[type]])),
  ...vector(f.results.map(type => [typeCode[type]])),
];

/** Of a table of the module's own. */
const TABLE_TYPE = { params: ["i32"], results: ["i32"] } as const;

function dataPart({ at, bytes }: DataPart): Uint8Array {
  const head: Sink = [0];
  i32.constant(at).put(head);
  head.push(0x0b);
  return join([head, sized(bytes)]);
}
/** Types by their bytes, numbered as they are met. */
type Types = Map<string, number>;
function typeIndex(types: Types, f: Pick<Func, "params" | "results">): number {
  const key = typeOf(f).join();
  const index = types.get(key) ?? types.size;
  types.set(key, index);
  return index;
}
export function moduleBytes({ imports = [], importedTable, functions, exports, table, segment, data = [] }: ModuleParts): Uint8Array<ArrayBuffer> {
  // Type 0 is that of the table's functions.
  const types: Types = new Map([[typeOf(importedTable ?? TABLE_TYPE).join(), 0]]);
  const imported = imports.map(f => join([name("m"), name(f.name), [0], unsigned(typeIndex(types, f))]));
  const tables = importedTable
    ? [[...name("m"), ...name(importedTable.name), 1, 0x70, 1, ...unsigned(importedTable.size), ...unsigned(importedTable.size)]]
    : [];
  const typeIndexes = functions.map(f => typeIndex(types, f));
  const most = unsigned(65_536);
  return join([
    [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    section(1, vector([...types.keys()].map(key => key.split(",").map(Number)))),
    section(2, vector([[...name("m"), ...name("memory"), 2, 1, 1, ...most], ...tables, ...imported])),
    section(3, vector(typeIndexes.map(unsigned))),
    ...(table ? [section(4, vector([[0x70, 0, ...unsigned(table.length)]]))] : []),
    section(
      7,
      vector([...Object.entries(exports).map(([text, index]) => [...name(text), 0, ...unsigned(index)]), ...(table ? [[...name("table"), 1, 0]] : [])]),
    ),
    ...(table ? [section(9, vector([[0, 0x41, 0, 0x0b, ...vector(table.map(unsigned))]]))] : []),
    ...(segment ? [section(9, vector([join([[1, 0], vector(segment.map(unsigned))])]))] : []),
    section(CODE_SECTION, vector(functions.map(f => sized(f.encode())))),
    ...(data.length > 0 ? [section(11, vector(data.map(dataPart)))] : []),
  ]);
}

/** The same module under other bytes, since hosts keep what they have compiled by its bytes: with a custom section that has no name (WebAssembly specification, 5.5.3). */
export const renamed = (module: Uint8Array, mark: Uint8Array = new Uint8Array()): Uint8Array<ArrayBuffer> =>
  join([module, section(CUSTOM_SECTION, [0, ...mark])]);

/** What a module's functions are made of, as `encode` gives them (WebAssembly specification, 5.5.13). */
export function bodiesOf(module: Uint8Array): readonly Uint8Array[] {
  let at = 8;
  const number = (): number => {
    let [value, shift] = [0, 0];
    for (let byte = 0x80; byte >= 0x80; shift += 7) {
      byte = module[at++]!;
      value |= (byte & 0x7f) << shift;
    }
    return value;
  };
  for (;;) {
    const id = number();
    const end = number() + at;
    if (id !== CODE_SECTION) {
      at = end;
      continue;
    }
    return Array.from({ length: number() }, () => {
      const length = number();
      at += length;
      return module.subarray(at - length, at);
    });
  }
}
