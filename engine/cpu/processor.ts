// Runs a task's instructions until it needs somebody: the loop around the interpreter, and what the interpreter cannot do by itself.
import type { GuestMemory } from "../memory/guest-memory.ts";
import { ADDRESS_LIMIT, layout, PAGE_BYTES } from "../memory/layout.ts";
import type { Access, PageFault } from "../memory/page-answer.ts";
import { assists } from "./assists.ts";
import { Bounce } from "./bounce.ts";
import { CodePages, FIRST_REGION } from "./code-pages.ts";
import { MOST_BYTES } from "./decode/decode.ts";
import { coldForms, hotForms } from "./interpreter/hot.ts";
import { type Interpreter, instantiateInterpreter, interpreterBytes } from "./interpreter/interpreter.ts";
import { type Reason, reasons } from "./interpreter/reasons.ts";
import { extras, record } from "./interpreter/record.ts";
import { type RegionReport, Regions } from "./region/regions.ts";
import { kindOf, NO_PROFILE, profileOf, Sampler, type Step } from "./region/sampler.ts";
import { fileOffset, get, REGISTER_FILE_BYTES, type RegisterFile, set } from "./register-file.ts";
import { FloatUnit } from "./x87-unit.ts";

export type Stop =
  /** Exactly the budget was spent. */
  | { readonly kind: "budget" }
  /** RIP is after it, RCX and R11 are set, and it has counted as a tick. */
  | { readonly kind: "syscall" }
  /** The instruction at RIP has not happened. `isExhausted`: there was no frame left. */
  | {
      readonly kind: "fault";
      readonly address: number;
      readonly access: Access;
      readonly signal: "SIGSEGV" | "SIGBUS";
      readonly code: number;
      readonly isExhausted?: true;
    }
  | { readonly kind: "exception"; readonly signal: "SIGFPE" | "SIGILL" | "SIGTRAP" | "SIGSEGV"; readonly code: number; readonly address: number }
  /** An instruction that Chronix does not serve yet. */
  | { readonly kind: "missing"; readonly address: number; readonly bytes: Uint8Array };

const MOST_BUDGET = 2 ** 30;
const NON_CANONICAL = -1;
const SI_KERNEL = 0x80;
const FPE_INTDIV = 1;
const ILL_ILLOPN = 2;
/** Linux's order in telling which of several x87 exceptions it was: invalid, division by zero, overflow, underflow or denormal, inexact (fpu__exception_code). */
const floatingCodes: readonly (readonly [exceptions: number, code: number])[] = [
  [0x01, 7],
  [0x04, 3],
  [0x08, 4],
  [0x12, 5],
  [0x20, 6],
];
const floatingCode = (exceptions: number): number => floatingCodes.find(([mask]) => exceptions & mask)?.[1] ?? 0;
const RIP = layout.registers + fileOffset.rip;

export type Tier = "interpreter" | "compiled" | "auto";
export interface ProcessorOptions {
  /** The interpreter's module, where it was built before. */
  readonly interpreter?: Uint8Array<ArrayBuffer>;
  /** `compiled`: everything, when it is first met. */
  readonly tier?: Tier;
  /** Interpreted ticks spent near an address before it is compiled. */
  readonly promotionTicks?: number;
  /** Compiled code counts what happens in it: see `report`. */
  readonly isCounting?: boolean;
}
const PROMOTION_TICKS = 60_000;
/** Between two looks at where execution is. The longer ones are for when nearly all of it is compiled. */
const [SHORTEST_SLICE, LONGEST_SLICE] = [8192, 2 ** 22];
const MOST_STEPS = 1500;

let builtBytes: Uint8Array<ArrayBuffer> | undefined;

