// A machine small enough to know by heart: every event is a call whose value depends on all that came before, now and then two events belong together, and one page of memory changes.
import type { KernelState } from "../../engine/kernel/state/kernel-state.ts";
import { firstDifference } from "../../events/equality.ts";
import type { KernelEvent } from "../../events/kernel-event.ts";
import type { Position } from "../../events/position.ts";
import type { MachineFactory, ReplayMachine } from "../../snapshots/replay-machine.ts";
import type { Divergence, EventSource } from "../../snapshots/replaying.ts";
import type { Snapshot, SnapshotMemory, StoredPage } from "../../snapshots/snapshot.ts";
import { parameters } from "../events/sample-events.ts";

export interface ToyMemory {
  readonly page: Uint8Array;
}
/** A piece of a file, as the image has it. */
export const piece = Uint8Array.from({ length: 4096 }, (_, i) => i * 7);

export class ToyMachine implements ReplayMachine<ToyMemory> {
  position: Position = { seq: 0, tick: 0 };
  readonly source: EventSource | undefined;
  onEvent: (event: KernelEvent, seq: number) => void = () => {};
  executed = 0;
  held = 0;
  readonly memory: SnapshotMemory<ToyMemory>;
  #sum = 1;
  #written: Uint8Array = new Uint8Array(100).fill(1);
  #nextTick = 10;

  constructor(source?: EventSource) {
    this.source = source;
    this.memory = {
      changeablePages: 1,
      pages: ({ page }): StoredPage[] => [{ identity: page[0]! * 1000 + page.length, bytes: page, places: [{ space: 1, page: 0x7_ffff_fffe, flags: 7 }] }],
      load: pages => {
        this.held++;
        const [page] = [...pages];
        return { page: new Uint8Array(page!.bytes) };
      },
      release: () => {
        this.held--;
      },
    };
  }
  boot(): this {
    this.#publish({ kind: "boot", tick: 0, parameters });
    return this;
  }
  run(bound: Position): void {
    while (this.position.seq < bound.seq || this.position.tick < bound.tick) {
      if (this.#nextTick > bound.tick && this.position.seq >= bound.seq) {
        this.position = { ...this.position, tick: bound.tick };
        return;
      }
      this.#call();
    }
  }
  advance(bound: Position): Divergence | undefined {
    try {
      this.run(bound);
      return undefined;
    } catch (error) {
      return error as Divergence;
    }
  }
  snapshot(): Snapshot<ToyMemory> {
    this.held++;
    const toy = { sum: this.#sum, nextTick: this.#nextTick, piece, big: 2n ** 63n, endless: Infinity, map: new Map([[1, { a: null }]]) };
    const state = { system: toy, vmm: { spaces: new Map([[1, {}]]) } } as unknown as KernelState;
    return { position: this.position, state, registers: new Map([[1, Uint8Array.of(this.#sum & 255)]]), memory: { page: this.#written } };
  }
  restore({ position, state, memory }: Snapshot<ToyMemory>): void {
    this.position = position;
    const toy = state.system as unknown as { sum: number; nextTick: number };
    this.#sum = toy.sum;
    this.#nextTick = toy.nextTick;
    this.#written = memory.page;
  }
  get sum(): number {
    return this.#sum;
  }

  #call(): void {
    this.#sum = (Math.imul(this.#sum, 1_103_515_245) + 12_345) >>> 0;
    const tick = this.#nextTick;
    this.#nextTick += 1 + (this.#sum % 97) + (this.#sum % 1000 === 0 ? 300_000 : 0);
    if (this.#sum % 64 === 0) this.#written = new Uint8Array(100 + (this.#sum % 200)).fill(this.#sum % 251);
    this.position = { ...this.position, tick };
    this.#publish({
      kind: "syscall",
      tick,
      task: 1,
      number: this.#sum % 300,
      raws: [this.#sum],
      reads: [],
      stores: [],
      result: { kind: "done", value: this.#sum % 5 },
    });
    if (this.#sum % 50 === 0) this.#publish({ kind: "exit", tick, task: 2, status: 0 });
  }
  #publish(event: KernelEvent): void {
    const { seq, tick } = this.position;
    this.position = { seq: seq + 1, tick };
    this.executed++;
    if (this.source && seq < this.source.length) {
      const expected = this.source.event(seq);
      const path = firstDifference(expected, event);
      if (path !== undefined) throw { seq, expected, actual: event, path } satisfies Divergence;
    }
    this.onEvent(event, seq);
  }
}
export const toyFactory = (source: EventSource): MachineFactory<ToyMemory> & { readonly machines: ToyMachine[] } => {
  const machines: ToyMachine[] = [];
  return {
    machines,
    boot() {
      const machine = new ToyMachine(source).boot();
      machines.push(machine);
      return machine;
    },
  };
};
