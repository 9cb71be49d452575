// A timeline by script, for trying the REPL without a processor: its events are given, its state is that of a machine just booted.

import { syscalls } from "../../engine/abi/syscalls.ts";
import { bootState } from "../../engine/boot.ts";
import { createRegisterFile } from "../../engine/cpu/register-file.ts";
import { FIRST_PROCESS } from "../../engine/kernel/objects/tasks.ts";
import type { KernelState } from "../../engine/kernel/state/kernel-state.ts";
import type { Bound, RunStop } from "../../engine/machine.ts";
import type { BootParameters, Input, KernelEvent } from "../../events/kernel-event.ts";
import type { Position, PositionText } from "../../events/position.ts";
import { demoImage } from "../../guest-images/demo.ts";
import type { EventStream, Guest, Published } from "../../repl/model/guest.ts";

const image = demoImage();
export const parameters: BootParameters = {
  imageName: image.name,
  imageDigest: image.digest,
  mounts: [],
  program: "/bin/hello",
  argv: ["hello"],
  environment: [],
  workingDirectory: "/",
  user: { uid: 0, gid: 0 },
  standard: ["terminal", "terminal", "terminal"],
  terminal: { columns: 80, rows: 20 },
  hostname: "test",
  epochSeconds: 0,
  seed: 1,
  memoryBytes: 2 ** 26,
  quantumTicks: 1000,
};
let booted: KernelState | undefined;
function state(): KernelState {
  if (!booted) {
    const made = bootState(image, [], parameters);
    if (made.kind === "fail") throw new Error(made.errno);
    booted = made.store.current;
  }
  return booted;
}

const bytes = (text: string): Uint8Array => Buffer.from(text, "utf8");
/** A script: each call a hundred instructions after the one before. */
export function scriptedEvents(count: number): readonly KernelEvent[] {
  const events: KernelEvent[] = [{ kind: "boot", tick: 0, parameters }];
  for (let i = 1; i < count; i++) {
    const tick = i * 100;
    if (i % 10 === 9) events.push({ kind: "signal", tick, task: FIRST_PROCESS, signal: 2, code: 0, action: "ignore" });
    else if (i % 3 === 0)
      events.push({
        kind: "syscall",
        tick,
        task: FIRST_PROCESS,
        number: syscalls.write.number,
        raws: [1, 4096, 3],
        reads: [bytes("hi\n")],
        result: { kind: "done", value: 3 },
        stores: [],
      });
    else if (i % 3 === 1)
      events.push({
        kind: "syscall",
        tick,
        task: FIRST_PROCESS,
        number: syscalls.openat.number,
        raws: [-100, 4096, 0, 0],
        reads: [bytes("/etc/x")],
        result: { kind: "fail", errno: "ENOENT" },
        stores: [],
      });
    else
      events.push({
        kind: "syscall",
        tick,
        task: FIRST_PROCESS,
        number: syscalls.getpid.number,
        raws: [],
        reads: [],
        result: { kind: "done", value: 1 },
        stores: [],
      });
  }
  return events;
}

export class FakeGuest implements Guest {
  readonly name: string;
  readonly parent: Guest | undefined;
  readonly forkedAt: number | undefined;
  readonly isSealed = false;
  readonly inputs: Input[] = [];
  readonly #script: readonly KernelEvent[];
  #recorded: number;
  #position: Position = { seq: 1, tick: 0 };
  readonly #observers = new Set<(published: Published) => void>();
  readonly events$: EventStream = {
    subscribe: observer => {
      this.#observers.add(observer);
      return { unsubscribe: () => this.#observers.delete(observer) };
    },
  };

  /** `recorded` events are the past; the rest of the script happens when it is run. */
  constructor(
    script: readonly KernelEvent[],
    recorded = script.length,
    { name = "main", parent, forkedAt }: { name?: string; parent?: Guest; forkedAt?: number } = {},
  ) {
    this.#script = script;
    this.#recorded = recorded;
    this.name = name;
    this.parent = parent;
    this.forkedAt = forkedAt;
    this.goto({ seq: recorded, plus: 0 });
  }
  get position(): Position {
    return this.#position;
  }
  get length(): number {
    return this.#recorded;
  }
  get end(): Position {
    return { seq: this.#recorded, tick: this.#script[this.#recorded - 1]?.tick ?? 0 };
  }
  get isAtEnd(): boolean {
    return this.#position.seq >= this.#recorded;
  }
  get status(): number | undefined {
    return this.#position.seq >= this.#script.length ? 0 : undefined;
  }
  readonly contents = new Map();
  get state(): KernelState {
    return state();
  }
  get screen(): Uint8Array {
    const writes = this.#script.slice(0, this.#position.seq).filter(event => event.kind === "syscall" && event.number === syscalls.write.number);
    return bytes(writes.map(() => "hi\r\n").join(""));
  }
  event(seq: number): KernelEvent | undefined {
    return seq < this.#recorded ? this.#script[seq] : undefined;
  }
  run(bound: Bound): RunStop {
    while (this.#position.seq < bound.seq || this.#position.tick < bound.tick) {
      const { seq, tick } = this.#position;
      const event = this.#script[seq];
      if (!event) return { kind: "halted", status: 0 };
      if (event.tick > bound.tick && seq >= bound.seq) {
        this.#position = { seq, tick: bound.tick };
        return { kind: "bound" };
      }
      this.#position = { seq: seq + 1, tick: Math.max(tick, event.tick) };
      this.#recorded = Math.max(this.#recorded, seq + 1);
      for (const observer of this.#observers) observer({ seq, event });
    }
    return { kind: "bound" };
  }
  goto({ seq, plus }: PositionText): void {
    this.#position = { seq, tick: (this.#script[seq - 1]?.tick ?? 0) + plus };
  }
  fork(_: unknown, { name = "fork" } = {}): Guest {
    const { seq } = this.#position;
    return new FakeGuest(this.#script, seq, { name, parent: this, forkedAt: seq });
  }
  input(input: Input): void {
    this.inputs.push(input);
  }
  skip(): void {}
  registers(): Uint8Array {
    return createRegisterFile();
  }
  read(_tid: number, _address: number, length: number): Uint8Array {
    return new Uint8Array(length).fill(0x90);
  }
}
