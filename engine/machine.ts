// The machine: executes tasks until they need the kernel, turns what they need into events, applies what the reducers answer. Synchronous and deterministic.

import type { CallResult, Input, KernelEvent, Store } from "../events/kernel-event.ts";
import { formatPosition, type Position } from "../events/position.ts";
import { featureNames, OLDEST_LEVEL } from "./abi/constants/processor-features.ts";
import { originCodes, signals, trapCodes } from "./abi/constants/signals.ts";
import { errnoNumber } from "./abi/errno.ts";
import { int32 } from "./abi/memory-view.ts";
import { dataForFilters, rawArguments } from "./call-registers.ts";
import { dumpOf } from "./core-dump.ts";
import { disassemble } from "./cpu/disassembly.ts";
import { Processor, type ProcessorOptions } from "./cpu/processor.ts";
import type { RegionReport } from "./cpu/region/compiler.ts";
import * as registerFile from "./cpu/register-file.ts";
import type { Stop } from "./cpu/stop.ts";
import { EffectApplier } from "./effects.ts";
import { ALL_WRITABLE, decodeArguments, holesOf, RecordingReader, unwritableArguments } from "./kernel/call-decoding.ts";
import { planOf } from "./kernel/call-plan.ts";
import type { Kernel } from "./kernel/kernel.ts";
import { inputIsAwaited } from "./kernel/kinds/world-input.ts";
import { leavesCore } from "./kernel/objects/core-file.ts";
import { verdictOn } from "./kernel/objects/seccomp.ts";
import { nextAction, nextTrap } from "./kernel/objects/signal-choice.ts";
import type { FrameRequest } from "./kernel/objects/signal-delivery.ts";
import { objectOfInode, pageAnswer } from "./kernel/objects/spaces.ts";
import { FIRST_PROCESS } from "./kernel/objects/tasks.ts";
import { nextDeadline } from "./kernel/objects/timers.ts";
import { isNoCall } from "./kernel/objects/traces.ts";
import { buildSignalFrame } from "./kernel/signal-frame.ts";
import type { KernelState } from "./kernel/state/kernel-state.ts";
import type { Task } from "./kernel/state/proc-table.ts";
import type { KernelStore } from "./kernel/store.ts";
import { callName, type Intent, reduce } from "./kernel/transitions.ts";
import { GuestMemory } from "./memory/guest-memory.ts";
import type { MemorySnapshot } from "./memory/snapshot.ts";
import { OtherMemory } from "./other-memory.ts";
import { leaveSequence } from "./restartable-sequence.ts";
import { heldWords } from "./robust-list.ts";
import { framedVectors, savedOf } from "./task-registers.ts";
import type { World } from "./world.ts";

/** Where to stop: when both are reached (events at a tick come before its next instruction). */
export interface Bound {
  readonly seq: number;
  readonly tick: number;
}
export type RunStop =
  | { readonly kind: "bound" }
  /** The first process has ended, with this wait status. */
  | { readonly kind: "halted"; readonly status: number }
  /** Every task sleeps. `untilNanos`: the next timer, in nanoseconds from now; absent where only the world can wake one. `isInputAwaited`: one waits for standard input. */
  | { readonly kind: "asleep"; readonly untilNanos?: number; readonly isInputAwaited: boolean };

/** A moment, whole: position, kernel state, registers, memory. */
export interface MachineSnapshot {
  readonly position: Position;
  readonly state: KernelState;
  readonly registers: ReadonlyMap<number, Uint8Array>;
  readonly memory: MemorySnapshot;
}

export interface MachineOptions extends ProcessorOptions {
  readonly world: World;
  readonly memoryBytes: number;
  readonly quantumTicks: number;
  /**
   * `run` stops where every task sleeps, and the caller says how long (`skip`). Else the clock jumps by itself, save where somebody waits for standard input: what the
   * world has for it may come before the next timer, and only the caller knows.
   */
  readonly isPaced?: boolean;
}
/** What of a task matters to its calls. */
interface Circumstances {
  /** seccomp(2). */
  readonly isFiltered: boolean;
  /** ptrace(2). */
  readonly isTraced: boolean;
  /** It stops before calls for its tracer. */
  readonly stopsAtCalls: boolean;
  readonly hasSharedFiles: boolean;
}
/** What the machine knows of the task that is executing, for as long as nothing disturbs it. */
interface Turn {
  readonly tid: number;
  readonly file: Uint8Array;
  readonly space: number;
  readonly deadline: number | null;
  /** Others are ready. */
  readonly isContended: boolean;
  readonly hasTimers: boolean;
  readonly circumstances: Circumstances;
}
const PAGE = 4096;
const RAX = registerFile.offsetOf("rax");

