// A batch for an instruction: where it stands, what memory holds, and for each case the registers, with addresses that lead to where something is to be seen.
import { FS_BASE, GS_BASE, type Instruction, NO_REGISTER } from "../../../engine/cpu/decode/decode.ts";
import { fileOffset } from "../../../engine/cpu/register-file.ts";
import { type Chance, putExtended, putInteger, putVector } from "./chance.ts";
import type { Template } from "./encodings.ts";
import { ARENA_BYTES, arenaPages, type Batch, CODE, CODE_END, DATA, FILE, MOST_CASES, PAGE, READ_ONLY_PAGE } from "./exchange.ts";

const WORDS = FILE / 4;
const HIGH = 2 ** 32;
const [RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI] = [0, 1, 2, 3, 4, 5, 6, 7] as const;
const STATUS_BITS = 0x8d5;
const DIRECTION = 0x400;
const PLAIN_MXCSR = 0x1f80;
const LANDING_BYTES = 5;

const isStack = /^(push|pop|call|ret|leave|enter|pushf|popf|iret)/;
const isString = /^(rep|repe|repne)?(movs|stos|lods|scas|cmps)(32)?$/;
const isRepeated = /^rep/;
const isBitString = /^bt[src]? mr/;
/** MMX registers, in shapes an x, are those of x87. */
const isX87 = /^(f|emms)/;
const hasLengths = /^v?pcmpestr/;
const isGather = /^vp?gather/;
const isMaskedStore = /^v?maskmov(q|dqu)/;
/** With the prefix 67, where the operands are implied. */
const is32 = /32$/;
const isDivision = /^i?div /;
const isExchange = /^cmpxchg/;
/** Jumps by a register or by memory. */
const goesAnywhere = /^(jmpTo|callTo|ret(Taking)?$)/;
/** What reads a selector: from the stack or through memory together with an offset, or alone. */
const isFar = /^(retf|iret|(jmp|call)Far|load[A-Z]sFar)/;
const isSelecting = /^(movTo[A-Z]s|pop[FG]s|lar|lsl|ver[rw])/;
const hasSegments = /^(mov[A-Z]sTo|movTo[A-Z]s|(push|pop)[FG]s|load[A-Z]sFar|(rd|wr)[fg]sbase)/;
/** Of state, that a machine may have and ours has not (SDM vol. 1, 13.1): masks and registers of AVX-512, protection keys, tiles. */
const OTHERS_COMPONENTS = 0x6_02e0;
const isExtendedState = /^x(save.*|rstor)$/;
/** Those of user code with and without the lowest bits, the kernel's, and some that there are not. */
const selectors = [0, 1, 3, 0x2b, 0x28, 0x33, 0x30, 0x23, 0x7b, 0x10, 0x18, 0x40, 0x63, 0x2f] as const;
const USER = { code: 0x33, stack: 0x2b } as const;

export const isRepeatedForm = (form: string): boolean => isRepeated.test(form);

export class Inputs {
  readonly batch: Batch;
  readonly #chance: Chance;
  readonly #template: Template;
  readonly #instruction: Instruction;
  readonly #words: Int32Array;
  readonly #name: string;
  readonly #isX87: boolean;
  #at = 0;

