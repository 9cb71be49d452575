// What a definition of semantics may ask of the tier that generates code from it. Everything that differs between the tiers is here.
import type { Flags } from "./flags.ts";
import type { Func } from "./wasm/func.ts";
import type { IntegerType, Ordinary, Value } from "./wasm/value.ts";
import type { Width } from "./width.ts";
import type { Indices } from "./x87/routine.ts";

export type Access = "read" | "write";

/** A general register at a width: 32-bit writes clear the upper half, narrower ones keep the rest. */
export interface Register {
  read<T extends IntegerType>(width: Width<T>): Value<T>;
  write<T extends IntegerType>(width: Width<T>, value: Value<T>): void;
}
export interface VectorRegister {
  readonly read: () => Value<"v128">;
  readonly write: (value: Value<"v128">) => void;
  /** Bits 128 to 255. */
  readonly readHigh: () => Value<"v128">;
  readonly writeHigh: (value: Value<"v128">) => void;
  /** The lowest lane; the others are anything. */
  readonly readLow: (bits: 32 | 64) => Value<"v128">;
  /** The lowest lane alone; the others stay. */
  readonly writeLow: (bits: 32 | 64, value: Value<"v128">) => void;
  /** Its lanes, or the lowest, are no denormals and no NaNs: compiled code has looked. */
  readonly passed?: (ordinary: Ordinary) => void;
  /** Where its bytes lie in wasm memory, for an assist. */
  readonly place: () => Value<"i32">;
  /** The low bits as an integer, from the given bit on. */
  readonly readLane: <T extends IntegerType>(width: Width<T>, lane: number) => Value<T>;
  readonly writeLane: <T extends IntegerType>(width: Width<T>, lane: number, value: Value<T>) => void;
}

/** Why an instruction does not happen. `assist`: TypeScript performs it, see assists.ts. `general`: a general protection fault. `floating`: a pending x87 exception.
 * `simd`: an SSE exception that is not masked. */
export type Refusal = "assist" | "divide" | "illegal" | "general" | "floating" | "simd";
/** Why execution stops after an instruction. */
export type Completion = "syscall" | "breakpoint" | "trap";

/** A field of the register file that is not an operand. */
export type Field = "rflags" | "fsBase" | "gsBase";
/** Those of 16 bits, read unsigned; MXCSR's upper half is always zero. */
export type HalfField = "mxcsr" | "x87Control" | "x87Status" | "x87Tag" | "x87Opcode" | "dataSelectors" | "baseSelectors";

/** x87's registers by their places on the stack, counted from its top, as it stands before an instruction. */
export interface FloatPlaces {
  /** Where the 16 bytes lie in wasm memory. */
  at(place: Value<"i32">): Value<"i32">;
  /** In the tag word. */
  bit(place: Value<"i32">): Value<"i32">;
  /** At the instruction's end, and outside any condition: the top has moved by so many places, unless an exception that is not masked is pending now. */
  turned(by: number): void;
}

export interface Tier {
  readonly code: Func;
  /** Then what is rare is better refused than called for: V8 keeps registers in memory around a call that is never made. */
  readonly isCompiled: boolean;
  /** WebAssembly's relaxed multiplication and addition rounds once where this code runs. */
  readonly fuses: boolean;
  /** A register that the definition itself names, such as RSP. */
  register(number: number): Register;
  /** A register that the instruction names, by its place among the operands. */
  operandRegister(place: number): Register;
  operandVector(place: number): VectorRegister;
  /** By its number, for VZEROUPPER and VZEROALL. */
  vector(number: number): VectorRegister;
  /** While running, `rflags` holds only the bits that are not arithmetic flags. */
  readField(field: Field): Value<"i64">;
  writeField(field: Field, value: Value<"i64">): void;
  readHalf(field: HalfField): Value<"i32">;
  writeHalf(field: HalfField, value: Value<"i32">): void;
  /** Whether MXCSR rounds to nearest: what definitions compute. */
  isFloatPlain(): Value<"i32">;
  /** Whether it does, and PE is recorded and masked besides: then an inexact result changes nothing. */
  isInexactRecorded(): Value<"i32">;
  /** The number that the instruction gives an x87 stack register, by its place among the operands. */
  operandStackNumber(place: number): Value<"i32">;
  /** Where the 16 bytes of an x87 register lie, by its physical number. */
  x87Place(physical: Value<"i32">): Value<"i32">;
  floatPlaces(): FloatPlaces;
  /** The functions of x87/library.ts in this tier's module. */
  readonly routine: Indices;
  immediate<T extends IntegerType>(width: Width<T>): Value<T>;
  /** The effective address of the memory operand. */
  address(): Value<"i64">;
  nextRip(): Value<"i64">;
  /** Where the bytes lie in wasm memory. Leaves before the instruction on a miss, so a definition translates before it changes anything. */
  translate(address: Value<"i64">, bytes: number, access: Access): Value<"i32">;
  flags(): Flags;
  /** `condition`: otherwise the flags stay. */
  setFlags(flags: Flags, condition?: Value<"i32">): void;
  /** Leaves before the instruction. May stand inside an `if`. `argument` is for the assist. */
  refuse(reason: Refusal, argument?: Value<"i64">): void;
  /** Control: a definition calls at most one of these, last. */
  branch(condition: Value<"i32">): void;
  jump(): void;
  jumpTo(rip: Value<"i64">): void;
  complete(completion: Completion): void;
  /** The same instruction again, as another tick: a string instruction's next iteration. May stand inside an `if`. */
  again(): void;
  /** Ticks that may be spent besides this one, and spending them: for iterations done at once. */
  ticksLeft(): Value<"i32">;
  spend(ticks: Value<"i32">): void;
}

export const [RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI] = [0, 1, 2, 3, 4, 5, 6, 7] as const;
export const R11 = 11;
