// Operands as places that are read and written at a width. The shape of an instruction says what each one is:
// r register, m memory, i immediate, v vector register, s x87 stack register, x MMX register.
import type { Access, Tier } from "./tier.ts";
import type { IntegerType, Value } from "./wasm/value.ts";
import type { Width } from "./width.ts";

export type Shape = string;
export interface Place<T extends IntegerType> {
  read(): Value<T>;
  write(value: Value<T>): void;
}

/** How many registers come before a place: the place's number among them. */
export const registerPlace = (shape: Shape, index: number): number => [...shape.slice(0, index)].filter(kind => "rvsx".includes(kind)).length;

/** `access` is how the operand is used; writing implies the right to read, as in the page tables of user mode. */
export function operand<T extends IntegerType>(tier: Tier, shape: Shape, index: number, w: Width<T>, access: Access = "read"): Place<T> {
  const kind = shape[index];
  if (kind === "r") {
    const register = tier.operandRegister(registerPlace(shape, index));
    return { read: () => register.read(w), write: value => register.write(w, value) };
  }
  if (kind === "m") return memoryPlace(tier, tier.address(), w, access);
  if (kind === "i") return { read: () => tier.immediate(w), write: refuseWrite };
  throw new Error(`Operand ${index} of shape "${shape}" is no integer place: the row's shapes are wrong.`);
}
export function memoryPlace<T extends IntegerType>(tier: Tier, address: Value<"i64">, w: Width<T>, access: Access): Place<T> {
  const pointer = tier.translate(address, w.bits / 8, access);
  return { read: () => w.int.load(w.bits, pointer), write: value => tier.code.do(w.int.store(w.bits, pointer, value)) };
}
const refuseWrite = (): never => {
  throw new Error("An immediate operand was written to: the shape of this row is wrong.");
};
