// A machine that runs live while its log is written, and nothing more: what `chronix record` does. Who wants to look at what has happened, go back or fork takes a session, which for that
// keeps a snapshot of the beginning, what the guest has sent, and a reader of its log.
import type { ProcessorOptions } from "../engine/cpu/processor.ts";
import type { Bound, Machine, RunStop } from "../engine/machine.ts";
import { type BootSource, boot } from "../engine/machine-boot.ts";
import type { World } from "../engine/world.ts";
import type { Input } from "../events/kernel-event.ts";
import { FileSink } from "../events/log/file-sink.ts";
import { LogWriter } from "../events/log/writer.ts";
import type { Position } from "../events/position.ts";
import { Recorder } from "./recorder.ts";

export interface RecordingOptions {
  /** Where the log goes. */
  readonly path: string;
  readonly world: World;
  /** See `MachineOptions`. */
  readonly isPaced: boolean;
  /** How the machine executes; nothing that happens depends on it. */
  readonly processor: ProcessorOptions;
  /** The host's clock in milliseconds: bounds how much a killed recorder loses. */
  readonly now: () => number;
}
type Memory = Parameters<Machine["restore"]>[0]["memory"];

export class Recording {
  readonly #machine: Machine;
  readonly #recorder: Recorder<Memory>;

  /** A new machine; its log is written from the boot event on. */
  constructor(source: BootSource, { path, world, isPaced, processor, now }: RecordingOptions) {
    const { imageName: name, imageDigest: digest } = source.parameters;
    const recorder = new Recorder<Memory>(new LogWriter(new FileSink(path), { image: { name, digest } }, { now }));
    const machine = boot(source, { ...processor, world, isPaced, onEvent: recorder.onEvent });
    recorder.onDue = () => machine.pause();
    recorder.attach(machine, machine.state, source.image);
    this.#recorder = recorder;
    this.#machine = machine;
  }
  get position(): Position {
    return this.#machine.position;
  }
  run(bound: Bound): RunStop {
    const stop = this.#machine.run(bound);
    this.#recorder.settle();
    return stop;
  }
  input(input: Input): void {
    this.#machine.input(input);
  }
  skip(nanos: number): void {
    this.#machine.skip(nanos);
  }
  /** Writes what is pending: to be called too while the guest sleeps. */
  flush(): void {
    this.#recorder.log.flush();
  }
  close(): void {
    this.#recorder.close();
  }
}
