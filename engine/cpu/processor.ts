// Runs a task's instructions until it needs somebody: the loop around the interpreter, and what the interpreter cannot do by itself.
import type { CpuLevel } from "../../events/kernel-event.ts";
import { OLDEST_LEVEL } from "../abi/constants/processor-features.ts";
import { trapCodes } from "../abi/constants/signals.ts";
import type { GuestMemory } from "../memory/guest-memory.ts";
import { ADDRESS_LIMIT, layout, MOST_TRACED, PAGE_BYTES } from "../memory/layout.ts";
import type { Access, PageFault } from "../memory/page-answer.ts";
import { assistOf } from "./assists.ts";
import { Bounce } from "./bounce.ts";
import { CodePages, FIRST_REGION } from "./code-pages.ts";
import { FS_BASE, GS_BASE, MOST_BYTES } from "./decode/decode.ts";
import { type Interpreter, instantiateInterpreter, instantiateModule, instantiateQuickly, type Unoptimised } from "./interpreter/interpreter.ts";
import { interpreterBytes } from "./interpreter/module.ts";
import { coldFormOf } from "./interpreter/operations.ts";
import { type Reason, reasons } from "./interpreter/reasons.ts";
import { record } from "./interpreter/record.ts";
import type { RegionShelf } from "./region/compiled-region.ts";
import type { RegionReport } from "./region/compiler.ts";
import { type Execution, Promoter, type RunPart, type Traced } from "./region/promoter.ts";
import { MOST_ALONE } from "./region/regions-table.ts";
import { fileOffset, get, type RegisterFile, set, TRAP_FLAG } from "./register-file.ts";
import type { Stop } from "./stop.ts";
import { RBP, RSP } from "./tier.ts";
import { renamed } from "./wasm/module.ts";
import { FloatUnit } from "./x87-unit.ts";

const SYSCALL: Stop = { kind: "syscall" };
const MOST_BUDGET = 2 ** 30;
const NON_CANONICAL = Number.NEGATIVE_INFINITY;
const NOT_MAPPED: PageFault = { signal: "SIGSEGV", code: 1 };
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
const RFLAGS = layout.registers + fileOffset.rflags;
const ZERO = layout.registers + fileOffset.zero;
const MXCSR = layout.registers + fileOffset.mxcsr;

export type Tier = "interpreter" | "compiled" | "auto";
export interface ProcessorOptions {
  /** The interpreter's module, where a build has made it ahead (`interpreterBytes`). */
  readonly interpreter?: Uint8Array<ArrayBuffer>;
  /** The same, compiled and optimised before. */
  readonly optimised?: WebAssembly.Module;
  /** That of `crossingBytes`, compiled and optimised before. */
  readonly crossing?: () => WebAssembly.Module | undefined;
  /** For machines that may run for a moment only. */
  readonly unoptimised?: Unoptimised;
  /** `compiled`: everything, when it is first met. */
  readonly tier?: Tier;
  /** Interpreted ticks spent near an address before it is compiled. */
  readonly promotionTicks?: number;
  /** Regions with a module of their own that there may be at a time. */
  readonly mostRegions?: number;
  /** Compiled code counts what happens in it: see `report`. Then nothing of earlier runs is used, which counts nothing. */
  readonly isCounting?: boolean;
  /** What earlier runs compiled. */
  readonly shelf?: RegionShelf;
}
const PROMOTION_TICKS = 60_000;
/** Interpreted ticks after which it pays to have the interpreter optimised: that takes some 150 ms of processor time, as much as most runs of a shell. */
const BUSY_TICKS = 8_000_000;
/** A program of runs shorter than this, between calls and faults, gets back less of it: much of its time is the kernel's, and its code is many pieces. Such ticks count half. */
const SHORT_RUN_TICKS = 50_000;
let builtBytes: Uint8Array<ArrayBuffer> | undefined;