export class Machine {
  readonly memory: GuestMemory;
  readonly registers = new Map<number, Uint8Array>();
  onEvent: (event: KernelEvent, seq: number) => void = () => {};
  seq = 0;
  tick = 0;
  /** See `MachineOptions`; a replay paces by its log. */
  isPaced: boolean;
  #hasToPause = false;
  readonly #store: KernelStore;
  readonly #processor: Processor;
  /** Signal frames hold the upper halves of the vectors. */
  readonly #hasXsave: boolean;
  readonly #effects: EffectApplier;
  readonly #world: World;
  readonly #quantum: number;
  readonly #noted = new Set<string>();
  #haltedWith: number | undefined;
  #turn: Turn | undefined;
  /** The task whose space `reader` reads. */
  #space = 0;
  /** The task whose call is decoded. */
  #caller = 0;
  readonly #reader: RecordingReader;

  constructor(store: KernelStore, options: MachineOptions) {
    const { parameters } = store.at(0).system;
    this.memory = new GuestMemory({ maxFrames: Math.floor(options.memoryBytes / PAGE) });
    this.#processor = new Processor(this.memory, options);
    this.#processor.seed = parameters.seed;
    this.#processor.level = parameters.cpu ?? OLDEST_LEVEL;
    this.#hasXsave = featureNames(this.#processor.level).includes("xsave");
    this.#store = store;
    this.#world = options.world;
    this.#quantum = options.quantumTicks;
    this.isPaced = options.isPaced ?? false;
    this.memory.resolver = (space, page, access) => pageAnswer(this.#store.at(this.tick), space, page, access);
    this.#reader = new RecordingReader(
      (address, length) => this.memory.read(this.#space, address, length),
      (address, limit) => this.memory.readCString(this.#space, address, limit) ?? this.memory.read(this.#space, address, limit),
      new OtherMemory(
        this.memory,
        this.registers,
        this.#hasXsave,
        () => this.#store.at(this.tick),
        () => this.#caller,
      ),
    );
    this.#effects = new EffectApplier(this.memory, this.registers, this.#world, status => {
      this.#haltedWith = status;
    });
  }

  get position(): Position {
    return { seq: this.seq, tick: this.tick };
  }
  get state(): KernelState {
    return this.#store.current;
  }
  /** Throws where the kernel's state is no tree: see `KernelStore.assertTree`. */
  assertTree(): void {
    this.#store.assertTree();
  }
  /** What happened in each compiled region, where `isCounting` asks for it. */
  regionReport(): readonly RegionReport[] {
    return this.#processor.report();
  }
  get status(): number | undefined {
    return this.#haltedWith;
  }

