// A machine without a processor: tasks make the calls that a test tells them to, and what the kernel makes of them is settled as the machine would. Registers and memory are only effects.
import { errnoNumber, isRestart } from "../../../engine/abi/errno.ts";
import type { InsOf, SyscallName } from "../../../engine/abi/syscalls.ts";
import { initialState } from "../../../engine/kernel/initial-state.ts";
import type { Effect, Kernel } from "../../../engine/kernel/kernel.ts";
import { bootProcess } from "../../../engine/kernel/objects/first-process.ts";
import { createTable } from "../../../engine/kernel/objects/open-files.ts";
import { interruptCall, nextAction } from "../../../engine/kernel/objects/signal-choice.ts";
import { type FrameRequest, takeAction } from "../../../engine/kernel/objects/signal-delivery.ts";
import { createSpace } from "../../../engine/kernel/objects/spaces.ts";
import { FIRST_PROCESS } from "../../../engine/kernel/objects/tasks.ts";
import { expire, nextDeadline } from "../../../engine/kernel/objects/timers.ts";
import { sleep } from "../../../engine/kernel/objects/waiting.ts";
import type { Call, Outcome } from "../../../engine/kernel/service.ts";
import { procTableCalls } from "../../../engine/kernel/services/proc-table.ts";
import { signalCalls } from "../../../engine/kernel/services/signal.ts";
import { systemCalls } from "../../../engine/kernel/services/system.ts";
import { timeCalls } from "../../../engine/kernel/services/time.ts";
import type { Process, Task } from "../../../engine/kernel/state/proc-table.ts";
import { KernelStore } from "../../../engine/kernel/store.ts";
import type { BootParameters } from "../../../events/kernel-event.ts";
import { BOOT_PARAMETERS } from "../boot-parameters.ts";

const calls = { ...procTableCalls, ...signalCalls, ...systemCalls, ...timeCalls } as Readonly<
  Record<string, (kernel: Kernel, call: Call<any>) => Outcome<any>>
>;
type Served = Extract<SyscallName, keyof typeof procTableCalls | keyof typeof signalCalls | keyof typeof systemCalls | keyof typeof timeCalls>;

/** A return value; the errno's name; `blocked`, `gone`, or `again` where the call is made again. */
export type Result = number | string;
export interface Answer {
  readonly result: Result;
  readonly outs: any;
}

export class ProcessSession {
  readonly store: KernelStore;
  /** The last answer of each task. */
  readonly answers = new Map<number, Answer>();
  readonly frames: { readonly tid: number; readonly frame: FrameRequest }[] = [];
  readonly effects: Effect[] = [];
  tick = 0;
  readonly #made = new Map<number, { readonly name: string; readonly args: unknown; readonly raws: readonly number[] }>();

  constructor(change: Partial<BootParameters> = {}) {
    const parameters = { ...BOOT_PARAMETERS, ...change };
    this.store = new KernelStore(initialState(parameters), new Map());
    const { kernel } = this;
    const fsContext = kernel.vfs.nextId++;
    kernel.vfs.contexts.set(fsContext, { users: 1, root: { mount: 0, path: "" } as never, workingDirectory: { mount: 0, path: "" } as never, umask: 0o22 });
    bootProcess(kernel, parameters, { files: createTable(kernel), fsContext });
    const empty = new Uint8Array(0);
    const first = kernel.procTable.tasks.get(FIRST_PROCESS)!;
    first.space = createSpace(kernel, [], {
      ...{ brkStart: 0, brk: 0, mmapTop: 0, stackLimit: 0, argumentRange: [0, 0], environmentRange: [0, 0] },
      ...{ arguments: empty, environment: empty, auxiliaryVector: empty },
    } as never);
    this.#takeEffects();
  }
  get kernel(): Kernel {
    return this.store.at(this.tick);
  }
  task(tid: number): Task {
    return this.store.current.procTable.tasks.get(tid)!;
  }
  process(pid: number): Process | undefined {
    return this.store.current.procTable.processes.get(pid);
  }
  state(pid: number): string {
    return this.store.current.procTable.tasks.get(pid)?.state ?? "none";
  }
  /** Numbers of the signals whose handlers were entered, by task, since last asked. */
  handled(tid: number): readonly number[] {
    const list = this.frames.filter(one => one.tid === tid).map(one => one.frame.info.signal);
    this.frames.splice(0, this.frames.length, ...this.frames.filter(one => one.tid !== tid));
    return list;
  }