export class Processor {
  /** Ticks of the last run. */
  retired = 0;
  /** Ticks before the last run began: what RDTSC counts from. Set by who knows better, as after a restore. */
  ticksBefore = 0;
  /** The machine's, for RDRAND. */
  seed = 0;
  /** What CPUID reports. */
  level: CpuLevel = OLDEST_LEVEL;
  readonly #memory: GuestMemory;
  readonly #codePages: CodePages;
  readonly #bounce: Bounce;
  /** What the interpreter's module is made of. */
  readonly #bytes: Uint8Array<ArrayBuffer>;
  #interpreter: Interpreter;
  readonly #isOptimised: boolean;
  /** Interpreted ticks until one that is optimised takes over, where this one is not. Before that little is compiled: the first region costs as much as a short run. */
  #ticksUntilBusy = Number.POSITIVE_INFINITY;
  readonly #tier: Tier;
  readonly #promoter: Promoter;
  #space = 0;
  #budget = 0;
  /** Ticks that wasm has not been given yet. */
  #kept = 0;

  constructor(
    memory: GuestMemory,
    {
      interpreter,
      optimised,
      unoptimised,
      tier = "auto",
      promotionTicks = PROMOTION_TICKS,
      mostRegions = MOST_ALONE,
      isCounting = false,
      shelf,
      crossing,
    }: ProcessorOptions = {},
  ) {
    this.#memory = memory;
    this.#codePages = new CodePages(memory, () => this.#interpreter);
    this.#bounce = new Bounce(memory);
    builtBytes ??= interpreter ?? interpreterBytes();
    this.#bytes = interpreter ?? builtBytes;
    const { wasm } = memory.linear;
    const isQuick = unoptimised !== undefined && tier !== "compiled";
    if (isQuick) this.#ticksUntilBusy = BUSY_TICKS;
    this.#isOptimised = optimised !== undefined;
    if (optimised) this.#interpreter = instantiateModule(optimised, wasm);
    else this.#interpreter = isQuick ? instantiateQuickly(this.#bytes, wasm, unoptimised) : instantiateInterpreter(this.#bytes, wasm);
    this.#tier = tier;
    this.#promoter = new Promoter(memory, this.#codePages, this.#execution(), {
      promotionTicks,
      mostRegions,
      isCounting,
      shelf: isCounting || tier !== "auto" ? undefined : shelf,
      crossing,
    });
    this.#codePages.onNew = pages => this.#promoter.comeTo(pages);
  }

  report(): readonly RegionReport[] {
    return this.#promoter.report();
  }
  /** Exactly `budget` instructions, unless something stops them. */
  run(space: number, registers: RegisterFile, budget: number): Stop {
    const { linear } = this.#memory;
    this.#memory.enter(space);
    this.#space = space;
    this.#budget = Math.min(budget, MOST_BUDGET);
    linear.registers.set(registers);
    this.#interpreter.openFlags();
    linear.words[layout.budget >>> 2] = this.#budget;
    const compiledBefore = linear.words[layout.compiledTicks >>> 2]!;
    let stop: Stop | undefined;
    let before = 0;
    do {
      stop = this.#isTraced() ? this.#runTraced() : this.#tier === "auto" ? this.#promoter.runSlice(this.#isEarly()) : this.#step();
      if (stop?.kind === "budget" && before + this.#budget < budget) {
        // More was asked for than one counter holds.
        before += this.#budget;
        this.#budget = Math.min(budget - before, MOST_BUDGET);
        this.#setLeft(this.#budget);
        stop = undefined;
      }
    } while (!stop);
    this.retired = before + this.#budget - this.#left();
    this.ticksBefore += this.retired;
    this.#interpreter.closeFlags();
    for (let at = ZERO >>> 2; at < MXCSR >>> 2; at++) linear.words[at] = 0;
    registers.set(linear.registers);
    const interpreted = this.retired - ((linear.words[layout.compiledTicks >>> 2]! - compiledBefore) >>> 0);
    this.#ticksUntilBusy -= this.retired < SHORT_RUN_TICKS ? interpreted / 2 : interpreted;
    if (this.#ticksUntilBusy <= 0) {
      this.#ticksUntilBusy = Number.POSITIVE_INFINITY;
      if (!this.#isOptimised) {
        this.#interpreter = instantiateInterpreter(renamed(this.#bytes), linear.wasm);
        this.#promoter.moveTo(this.#interpreter);
      }
    }
    return stop;
  }

  /** Of the budget. */
  #left(): number {
    return this.#granted() + this.#withheld() + this.#kept;
  }
  #setLeft(ticks: number): void {
    this.#memory.linear.words[layout.budget >>> 2] = ticks - this.#withheld() - this.#kept;
  }
  /** What wasm has been given of it. */
  #granted(): number {
    return this.#memory.linear.words[layout.budget >>> 2]!;
  }
  /** What compiled code has been given beyond that. */
  #withheld(): number {
    return this.#memory.linear.words[layout.withheld >>> 2]!;
  }
  /** Runs this much of what is left, if nothing stops it; of that the interpreter so much at most. */
  #runPart(ticks: number, { interpreting = ticks, isOneStep = false }: RunPart = {}): Stop | undefined {
    const left = this.#left();
    const { words } = this.#memory.linear;
    this.#kept = left - ticks;
    words[layout.budget >>> 2] = Math.min(ticks, interpreting);
    words[layout.withheld >>> 2] = Math.max(0, ticks - interpreting);
    let stop: Stop | undefined;
    do stop = this.#step();
    while (!stop && this.#granted() > 0 && !this.#isTraced() && !isOneStep);
    const rest = this.#left();
    this.#kept = 0;
    this.#memory.linear.words[layout.withheld >>> 2] = 0;
    this.#setLeft(rest);
    return stop;
  }
  /** One instruction after another, to the first that needs somebody. */
  #trace(most: number): Traced {
    const left = this.#left();
    const at = this.#isTraced() ? undefined : this.#codePages.find(this.#space, this.#rip());
    if (typeof at !== "number") return { count: 0, stop: undefined };
    const reason = reasons[this.#interpreter.trace(at, Math.min(most, left, MOST_TRACED))]!;
    const count = this.#memory.linear.words[layout.traced >>> 2]!;
    this.#setLeft(left - count);
    return { count, stop: reason === "budget" ? undefined : this.#handlers[reason]() };
  }
  #isTraced(): boolean {
    return (this.#memory.linear.words[RFLAGS >>> 2]! & TRAP_FLAG) !== 0;
  }
  /** With TF as it is before the instruction, a trap comes after it, but not after a system call. */
  #runTraced(): Stop | undefined {
    const left = this.#left();
    if (left === 0) return { kind: "budget" };
    const stop = this.#runPart(1);
    if (stop && stop.kind !== "budget") return stop;
    return this.#left() < left ? { kind: "exception", signal: "SIGTRAP", code: trapCodes.TRAP_TRACE, address: this.#rip() } : undefined;
  }
  /** Nobody knows yet whether this is a long run. */
  #isEarly(): boolean {
    return this.#ticksUntilBusy !== Number.POSITIVE_INFINITY;
  }
  /** What the promoter runs. */
  #execution(): Execution {
    const processor = this;
    return {
      get interpreter() {
        return processor.#interpreter;
      },
      get space() {
        return processor.#space;
      },
      rip: () => processor.#rip(),
      left: () => processor.#left(),
      isTraced: () => processor.#isTraced(),
      numberAt: place => processor.#number(place),
      runPart: (ticks, how) => processor.#runPart(ticks, how),
      trace: most => processor.#trace(most),
    };
  }
  #number(at: number): number {
    const { words } = this.#memory.linear;
    const high = words[(at >>> 2) + 1]! >>> 0;
    const low = words[at >>> 2]! >>> 0;
    if (high < 0x8000) return high * 2 ** 32 + low;
    return high >= 0xffff_8000 ? (high - 2 ** 32) * 2 ** 32 + low : NON_CANONICAL;
  }
  #rip(): number {
    return this.#number(RIP);
  }

  #step(): Stop | undefined {
    if (this.#granted() === 0) return this.#handlers.budget();
    const rip = this.#rip();
    const at = this.#codePages.find(this.#space, rip);
    if (typeof at !== "number") return fault(at, at.address, "execute");
    if (this.#tier === "compiled") this.#promoter.compiler.compile(this.#space, rip);
    return this.#interpret(at);
  }
  #interpret(at: number): Stop | undefined {
    return this.#byReason[this.#interpreter.run(at)]!();
  }
  readonly #handlers: { readonly [R in Reason]: () => Stop | undefined } = {
    block: () => undefined,
    budget: () => (this.#withheld() + this.#kept > 0 ? undefined : { kind: "budget" }),
    syscall: () => SYSCALL,
    breakpoint: () => ({ kind: "exception", signal: "SIGTRAP", code: SI_KERNEL, address: 0 }),
    trap: () => ({ kind: "exception", signal: "SIGTRAP", code: trapCodes.TRAP_BRKPT, address: this.#rip() }),
    divide: () => ({ kind: "exception", signal: "SIGFPE", code: FPE_INTDIV, address: this.#rip() }),
    floating: () => ({ kind: "exception", signal: "SIGFPE", code: floatingCode(this.#pendingFloating()), address: this.#rip() }),
    simd: () => ({ kind: "exception", signal: "SIGFPE", code: floatingCode(this.#raisedVectorExceptions()), address: this.#rip() }),
    illegal: () => ({ kind: "exception", signal: "SIGILL", code: ILL_ILLOPN, address: this.#rip() }),
    general: () => ({ kind: "exception", signal: "SIGSEGV", code: SI_KERNEL, address: 0 }),
    missing: () => this.#missing(),
    straddle: () => {
      const at = this.#memory.linear.words[layout.at >>> 2]!;
      const failed = this.#codePages.renew(this.#space, at, this.#rip());
      return failed && fault(failed, failed.address, "execute");
    },
    assist: () => this.#assist(),
    miss: () => this.#miss(),
    region: () => {
      const { view, words } = this.#memory.linear;
      const at = words[layout.at >>> 2]!;
      const slot = view.getUint16(at + record.operation, true) - FIRST_REGION;
      return this.#promoter.regions.admit(this.#space, slot) ? undefined : this.#interpret(words[(at + record.taken) >>> 2]!);
    },
  };
  readonly #byReason = reasons.map(reason => this.#handlers[reason]);
  #pendingFloating(): number {
    const unit = new FloatUnit(this.#file());
    return unit.status & ~unit.control;
  }
  /** Those that are not masked. */
  #raisedVectorExceptions(): number {
    const mxcsr = this.#memory.linear.view.getUint16(layout.registers + fileOffset.mxcsr, true);
    return mxcsr & ~(mxcsr >> 7);
  }
  #file(): RegisterFile {
    return this.#memory.linear.registers;
  }
  #missing(): Stop {
    const rip = this.#rip();
    const length = this.#memory.readable(this.#space, rip, MOST_BYTES);
    return { kind: "missing", address: rip, bytes: this.#memory.read(this.#space, rip, length) ?? new Uint8Array() };
  }
  #assist(): Stop | undefined {
    const { bytes, words, view } = this.#memory.linear;
    const at = words[layout.at >>> 2]!;
    const form = coldFormOf(view.getUint16(at + record.operation, true));
    const assist = form && assistOf(form.name);
    if (!assist) throw new Error(`There is no assist for ${form?.name ?? "a hot form"} at rip 0x${this.#rip().toString(16)}: add it to assists.ts.`);
    const argument = view.getBigInt64(layout.assistArgument, true);
    // Far transfers change it.
    const rip = view.getBigInt64(RIP, true);
    view.setBigInt64(RIP, rip + BigInt(bytes[at + record.length]!), true);
    const refusal = assist({
      file: this.#file(),
      argument,
      ticks: this.ticksBefore + this.#budget - this.#left(),
      seed: this.seed,
      level: this.level,
      view,
      fileAt: layout.registers,
      registers: record.registers.map(field => bytes[at + field]! >> 3),
      immediate: words[(at + record.immediate) >>> 2]!,
      bits: form.bits,
      changeFlags: change => {
        this.#interpreter.closeFlags();
        set(this.#file(), "rflags", change(get(this.#file(), "rflags")));
        this.#interpreter.openFlags();
      },
      memory: length => new DataView(bytes.buffer, Number(argument), length),
    });
    if (refusal && refusal !== "overflow") {
      view.setBigInt64(RIP, rip, true);
      return this.#handlers[refusal]();
    }
    this.#setLeft(this.#left() - 1);
    return refusal && this.#handlers.general();
  }

  /** Makes the access possible that the interpreter could not make, or says why it cannot be. */
  #miss(): Stop | undefined {
    const { words } = this.#memory.linear;
    const address = this.#number(layout.missAddress);
    const bytes = words[layout.missBytes >>> 2]!;
    const isWrite = words[layout.missIsWrite >>> 2] === 1;
    const access = isWrite ? "write" : "read";
    if (address === NON_CANONICAL || address + bytes > ADDRESS_LIMIT) return this.#protection();
    if (address < 0) return fault(NOT_MAPPED, address, access);
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
  /** An address that is not canonical: Linux answers SIGBUS where the stack segment made it, which goes with RSP and RBP as bases (SDM vol. 1, 3.7.4; vol. 3, 6.15, #SS). */
  #protection(): Stop {
    const { words, bytes } = this.#memory.linear;
    const at = words[layout.at >>> 2]!;
    const [base, index] = [bytes[at + record.base]! >> 3, bytes[at + record.index]! >> 3];
    const isStack = (base === RSP || base === RBP) && index !== FS_BASE && index !== GS_BASE;
    return isStack || this.#isOnStack(index === RBP) ? { kind: "exception", signal: "SIGBUS", code: SI_KERNEL, address: 0 } : this.#handlers.general()!;
  }
  /** An access that the instruction does not name: pushes and pops, LEAVE. `isOther`: RBP was an index. */
  #isOnStack(isOther: boolean): boolean {
    const { view } = this.#memory.linear;
    const at = view.getBigUint64(layout.missAddress, true);
    const below = (register: number) => BigInt.asUintN(64, view.getBigUint64(layout.registers + 8 * register, true) - at);
    return below(RSP) <= 8n || (!isOther && below(RBP) === 0n);
  }
  /** One instruction with buffers armed; it may ask for another on the way. */
  #runOne(): Stop | undefined {
    const { words } = this.#memory.linear;
    const [left, withheld, kept, budget] = [this.#left(), this.#withheld(), this.#kept, this.#budget];
    words[layout.withheld >>> 2] = this.#kept = 0;
    this.#setLeft(1);
    // Ticks taken meanwhile are counted from this budget.
    this.#budget = budget - left + 1;
    let stop: Stop | undefined;
    while (this.#left() === 1 && !stop) stop = this.#step();
    const isLeft = this.#left();
    this.#bounce.disarm(this.#space, isLeft === 0);
    this.#memory.linear.words[layout.withheld >>> 2] = withheld;
    this.#kept = kept;
    this.#setLeft(left - 1 + isLeft);
    this.#budget = budget;
    return stop?.kind === "budget" ? undefined : stop;
  }
}

const fault = ({ signal, code, isExhausted }: PageFault, address: number, access: Access): Stop =>
  code === SI_KERNEL
    ? { kind: "exception", signal: "SIGSEGV", code, address: 0 }
    : { kind: "fault", address, access, signal, code, ...(isExhausted ? { isExhausted } : {}) };
