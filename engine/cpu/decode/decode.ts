// From the bytes at an address to an Instruction, by the opcode map.
import type { Form } from "../semantics/table.ts";
import { formOf } from "../semantics/table.ts";
import type { Bits } from "../wasm/value.ts";
import { exactOpcodes, hasExact, type Opcode, opcodes, PREFIX, type Variant } from "./opcodes.ts";

export interface Instruction {
  readonly form: Form;
  readonly length: number;
  /** The register operands in order: eight times the number, one more for AH, CH, DH and BH. */
  readonly registers: readonly number[];
  /** As slots of the register file; NO_REGISTER stands for one that is absent. */
  readonly base: number;
  readonly index: number;
  readonly scale: number;
  readonly displacement: number;
  /** The slot of the segment's base, or NO_REGISTER. */
  readonly segment: number;
  readonly isAddress32: boolean;
  readonly immediateLow: number;
  readonly immediateHigh: number;
  /** Where a jump with a relative target goes. */
  readonly target: number;
}
/** `short`: the bytes end before the instruction does. `missing`: not served. */
export type Decoded = Instruction | "short" | "missing";

/** Slots of the register file besides the sixteen: see register-file.ts. */
export const FS_BASE = 18;
export const GS_BASE = 19;
/** Reads as zero. */
export const NO_REGISTER = 20;
export const MOST_BYTES = 15;

const implicitAddress = /^(rep.*|movs|stos|lods|scas|cmps|xlat|jrcxz|loop.*)$/;

class Short extends Error {}
const SHORT = new Short("The bytes end here.");

/** One decoding at a time: its state is reused, since decoding is on the way to every first execution. */
class Decoder {
  #bytes: Uint8Array = new Uint8Array();
  #at = 0;
  #rex = 0;
  #modrm = 0;
  #registers: number[] = [];
  #shape = "";
  #base = NO_REGISTER;
  #index = NO_REGISTER;
  #scale = 0;
  #displacement = 0;
  #isRelative = false;
  #low = 0;
  #high = 0;
  #offset = 0;

  decode(rip: number, bytes: Uint8Array): Decoded {
    this.#bytes = bytes;
    this.#at = 0;
    try {
      return this.#instruction(rip);
    } catch (error) {
      if (error === SHORT) return bytes.length >= MOST_BYTES ? "missing" : "short";
      throw error;
    }
  }