  /** Executes until both bounds are reached, the machine halts, or everybody sleeps. */
  run(bound: Bound): RunStop {
    while (this.#haltedWith === undefined) {
      if (this.#hasToPause || (this.seq >= bound.seq && this.tick >= bound.tick)) {
        this.#hasToPause = false;
        return { kind: "bound" };
      }
      const kernel = this.#store.at(this.tick);
      const turn = this.#goesOn(kernel);
      if (turn) {
        this.#execute(turn, bound, kernel);
        continue;
      }
      const deadline = nextDeadline(kernel);
      if (deadline !== null && deadline <= kernel.nowNanos) {
        this.#happen({ kind: "timer", tick: this.tick });
        continue;
      }
      const tid = kernel.procTable.runQueue[0];
      if (tid === undefined) {
        const isInputAwaited = inputIsAwaited(kernel);
        if (deadline === null) return { kind: "asleep", isInputAwaited };
        const untilNanos = deadline - kernel.nowNanos;
        if (this.isPaced || isInputAwaited) return { kind: "asleep", untilNanos, isInputAwaited };
        this.skip(untilNanos);
        continue;
      }
      if (this.#settle(tid)) continue;
      this.#execute(this.#begin(kernel, tid, deadline), bound, kernel);
    }
    return { kind: "halted", status: this.#haltedWith };
  }
  /** The run that is going on stops after this event; where it stops leaves no trace in what happens. */
  pause(): void {
    this.#hasToPause = true;
  }
  /** Something comes from outside, now. */
  input(input: Input): void {
    this.#happen({ kind: "input", tick: this.tick, input });
  }
  /** The clock jumps; only while everybody sleeps. */
  skip(nanos: number): void {
    this.#happen({ kind: "idle", tick: this.tick, nanos });
  }
  /** The boot event has happened: its effects, made while the first state was built, are applied. */
  begin(event: Extract<KernelEvent, { kind: "boot" }>, effects: Parameters<EffectApplier["apply"]>[0]): void {
    this.#effects.apply(effects);
    this.#publish(event);
  }

  snapshot(): MachineSnapshot {
    const registers = new Map([...this.registers].map(([tid, file]) => [tid, file.slice()]));
    return { position: this.position, state: this.state, registers, memory: this.memory.snapshot() };
  }
  restore(snapshot: MachineSnapshot): void {
    this.#store.current = snapshot.state;
    this.#turn = undefined;
    ({ seq: this.seq, tick: this.tick } = snapshot.position);
    this.registers.clear();
    for (const [tid, file] of snapshot.registers) this.registers.set(tid, file.slice());
    this.memory.restore(snapshot.memory);
    this.#haltedWith = snapshot.state.procTable.processes.get(FIRST_PROCESS)?.exitStatus ?? undefined;
  }

  /** What is due before the task executes again: its call presented again, a signal, its turn's end. */
  #settle(tid: number): boolean {
    const kernel = this.#store.at(this.tick);
    const task = kernel.procTable.tasks.get(tid)!;
    if (task.due !== "run") {
      this.#resume(tid, task.waiting!.number, task.due === "interrupt");
      return true;
    }
    if ((task.trace || task.tracedCall || task.ending !== undefined) && this.#carryOn(kernel, tid)) return true;
    const action = nextAction(kernel, tid);
    if (action) {
      this.#signal(tid, action);
      return true;
    }
    const { runQueue, switchedAtTick } = kernel.procTable;
    if (this.tick % this.#quantum === 0 && switchedAtTick !== this.tick && runQueue.length > 1) {
      const isSound = this.#leaveSequence(tid);
      this.#happen({ kind: "switch", tick: this.tick, task: runQueue[1]! });
      if (!isSound) this.#fault(tid, "SIGSEGV", originCodes.SI_KERNEL, 0);
      return true;
    }
    return false;
  }
  /** The turn of the task that executed last, where nothing has happened since that could end it: most calls are followed by the same task's next instruction. */
  #goesOn(kernel: Kernel): Turn | undefined {
    if (this.#store.takeDisturbance()) this.#turn = undefined;
    const turn = this.#turn;
    if (!turn || turn.hasTimers || (turn.isContended && this.tick % this.#quantum === 0)) return undefined;
    return turn.deadline !== null && turn.deadline <= kernel.nowNanos ? undefined : turn;
  }
  #begin(kernel: Kernel, tid: number, deadline: number | null): Turn {
    const file = this.registers.get(tid);
    if (!file) throw new Error(`Task ${tid} has no registers at ${this.#here}.`);
    const task = kernel.procTable.tasks.get(tid)!;
    const isContended = kernel.procTable.runQueue.length > 1;
    this.#store.takeDisturbance();
    const hasTimers = kernel.time.timers.length > 0 || kernel.time.cpuTimers.length > 0;
    this.#turn = { tid, file, space: task.space, deadline, isContended, hasTimers, circumstances: circumstancesOf(kernel, task) };
    return this.#turn;
  }
  #execute({ tid, file, space, deadline }: Turn, bound: Bound, kernel: Kernel): void {
    // Turns end at multiples of the quantum, like a timer's interrupts: where execution was stopped and continued leaves no trace.
    const untilQuantumEnds = this.#quantum - (this.tick % this.#quantum);
    const untilDeadline = deadline === null ? Number.POSITIVE_INFINITY : deadline - kernel.nowNanos;
    const untilBound = this.seq >= bound.seq ? bound.tick - this.tick : Number.POSITIVE_INFINITY;
    this.#space = space;
    // The time stamp counter counts virtual nanoseconds: see docs/decisions/vdso.md.
    this.#processor.ticksBefore = kernel.nowNanos;
    const stop = this.#processor.run(space, file, Math.min(untilQuantumEnds, untilDeadline, untilBound));
    this.tick += this.#processor.retired;
    if (stop.kind === "syscall") this.#call(tid, file);
    else this.#stopped[stop.kind](tid, file, stop as never);
  }
  readonly #stopped: { readonly [K in Exclude<Stop["kind"], "syscall">]: (tid: number, file: Uint8Array, stop: Extract<Stop, { kind: K }>) => void } = {
    budget: () => {},
    fault: (tid, _, stop) => {
      if (stop.isExhausted) this.#note("The guest has used all of its memory (--memory); the process that wanted more is killed.");
      this.#fault(tid, stop.isExhausted ? "SIGKILL" : stop.signal, stop.code, stop.address);
    },
    exception: (tid, _, stop) => this.#fault(tid, stop.signal, stop.code, stop.address),
    missing: (tid, _, stop) => {
      const bytes = [...stop.bytes].map(byte => byte.toString(16).padStart(2, "0")).join(" ");
      this.#note(`MISSING INSTRUCTION at 0x${stop.address.toString(16)}: ${bytes} (${disassemble(stop.bytes, stop.address).text}); the guest gets SIGILL.`);
      this.#fault(tid, "SIGILL", 2, stop.address);
    },
  };

  /** What the guest stored into files that it maps reaches them before any call may read them. */
  #writeBack(): void {
    for (const inode of [...this.#store.at(this.tick).vmm.sharedFiles]) {
      const object = objectOfInode(inode);
      for (const index of this.memory.dirtyShared(object))
        this.#happen({ kind: "writeback", tick: this.tick, inode, index, bytes: this.memory.sharedPage(object, index)!.slice() });
    }
  }
  /** Those tasks are about to end: what their robust lists name. Of those that execve ends, the lists are not walked. */
  #abandon(tids: readonly number[]): void {
    for (const tid of tids) {
      const task = this.#store.at(this.tick).procTable.tasks.get(tid);
      if (!task || task.robustList === 0 || task.state === "dead") continue;
      const words = heldWords(this.memory, task.space, task.robustList);
      if (words.length > 0) this.#happen({ kind: "abandon", tick: this.tick, task: tid, words });
    }
  }
  /** The signal that the task is about to take ends its process, and its limits want a core file. */
  #dumpCore(tid: number): void {
    if (!leavesCore(this.#store.at(this.tick), tid)) return;
    this.#writeBack();
    this.#happen({ kind: "dump", tick: this.tick, task: tid, ...dumpOf(this.#store.at(this.tick), tid, this.registers, this.memory, this.#hasXsave) });
  }
  #threadsOf(tid: number): readonly number[] {
    const { procTable } = this.#store.at(this.tick);
    return [...procTable.processes.get(procTable.tasks.get(tid)!.pid)!.tasks];
  }
  /** A traced task goes on with what it was at when it stopped, or has to stop; false where neither is so. */
  #carryOn(kernel: Kernel, tid: number): boolean {
    const task = kernel.procTable.tasks.get(tid)!;
    const { ending, tracedCall } = task;
    const isBefore = tracedCall?.stage === "entered" || tracedCall?.stage === "checked";
    if (ending === undefined && isBefore && !isNoCall(tracedCall.number)) {
      this.#space = task.space;
      this.#make(tid, this.registers.get(tid)!, int32(tracedCall.number), circumstancesOf(kernel, task));
      return true;
    }
    const isLeft = ending !== undefined || isBefore || tracedCall?.stage === "skipped" || tracedCall?.stage === "returned";
    const at = isLeft ? "rest" : nextTrap(kernel, tid);
    if (!at) return false;
    this.#happen({ kind: "trap", tick: this.tick, task: tid, at });
    if (isLeft) this.#endStep(tid);
    return true;
  }
  /** A call has been made by a task that its tracer lets execute one instruction (arch/x86/kernel/step.c: the processor itself does not trap there). */
  #endStep(tid: number): void {
    const task = this.#store.at(this.tick).procTable.tasks.get(tid);
    if (task?.trace?.isStepping && task.state === "ready" && task.tracedCall?.stage === "made")
      this.#fault(tid, "SIGTRAP", trapCodes.TRAP_BRKPT, Number(registerFile.get(this.registers.get(tid)!, "rip")));
  }
  readonly #writableOf = (address: number, length: number): number => this.memory.writableOf(this.#space, address, length);
  readonly #canWrite = (address: number, length: number): boolean => this.memory.canWrite(this.#space, address, length);
  #call(tid: number, file: Uint8Array): void {
    const number = registerFile.getLowAt(file, RAX) | 0;
    const { circumstances } = this.#turn!;
    if (circumstances.stopsAtCalls) this.#happen({ kind: "trap", tick: this.tick, task: tid, at: "call", number });
    else this.#make(tid, file, number, circumstances);
  }
  #make(tid: number, file: Uint8Array, number: number, { isFiltered, isTraced, hasSharedFiles }: Circumstances): void {
    if (hasSharedFiles) this.#writeBack();
    const filtered = isFiltered ? dataForFilters(file, number) : undefined;
    const judged = filtered ? verdictOn(this.#store.at(this.tick), tid, number, filtered) : undefined;
    if (judged?.kind === "trace") {
      this.#happen({ kind: "trap", tick: this.tick, task: tid, at: "filter", number, message: judged.message });
      return;
    }
    const verdict = judged?.kind ?? "allow";
    const plan = planOf(number);
    if (verdict === "end" || (verdict === "allow" && plan?.ends === "task")) this.#abandon([tid]);
    else if (verdict === "allow" && plan?.ends === "process") this.#abandon(this.#threadsOf(tid));
    const raws = plan ? rawArguments(plan, file) : [];
    this.#reader.begin();
    this.#caller = tid;
    const decoded = plan && decodeArguments(plan, raws, this.#reader);
    const unwritable = plan && decoded ? unwritableArguments(plan, raws, decoded, this.#canWrite) : ALL_WRITABLE;
    const holes = unwritable.length > 0 ? holesOf(plan!, raws, decoded!, unwritable, this.#writableOf) : undefined;
    const injected = this.#world.inject?.(tid, number, this.seq);
    if (!plan || plan.isLacking) this.#note(`UNIMPLEMENTED SYSCALL: ${callName(number)} (${number}) args=[${raws.join(", ")}]`);
    // Most calls have none of the rest: an object that is made in one piece is made fast.
    const { tick } = this;
    const { reads } = this.#reader;
    const plain: Intent<Extract<KernelEvent, { kind: "syscall" }>> = { kind: "syscall", tick, task: tid, number, raws, reads };
    const isPlain = unwritable.length === 0 && injected === undefined && !filtered;
    const intent = isPlain
      ? plain
      : {
          ...plain,
          ...(unwritable.length > 0 ? { unwritable } : {}),
          ...(injected === undefined ? {} : { injected }),
          ...(filtered ? { filtered } : {}),
          ...(holes ? { holes } : {}),
        };
    const answer = reduce(this.#store, intent, decoded).answer!;
    this.#answer(file, number, answer);
    const { result, stores } = answer;
    this.#conclude(isPlain ? { kind: "syscall", tick, task: tid, number, raws, reads, result, stores } : { ...intent, result, stores });
    if (isTraced) this.#endStep(tid);
  }
  #resume(tid: number, number: number, isInterrupted: boolean): void {
    this.#space = this.#store.at(this.tick).procTable.tasks.get(tid)!.space;
    const { tick } = this;
    const answer = reduce(this.#store, { kind: "resume", tick, task: tid, number, isInterrupted }).answer!;
    this.#answer(this.registers.get(tid)!, number, answer);
    this.#conclude({ kind: "resume", tick, task: tid, number, isInterrupted, result: answer.result, stores: answer.stores });
    if (this.#store.at(this.tick).procTable.traced) this.#endStep(tid);
  }
  /** The call's result reaches memory and registers. */
  #answer(file: Uint8Array, number: number, { result, stores }: { readonly result: CallResult; readonly stores: readonly Store[] }): void {
    for (let i = 0; i < stores.length; i++) {
      const { address, bytes } = stores[i]!;
      if (!this.memory.write(this.#space, address, bytes))
        throw new Error(
          `Storing ${bytes.length} bytes of ${callName(number)} at 0x${address.toString(16)} failed at ${this.#here}, though the call had been found able to.`,
        );
    }
    if (result.kind === "done") registerFile.setNumberAt(file, RAX, result.value);
    else if (result.kind === "fail") registerFile.setNumberAt(file, RAX, -errnoNumber(result.errno));
  }
  #signal(tid: number, { info, action }: NonNullable<ReturnType<typeof nextAction>>): void {
    const task = this.#store.at(this.tick).procTable.tasks.get(tid)!;
    const space = task.space;
    const event = { kind: "signal", tick: this.tick, task: tid, signal: info.signal, code: info.code, action, ...originOf(info) } as const;
    if (action === "core") this.#dumpCore(tid);
    if (action === "terminate" || action === "core") this.#abandon(this.#threadsOf(tid));
    const isSound = (action !== "handle" && action !== "stop") || this.#leaveSequence(tid);
    const isStepping = task.trace?.isStepping === true;
    const { frame } = reduce(this.#store, event);
    const isStored = !frame || this.#enterHandler(tid, space, frame, isStepping);
    this.#conclude(event);
    if (isStored && frame && isStepping) this.#happen({ kind: "trap", tick: this.tick, task: tid, at: "handler" });
    // The frame does not fit where the stack pointer leads (kernel/signal.c, force_sigsegv).
    if (!isStored && info.signal === signals.SIGSEGV) this.#fault(tid, "SIGSEGV", originCodes.SI_KERNEL, 0, true);
    else if (!isStored || !isSound) this.#fault(tid, "SIGSEGV", originCodes.SI_KERNEL, 0);
  }
  #enterHandler(tid: number, space: number, frame: FrameRequest, isStepping: boolean): boolean {
    const file = this.registers.get(tid)!;
    // The tracer's trap flag is not the program's.
    if (isStepping) registerFile.setTrapFlag(file, false);
    const built = buildSignalFrame({ general: savedOf(file), vectors: framedVectors(file, this.#hasXsave) }, frame);
    if (!built?.stores.every(({ address, bytes }) => this.memory.canWrite(space, address, bytes.length))) return false;
    for (const { address, bytes } of built.stores) this.memory.write(space, address, bytes);
    this.#effects.setRegisters(tid, built.set);
    return true;
  }
  /** The task leaves the processor, or enters a handler: see restartable-sequence.ts. */
  #leaveSequence(tid: number): boolean {
    return leaveSequence(this.memory, this.#store.at(this.tick).procTable.tasks.get(tid)!, this.registers.get(tid)!);
  }
  #fault(tid: number, signalName: keyof typeof signals, code: number, address: number, isFinal = false): void {
    this.#happen({ kind: "fault", tick: this.tick, task: tid, signal: signals[signalName], code, address, ...(isFinal ? { isFinal } : {}) });
  }

  #happen(event: Extract<KernelEvent, { kind: "timer" | "idle" | "input" | "switch" | "fault" | "writeback" | "abandon" | "dump" | "trap" }>): void {
    reduce(this.#store, event);
    this.#conclude(event);
  }
  /** Effects first, so that whoever is told of the event sees the machine after it. */
  #conclude(event: KernelEvent): void {
    const effects = this.#store.takeEffects();
    if (effects.length > 0) {
      this.#effects.apply(effects);
      if (effects.some(({ kind }) => kind !== "output" && kind !== "link")) this.#turn = undefined;
    }
    this.#publish(event);
    for (const effect of effects) {
      if (effect.kind === "dropTask" && effect.isLast) this.#publish({ kind: "exit", tick: this.tick, task: effect.task, status: effect.status });
    }
  }
  #publish(event: KernelEvent): void {
    const { seq } = this;
    this.seq++;
    this.onEvent(event, seq);
  }
  #note(text: string): void {
    const key = text.replace(/ args=.*/, "");
    if (this.#noted.has(key)) return;
    this.#noted.add(key);
    this.#world.note(text);
  }
  get #here(): string {
    return `${formatPosition({ seq: this.seq, plus: 0 })} (tick ${this.tick})`;
  }
}
const circumstancesOf = (kernel: Kernel, { seccomp, trace }: Pick<Task, "seccomp" | "trace">): Circumstances => ({
  isFiltered: seccomp !== undefined,
  isTraced: trace !== undefined,
  stopsAtCalls: trace !== undefined && (trace.stopsAtCalls || trace.isEmulating),
  hasSharedFiles: kernel.vmm.sharedFiles.length > 0,
});
/** What a signal tells besides its number and code, where it tells anything. */
function originOf({ pid, uid, status, value }: NonNullable<ReturnType<typeof nextAction>>["info"]): Pick<Extract<KernelEvent, { kind: "signal" }>, "origin"> {
  return pid === 0 && uid === 0 && status === 0 && Number(value) === 0 ? {} : { origin: { pid, uid, status, value } };
}
