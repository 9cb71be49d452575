// A stretch of machine code as a listing: instruction after instruction, each with its address and bytes.
import { disassemble } from "../../engine/cpu/disassembly.ts";

export interface ListedInstruction {
  readonly address: number;
  readonly bytes: Uint8Array;
  readonly text: string;
}
/** The longest instruction: what is left over at the end may be a part of one. */
const MOST_BYTES = 15;

/** At most `count` instructions; `bytes` should reach a little beyond them. */
export function listing(bytes: Uint8Array, address: number, count: number): readonly ListedInstruction[] {
  const list: ListedInstruction[] = [];
  for (let at = 0; at < bytes.length && list.length < count; ) {
    const part = bytes.subarray(at, at + MOST_BYTES);
    const { length, text } = disassemble(part, address + at);
    list.push({ address: address + at, bytes: part.subarray(0, length), text });
    at += Math.max(1, length);
  }
  return list;
}
export const instructionText = ({ address, bytes, text }: ListedInstruction): string =>
  `0x${address.toString(16)}:  ${[...bytes]
    .map(byte => byte.toString(16).padStart(2, "0"))
    .join(" ")
    .padEnd(24)}  ${text}`;
