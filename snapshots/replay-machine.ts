// What moving about in time needs of a machine: to go on under a log's eyes, to be kept, and to be put back.
import type { Machine, MachineSnapshot } from "../engine/machine.ts";
import type { KernelEvent } from "../events/kernel-event.ts";
import type { Position } from "../events/position.ts";
import { type Divergence, type EventSource, Replaying } from "./replaying.ts";
import type { Snapshot, SnapshotMemory } from "./snapshot.ts";

export interface ReplayMachine<M> {
  readonly position: Position;
  readonly memory: SnapshotMemory<M>;
  /** Executes until both are reached, or a few events more where some belong together; every event is checked against the log. */
  advance(bound: Position): Divergence | undefined;
  snapshot(): Snapshot<M>;
  /** Also after a divergence. */
  restore(snapshot: Snapshot<M>): void;
}
/** Boots the machine that made a history: same image, same mounts, same parameters. */
export interface MachineFactory<M> {
  boot(): ReplayMachine<M>;
}

export type Memory = MachineSnapshot["memory"];
export class ReplayedMachine implements ReplayMachine<Memory> {
  readonly machine: Machine;
  readonly #source: EventSource;
  #replaying: Replaying;
  onEvent: (event: KernelEvent, seq: number) => void = () => {};

  constructor(machine: Machine, source: EventSource) {
    this.machine = machine;
    this.#source = source;
    this.#replaying = this.#attach();
  }
  get position(): Position {
    return this.machine.position;
  }
  get memory(): SnapshotMemory<Memory> {
    return this.machine.memory;
  }
  advance(bound: Position): Divergence | undefined {
    return this.#replaying.advance(bound);
  }
  snapshot(): MachineSnapshot {
    return this.machine.snapshot();
  }
  restore(snapshot: MachineSnapshot): void {
    this.machine.restore(snapshot);
    this.takeOver();
  }
  /** The machine has been elsewhere, or run by somebody else: from now on it follows the log. */
  takeOver(): void {
    this.#replaying = this.#attach();
  }
  #attach(): Replaying {
    const replaying = new Replaying(this.machine, this.#source);
    replaying.onEvent = (event, seq) => this.onEvent(event, seq);
    return replaying;
  }
}
