// From the bytes at an address to an Instruction, by the opcode map. Most of it runs before V8 has compiled it: no iterators, no small arrays.
import { type Form, formOf } from "../semantics/forms.ts";
import { exactOpcodes, hasExact, hasStrictPrefixes, type Opcode, opcodes, type Variant, vexOpcode } from "./opcode-map.ts";
import { type Plan, planOf, type Step, steps } from "./plan.ts";
import { PREFIX, VEX_PREFIXES } from "./prefix.ts";

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
/** `short`: the bytes end before the instruction does. `missing`: not served, as what has VEX is. What is no instruction is the form `bad`. */
export type Decoded = Instruction | "short" | "missing";

/** Slots of the register file besides the sixteen: see register-file.ts. */
export const FS_BASE = 18;
export const GS_BASE = 19;
/** Reads as zero. */
export const NO_REGISTER = 20;
export const MOST_BYTES = 15;

interface Prefixes {
  readonly isShort: boolean;
  readonly isAddress32: boolean;
  readonly hasSegment: boolean;
}
/** What another decoder may take over from an instruction without VEX, LOCK or an address of 32 bits, whose opcode has one or two bytes. */
export interface Lesson {
  /** The opcode's last byte, 256 more after 0F. */
  readonly number: number;
  /** 66, F3 and F2 as 1 to 3. */
  readonly prefix: number;
  readonly hasModrm: boolean;
  /** ModRM.reg is a part of the opcode. */
  readonly isGroup: boolean;
  readonly isMemory: boolean;
  readonly isWide: boolean;
  readonly reg: number;
  readonly hasSegment: boolean;
  readonly plan: Plan;
}
class Short extends Error {}
const SHORT = new Short("The bytes end here.");

/** By their numbers (SDM vol. 3A, 2.5). */
const CONTROL_REGISTERS = [0, 2, 3, 4, 8];

/** One decoding at a time: its state is reused, since decoding is on the way to every first execution. */
class Decoder {
  #bytes: Uint8Array = new Uint8Array();
  #at = 0;
  #start = 0;
  #end = 0;
  #rex = 0;
  /** VEX.vvvv as it is meant: a register's number. */
  #third = 0;
  #sib = 0;
  #modrm = 0;
  #registers: number[] = [];
  #base = NO_REGISTER;
  #index = NO_REGISTER;
  #scale = 0;
  #displacement = 0;
  #isRelative = false;
  #low = 0;
  #high = 0;
  #offset = 0;
  /** It names a register that there is not. */
  #isAbsent = false;
  /** Of the last instruction. */
  lesson: Lesson | undefined;

  decode(rip: number, bytes: Uint8Array, start: number, end: number): Decoded {
    this.#bytes = bytes;
    this.#at = this.#start = start;
    this.#end = end;
    this.lesson = undefined;
    try {
      return this.#instruction(rip);
    } catch (error) {
      if (error === SHORT) return end - start >= MOST_BYTES ? this.#without("tooLong") : "short";
      throw error;
    }
  }

  #byte(): number {
    if (this.#at >= this.#end) throw SHORT;
    return this.#bytes[this.#at++]!;
  }
  #signed(size: 1 | 2 | 4): number {
    const at = this.#at;
    if (at + size > this.#end) throw SHORT;
    this.#at = at + size;
    const bytes = this.#bytes;
    if (size === 1) return (bytes[at]! << 24) >> 24;
    if (size === 2) return ((bytes[at]! | (bytes[at + 1]! << 8)) << 16) >> 16;
    return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
  }

