// Goes to any position of a history: loads the nearest snapshot before it and executes from there. Leaves snapshots behind on the way, so that the next step back is short.
import type { Position } from "../events/position.ts";
import { type BootImage, BootState } from "./boot-state.ts";
import type { History, Keyframe } from "./history.ts";
import { surplus, waypoints, work } from "./placement.ts";
import type { MachineFactory, ReplayMachine } from "./replay-machine.ts";
import type { Divergence } from "./replaying.ts";
import type { Snapshot } from "./snapshot.ts";

/** Snapshots kept in memory; each holds the frames that have changed since. */
const KEPT_SNAPSHOTS = 32;
/** Loading a keyframe from the log costs about as much as replaying this many events. */
const LOADING_WORK = 800;

export class Navigator<M> {
  readonly machine: ReplayMachine<M>;
  readonly #history: History;
  readonly #boot: BootState;
  readonly #first: Snapshot<M>;
  #kept: Snapshot<M>[] = [];
  #hasDiverged = false;

  constructor(history: History, factory: MachineFactory<M>, image: BootImage = {}) {
    this.#history = history;
    this.machine = factory.boot();
    this.#first = this.machine.snapshot();
    this.#boot = new BootState(this.#first.state, image);
  }
  get position(): Position {
    return this.machine.position;
  }

  /**
   * Afterwards the machine stands at the position, or up to a few events later where some belong together (an exit to the call that caused it).
   * Answers where what happened was not what was recorded; the machine then stands nowhere, until one goes elsewhere.
   */
  goto(target: Position): Divergence | undefined {
    this.#start(target);
    const { position } = this.machine;
    const stops = waypoints(
      position,
      target,
      seq => this.#tickAfter(seq),
      tick => this.#history.seqAtTick(tick),
    );
    for (const stop of stops) {
      const divergence = this.#advance(stop);
      if (divergence) return divergence;
      this.#keep();
    }
    const divergence = this.#advance(target);
    if (!divergence) this.#thin();
    return divergence;
  }
  /** To after `seq` events; with `plus`, so many instructions later. */
  gotoEvent(seq: number, plus = 0): Divergence | undefined {
    const bounded = Math.max(this.#first.position.seq, Math.min(seq, this.#history.length));
    return this.goto({ seq: bounded, tick: this.#tickAfter(bounded) + plus });
  }
  /** So many events back, or to the beginning; between two events the first step leads to the earlier. */
  back(count = 1): Divergence | undefined {
    const from = this.position;
    const isBetween = from.tick > this.#tickAfter(from.seq);
    for (let seq = from.seq - count + (isBetween ? 1 : 0); ; seq--) {
      const divergence = this.gotoEvent(seq);
      const { position } = this;
      // Where events belong together one lands behind them: then further back.
      if (divergence || position.tick < from.tick || position.seq < from.seq || seq <= this.#first.position.seq) return divergence;
    }
  }
  forward(count = 1): Divergence | undefined {
    return this.gotoEvent(this.position.seq + count);
  }
  /** Gives up the snapshots in memory. */
  close(): void {
    for (const { memory } of [this.#first, ...this.#kept]) this.machine.memory.release(memory);
    this.#kept = [];
  }

  #tickAfter(seq: number): number {
    return seq === 0 ? 0 : (this.#history.event(seq - 1)?.tick ?? 0);
  }
  #advance(bound: Position): Divergence | undefined {
    const divergence = this.machine.advance(bound);
    this.#hasDiverged = divergence !== undefined;
    return divergence;
  }
  /** Puts the machine where it has least to execute: where it is, a snapshot in memory, a keyframe, or the beginning. */
  #start(target: Position): void {
    const kept = latest([this.#first, ...this.#kept], target)!;
    const here = !this.#hasDiverged && isBefore(this.position, target) ? work(this.position, target) : Number.POSITIVE_INFINITY;
    const least = Math.min(here, work(kept.position, target) + 1);
    const loaded = this.#load(target, least);
    if (loaded) {
      this.#kept.push(loaded);
      this.#restore(loaded);
    } else if (here > least) this.#restore(kept);
  }
  /** The last keyframe that can be read, where going on from it is less work. */
  #load(target: Position, least: number): Snapshot<M> | undefined {
    let candidates: readonly Keyframe[] = this.#history.keyframes;
    for (;;) {
      const keyframe = latest(candidates, target);
      if (!keyframe || work(keyframe.position, target) + LOADING_WORK >= least) return undefined;
      const loaded = keyframe.load(this.machine.memory, this.#boot);
      if (loaded) return loaded;
      candidates = candidates.slice(0, candidates.indexOf(keyframe));
    }
  }
  #restore(snapshot: Snapshot<M>): void {
    this.machine.restore(snapshot);
    this.#hasDiverged = false;
  }
  #keep(): void {
    const { seq, tick } = this.position;
    if (this.#kept.some(({ position }) => position.seq === seq && position.tick === tick)) return;
    this.#kept.push(this.machine.snapshot());
  }
  #thin(): void {
    const dropped = new Set(surplus(this.#kept, this.position, KEPT_SNAPSHOTS));
    for (const { memory } of dropped) this.machine.memory.release(memory);
    this.#kept = this.#kept.filter(kept => !dropped.has(kept));
  }
}

const isBefore = (a: Position, b: Position): boolean => a.seq <= b.seq && a.tick <= b.tick;
/** The last that is not after the target. */
function latest<T extends { readonly position: Position }>(all: readonly T[], target: Position): T | undefined {
  let found: T | undefined;
  for (const one of all) if (isBefore(one.position, target) && (!found || isBefore(found.position, one.position))) found = one;
  return found;
}