  /** `code` is changed where it holds an address. */
  constructor(chance: Chance, template: Template, code: Uint8Array, instruction: Instruction, count: number) {
    this.#chance = chance;
    this.#template = template;
    this.#instruction = instruction;
    this.#name = instruction.form.name;
    this.#isX87 = isX87.test(this.#name) || instruction.form.shape.includes("x");
    const files = new Uint8Array(count * FILE);
    this.#words = new Int32Array(files.buffer);
    const codeAt = this.#chooseCode(code.length);
    this.#aim(code, codeAt);
    this.batch = { code, codeAt, count, arena: this.#arena(codeAt, code.length), files };
    this.#base();
    for (let i = 0; i < count; i++) this.#case(i);
  }

  /** Mostly amid a page; sometimes across the two, or up against what is absent. */
  #chooseCode(length: number): number {
    const { isControl } = this.#template;
    const kind = this.#chance.below(16);
    if (kind === 0 && !isControl) return CODE_END - this.#chance.below(length + LANDING_BYTES + 1) - 1;
    if (kind === 1) return CODE + PAGE - this.#chance.below(length + 1);
    return CODE + 0x800 + this.#chance.below(64);
  }
  /** Relative targets and addresses that stand in the code. */
  #aim(code: Uint8Array, codeAt: number): void {
    const chance = this.#chance;
    const { targetBytes, place, form } = this.#template;
    const { base, index, segment, isAddress32 } = this.#instruction;
    const next = codeAt + code.length;
    const view = new DataView(code.buffer, code.byteOffset);
    const isGood = (offset: number) => !(offset > -code.length - 1 && offset < 0) && !(offset > 0 && offset < LANDING_BYTES);
    if (targetBytes === 1) {
      while (!isGood(view.getInt8(code.length - 1))) view.setInt8(code.length - 1, chance.word());
    } else if (targetBytes === 4) {
      let offset: number;
      do offset = (chance.isOnce(8) ? DATA + chance.below(8 * PAGE) : CODE + chance.below(2 * PAGE)) - next;
      while (!isGood(offset));
      view.setInt32(code.length - 4, offset, true);
    }
    const isAbsolute = base === NO_REGISTER && index === NO_REGISTER;
    if (!isAbsolute) return;
    if (place === "none") {
      // An absolute address of the whole width, or of 32 bits, is all that follows.
      if (/ (mr|rm) /.test(form) && this.#name === "mov" && segment === NO_REGISTER && !isAddress32)
        view.setBigUint64(code.length - 8, BigInt(this.#address()), true);
      return;
    }
    if (place !== "memory") return;
    const { at, hasSib } = displacement(code);
    const wished = this.#address();
    const address = wished >= 0 && wished < 2 ** 31 ? wished : DATA + PAGE * 3 - 8;
    // A displacement that is not reached (as after 67, or with a segment's base) leads to what is absent.
    view.setInt32(at, hasSib ? address : address - next, true);
  }

  #arena(codeAt: number, length: number): Uint8Array {
    const arena = new Uint8Array(ARENA_BYTES);
    const words = new Int32Array(arena.buffer);
    const chance = this.#chance;
    const hasTargets = goesAnywhere.test(this.#name);
    for (let at = 0; at < words.length; at += 4) {
      if (this.#isX87 && chance.isOnce(3)) putExtended(chance, words, at);
      else putVector(chance, words, at);
      if (hasTargets && chance.isOnce(2)) {
        words[at] = this.#target(codeAt, length);
        words[at + 1] = 0;
      }
    }
    if (isSelecting.test(this.#name)) for (let at = 0; at < words.length; at += chance.below(3) + 1) words[at] = this.#selector();
    if (isFar.test(this.#name)) this.#putFarPointers(new DataView(arena.buffer), codeAt, length);
    if (isExtendedState.test(this.#name)) this.#putStates(new DataView(arena.buffer));
    // Runs of equal bytes, for what compares strings.
    if (isString.test(this.#name))
      for (let run = 0; run < 40; run++) arena.fill(chance.one([0, 0xff, 0x41]), chance.below(ARENA_BYTES), chance.below(ARENA_BYTES));
    return arena;
  }
  #selector(): number {
    const chance = this.#chance;
    const kind = chance.below(8);
    return kind === 0 ? chance.below(0x1_0000) : chance.one(selectors);
  }
  /** Every 64 bytes: an offset and a selector, and what IRET takes besides. */
  #putFarPointers(view: DataView, codeAt: number, length: number): void {
    const chance = this.#chance;
    const { bits } = this.#instruction.form;
    const isOnStack = /^i?ret/.test(this.#name);
    const put = (at: number, value: number) => {
      if (bits === 16) view.setUint16(at, value & 0xffff, true);
      else if (bits === 32) view.setInt32(at, value | 0, true);
      else view.setBigInt64(at, BigInt(value), true);
    };
    const isTransfer = !this.#name.startsWith("load");
    for (let at = 0; at < view.byteLength; at += 64) {
      const words = [
        isTransfer && chance.isOnce(4) ? this.#address() : this.#target(codeAt, length),
        isTransfer && !chance.isOnce(6) ? USER.code : this.#selector() & ~(isTransfer ? 0x20 : 0),
        chance.word() & 0x7fff_ffff,
        DATA + chance.below(8 * PAGE),
        chance.isOnce(6) ? this.#selector() : USER.stack,
      ];
      for (const [i, word] of words.entries()) if (isOnStack || i < 2) put(at + (i * bits) / 8, word);
      if (!isOnStack) view.setUint16(at + bits / 8, words[1]!, true);
    }
  }
  /** XSAVE areas with headers that are mostly good. */
  #putStates(view: DataView): void {
    const chance = this.#chance;
    for (let at = 0; at < view.byteLength; at += 64) {
      view.setUint16(at + 24 + 2, 0, true);
      if ((at & 0x3ff) !== 0x200) continue;
      new Uint8Array(view.buffer, at, 64).fill(0);
      view.setUint32(at, chance.isOnce(12) ? chance.word() : chance.below(8), true);
      if (!chance.isOnce(3)) continue;
      view.setUint32(at + 8, chance.isOnce(4) ? chance.below(16) : 7, true);
      view.setUint32(at + 12, 2 ** 31 + (chance.isOnce(12) ? 1 : 0), true);
      if (chance.isOnce(12)) view.setUint8(at + 16 + chance.below(48), 1);
    }
  }
  /** An address where something is: mostly it can be read and written, sometimes it is at an edge, sometimes nowhere. */
  #address(): number {
    const chance = this.#chance;
    const kind = chance.below(32);
    const writable = arenaPages[chance.below(3)]!;
    if (kind < 13) return writable + chance.below(PAGE / 64) * 64;
    if (kind < 22) return writable + chance.below(PAGE);
    if (kind < 25) return DATA + 2 * PAGE - chance.below(64);
    if (kind < 29) return DATA + (chance.below(7) + 1) * PAGE - chance.below(64);
    if (kind === 29) return READ_ONLY_PAGE + chance.below(PAGE / 32) * 32;
    if (kind === 30) return DATA + chance.below(9) * PAGE + chance.below(PAGE);
    // With a segment's base it also matters what the offset alone is.
    return chance.isOnce(3) && !this.#hasSegment ? chance.one(faraway) - chance.below(40) : writable + chance.below(PAGE / 16) * 16;
  }

  /** What all cases have where nothing else is said. */
  #base(): void {
    const words = this.#words;
    const chance = this.#chance;
    for (let n = 0; n < 16; n++) putInteger(chance, words, 2 * n);
    for (let n = 0; n < 32; n++) putVector(chance, words, (fileOffset.vectors >> 2) + 4 * n);
    for (let n = 0; n < 8; n++) putExtended(chance, words, (fileOffset.x87 >> 2) + 4 * n);
    words[fileOffset.rflags >> 2] = 0x202;
    words[fileOffset.mxcsr >> 2] = PLAIN_MXCSR;
    this.#setHalf(fileOffset.x87Control, 0x37f);
    this.#setHalf(fileOffset.x87Tag, 0xff);
    this.#setNumber(fileOffset.fsBase, DATA + PAGE * 2);
    this.#setNumber(fileOffset.gsBase, 0x7f12_3456_7000);
    this.#setNumber(fileOffset.rip, this.batch.codeAt);
    if (this.#uses(RSP)) return;
    this.#setNumber(8 * RSP, DATA + 2 * PAGE + 0x80);
  }
  get #hasSegment(): boolean {
    const { base, segment } = this.#instruction;
    return segment !== NO_REGISTER || base === FS_BASE || base === GS_BASE;
  }
  #uses(number: number): boolean {
    const { registers, base, index } = this.#instruction;
    return registers.includes(8 * number) || base === number || index === number;
  }

  #case(i: number): void {
    const words = this.#words;
    this.#at = i * WORDS;
    if (i > 0) words.copyWithin(this.#at, 0, WORDS);
    const chance = this.#chance;
    const { registers } = this.#instruction;
    for (const slot of [8 * RAX, 8 * RCX, 8 * RDX, ...registers.map(register => register & ~7)]) putInteger(chance, words, this.#at + (slot >> 2));
    for (const register of [0, ...registers]) {
      const at = this.#at + ((fileOffset.vectors + 4 * (register & ~7)) >> 2);
      putVector(chance, words, at);
      putVector(chance, words, at + 4);
    }
    const flags = chance.word() & STATUS_BITS;
    words[this.#at + (fileOffset.rflags >> 2)] = 0x202 | flags | (isString.test(this.#name) && chance.isOnce(3) ? DIRECTION : 0);
    this.#control();
    this.#operands();
    if (this.#isX87) this.#x87();
    if (hasSegments.test(this.#name)) this.#segments();
    this.#addresses();
  }
  #segments(): void {
    const chance = this.#chance;
    const bytes = new Uint8Array(this.#words.buffer, 4 * this.#at, FILE);
    for (let i = 0; i < 4; i++) bytes[fileOffset.dataSelectors + i] = chance.isOnce(2) ? 0 : chance.one([0x28, 0x2b, 0x30, 0x33, 0x23, 0x7b]);
  }
  #control(): void {
    const chance = this.#chance;
    const kind = chance.below(8);
    if (kind < 4) return;
    const flags = kind === 4 ? 0 : chance.below(64);
    const rounding = (chance.below(4) << 13) | (chance.isOnce(2) ? 0 : (chance.below(2) << 6) | (chance.below(2) << 15));
    const masks = kind === 7 && chance.isOnce(2) ? chance.below(64) << 7 : PLAIN_MXCSR;
    this.#words[this.#at + (fileOffset.mxcsr >> 2)] = flags | rounding | masks;
  }
  #x87(): void {
    const chance = this.#chance;
    const words = this.#words;
    for (let n = 0; n < 8; n++) if (chance.isOnce(2)) putExtended(chance, words, this.#at + (fileOffset.x87 >> 2) + 4 * n);
    const isPlain = chance.isOnce(2);
    const masks = chance.isOnce(6) ? chance.below(64) : 0x3f;
    this.#setHalf(
      fileOffset.x87Control,
      isPlain ? 0x37f : 0x40 | masks | (chance.below(4) << 8) | (chance.below(4) << 10) | (chance.below(8) === 0 ? 0x1000 : 0),
    );
    const control = words[this.#at + (fileOffset.x87Control >> 2)]! & 0x3f;
    const raised = chance.isOnce(3) ? chance.below(64) : 0;
    // Mostly nothing that is pending: else only that is seen.
    const shown = chance.isOnce(12) ? raised : raised & control;
    this.#setHalf(fileOffset.x87Status, (chance.below(8) << 11) | (chance.word() & 0x4740) | shown);
    this.#setHalf(fileOffset.x87Tag, chance.isOnce(2) ? 0xff : chance.isOnce(8) ? 0 : chance.below(256));
  }
  /** Registers of which random ones would nearly always do the same. */
  #operands(): void {
    const chance = this.#chance;
    const words = this.#words;
    const { form, registers } = this.#instruction;
    const formText = `${form.name} ${form.shape}`;
    if (isDivision.test(formText) && !chance.isOnce(4)) {
      const [rax, rdx] = [this.#at, this.#at + 2 * RDX];
      const high = chance.isOnce(3) ? chance.below(1000) : form.name === "idiv" && chance.isOnce(2) ? -1 : 0;
      words[rdx] = high;
      words[rdx + 1] = high >> 31;
      if (form.bits === 8) words[rax] = (words[rax]! & 0xff) | ((high & 0xff) << 8);
      if (high === -1) words[rax + (form.bits === 64 ? 1 : 0)] = words[rax + (form.bits === 64 ? 1 : 0)]! | (1 << 31);
    }
    if (/cl$/.test(form.name) && chance.isOnce(2)) words[this.#at + 2 * RCX] = chance.below(70);
    if (isBitString.test(formText)) {
      const slot = this.#at + ((registers[0]! & ~7) >> 2);
      words[slot] = chance.word() >> 16;
      words[slot + 1] = words[slot]! >> 31;
    }
    if (isExchange.test(form.name) && chance.isOnce(2)) {
      const last = registers[registers.length - 1];
      if (form.shape === "rr") words.copyWithin(this.#at, this.#at + ((registers[0]! & ~7) >> 2), this.#at + ((registers[0]! & ~7) >> 2) + 2);
      else if (last !== undefined) words[this.#at + (last >> 2)] = chance.word();
    }
    if (isSelecting.test(form.name) && /r$/.test(form.shape)) {
      const slot = this.#at + ((registers.at(-1)! & ~7) >> 2);
      words[slot] = (words[slot]! & ~0xffff) | this.#selector();
    }
    if (isExtendedState.test(form.name)) words[this.#at] = (chance.isOnce(4) ? words[this.#at]! : chance.below(8)) & ~OTHERS_COMPONENTS;
    if (form.name === "xgetbv" && chance.isOnce(2)) words[this.#at + 2 * RCX] = chance.below(3);
    if (hasLengths.test(form.name)) for (const slot of [RAX, RDX]) if (!chance.isOnce(3)) this.#setNumber(8 * slot, chance.below(40) - 20);
    if (isGather.test(form.name)) {
      // Indices that stay in the arena, of four or eight bytes.
      const at = this.#at + ((fileOffset.vectors + 4 * registers[1]!) >> 2);
      const isWide = chance.isOnce(2);
      for (let i = 0; i < 8; i++) words[at + i] = isWide && i % 2 === 1 ? words[at + i - 1]! >> 31 : chance.below(chance.isOnce(8) ? 4000 : 60) - 20;
    }
    if (goesAnywhere.test(form.name) && form.shape === "r") {
      const target = chance.isOnce(4) ? DATA + chance.below(8 * PAGE) : this.#target(this.batch.codeAt, this.batch.code.length);
      this.#setNumber(registers[0]! & ~7, target);
    }
  }
  /** In the code pages, but neither in the instruction nor in what brings back. */
  #target(codeAt: number, length: number): number {
    for (;;) {
      const target = CODE + this.#chance.below(2 * PAGE);
      if (target < codeAt || target >= codeAt + length + LANDING_BYTES) return target;
    }
  }

  #addresses(): void {
    const chance = this.#chance;
    const { form } = this.#instruction;
    const name = form.name;
    if (isString.test(name)) {
      const source = this.#address();
      this.#setImplied(RSI, source);
      const target = chance.isOnce(6) ? source + chance.below(80) - 40 : this.#address();
      this.#setImplied(RDI, target, /^(rep\w*?)?(stos|scas|movs|cmps)/.test(name));
      if (isRepeated.test(name)) this.#setNumber(8 * RCX, chance.isOnce(6) ? chance.below(600) : chance.below(24));
      if (is32.test(name)) this.#words[this.#at + 2 * RCX + 1] = chance.word();
    }
    if (/^(loop.*|jrcxz)32$/.test(name) && chance.isOnce(2)) this.#words[this.#at + 2 * RCX] = chance.below(2);
    if (isStack.test(name)) {
      const places = isFar.test(name) ? 64 : 8;
      this.#setNumber(8 * RSP, chance.isOnce(4) ? this.#address() : DATA + 2 * PAGE + (chance.below(1024 / places) - 512 / places) * places);
      if (/^(leave|enter)/.test(name)) this.#setNumber(8 * RBP, chance.isOnce(4) ? this.#address() : DATA + 2 * PAGE + (chance.below(128) - 64) * 8);
    }
    if (isMaskedStore.test(name)) this.#setImplied(RDI, this.#address());
    if (/^xlat/.test(name)) this.#setImplied(RBX, this.#address() - (this.#words[this.#at + 2 * RAX]! & 0xff));
    if (name === "syscall") this.#setNumber(8 * RAX, NO_SUCH_CALL);
    if (form.shape.includes("m") && this.#template.place === "memory") this.#reach(this.#address());
    if (isExchange.test(name) && form.shape.startsWith("m") && chance.isOnce(2)) this.#matchMemory();
  }
  /** A register that is implied as an address: with a segment the instruction's own base is the segment's. */
  #setImplied(number: number, address: number, isPlain = false): void {
    const chance = this.#chance;
    const { base } = this.#instruction;
    if (base === NO_REGISTER || isPlain) this.#setNumber(8 * number, address);
    else {
      const offset = base === FS_BASE ? fileOffset.fsBase : fileOffset.gsBase;
      if (chance.isOnce(2)) this.#setNumber(offset, chance.one([0, DATA, PAGE, -PAGE, DATA + 3 * PAGE]));
      this.#setBig(8 * number, BigInt(address) - this.#big(offset));
    }
    // The upper half does not count then.
    if (is32.test(this.#name)) this.#words[this.#at + 2 * number + 1] = chance.word();
  }
  /** Sets the address registers so that the operand lies there, or a few bytes off where the registers do not allow it. */
  #reach(address: number): void {
    const { base, index, scale, displacement, segment, isAddress32 } = this.#instruction;
    if (base === NO_REGISTER && index === NO_REGISTER) return;
    const factor = 2 ** scale;
    let rest = BigInt(address) - BigInt(displacement);
    if (segment !== NO_REGISTER) rest -= this.#big(segment === FS_BASE ? fileOffset.fsBase : fileOffset.gsBase);
    if (base === NO_REGISTER || index === base) {
      const factors = BigInt(base === NO_REGISTER ? factor : factor + 1);
      this.#setBig(8 * index, rest / factors);
      return;
    }
    if (index !== NO_REGISTER) {
      if (this.#chance.isOnce(2)) this.#setNumber(8 * index, this.#chance.below(64) - 16);
      rest -= this.#big(8 * index) * BigInt(factor);
    }
    this.#setBig(8 * base, rest);
    // The upper half does not count then.
    if (isAddress32) this.#words[this.#at + 2 * base + 1] = this.#chance.word();
  }
  /** Makes the comparison of CMPXCHG come out equal. */
  #matchMemory(): void {
    const { base, index, scale, displacement, segment, form } = this.#instruction;
    if (segment !== NO_REGISTER || base === NO_REGISTER) return;
    const at = Number(BigInt.asUintN(64, this.#big(8 * base) + (index === NO_REGISTER ? 0n : this.#big(8 * index) << BigInt(scale)) + BigInt(displacement)));
    const page = arenaPages.findIndex(one => at >= one && at < one + PAGE - 16);
    if (page < 0) return;
    const view = new DataView(this.batch.arena.buffer);
    const offset = page * PAGE + (at % PAGE);
    const isUsed = [RAX, ...(form.name === "cmpxchg8b" ? [RDX] : [])].some(number => base === number || index === number);
    if (isUsed) return;
    const words = this.#words;
    if (form.name === "cmpxchg8b") {
      words[this.#at + 2 * RAX] = view.getInt32(offset, true);
      words[this.#at + 2 * RDX] = view.getInt32(offset + 4, true);
      return;
    }
    words[this.#at + 2 * RAX] = view.getInt32(offset, true);
    words[this.#at + 2 * RAX + 1] = view.getInt32(offset + 4, true);
    if (form.name !== "cmpxchg16b" || base === RDX || index === RDX) return;
    words[this.#at + 2 * RDX] = view.getInt32(offset + 8, true);
    words[this.#at + 2 * RDX + 1] = view.getInt32(offset + 12, true);
  }

  #setHalf(offset: number, value: number): void {
    new Uint16Array(this.#words.buffer)[2 * this.#at + (offset >> 1)] = value;
  }
  #setNumber(offset: number, value: number): void {
    const at = this.#at + (offset >> 2);
    this.#words[at] = (value % HIGH) | 0;
    this.#words[at + 1] = Math.floor(value / HIGH);
  }
  #big(offset: number): bigint {
    const at = this.#at + (offset >> 2);
    return (BigInt(this.#words[at + 1]!) << 32n) | BigInt(this.#words[at]! >>> 0);
  }
  #setBig(offset: number, value: bigint): void {
    const at = this.#at + (offset >> 2);
    this.#words[at] = Number(BigInt.asIntN(32, value));
    this.#words[at + 1] = Number(BigInt.asIntN(32, value >> 32n));
  }
}
/** The end of user space, what is not canonical, and the kernel's half. */
const faraway = [2 ** 47 - PAGE, 2 ** 47 - PAGE + 20, 2 ** 47, 2 ** 47 + 20, 2 ** 62, -(2 ** 47), -(2 ** 47) + 20, -4096, 20, PAGE] as const;
const NO_SUCH_CALL = 0x7fff_ffff;
if (MOST_CASES * FILE > 0xd_8000) throw new Error("The inputs run into the answers: see exchange.ts.");

/** Of four bytes, where ModRM.mod is 0 and neither base nor index is there: after ModRM, when RIP is added, or after SIB. */
function displacement(code: Uint8Array): { readonly at: number; readonly hasSib: boolean } {
  let at = 0;
  while (legacyPrefixes.has(code[at]!)) at++;
  if (code[at]! >> 4 === 4) at++;
  if (code[at] === 0xc5) at += 3;
  else if (code[at] === 0xc4) at += 4;
  else if (code[at] === 0x0f) at += code[at + 1] === 0x38 || code[at + 1] === 0x3a ? 3 : 2;
  else at++;
  const hasSib = (code[at]! & 7) === 4;
  return { at: hasSib ? at + 2 : at + 1, hasSib };
}
const legacyPrefixes = new Set([0x66, 0x67, 0xf0, 0xf2, 0xf3, 0x2e, 0x36, 0x3e, 0x26, 0x64, 0x65]);
