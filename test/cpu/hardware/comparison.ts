// Whether our processor and the real one left the same: every register, the flags, memory and the fault.
import type { Instruction } from "../../../engine/cpu/decode/decode.ts";
import { fileOffset } from "../../../engine/cpu/register-file.ts";
import { formName } from "./encodings.ts";
import { ARENA_BYTES, answer, arenaPages, type Batch, exchange, FILE, PAGE, RUNNER, RUNNER_END } from "./exchange.ts";
import { type Ending, type GuestMachine, MISSING } from "./guest-machine.ts";
import { leewaysOf, type Outcome, SI_KERNEL, SIGSEGV } from "./leeways.ts";
import type { NativeMachine } from "./native-machine.ts";
import { type Ignored, ownDefinition } from "./own-definitions.ts";
import { type Execution, isResultUndefined, type Mask, maskOf } from "./undefined-flags.ts";

const WORDS = FILE / 4;
const ANSWER_WORDS = answer.bytes / 4;
const FLAGS_WORD = fileOffset.rflags >> 2;
const CONTROL_WORD = fileOffset.x87Control >> 2;
const TAG_WORD = fileOffset.x87Tag >> 2;
const SELECTORS_WORD = fileOffset.dataSelectors >> 2;
const CARRY = 1;
const X87_WORD = fileOffset.x87 >> 2;
const [C1, PE, UE] = [0x200, 0x20, 0x10] as const;
const general = ["rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"] as const;

interface Field {
  readonly name: string;
  readonly at: number;
  readonly bytes: number;
}
/** The register file as the things that are compared. */
export const fields: readonly Field[] = [
  ...general.map((name, i) => ({ name, at: 8 * i, bytes: 8 })),
  { name: "rip", at: fileOffset.rip, bytes: 8 },
  { name: "rflags", at: fileOffset.rflags, bytes: 8 },
  { name: "fsBase", at: fileOffset.fsBase, bytes: 8 },
  { name: "gsBase", at: fileOffset.gsBase, bytes: 8 },
  { name: "mxcsr", at: fileOffset.mxcsr, bytes: 4 },
  { name: "fcw", at: fileOffset.x87Control, bytes: 2 },
  { name: "fsw", at: fileOffset.x87Status, bytes: 2 },
  { name: "ftw", at: fileOffset.x87Tag, bytes: 2 },
  { name: "ds+es", at: fileOffset.dataSelectors, bytes: 2 },
  { name: "fs+gs", at: fileOffset.baseSelectors, bytes: 2 },
  ...Array.from({ length: 8 }, (_, i) => ({ name: `x87.${i}`, at: fileOffset.x87 + 16 * i, bytes: 10 })),
  ...Array.from({ length: 16 }, (_, i) => ({ name: `ymm${i}`, at: fileOffset.vectors + 32 * i, bytes: 32 })),
];
/** In each case: the fields, the arena's pages, and the fault. */
export const COMPARISONS_PER_CASE = fields.length + arenaPages.length + 1;

export interface Difference {
  readonly what: string;
  readonly ours: string;
  readonly theirs: string;
}

/** A wild address may be one that the native side has memory at, and the guest has not. */
const isOfRunner = (address: number): boolean => address >= RUNNER && address < RUNNER_END;
const hasMxcsrMask = /^f?xsave/;
const isJump = /^(jmpTo|callTo|ret|retTaking)$/;
/** Of several parts, or two. */
const isLongOperand =
  /^(\w*cmps(32)?$|v?maskmovdqu|maskmovq|fbstp|fbld|fstpExtended|fldExtended|fldenv|fnstenv|frstor|fnsave|f?xsave|f?xrstor|retf|iret|(jmp|call)Far|load[A-Z]sFar)/;
const isStoredInParts = /^(callFar|fstpExtended|fbstp)$/;
/** By Linux where the processor has UMIP: it then says SEGV_MAPERR with the address whatever was wrong with it (arch/x86/kernel/umip.c). */
const isEmulated = /^(sldt|str|smsw|s[gi]dt)$/;

