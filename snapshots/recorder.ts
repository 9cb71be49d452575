// Records a machine: its events into a log, and keyframes where the placement wants them.
import type { KernelEvent } from "../events/kernel-event.ts";
import type { LogWriter } from "../events/log/writer.ts";
import type { Position } from "../events/position.ts";
import { type BootImage, BootState } from "./boot-state.ts";
import { PageStoreWriter } from "./page-store.ts";
import { type Placement, usual } from "./placement.ts";
import type { Snapshot, SnapshotMemory } from "./snapshot.ts";
import { SnapshotEncoder } from "./snapshot-codec.ts";

export interface RecordedMachine<M> {
  readonly position: Position;
  readonly memory: SnapshotMemory<M>;
  snapshot(): Snapshot<M>;
}

export class Recorder<M> {
  readonly log: LogWriter;
  readonly #placement: Placement;
  #last: Position;
  #isDue = false;
  /** Contents that the last keyframe had to store. */
  #stored = 0;
  #keyframes: { readonly machine: RecordedMachine<M>; readonly store: PageStoreWriter; readonly encoder: SnapshotEncoder<M> } | undefined;
  /** Told once when a keyframe is due, while an event is being published: to make the machine stop soon. */
  onDue: () => void = () => {};

  constructor(log: LogWriter, placement: Placement = usual) {
    this.log = log;
    this.#placement = placement;
    this.#last = log.header.origin?.position ?? { seq: 0, tick: 0 };
  }
  /** From now on keyframes are taken. To be called when the machine has booted: what its files hold then, and what `image` has, is not written to the log, since whoever boots it again has it. */
  attach(machine: RecordedMachine<M>, bootState: unknown, image: BootImage = {}): void {
    const boot = new BootState(bootState, image);
    const store = new PageStoreWriter(this.log, boot);
    const encoder = new SnapshotEncoder(machine.memory, boot, (hash, bytes) => store.put(hash, bytes));
    this.#keyframes = { machine, store, encoder };
  }
  /** For the machine's `onEvent`. */
  readonly onEvent = (event: KernelEvent, seq: number): void => {
    this.log.append(event);
    if (this.#isDue || !this.#wantsKeyframe(seq + 1, event.tick)) return;
    this.#isDue = true;
    this.onDue();
  };
  /** Between two runs of the machine, never while it publishes an event: takes the keyframe that is due. */
  settle(): void {
    const position = this.#keyframes?.machine.position;
    if (position && (this.#isDue || this.#wantsKeyframe(position.seq, position.tick))) this.keyframe();
  }
  #wantsKeyframe(seq: number, tick: number): boolean {
    return this.#placement.isDue(seq - this.#last.seq, tick - this.#last.tick, this.#keyframes?.machine.memory.changeablePages ?? 0, this.#stored);
  }
  keyframe(): void {
    if (!this.#keyframes) throw new Error("A keyframe is asked for before the recorder has a machine.");
    const { machine, store, encoder } = this.#keyframes;
    const snapshot = machine.snapshot();
    const before = store.count;
    try {
      const payload = encoder.encode(snapshot);
      store.flush();
      this.log.block("keyframe", payload, { position: snapshot.position });
    } finally {
      machine.memory.release(snapshot.memory);
    }
    this.#last = snapshot.position;
    this.#stored = store.count - before;
    this.#isDue = false;
  }
  close(): void {
    this.log.close();
  }
}
