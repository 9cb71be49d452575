// What a guest has sent to the world, by event. Outputs are not logged: they follow from the events, by folding them through the reducers.

import { bootState } from "../engine/boot.ts";
import type { KernelStore } from "../engine/kernel/store.ts";
import { reduce } from "../engine/kernel/transitions.ts";
import type { BootSource } from "../engine/machine-boot.ts";
import type { EventSource } from "./replaying.ts";

export interface Output {
  /** The event that sent it. */
  readonly seq: number;
  readonly to: "terminal" | "stdout" | "stderr";
  readonly bytes: Readonly<Uint8Array>;
}

export class Outputs {
  readonly #source: BootSource;
  readonly #events: EventSource;
  readonly #list: Output[] = [];
  /** Events up to here have been looked at. */
  #upTo = 0;
  /** For folding on; absent while the outputs come from a machine that runs. */
  #store: KernelStore | undefined;

  constructor(source: BootSource, events: EventSource) {
    this.#source = source;
    this.#events = events;
  }
  /** A machine that runs live tells what it sends. */
  add(output: Output): void {
    if (this.#store !== undefined || output.seq < this.#upTo) return;
    this.#list.push(output);
  }
  /** All outputs of events before `seq` that a live machine sent are in the list. */
  follow(seq: number): void {
    if (this.#store === undefined) this.#upTo = Math.max(this.#upTo, seq);
  }
  /** All bytes that events before `seq` sent, to any stream. */
  before(seq: number): Uint8Array {
    this.#foldTo(Math.min(seq, this.#events.length));
    const end = this.#list.findIndex(output => output.seq >= seq);
    return Buffer.concat((end < 0 ? this.#list : this.#list.slice(0, end)).map(({ bytes }) => bytes as Uint8Array));
  }

  #foldTo(end: number): void {
    // Booting sends nothing.
    if (this.#upTo >= end || end <= 1) return;
    if (!this.#store) {
      const booted = bootState(this.#source.image, this.#source.mounts, this.#source.parameters);
      if (booted.kind === "fail") throw new Error(`The log begins with a boot that fails now: ${booted.errno}.`);
      this.#store = booted.store;
      this.#list.length = 0;
      this.#upTo = 1;
    }
    for (; this.#upTo < end; this.#upTo++) {
      const event = this.#events.event(this.#upTo);
      if (!event) throw new Error(`Event ${this.#upTo} cannot be read, so what the guest had shown then is unknown.`);
      reduce(this.#store, event);
      for (const effect of this.#store.takeEffects()) if (effect.kind === "output") this.#list.push({ seq: this.#upTo, to: effect.to, bytes: effect.bytes });
    }
  }
}