export class Comparison {
  readonly #batch: Batch;
  readonly #instruction: Instruction;
  readonly #guest: GuestMachine;
  readonly #native: NativeMachine;
  readonly #expected: readonly Buffer[];
  readonly #expectedBlock: Buffer;
  readonly #inputs: Int32Array;
  readonly #mask: Mask;
  readonly #isLong: boolean;
  readonly #isEmulated: boolean;
  readonly #hasMmx: boolean;
  readonly #isGather: boolean;
  readonly #ignored: Ignored | undefined;
  readonly #leeways: ReturnType<typeof leewaysOf>;

  /** `block`: room for the arena, filled with what it was. */
  constructor(batch: Batch, instruction: Instruction, guest: GuestMachine, native: NativeMachine, block: Buffer) {
    this.#batch = batch;
    this.#instruction = instruction;
    this.#guest = guest;
    this.#native = native;
    this.#expectedBlock = block;
    this.#expectedBlock.set(batch.arena);
    this.#expected = arenaPages.map((_, i) => block.subarray(i * PAGE, (i + 1) * PAGE));
    this.#inputs = new Int32Array(batch.files.buffer, batch.files.byteOffset, (batch.count * FILE) / 4);
    this.#mask = maskOf(instruction.form.name);
    this.#isGather = /^vp?gather/.test(instruction.form.name);
    this.#hasMmx = instruction.form.shape.includes("x");
    this.#isEmulated = isEmulated.test(instruction.form.name);
    this.#isLong = isLongOperand.test(instruction.form.name);
    this.#ignored = ownDefinition(formName(instruction))?.ignore;
    this.#leeways = leewaysOf(formName(instruction));
  }