  #byte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw SHORT;
    return byte;
  }
  #signed(size: number): number {
    let value = 0;
    for (let i = 0; i < size; i++) value |= this.#byte() << (8 * i);
    return size === 4 ? value : (value << (32 - 8 * size)) >> (32 - 8 * size);
  }

  #instruction(rip: number): Decoded {
    let byte = this.#byte();
    let [isShort, isAddress32, repeat, segment] = [false, false, 0, NO_REGISTER];
    for (; ; byte = this.#byte()) {
      if (byte === 0x66) isShort = true;
      else if (byte === 0x67) isAddress32 = true;
      else if (byte === 0xf2 || byte === 0xf3) repeat = byte;
      else if (byte === 0x64) segment = FS_BASE;
      else if (byte === 0x65) segment = GS_BASE;
      else if (byte !== 0xf0 && byte !== 0x2e && byte !== 0x36 && byte !== 0x3e && byte !== 0x26) break;
    }
    this.#rex = byte >> 4 === 4 ? byte : 0;
    if (this.#rex) byte = this.#byte();
    const number = this.#opcode(byte);
    const prefix = repeat === 0xf2 ? PREFIX[0xf2] : repeat === 0xf3 ? PREFIX[0xf3] : isShort ? PREFIX[0x66] : 0;
    let opcode: Opcode | undefined = (prefix ? opcodes.get(prefix | number) : undefined) ?? opcodes.get(number === 0x90 && this.#rex & 1 ? 0x91 : number);
    if (hasExact.has(number)) {
      const exact = exactOpcodes.get((number << 8) | this.#byte());
      if (exact) opcode = exact;
      else this.#at--;
    }
    if (!opcode) return "missing";
    this.#base = this.#index = NO_REGISTER;
    this.#scale = this.#displacement = this.#modrm = 0;
    this.#isRelative = false;
    const variant = this.#variant(opcode);
    if (!variant) return "missing";
    const word: Bits = this.#rex & 8 ? 64 : isShort ? 16 : 32;
    const { names } = variant;
    const name = names.length === 3 ? names[word === 16 ? 0 : word === 32 ? 1 : 2]! : names.length === 2 && word === 64 ? names[1]! : names[0]!;
    if ((isAddress32 || segment !== NO_REGISTER) && implicitAddress.test(name)) return "missing";
    const bits = this.#operands(variant, number, word, isShort);
    if (bits === undefined) return "missing";
    return this.#finish(rip, name, bits, name === "lea" ? NO_REGISTER : segment, isAddress32);
  }
  #finish(rip: number, name: string, bits: Bits, segment: number, isAddress32: boolean): Decoded {
    let form = formOf(name, this.#shape, bits);
    if (form?.row.ifCountIsZero) {
      this.#low &= bits === 64 ? 63 : 31;
      this.#high = 0;
      if (this.#low === 0) form = formOf(form.row.ifCountIsZero, this.#shape, bits);
    }
    if (!form) return "missing";
    const next = rip + this.#at;
    return {
      form,
      length: this.#at,
      registers: this.#registers,
      base: this.#base,
      index: this.#index,
      scale: this.#scale,
      displacement: this.#isRelative ? this.#displacement + next : this.#displacement,
      segment,
      isAddress32,
      immediateLow: this.#low,
      immediateHigh: this.#high,
      target: next + this.#offset,
    };
  }
  #opcode(byte: number): number {
    if (byte !== 0x0f) return byte;
    const second = this.#byte();
    return second === 0x38 || second === 0x3a ? 0x0f_0000 | (second << 8) | this.#byte() : 0x0f00 | second;
  }
  #variant(opcode: Opcode): Variant | undefined {
    if (!opcode.hasModrm) return opcode.memory[0];
    this.#modrm = this.#byte();
    const isMemory = this.#modrm < 0xc0;
    if (isMemory) this.#memoryOperand();
    const variants = isMemory ? opcode.memory : opcode.register;
    return variants.length === 1 ? variants[0] : variants[(this.#modrm >> 3) & 7];
  }
  #memoryOperand(): void {
    const [mod, rm] = [this.#modrm >> 6, this.#modrm & 7];
    const sib = rm === 4 ? this.#byte() : -1;
    const baseBits = sib < 0 ? rm : sib & 7;
    const hasNoBase = mod === 0 && baseBits === 5;
    if (!hasNoBase) this.#base = baseBits | ((this.#rex & 1) << 3);
    if (sib >= 0) {
      const index = ((sib >> 3) & 7) | ((this.#rex & 2) << 2);
      if (index !== 4) this.#index = index;
      this.#scale = sib >> 6;
    }
    this.#displacement = mod === 1 ? this.#signed(1) : mod === 2 || hasNoBase ? this.#signed(4) : 0;
    this.#isRelative = hasNoBase && sib < 0;
  }

  /** The width of the instruction, by its first operand that has one. */
  #operands({ operands }: Variant, number: number, word: Bits, isShort: boolean): Bits | undefined {
    this.#registers = [];
    this.#shape = "";
    this.#low = this.#high = this.#offset = 0;
    let bits: Bits | undefined;
    for (const operand of operands) {
      const letter = operand[0]!;
      const size = operand[1] ?? "";
      if (bits === undefined && !"IJ10SVWU".includes(letter) && size) bits = this.#bits(size, word, isShort);
      if (!this.#operand(letter, size, number, word)) return undefined;
    }
    return bits ?? 64;
  }
  #bits(size: string, word: Bits, isShort: boolean): Bits {
    if (size === "v") return word;
    if (size === "f") return isShort ? 16 : 64;
    if (size === "y") return this.#rex & 8 ? 64 : 32;
    return size === "b" ? 8 : size === "w" ? 16 : size === "d" ? 32 : 64;
  }
  #operand(letter: string, size: string, number: number, word: Bits): boolean {
    const isMemory = this.#modrm < 0xc0;
    switch (letter) {
      case "E":
        if (isMemory) this.#shape += "m";
        else this.#register((this.#modrm & 7) | ((this.#rex & 1) << 3), size);
        return true;
      case "G":
        this.#register(((this.#modrm >> 3) & 7) | ((this.#rex & 4) << 1), size);
        return true;
      case "M":
        this.#shape += "m";
        return isMemory;
      case "Z":
        this.#register((number & 7) | ((this.#rex & 1) << 3), size);
        return true;
      case "A":
        this.#register(0, size);
        return true;
      case "V":
        this.#vector(((this.#modrm >> 3) & 7) | ((this.#rex & 4) << 1));
        return true;
      case "W":
      case "U":
        if (isMemory) this.#shape += "m";
        else this.#vector((this.#modrm & 7) | ((this.#rex & 1) << 3));
        return letter === "W" || !isMemory;
      case "S":
        this.#shape += "s";
        this.#registers.push(this.#modrm & 7);
        return true;
      case "I":
        this.#immediate(size, word);
        return true;
      case "J":
        this.#offset = this.#signed(size === "b" ? 1 : 4);
        return true;
      case "O": {
        const low = this.#signed(4);
        this.#displacement = this.#signed(4) * 2 ** 32 + (low >>> 0);
        this.#shape += "m";
        return true;
      }
      case "1":
        this.#shape += "i";
        this.#low = 1;
        return true;
      case "0":
        return this.#byte() === 0;
      default:
        return true;
    }
  }
  #register(number: number, size: string): void {
    this.#shape += "r";
    this.#registers.push(size === "b" && !this.#rex && number >= 4 ? (number - 4) * 8 + 1 : number * 8);
  }
  #vector(number: number): void {
    this.#shape += "v";
    this.#registers.push(number * 8);
  }
  #immediate(size: string, word: Bits): void {
    this.#shape += "i";
    const bytes = size === "b" ? 1 : size === "w" ? 2 : size === "z" ? (word === 16 ? 2 : 4) : word / 8;
    this.#low = this.#signed(Math.min(bytes, 4));
    this.#high = bytes === 8 ? this.#signed(4) : this.#low >> 31;
  }
}

const decoder = new Decoder();
export const decode = (rip: number, bytes: Uint8Array): Decoded => decoder.decode(rip, bytes);
