// A machine driven by a log: the same inputs at the same moments, and every event checked against the recorded one.

import type { Bound, Machine } from "../engine/machine.ts";
import { firstDifference } from "../events/equality.ts";
import type { KernelEvent } from "../events/kernel-event.ts";

/** What happened is not what was recorded: the highest-priority bug there is, or a log that was changed. */
export interface Divergence {
  readonly seq: number;
  readonly expected: KernelEvent | undefined;
  readonly actual: KernelEvent | undefined;
  /** Where in the event they differ, as `result.value`. */
  readonly path: string;
}
/** Recorded events by number. */
export interface EventSource {
  readonly length: number;
  event(seq: number): KernelEvent | undefined;
}

class Diverged extends Error {
  readonly divergence: Divergence;
  constructor(divergence: Divergence) {
    super(`diverged at ${divergence.seq}`);
    this.divergence = divergence;
  }
}

export class Replaying {
  readonly machine: Machine;
  readonly #source: EventSource;
  #nextInput = 0;
  /** Told of every event once it is checked. */
  onEvent: (event: KernelEvent, seq: number) => void = () => {};

  constructor(machine: Machine, source: EventSource) {
    this.machine = machine;
    this.#source = source;
    machine.isPaced = true;
    machine.onEvent = (event, seq) => {
      this.#check(event, seq);
      this.onEvent(event, seq);
    };
  }

  /** Executes until `bound`, or the log's end. Afterwards the machine must not be used where it diverged. */
  advance(bound: Bound): Divergence | undefined {
    try {
      this.#advance({ seq: Math.min(bound.seq, this.#source.length), tick: bound.tick });
      return undefined;
    } catch (error) {
      if (error instanceof Diverged) return error.divergence;
      throw error;
    }
  }
  #advance(bound: Bound): void {
    const { machine } = this;
    while (machine.seq < bound.seq || machine.tick < bound.tick) {
      const input = this.#inputBefore(bound.seq);
      const stop = machine.run(input === undefined ? bound : { seq: input, tick: this.#source.event(input)!.tick });
      if (stop.kind === "halted") return;
      const expected = this.#source.event(machine.seq);
      if (input === machine.seq && expected?.kind === "input") machine.input(expected.input);
      else if (stop.kind === "asleep") {
        if (machine.seq >= bound.seq) return;
        if (expected?.kind !== "idle") throw new Diverged({ seq: machine.seq, expected, actual: undefined, path: "kind" });
        machine.skip(expected.nanos);
      }
    }
  }
  /** The next recorded input before `end`. */
  #inputBefore(end: number): number | undefined {
    this.#nextInput = Math.max(this.#nextInput, this.machine.seq);
    while (this.#nextInput < end && this.#source.event(this.#nextInput)?.kind !== "input") this.#nextInput++;
    return this.#nextInput < end ? this.#nextInput : undefined;
  }
  #check(actual: KernelEvent, seq: number): void {
    if (seq >= this.#source.length) return;
    const expected = this.#source.event(seq);
    const path = firstDifference(expected, actual);
    if (path !== undefined) throw new Diverged({ seq, expected, actual, path });
  }
}