export class Processor {
  /** Ticks of the last run. */
  retired = 0;
  /** Ticks before the last run began: what RDTSC counts from. Set by who knows better, as after a restore. */
  ticksBefore = 0;
  readonly #memory: GuestMemory;
  readonly #codePages: CodePages;
  readonly #bounce: Bounce;
  readonly #interpreter: Interpreter;
  readonly #regions: Regions;
  readonly #tier: Tier;
  readonly #sampler: Sampler;
  #space = 0;
  #budget = 0;
  /** Ticks that wasm has not been given yet. */
  #kept = 0;
  #slice = SHORTEST_SLICE;
  #untilLook = SHORTEST_SLICE;
  #compiledTicks = 0;

  constructor(memory: GuestMemory, { interpreter, tier = "auto", promotionTicks = PROMOTION_TICKS, isCounting = false }: ProcessorOptions = {}) {
    this.#memory = memory;
    this.#codePages = new CodePages(memory);
    this.#bounce = new Bounce(memory);
    builtBytes ??= interpreter ?? interpreterBytes();
    this.#interpreter = instantiateInterpreter(interpreter ?? builtBytes, memory.linear.wasm);
    this.#regions = new Regions(memory, this.#codePages, this.#interpreter);
    this.#regions.isCounting = isCounting;
    this.#tier = tier;
    this.#sampler = new Sampler(promotionTicks);
  }

  report(): readonly RegionReport[] {
    return this.#regions.report();
  }
  /** Exactly `budget` instructions, unless something stops them. */
  run(space: number, registers: RegisterFile, budget: number): Stop {
    const { linear } = this.#memory;
    this.#memory.enter(space);
    this.#space = space;
    this.#budget = Math.min(budget, MOST_BUDGET);
    linear.bytes.set(registers, layout.registers);
    this.#interpreter.openFlags();
    linear.words[layout.budget >>> 2] = this.#budget;
    let stop: Stop | undefined;
    let before = 0;
    do {
      stop = this.#tier === "auto" ? this.#runSlice() : this.#step();
      if (stop?.kind === "budget" && before + this.#budget < budget) {
        // More was asked for than one counter holds.
        before += this.#budget;
        this.#budget = Math.min(budget - before, MOST_BUDGET);
        this.#left = this.#budget;
        stop = undefined;
      }
    } while (!stop);
    this.retired = before + this.#budget - this.#left;
    this.ticksBefore += this.retired;
    this.#interpreter.closeFlags();
    linear.bytes.fill(0, layout.registers + fileOffset.zero, layout.registers + fileOffset.mxcsr);
    registers.set(linear.bytes.subarray(layout.registers, layout.registers + REGISTER_FILE_BYTES));
    return stop;
  }

