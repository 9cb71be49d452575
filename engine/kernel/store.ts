// Holds the kernel's state between events. Reducers change a working copy that nobody else has; whoever looks is given an immutable value made from it.
// (docs/decisions/working-state.md: why it is not one open Immer draft.)
import { createDraft, type Draft, enableMapSet, finishDraft, setAutoFreeze } from "immer";
import type { StoredContents } from "../loader/image.ts";
import type { Effect, Kernel } from "./kernel.ts";
import { nowNanos } from "./objects/clock.ts";
import type { KernelState } from "./state/kernel-state.ts";
import { settled, sharedObject, thawed } from "./values.ts";

enableMapSet();
setAutoFreeze(false); // Measured: freezing doubles the cost of an event.

class OpenKernel implements Kernel {
  readonly draft: Draft<KernelState>;
  readonly vfs: Kernel["vfs"];
  readonly vmm: Kernel["vmm"];
  readonly procTable: Kernel["procTable"];
  readonly signal: Kernel["signal"];
  readonly time: Kernel["time"];
  readonly tty: Kernel["tty"];
  readonly poll: Kernel["poll"];
  readonly net: Kernel["net"];
  readonly ipc: Kernel["ipc"];
  readonly system: Kernel["system"];
  tick = 0;
  calls: number;
  isDisturbed = true;
  effects: Effect[] = [];
  readonly contents: StoredContents;
  #skippedNanos: number;

  /** The state is changed in place; it is a draft, or nobody else has it. */
  constructor(draft: Draft<KernelState>, contents: StoredContents) {
    this.draft = draft;
    this.contents = contents;
    ({
      vfs: this.vfs,
      vmm: this.vmm,
      procTable: this.procTable,
      signal: this.signal,
      time: this.time,
      tty: this.tty,
      poll: this.poll,
      net: this.net,
      ipc: this.ipc,
      system: this.system,
    } = draft);
    this.calls = draft.system.calls;
    this.#skippedNanos = draft.time.skippedNanos;
  }
  get nowNanos(): number {
    return nowNanos(this.tick, this.calls, this.#skippedNanos);
  }
  effect(effect: Effect): void {
    this.effects.push(effect);
  }
  disturb(): void {
    this.isDisturbed = true;
  }
  skip(nanos: number): void {
    this.#skippedNanos += nanos;
    this.time.skippedNanos = this.#skippedNanos;
  }
  /** Counted beside the state, since every call would touch it. */
  settleCalls(): void {
    if (this.calls !== this.system.calls) this.system.calls = this.calls;
  }
}

export class KernelStore {
  #value: KernelState;
  #kernel: OpenKernel;
  readonly #contents: StoredContents;
  /** Nothing can have changed since the value was made. */
  #isSettled = true;

  /** `contents`: the image's, without which files that still have theirs cannot be read. */
  constructor(state: KernelState, contents: StoredContents) {
    this.#value = state;
    this.#contents = contents;
    this.#kernel = new OpenKernel(thawed(state) as Draft<KernelState>, contents);
  }
  /** The state as an immutable value. It shares with the one handed out before what has not changed. */
  get current(): KernelState {
    if (!this.#isSettled) {
      this.#kernel.settleCalls();
      this.#value = settled(this.#value, this.#kernel.draft as KernelState);
      this.#isSettled = true;
    }
    return this.#value;
  }
  set current(state: KernelState) {
    this.#value = state;
    this.#kernel = new OpenKernel(thawed(state) as Draft<KernelState>, this.#contents);
    this.#isSettled = true;
  }
  /** For changing the state, at this tick. */
  at(tick: number): Kernel {
    this.#isSettled = false;
    this.#kernel.tick = tick;
    return this.#kernel;
  }
  countCall(): void {
    this.#kernel.calls++;
  }
  /** Whether anything has changed, since last asked, that decides whose turn it is. */
  takeDisturbance(): boolean {
    const { isDisturbed } = this.#kernel;
    this.#kernel.isDisturbed = false;
    return isDisturbed;
  }
  /** What the event that was reduced last wants done outside; empties the list. */
  takeEffects(): readonly Effect[] {
    const { effects } = this.#kernel;
    if (effects.length === 0) return NO_EFFECTS;
    this.#kernel.effects = [];
    return effects;
  }
  /**
   * Runs `change` on a draft, and keeps what it did only where `isKept` says so. For the rare calls that may turn out to fail after they changed something.
   * The draft is of the working copy: it costs what is touched, however large the state is. What is kept of it shares the rest with the copy before, which nobody uses any more.
   */
  attempt<R>(tick: number, change: (kernel: Kernel) => R, isKept: (result: R) => boolean): R {
    this.#kernel.settleCalls();
    const scratch = new OpenKernel(createDraft(this.#kernel.draft as KernelState), this.#contents);
    scratch.tick = tick;
    const result = change(scratch);
    if (!isKept(result)) return result;
    scratch.settleCalls();
    this.#isSettled = false;
    this.#kernel = new OpenKernel(finishDraft(scratch.draft) as Draft<KernelState>, this.#contents);
    this.#kernel.effects = scratch.effects;
    return result;
  }
  /** Throws where an object of the working state can be reached by two paths. For tests: it looks at everything. */
  assertTree(): void {
    const paths = sharedObject(this.#kernel.draft);
    if (paths) throw new Error(`One object is both ${paths[0]} and ${paths[1]}: a change of one would change the other.`);
  }
}
const NO_EFFECTS: readonly Effect[] = [];
