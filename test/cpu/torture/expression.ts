// Random C expressions over integers of all widths and over floating point.
import type { Chance } from "../hardware/chance.ts";

export const integerTypes = ["u8", "u16", "u32", "u64", "i8", "i16", "i32", "i64"] as const;
export const floatTypes = ["float", "double"] as const;
const literals = [
  "0",
  "1",
  "2",
  "3",
  "7",
  "31",
  "63",
  "255",
  "0x7f",
  "0x80",
  "0x7fff",
  "0x8000",
  "0x7fffffff",
  "0x80000000u",
  "0xffffffffu",
  "0x123456789abcdefull",
  "~0ull",
  "(1ull << 63)",
];
const binary = ["+", "-", "*", "&", "|", "^", "+", "-"] as const;
const relations = ["<", "<=", ">", ">=", "==", "!="] as const;
const calls = [
  "__builtin_popcountll(%)",
  "__builtin_bswap64(%)",
  "__builtin_bswap32(%)",
  "__builtin_clzll((%) | 1)",
  "__builtin_ctzll((%) | 1)",
  "__builtin_parityll(%)",
  "__builtin_ffsll(%)",
] as const;

/** Over the names given, of any integer types. */
export function integer(chance: Chance, names: readonly string[], depth: number): string {
  if (depth <= 0 || chance.isOnce(8)) return chance.isOnce(4) ? chance.one(literals) : chance.one(names);
  const part = () => integer(chance, names, depth - 1);
  const type = chance.one(integerTypes);
  switch (chance.below(12)) {
    case 0:
      return `(${type})(${part()})`;
    case 1:
      return `((${type})(${part()}) ${chance.isOnce(2) ? "<<" : ">>"} ((${part()}) & ${chance.isOnce(2) ? 31 : 7}))`;
    case 2:
      return `((i64)(${part()}) >> ((${part()}) & 63))`;
    case 3:
      return `((${type})(${part()}) ${chance.isOnce(2) ? "/" : "%"} (${type})(((${part()}) & 0x7e) + 1))`;
    case 4:
      return `(((${part()}) ${chance.one(relations)} (${part()})) ? (${part()}) : (${part()}))`;
    case 5:
      return chance.one(calls).replace("%", part());
    case 6: {
      const bits = chance.one([8, 16, 32, 64]);
      const by = 1 + chance.below(bits - 1);
      const value = `(u${bits})(${part()})`;
      return `(u${bits})((${value} << ${by}) | (${value} >> ${bits - by}))`;
    }
    case 7:
      return `((${type})(${part()}) ${chance.one(relations)} (${chance.one(integerTypes)})(${part()}))`;
    case 8:
      return `${chance.one(["~", "-", "!"])}(${part()})`;
    default:
      return `((${type})(${part()}) ${chance.one(binary)} (${part()}))`;
  }
}
const floatLiterals = [
  "0.0",
  "-0.0",
  "1.0",
  "0.5",
  "-1.5",
  "3.25",
  "1e10",
  "1e-10",
  "1e300",
  "1e-300",
  "0.1",
  "123456789.0",
  "4294967296.0",
  "(1.0 / 3)",
  "__builtin_inf()",
  "1e-310",
];
/** Over names of any floating types, and over integers. */
export function floating(chance: Chance, names: readonly string[], integers: readonly string[], type: string, depth: number): string {
  if (depth <= 0 || chance.isOnce(8))
    return chance.isOnce(3) ? `(${type})${chance.one(floatLiterals)}` : chance.isOnce(4) ? `(${type})${chance.one(integers)}` : chance.one(names);
  const part = () => floating(chance, names, integers, type, depth - 1);
  switch (chance.below(10)) {
    case 0:
      return `((${part()}) ${chance.one(relations)} (${part()}) ? (${part()}) : (${part()}))`;
    case 1:
      return `(${type})__builtin_fabs(${part()})`;
    case 2:
      return `(${type})__builtin_sqrt(__builtin_fabs(${part()}))`;
    case 3:
      return `(${type})(${chance.one([...floatTypes, "i32", "i64", "u32"])})(${part()})`;
    case 4:
      return `(-(${part()}))`;
    default:
      return `((${part()}) ${chance.one(["+", "-", "*", "/", "+", "-", "*"])} (${part()}))`;
  }
}