  get #left(): number {
    return this.#memory.linear.words[layout.budget >>> 2]! + this.#kept;
  }
  set #left(ticks: number) {
    this.#memory.linear.words[layout.budget >>> 2] = ticks - this.#kept;
  }
  /** What wasm has been given of it. */
  get #granted(): number {
    return this.#memory.linear.words[layout.budget >>> 2]!;
  }
  /** Runs this much of what is left, if nothing stops it. */
  #runPart(ticks: number): Stop | undefined {
    const left = this.#left;
    this.#kept = left - ticks;
    this.#memory.linear.words[layout.budget >>> 2] = ticks;
    let stop: Stop | undefined;
    do stop = this.#step();
    while (!stop && this.#granted > 0);
    const rest = this.#left;
    this.#kept = 0;
    this.#left = rest;
    return stop;
  }
  /** A part of the budget, and a look at where it was spent. */
  #runSlice(): Stop | undefined {
    const { words } = this.#memory.linear;
    const part = Math.min(this.#left, this.#untilLook);
    const compiledBefore = words[layout.compiledTicks >>> 2]!;
    const left = this.#left;
    const stop = this.#runPart(part);
    const spent = left - this.#left;
    this.#untilLook -= spent;
    this.#compiledTicks += (this.#memory.linear.words[layout.compiledTicks >>> 2]! - compiledBefore) | 0;
    if (stop || this.#untilLook > 0) return stop;
    const slice = this.#slice;
    const isMostlyCompiled = this.#compiledTicks * 2 > slice;
    this.#slice = isMostlyCompiled ? Math.min(LONGEST_SLICE, slice * 2) : SHORTEST_SLICE;
    this.#untilLook = this.#slice;
    this.#compiledTicks = 0;
    const rip = this.#rip;
    return (isMostlyCompiled && this.#regions.covers(rip)) || !this.#sampler.note(rip, slice) ? undefined : this.#promote();
  }
  /** Watches execution from here, and compiles what it goes through. */
  #promote(): Stop | undefined {
    const steps: Step[] = [];
    let stop: Stop | undefined;
    for (let i = 0; i < MOST_STEPS && this.#left > 0 && !stop; i++) {
      const from = this.#rip;
      const instruction = this.#codePages.fetch(this.#space, from);
      stop = this.#runPart(1);
      if (!stop && instruction) steps.push({ from, to: this.#rip, kind: kindOf(instruction) });
    }
    if (steps.length === 0) return stop;
    const { entries, profile } = profileOf(steps);
    for (const entry of entries) if (this.#regions.compile(this.#space, entry, profile)) break;
    return stop;
  }
  #number(at: number): number {
    const { words } = this.#memory.linear;
    const high = words[(at >>> 2) + 1]! >>> 0;
    return high < 0x8000 ? high * 2 ** 32 + (words[at >>> 2]! >>> 0) : NON_CANONICAL;
  }
  get #rip(): number {
    return this.#number(RIP);
  }

  #step(): Stop | undefined {
    if (this.#granted === 0) return this.#handlers.budget();
    const rip = this.#rip;
    const at = this.#codePages.find(this.#space, rip);
    if (typeof at !== "number") return fault(at, at.address, "execute");
    if (this.#tier === "compiled") this.#regions.compile(this.#space, rip, NO_PROFILE);
    return this.#interpret(at);
  }
  #interpret(at: number): Stop | undefined {
    return this.#handlers[reasons[this.#interpreter.run(at)]!]();
  }
  readonly #handlers: { readonly [R in Reason]: () => Stop | undefined } = {
    block: () => undefined,
    budget: () => (this.#kept > 0 ? undefined : { kind: "budget" }),
    syscall: () => ({ kind: "syscall" }),
    breakpoint: () => ({ kind: "exception", signal: "SIGTRAP", code: SI_KERNEL, address: 0 }),
    divide: () => ({ kind: "exception", signal: "SIGFPE", code: FPE_INTDIV, address: this.#rip }),
    floating: () => ({ kind: "exception", signal: "SIGFPE", code: floatingCode(this.#pendingFloating()), address: this.#rip }),
    simd: () => ({ kind: "exception", signal: "SIGFPE", code: floatingCode(this.#raisedVectorExceptions()), address: this.#rip }),
    illegal: () => ({ kind: "exception", signal: "SIGILL", code: ILL_ILLOPN, address: this.#rip }),
    general: () => ({ kind: "exception", signal: "SIGSEGV", code: SI_KERNEL, address: 0 }),
    missing: () => this.#missing(),
    straddle: () => {
      const at = this.#memory.linear.words[layout.at >>> 2]!;
      const failed = this.#codePages.renew(this.#space, at, this.#rip);
      return failed && fault(failed, failed.address, "execute");
    },
    assist: () => this.#assist(),
    miss: () => this.#miss(),
    region: () => {
      const { view, words } = this.#memory.linear;
      const at = words[layout.at >>> 2]!;
      const slot = view.getUint16(at + record.operation, true) - FIRST_REGION;
      return this.#regions.admit(this.#space, slot) ? undefined : this.#interpret(words[(at + record.taken) >>> 2]!);
    },
  };
  #pendingFloating(): number {
    const unit = new FloatUnit(this.#file);
    return unit.status & ~unit.control;
  }
  /** Those that are not masked. */
  #raisedVectorExceptions(): number {
    const mxcsr = this.#memory.linear.view.getUint16(layout.registers + fileOffset.mxcsr, true);
    return mxcsr & ~(mxcsr >> 7);
  }
  get #file(): RegisterFile {
    return this.#memory.linear.bytes.subarray(layout.registers, layout.registers + REGISTER_FILE_BYTES);
  }
  #missing(): Stop {
    const rip = this.#rip;
    const length = this.#memory.readable(this.#space, rip, MOST_BYTES);
    return { kind: "missing", address: rip, bytes: this.#memory.read(this.#space, rip, length) ?? new Uint8Array() };
  }
  #assist(): Stop | undefined {
    const { bytes, words, view } = this.#memory.linear;
    const at = words[layout.at >>> 2]!;
    const form = coldForms[view.getUint16(at + record.operation, true) - hotForms.length - extras.length];
    const assist = form && assists[form.name];
    if (!assist) throw new Error(`There is no assist for ${form?.name ?? "a hot form"} at rip 0x${this.#rip.toString(16)}: add it to assists.ts.`);
    const argument = view.getBigInt64(layout.assistArgument, true);
    const refusal = assist({
      file: this.#file,
      argument,
      ticks: this.ticksBefore + this.#budget - this.#left,
      view,
      fileAt: layout.registers,
      registers: record.registers.map(field => bytes[at + field]! >> 3),
      immediate: words[(at + record.immediate) >>> 2]!,
      bits: form.bits,
      changeFlags: change => {
        this.#interpreter.closeFlags();
        set(this.#file, "rflags", change(get(this.#file, "rflags")));
        this.#interpreter.openFlags();
      },
      memory: length => new DataView(bytes.buffer, Number(argument), length),
    });
    if (refusal) return this.#handlers[refusal]();
    view.setBigInt64(RIP, view.getBigInt64(at + record.nextRip, true), true);
    this.#left--;
    return undefined;
  }

  /** Makes the access possible that the interpreter could not make, or says why it cannot be. */
  #miss(): Stop | undefined {
    const { words } = this.#memory.linear;
    const address = this.#number(layout.missAddress);
    const bytes = words[layout.missBytes >>> 2]!;
    const isWrite = words[layout.missIsWrite >>> 2] === 1;
    const access = isWrite ? "write" : "read";
    if (address === NON_CANONICAL || address + bytes > ADDRESS_LIMIT) return this.#handlers.general();
    const first = Math.floor(address / PAGE_BYTES);
    const last = Math.floor((address + bytes - 1) / PAGE_BYTES);
    const hasCode = isWrite && (this.#memory.hasCode(this.#space, first) || this.#memory.hasCode(this.#space, last));
    for (const page of first === last ? [first] : [first, last]) {
      const failed = this.#memory.admit(this.#space, page, access);
      if (typeof failed !== "number") return fault(failed, page === first ? address : page * PAGE_BYTES, access);
    }
    if (first === last && !hasCode) return undefined;
    this.#bounce.arm(this.#space, address, bytes, isWrite);
    return this.#bounce.isFirst ? this.#runOne() : undefined;
  }
  /** One instruction with buffers armed; it may ask for another on the way. */
  #runOne(): Stop | undefined {
    const [left, kept, budget] = [this.#left, this.#kept, this.#budget];
    this.#kept = 0;
    this.#left = 1;
    // Ticks taken meanwhile are counted from this budget.
    this.#budget = budget - left + 1;
    let stop: Stop | undefined;
    while (this.#left === 1 && !stop) stop = this.#step();
    const isLeft = this.#left;
    this.#bounce.disarm(this.#space, isLeft === 0);
    this.#kept = kept;
    this.#left = left - 1 + isLeft;
    this.#budget = budget;
    return stop?.kind === "budget" ? undefined : stop;
  }
}

const fault = ({ signal, code, isExhausted }: PageFault, address: number, access: Access): Stop =>
  code === SI_KERNEL
    ? { kind: "exception", signal: "SIGSEGV", code, address: 0 }
    : { kind: "fault", address, access, signal, code, ...(isExhausted ? { isExhausted } : {}) };