  /** The task makes a call; answers its result once all that follows has happened. */
  call<N extends Served>(tid: number, name: N, args: Partial<InsOf<N>> = {}, raws: readonly number[] = []): Result {
    this.#made.set(tid, { name, args, raws });
    this.answers.delete(tid);
    this.store.at(this.tick);
    this.store.countCall();
    this.#present(tid, "run", null);
    this.settle();
    return this.answers.get(tid)?.result ?? "blocked";
  }
  /** The answer's out-argument. */
  out(tid: number, name: string): any {
    return this.answers.get(tid)?.outs[name];
  }
  result(tid: number): Result {
    return this.answers.get(tid)?.result ?? "blocked";
  }
  /** Time passes while nobody runs. */
  pass(nanos: number): void {
    const end = this.kernel.nowNanos + nanos;
    for (;;) {
      const next = nextDeadline(this.kernel);
      const to = Math.min(end, next ?? end);
      this.kernel.skip(Math.max(0, to - this.kernel.nowNanos));
      if (next === null || next > end) return;
      expire(this.kernel);
      this.settle();
    }
  }
  /** Every ready task does what is due before it would execute. */
  settle(): void {
    for (let isBusy = true; isBusy; ) {
      isBusy = false;
      for (const tid of [...this.kernel.procTable.runQueue]) {
        const task = this.kernel.procTable.tasks.get(tid);
        if (task?.state !== "ready") continue;
        if (task.due !== "run") {
          const { memo } = task.waiting!;
          const { due } = task;
          task.waiting = null;
          task.due = "run";
          this.#present(tid, due, memo);
          isBusy = true;
          continue;
        }
        const next = nextAction(this.kernel, tid);
        if (!next) continue;
        const frame = takeAction(this.kernel, tid, next.action);
        if (frame) {
          this.frames.push({ tid, frame });
          if (frame.restart) this.answers.set(tid, { result: frame.restart.kind === "again" ? "again" : "EINTR", outs: {} });
        }
        isBusy = true;
      }
      this.#takeEffects();
    }
  }

  #present(tid: number, due: Call<unknown>["due"], memo: unknown): void {
    const { kernel } = this;
    const { name, args, raws } = this.#made.get(tid)!;
    const outcome = calls[name]!(kernel, { tid, pid: kernel.procTable.tasks.get(tid)!.pid, args, raws, due, memo });
    if (outcome.kind === "done") this.answers.set(tid, { result: outcome.value, outs: outcome.outs });
    else if (outcome.kind === "gone") this.answers.set(tid, { result: "gone", outs: {} });
    else if (outcome.kind === "fail") {
      this.answers.set(tid, { result: outcome.errno, outs: {} });
      if (isRestart(outcome.errno)) interruptCall(kernel, tid, errnoNumber(outcome.errno), outcome.errno);
    } else {
      const { channels, deadlineNanos = null, memo: kept = null } = outcome.until;
      sleep(kernel, tid, { number: 0, raws: [], reads: [], unwritable: [], channels, deadlineNanos, memo: kept } as never);
    }
  }
  #takeEffects(): void {
    for (const effect of this.store.takeEffects()) {
      this.effects.push(effect);
      if (effect.kind === "restartCall") this.answers.set(effect.task, { result: "again", outs: {} });
    }
  }
}
export const FIRST = FIRST_PROCESS;