  /** Runs the case in our processor and answers whether it agrees; leaves the arena as it was. */
  agrees(index: number): boolean {
    const ending = this.#guest.run(index);
    if (
      isOfRunner(ending.address) ||
      this.#endedInRunner(index) ||
      this.#isStrayJump(index, ending) ||
      this.#hasForeignMxcsr(index) ||
      this.#isLooseSha(ending) ||
      this.#answerWord(index, answer.isOtherCode)
    ) {
      this.#restore(index, false);
      return true;
    }
    const isGood = this.#isSameEnding(index, ending) && this.#areSameRegisters(index, ending) && this.#isSameMemory(index);
    this.#restore(index, isGood);
    return isGood;
  }
  /** A jump went there, and found code. */
  #endedInRunner(index: number): boolean {
    return (
      this.#answerWord(index, answer.signal) !== 0 && this.#answerWord(index, answer.address + 4) === 0 && isOfRunner(this.#answerWord(index, answer.address))
    );
  }
  /** A jump to what is not canonical: the processor faults at the jump, ours at the target. */
  #isStrayJump(index: number, { signal }: Ending): boolean {
    return (
      signal === 0 &&
      this.#answerWord(index, answer.signal) === SIGSEGV &&
      this.#answerWord(index, answer.code) === SI_KERNEL &&
      isJump.test(this.#instruction.form.name)
    );
  }
  /** The manual has SHA's operands aligned, AMD's processors do not ask for it. */
  #isLooseSha({ signal, code }: Ending): boolean {
    return signal === SIGSEGV && code === SI_KERNEL && /^sha(1|256)/.test(this.#instruction.form.name);
  }
  /** MXCSR's bit 17, the misaligned exception mask, is AMD's alone (APM vol. 1, 4.2.2). */
  #hasForeignMxcsr(index: number): boolean {
    return (this.#answerWord(index, fileOffset.mxcsr) & 0x2_0000) !== 0;
  }
  #answerWord(index: number, at: number): number {
    return this.#native.answerWords[index * ANSWER_WORDS + (at >> 2)]!;
  }
  #theirEnding(index: number): Ending {
    return {
      signal: this.#answerWord(index, answer.signal),
      code: this.#answerWord(index, answer.code),
      address: this.#answerWord(index, answer.address + 4) * 2 ** 32 + (this.#answerWord(index, answer.address) >>> 0),
    };
  }
  #outcome(index: number, ending: Ending): Outcome {
    return {
      before: this.#inputs.subarray(index * WORDS, (index + 1) * WORDS),
      ours: this.#guest.fileWords.subarray(index * WORDS, (index + 1) * WORDS),
      theirs: this.#native.answerWords.subarray(index * ANSWER_WORDS, index * ANSWER_WORDS + WORDS),
      ending,
      theirEnding: this.#theirEnding(index),
      name: this.#instruction.form.name,
    };
  }
  #isSameEnding(index: number, ending: Ending): boolean {
    return this.#isSameFault(ending, this.#theirEnding(index)) || this.#leeways.some(({ isSameEnding }) => isSameEnding?.(this.#outcome(index, ending)));
  }
  #isSameFault({ signal, code, address }: Ending, theirs: Ending): boolean {
    // Which part of a long operand is touched first is the microcode's affair, and differs between generations of one manufacturer.
    if ((this.#isLong || this.#isEmulated) && signal !== 0 && theirs.signal !== 0) return true;
    if (signal !== theirs.signal) return false;
    return signal === 0 || (code === theirs.code && address === theirs.address);
  }
  #areSameRegisters(index: number, ending: Ending): boolean {
    const ours = this.#guest.fileWords;
    const theirs = this.#native.answerWords;
    const [at, other] = [index * WORDS, index * ANSWER_WORDS];
    for (let i = 0; i < WORDS; i++) {
      const difference = ours[at + i]! ^ theirs[other + i]!;
      if (difference !== 0 && (difference & ~this.#open(index, i, ending)) !== 0) return false;
    }
    return true;
  }
  /** Bits of a word of the register file that may differ. */
  #open(index: number, word: number, ending: Ending): number {
    const outcome = this.#outcome(index, ending);
    return this.#leeways.reduce((bits, { open }) => bits | (open?.(outcome, word) ?? 0), this.#undefinedBits(index, word));
  }
  #undefinedBits(index: number, word: number): number {
    if (word === SELECTORS_WORD) return nullSelectors(this.#guest.fileWords[index * WORDS + word]!, this.#answerWord(index, 4 * word));
    if (word === FLAGS_WORD) {
      if (this.#answerWord(index, answer.signal) !== 0) return 0;
      let mask = this.#mask.always | (this.#ignored === "target" ? CARRY : 0);
      if (this.#mask.sometimes.length > 0) {
        const execution = this.#execution(index);
        for (const one of this.#mask.sometimes) if (one.when(execution)) mask |= one.mask;
      }
      return mask;
    }
    // The opcode of the last x87 instruction, above the tag, is not kept.
    // An instruction of MMX that faults may have left the x87 state for MMX's already.
    if ((word === TAG_WORD || word === CONTROL_WORD) && this.#hasMmx && this.#answerWord(index, answer.signal) !== 0) return -1;
    if (word === TAG_WORD) return this.#isBeyondRange(index) ? -1 : -0x1_0000;
    if (this.#ignored !== undefined) return this.#ignoredBits(index, word, this.#ignored);
    // A gather that faults has changed nothing; on the processor its mask, and the lanes before.
    if (this.#isGather && this.#answerWord(index, answer.signal) !== 0)
      return isOfVector(word, this.#instruction.registers[0]!) || isOfVector(word, this.#instruction.registers[2]!) ? -1 : 0;
    const target = this.#instruction.registers[0];
    if (target !== undefined && word >> 1 === target >> 3 && isResultUndefined(this.#instruction.form.name, this.#execution(index))) return -1;
    return 0;
  }
  #ignoredBits(index: number, word: number, ignored: Ignored): number {
    if (typeof ignored === "object") return ignored.get(word) ?? 0;
    if (ignored === "x87") {
      const isBeyondRange = this.#isBeyondRange(index);
      // Whether it was rounded, and which way; and if it is tiny, UE goes with PE.
      if (word === CONTROL_WORD) return isBeyondRange ? -0x1_0000 : (C1 | PE | UE) << 16;
      if (word < X87_WORD || word >= fileOffset.vectors >> 2) return 0;
      if (isBeyondRange) return -1;
      const at = word - ((word - X87_WORD) & 3);
      const [ours, theirs] = [extendedAt(this.#guest.fileWords, index * WORDS + at), extendedAt(this.#native.answerWords, index * ANSWER_WORDS + at)];
      return isNeighbour(ours, theirs) || (this.#isOneTiny(index) && (isNeighbour(ours, scaled(theirs)) || isNeighbour(scaled(ours), theirs))) ? -1 : 0;
    }
    const register = this.#instruction.registers[0]!;
    if (ignored === "close")
      return isOfVector(word, register) && isClose(this.#guest.fileWords[index * WORDS + word]!, this.#answerWord(index, 4 * word)) ? -1 : 0;
    if (word >> 1 !== register >> 3) return 0;
    const { bits } = this.#instruction.form;
    return word & 1 ? (bits === 64 ? -1 : 0) : bits === 16 ? 0xffff : -1;
  }
  /** Of two neighbours one may be the least normal number, and the other, where underflow is not masked, come scaled. */
  #isOneTiny(index: number): boolean {
    const [ours, theirs] = [this.#guest.fileWords[index * WORDS + CONTROL_WORD]!, this.#answerWord(index, 4 * CONTROL_WORD)];
    return (ours & UE) === 0 && (((ours ^ theirs) >>> 16) & UE) !== 0;
  }
  /** FYL2XP1 of anything that is not near zero is undefined (SDM vol. 2, FYL2XP1). */
  #isBeyondRange(index: number): boolean {
    if (this.#instruction.form.name !== "fyl2xp1") return false;
    const start = index * WORDS;
    const top = (this.#inputs[start + CONTROL_WORD]! >>> 27) & 7;
    const { mantissa, signExponent } = extendedAt(this.#inputs, start + X87_WORD + 4 * top);
    const size = Number(mantissa) * 2 ** ((signExponent & 0x7fff) - 0x3fff - 63);
    return size > (signExponent & 0x8000 ? 1 - Math.SQRT1_2 : Math.SQRT2 - 1);
  }
  #execution(index: number): Execution {
    const { form, immediateLow } = this.#instruction;
    // RCL's own name ends so too.
    const count = /^\w{3,}cl$/.test(form.name) ? this.#inputs[index * WORDS + 2]! : immediateLow;
    return { bits: form.bits, count: count & (form.bits === 64 ? 63 : 31) };
  }
  #isSameMemory(index: number): boolean {
    this.#apply(index);
    if (this.#guest.isArena(this.#expected)) return true;
    // What SHLD and SHRD leave there is undefined: only that nothing beside it changed could be compared.
    // What Linux copies for the processor it copies as far as it comes; a far call pushes one word and then the other; and an x87 store of more than
    // a quadword may have written a part (SDM vol. 3, 9.1.1).
    if ((this.#isEmulated || isStoredInParts.test(this.#instruction.form.name)) && this.#answerWord(index, answer.signal) !== 0) {
      this.#restore(index, false);
      return true;
    }
    const isOpen = this.#instruction.form.shape.startsWith("m") && isResultUndefined(this.#instruction.form.name, this.#execution(index));
    if (isOpen) this.#restore(index, false);
    return isOpen;
  }
  #apply(index: number): void {
    const bytes = this.#answerWord(index, answer.changedBytes);
    if (bytes === 0) return;
    const from = this.#changesAt(index);
    this.#expectedBlock.set(this.#native.changes.subarray(from, from + bytes), this.#answerWord(index, answer.changedAt));
    if (hasMxcsrMask.test(this.#instruction.form.name)) this.#takeMask(index);
  }
  /** The bits of MXCSR that there are, in what FXSAVE writes: those of our processor. */
  #takeMask(index: number): void {
    const at = effectiveAddress(this.#instruction, this.#inputs, index * WORDS) + 28;
    const page = arenaPages.findIndex(one => at >= one && at < one + PAGE);
    if (page >= 0) this.#expectedBlock.set(this.#guest.pages[page]!.subarray(at % PAGE, (at % PAGE) + 4), page * PAGE + (at % PAGE));
  }
  #changesAt(index: number): number {
    return this.#answerWord(index, answer.changes) - CHANGES_AT;
  }
  #restore(index: number, isGood: boolean): void {
    const bytes = this.#answerWord(index, answer.changedBytes);
    const { arena } = this.#batch;
    if (!isGood) {
      this.#expectedBlock.set(arena);
      this.#guest.restore(arena);
    } else if (bytes > 0) {
      const at = this.#answerWord(index, answer.changedAt);
      this.#expectedBlock.set(arena.subarray(at, at + bytes), at);
      this.#guest.restore(arena, at, at + bytes);
    }
  }

  /** The case once more, in words. Empty where the two agree. */
  differences(index: number): readonly Difference[] {
    const start = index * FILE;
    this.#guest.files.set(this.#batch.files.subarray(start, start + FILE), start);
    const ending = this.#guest.run(index);
    const found: Difference[] = [];
    if (!this.#isSameEnding(index, ending)) found.push({ what: "fault", ours: endingText(ending), theirs: endingText(this.#theirEnding(index)) });
    for (const { name, at, bytes } of fields) {
      let isSame = true;
      for (let word = at >> 2; word < (at + bytes + 3) >> 2; word++) {
        const difference = this.#guest.fileWords[index * WORDS + word]! ^ this.#native.answerWords[index * ANSWER_WORDS + word]!;
        const shift = at & 3 ? 16 : 0;
        const own = bytes === 2 ? (difference >>> shift) & 0xffff : difference;
        if ((own & ~this.#open(index, word, ending)) !== 0) isSame = false;
      }
      const shown = (all: Uint8Array, from: number) => numberText(all.subarray(from + at, from + at + bytes));
      if (!isSame) found.push({ what: name, ours: shown(this.#guest.files, start), theirs: shown(this.#native.answers, index * answer.bytes) });
    }
    if (!this.#isSameMemory(index)) found.push(this.#memoryDifference());
    if (found.length === 0) found.push({ what: "nothing that has a name, or not a second time", ours: "", theirs: "" });
    this.#restore(index, false);
    return found;
  }
  #memoryDifference(): Difference {
    const ours = Buffer.concat(this.#guest.pages);
    const theirs = this.#expectedBlock;
    let [from, to] = [0, ARENA_BYTES];
    while (ours[from] === theirs[from]) from++;
    while (ours[to - 1] === theirs[to - 1]) to--;
    const until = Math.min(to, from + 64);
    const address = arenaPages[Math.floor(from / PAGE)]! + (from % PAGE);
    return {
      what: `memory at ${address.toString(16)}`,
      ours: ours.subarray(from, until).toString("hex"),
      theirs: theirs.subarray(from, until).toString("hex"),
    };
  }
}
const CHANGES_AT = exchange.changes;
const names: Readonly<Record<number, string>> = {
  0: "none",
  4: "SIGILL",
  5: "SIGTRAP",
  7: "SIGBUS",
  8: "SIGFPE",
  11: "SIGSEGV",
  255: "does not end",
  [MISSING]: "not served",
};
const endingText = ({ signal, code, address }: Ending): string =>
  signal === 0 ? "none" : `${names[signal] ?? signal} ${code} ${address < 0 ? `-${(-address).toString(16)}` : address.toString(16)}`;
/** Highest byte first, without leading zeros. */
export const numberText = (bytes: Uint8Array): string =>
  Buffer.from(bytes)
    .reverse()
    .toString("hex")
    .replace(/^0+(?=.)/, "");

/** IRET from the kernel, as after any interrupt, makes null selectors zero (SDM vol. 2, IRET): which bits of the bytes are lowest two of such. */
function nullSelectors(ours: number, theirs: number): number {
  let bits = 0;
  for (let shift = 0; shift < 32; shift += 8) if ((((ours | theirs) >>> shift) & 0xfc) === 0) bits |= 3 << shift;
  return bits;
}
interface Extended {
  readonly mantissa: bigint;
  readonly signExponent: number;
}
const extendedAt = (words: Int32Array, at: number): Extended => ({
  mantissa: (BigInt(words[at + 1]! >>> 0) << 32n) | BigInt(words[at]! >>> 0),
  signExponent: words[at + 2]! & 0xffff,
});
/** As the result of an underflow that is not masked (SDM vol. 1, 8.5.5). */
const scaled = ({ mantissa, signExponent }: Extended): Extended => ({ mantissa, signExponent: signExponent + 0x6000 });
const MOST_UNITS = 2n;
/** Both numbers, and in the last place nearly the same. */
function isNeighbour(a: Extended, b: Extended): boolean {
  const [exponent, other] = [a, b].map(({ signExponent }) => signExponent & 0x7fff) as [number, number];
  if (((a.signExponent ^ b.signExponent) & 0x8000) !== 0 || exponent === 0x7fff || other === 0x7fff) return false;
  // Denormals have the smallest normal numbers' exponent.
  const shift = Math.max(exponent, 1) - Math.max(other, 1);
  if (Math.abs(shift) > 1) return false;
  const difference = shift > 0 ? 2n * a.mantissa - b.mantissa : shift < 0 ? a.mantissa - 2n * b.mantissa : a.mantissa - b.mantissa;
  return difference <= MOST_UNITS && difference >= -MOST_UNITS;
}
const twoSingles = new Int32Array(2);
const singles = new Float32Array(twoSingles.buffer);
/** Of RCP and RSQRT: the relative error is at most 1.5 / 4096 (SDM vol. 2, RCPPS), so that two of them are twice as far apart at most. */
const MOST_ERROR = (2 * 1.5) / 4096;
/** And tiny results are zero with the operand's sign (there too): of one that is nearly the least normal number an approximation may be either. */
const MOST_NEARLY_TINY = 2 ** -126 * (1 + MOST_ERROR);
function isClose(ours: number, theirs: number): boolean {
  twoSingles[0] = ours;
  twoSingles[1] = theirs;
  const [a, b] = singles as unknown as [number, number];
  if (Math.abs(a - b) <= MOST_ERROR * Math.abs(b)) return true;
  return (a === 0 || b === 0) && ours >>> 31 === theirs >>> 31 && Math.abs(a - b) <= MOST_NEARLY_TINY;
}
const isOfVector = (word: number, register: number): boolean => word >> 3 === (fileOffset.vectors >> 5) + (register >> 3);
const LOW = 2n ** 64n - 1n;
/** Of the case whose words begin at `at`. */
export function effectiveAddress({ base, index, scale, displacement, segment, isAddress32 }: Instruction, words: Int32Array, at: number): number {
  const slot = (number: number) => (number >= fileOffset.zero / 8 ? 0n : (BigInt(words[at + 2 * number + 1]!) << 32n) | BigInt(words[at + 2 * number]! >>> 0));
  const whole = (slot(base) + (slot(index) << BigInt(scale)) + BigInt(displacement)) & LOW;
  return Number(((isAddress32 ? whole & 0xffff_ffffn : whole) + slot(segment)) & LOW);
}
