// What is known of a machine's past: its events, and keyframes to start from. Read from a log; a fork's reaches back into its parent's.
import type { KernelEvent } from "../events/kernel-event.ts";
import { LogDamage } from "../events/log/damage.ts";
import type { LogReader } from "../events/log/reader.ts";
import type { Position } from "../events/position.ts";
import type { BootState } from "./boot-state.ts";
import { LoggedContents } from "./page-store.ts";
import type { EventSource } from "./replaying.ts";
import type { Snapshot, SnapshotMemory } from "./snapshot.ts";
import { decodeSnapshot } from "./snapshot-codec.ts";

export interface Keyframe {
  readonly position: Position;
  /** `undefined` where it is damaged: an earlier one must do. `boot` is of the machine that it was taken of, with what the image holds. */
  load<M>(memory: SnapshotMemory<M>, boot: BootState): Snapshot<M> | undefined;
}
export interface History extends EventSource {
  /** The number of the first event at this tick or later. */
  seqAtTick(tick: number): number;
  /** In the order of their positions. */
  readonly keyframes: readonly Keyframe[];
}

export class LogHistory implements History {
  readonly log: LogReader;
  readonly #parent: History | undefined;
  readonly #contents: LoggedContents;
  readonly #keyframes: Keyframe[] = [];

  /** `parent` is needed where the log is a fork. */
  constructor(log: LogReader, parent?: History) {
    if (log.header.origin && !parent) throw new LogDamage("This log is a fork, and its parent's log is not there.");
    this.log = log;
    this.#parent = parent;
    this.#contents = new LoggedContents(log);
  }
  get length(): number {
    return this.log.length;
  }
  event(seq: number): KernelEvent | undefined {
    return seq < this.log.firstSeq ? this.#parent?.event(seq) : this.log.event(seq);
  }
  seqAtTick(tick: number): number {
    const { origin } = this.log.header;
    return origin && tick <= origin.position.tick ? Math.min(this.#parent!.seqAtTick(tick), origin.position.seq) : this.log.seqAtTick(tick);
  }
  get keyframes(): readonly Keyframe[] {
    const blocks = this.log.keyframes;
    for (let i = this.#keyframes.length; i < blocks.length; i++) this.#keyframes.push(this.#keyframe(blocks[i]!));
    const { origin } = this.log.header;
    if (!origin || !this.#parent) return this.#keyframes;
    const { seq, tick } = origin.position;
    return [...this.#parent.keyframes.filter(({ position }) => position.seq <= seq && position.tick <= tick), ...this.#keyframes];
  }
  #keyframe(block: LogReader["keyframes"][number]): Keyframe {
    const { seq, tick } = block.header;
    return {
      position: { seq, tick },
      load: (memory, boot) => {
        try {
          return decodeSnapshot(this.log.payload(block), this.#contents, boot, memory);
        } catch (error) {
          if (error instanceof LogDamage) return undefined;
          throw error;
        }
      },
    };
  }
}