  #instruction(rip: number): Decoded {
    let byte = this.#byte();
    let isShort = false;
    let isAddress32 = false;
    let isLocked = false;
    let repeat = 0;
    let segment = NO_REGISTER;
    let rex = 0;
    for (; ; byte = this.#byte()) {
      // One that is not the last of them is ignored (SDM vol. 2, 2.2.1).
      if (byte >> 4 === 4) {
        rex = byte;
        continue;
      }
      if (byte === 0x66) isShort = true;
      else if (byte === 0x67) isAddress32 = true;
      else if (byte === 0xf2 || byte === 0xf3) repeat = byte;
      else if (byte === 0x64) segment = FS_BASE;
      else if (byte === 0x65) segment = GS_BASE;
      else if (byte === 0xf0) isLocked = true;
      else if (byte !== 0x2e && byte !== 0x36 && byte !== 0x3e && byte !== 0x26) break;
      rex = 0;
    }
    if (byte === 0xc4 || byte === 0xc5) {
      const isIllegal = isShort || repeat !== 0 || isLocked || rex !== 0;
      return this.#withVex(rip, byte, segment, isAddress32, isIllegal);
    }
    this.#rex = rex;
    const number = this.#opcode(byte);
    const prefix = repeat === 0xf2 ? PREFIX[0xf2] : repeat === 0xf3 ? PREFIX[0xf3] : isShort ? PREFIX[0x66] : 0;
    let opcode: Opcode | undefined = prefix ? opcodes.get(prefix | number) : undefined;
    if (!prefix || !hasStrictPrefixes.has(number)) opcode ??= opcodes.get(number === 0x90 && this.#rex & 1 ? 0x91 : number);
    if (hasExact.has(number)) {
      const exact = exactOpcodes.get((number << 8) | this.#byte());
      if (exact) opcode = exact;
      else this.#at--;
    }
    if (!opcode) return this.#without("bad");
    const variant = this.#variant(opcode);
    if (!variant) return this.#without("bad");
    const plan = this.#plan(variant, { isShort, isAddress32, hasSegment: segment !== NO_REGISTER });
    if (!plan || (isLocked && !plan.canLock)) return this.#without("bad");
    this.#operands(plan, number);
    if (this.#isAbsent) return this.#without("bad");
    // 90 with REX.B is another opcode.
    const isPlain = !isLocked && !isAddress32 && !(isShort && repeat !== 0) && number < 0x1000 && number !== 0x90 && !hasExact.has(number);
    if (isPlain)
      this.lesson = {
        number: (number & 0xff) | (number > 0xff ? 256 : 0),
        prefix: prefix >>> 24,
        hasModrm: opcode.hasModrm,
        isGroup: opcode.memory.length > 1 || opcode.register.length > 1,
        isMemory: this.#modrm < 0xc0,
        isWide: (this.#rex & 8) !== 0,
        reg: (this.#modrm >> 3) & 7,
        hasSegment: segment !== NO_REGISTER,
        plan,
      };
    return this.#finished(rip, plan, segment, isAddress32);
  }
  /** The two bytes C5 or three bytes C4, and what follows (SDM vol. 2, 2.3.5). Fields are inverted, but for W, L and the prefix. */
  #withVex(rip: number, first: number, segment: number, isAddress32: boolean, isIllegal: boolean): Decoded {
    const second = this.#byte();
    const last = first === 0xc4 ? this.#byte() : second & 0x7f;
    const high = first === 0xc4 ? second : (second & 0x80) | 0x61;
    this.#rex = 0x40 | (~(high >> 5) & 7) | ((last >> 4) & 8);
    this.#third = ~(last >> 3) & 15;
    const map = vexMaps[high & 31];
    if (map === undefined) return this.#without("bad");
    const number = map | this.#byte();
    const opcode = vexOpcode(vexPrefixes[last & 3]! | number);
    const variant = opcode && this.#variant(opcode);
    if (!variant) return this.#without("bad");
    const plan = this.#plan(variant, { isShort: (last & 4) !== 0, isAddress32, hasSegment: segment !== NO_REGISTER }, true);
    if (!plan || isIllegal || (this.#third !== 0 && !plan.hasThird)) return this.#without("bad");
    this.#operands(plan, number);
    if (!plan.steps.includes(steps.vectorIndex)) return this.#finished(rip, plan, segment, isAddress32);
    // A gather: three different vectors, and memory by SIB.
    if (isAddress32) return "missing";
    return (this.#modrm & 7) === 4 && new Set(this.#registers).size === 3 ? this.#finish(rip, plan, segment, isAddress32) : this.#without("bad");
  }
  #finished(rip: number, plan: Plan, segment: number, isAddress32: boolean): Decoded {
    if (!plan.isImplicit) return this.#finish(rip, plan, plan.isAddress ? NO_REGISTER : segment, isAddress32);
    // The form knows of the address size, and its address is the segment's base.
    this.#base = segment;
    return this.#finish(rip, plan, NO_REGISTER, false);
  }
  #without(name: "bad" | "tooLong"): Instruction {
    const none = { registers: [], base: NO_REGISTER, index: NO_REGISTER, scale: 0, displacement: 0, segment: NO_REGISTER, isAddress32: false };
    return { form: formOf(name, "", 64)!, length: 1, ...none, immediateLow: 0, immediateHigh: 0, target: 0 };
  }
  #operands(plan: Plan, number: number): void {
    this.#registers = [];
    this.#low = this.#high = this.#offset = 0;
    this.#isAbsent = false;
    for (const step of plan.steps) this.#read(step, number);
  }
  /** With VEX, `isShort` is L. */
  #plan(variant: Variant, { isShort, isAddress32, hasSegment }: Prefixes, hasVex = false): Plan | undefined {
    const isMemory = this.#modrm < 0xc0;
    const isWide = (this.#rex & 8) !== 0;
    const key = (isMemory ? 1 : 0) | (isWide ? 2 : 0) | (isShort ? 4 : 0) | (isAddress32 ? 8 : 0) | (hasSegment ? 16 : 0);
    let known = plans.get(variant);
    if (!known) {
      known = [];
      plans.set(variant, known);
    }
    let plan = known[key];
    if (plan === undefined) {
      const prefixes = { isAddress32, hasSegment };
      const legacy = { isMemory, word: isWide ? 64 : isShort ? 16 : 32, isShort, ...prefixes } as const;
      plan = planOf(variant, hasVex ? { ...legacy, word: isWide ? 64 : 32, isShort: false, vector: isShort ? 256 : 128 } : legacy) ?? null;
      known[key] = plan;
    }
    return plan ?? undefined;
  }
  #finish(rip: number, { form, countless, countMask }: Plan, segment: number, isAddress32: boolean): Decoded {
    if (countless) {
      this.#low &= countMask;
      this.#high = 0;
    }
    const length = this.#at - this.#start;
    const next = rip + length;
    return {
      form: countless && this.#low === 0 ? countless : form,
      length,
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
    this.#base = this.#index = NO_REGISTER;
    this.#scale = this.#displacement = this.#modrm = 0;
    this.#isRelative = false;
    if (!opcode.hasModrm) return opcode.memory[0];
    this.#modrm = this.#byte();
    const isMemory = this.#modrm < 0xc0;
    if (isMemory) this.#memoryOperand();
    const variants = isMemory ? opcode.memory : opcode.register;
    return variants.length === 1 ? variants[0] : variants[(this.#modrm >> 3) & 7];
  }
  #memoryOperand(): void {
    const mod = this.#modrm >> 6;
    const rm = this.#modrm & 7;
    const sib = rm === 4 ? this.#byte() : -1;
    const baseBits = sib < 0 ? rm : sib & 7;
    const hasNoBase = mod === 0 && baseBits === 5;
    if (!hasNoBase) this.#base = baseBits | ((this.#rex & 1) << 3);
    if (sib >= 0) {
      const index = ((sib >> 3) & 7) | ((this.#rex & 2) << 2);
      if (index !== 4) this.#index = index;
      this.#scale = sib >> 6;
      this.#sib = sib;
    }
    this.#displacement = mod === 1 ? this.#signed(1) : mod === 2 || hasNoBase ? this.#signed(4) : 0;
    this.#isRelative = hasNoBase && sib < 0;
  }

  #read(step: Step, number: number): void {
    switch (step) {
      case steps.rm:
        this.#registers.push(((this.#modrm & 7) | ((this.#rex & 1) << 3)) * 8);
        return;
      case steps.rmByte:
        this.#byteRegister((this.#modrm & 7) | ((this.#rex & 1) << 3));
        return;
      case steps.vector:
      case steps.reg:
        this.#registers.push((((this.#modrm >> 3) & 7) | ((this.#rex & 4) << 1)) * 8);
        return;
      case steps.regByte:
        this.#byteRegister(((this.#modrm >> 3) & 7) | ((this.#rex & 4) << 1));
        return;
      case steps.low:
        this.#registers.push(((number & 7) | ((this.#rex & 1) << 3)) * 8);
        return;
      case steps.lowByte:
        this.#byteRegister((number & 7) | ((this.#rex & 1) << 3));
        return;
      case steps.accumulator:
      case steps.firstVector:
        this.#registers.push(0);
        return;
      case steps.mmx:
        this.#registers.push((this.#modrm >> 3) & 7);
        return;
      case steps.rmVector:
        this.#registers.push(((this.#modrm & 7) | ((this.#rex & 1) << 3)) * 8);
        return;
      case steps.stack:
        this.#registers.push(this.#modrm & 7);
        return;
      case steps.immediate8:
        this.#immediate(this.#signed(1));
        return;
      case steps.immediate16:
        this.#immediate(this.#signed(2));
        return;
      case steps.immediate32:
        this.#immediate(this.#signed(4));
        return;
      case steps.immediate64:
        this.#low = this.#signed(4);
        this.#high = this.#signed(4);
        return;
      case steps.relative8:
        this.#offset = this.#signed(1);
        return;
      case steps.relative32:
        this.#offset = this.#signed(4);
        return;
      case steps.absolute: {
        const low = this.#signed(4);
        this.#displacement = this.#signed(4) * 2 ** 32 + (low >>> 0);
        return;
      }
      case steps.one:
        this.#low = 1;
        return;
      case steps.control:
        this.#isAbsent = !CONTROL_REGISTERS.includes(((this.#modrm >> 3) & 7) | ((this.#rex & 4) << 1));
        return;
      case steps.debug:
        this.#isAbsent = (this.#rex & 4) !== 0;
        return;
      case steps.second:
        this.#high = this.#byte();
        return;
      case steps.third:
        this.#registers.push(this.#third * 8);
        return;
      case steps.byImmediate:
        this.#registers.push((this.#byte() >> 4) * 8);
        return;
      case steps.vectorIndex:
        // The address is without the index; the scale is the immediate.
        this.#registers.push((((this.#sib >> 3) & 7) | ((this.#rex & 2) << 2)) * 8);
        this.#index = NO_REGISTER;
        this.#low = this.#scale;
        this.#scale = 0;
    }
  }
  /** Without REX, numbers 4 to 7 are AH, CH, DH and BH. */
  #byteRegister(number: number): void {
    this.#registers.push(!this.#rex && number >= 4 ? (number - 4) * 8 + 1 : number * 8);
  }
  #immediate(value: number): void {
    this.#low = value;
    this.#high = value >> 31;
  }
}
/** Maps 1 to 3. */
const vexMaps: readonly (number | undefined)[] = [undefined, 0x0f00, 0x0f_3800, 0x0f_3a00];
/** By VEX's two bits, as keys of the opcode map. */
const vexPrefixes = VEX_PREFIXES.map(prefix => (prefix ? PREFIX[prefix] : 0));
/** What the processor knows and refuses. */
const plans = new Map<Variant, (Plan | null)[]>();

const decoder = new Decoder();
/** The bytes at `rip` are those from `start` on. */
export const decode = (rip: number, bytes: Uint8Array, start = 0, end = bytes.length): Decoded => decoder.decode(rip, bytes, start, end);
/** What the last decoding showed. */
export const lastLesson = (): Lesson | undefined => decoder.lesson;
