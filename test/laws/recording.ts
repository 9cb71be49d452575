// Runs a guest as its recording is made, whole or in slices, and keeps what the laws compare.
import type { ProcessorOptions } from "../../engine/cpu/processor.ts";
import type { Bound, Machine } from "../../engine/machine.ts";
import { type BootSource, boot } from "../../engine/machine-boot.ts";
import { silentWorld } from "../../engine/world.ts";
import type { KernelEvent } from "../../events/kernel-event.ts";
import { MemoryFile } from "../../events/log/memory-file.ts";
import { LogReader } from "../../events/log/reader.ts";
import { LogWriter } from "../../events/log/writer.ts";
import { every, type Placement } from "../../snapshots/placement.ts";
import { Recorder } from "../../snapshots/recorder.ts";
import { bootSource } from "../headless.ts";
import { type Fingerprint, fingerprint } from "./fingerprint.ts";
import type { Guest } from "./guests.ts";

const MEMORY_BYTES = 2 ** 28;
/** A guest that runs longer has failed. */
const MOST_TICKS = 1_000_000_000;
const TO_THE_END: Bound = { seq: 0, tick: MOST_TICKS };

export interface Recording {
  readonly source: BootSource;
  readonly events: readonly KernelEvent[];
  readonly log: Uint8Array;
  readonly digest: string;
  readonly end: Fingerprint;
  readonly status: number | undefined;
}

export const sourceOf = ({ request }: Guest): BootSource => bootSource({ memoryBytes: MEMORY_BYTES, ...request });

/** Keyframes lie closer than usual, so that short guests have some. */
export function record(
  guest: Guest,
  nextBound: (machine: Machine) => Bound = () => TO_THE_END,
  placement: Placement = every(60, 200_000),
  processor: ProcessorOptions = {},
): Recording {
  const source = sourceOf(guest);
  const sink = new MemoryFile();
  const { imageName: name, imageDigest: digest } = source.parameters;
  const recorder = new Recorder(new LogWriter(sink, { image: { name, digest } }, { blockEvents: 97 }), placement);
  const events: KernelEvent[] = [];
  const machine = boot(source, {
    ...processor,
    world: silentWorld,
    onEvent: (event, seq) => {
      events.push(event);
      recorder.onEvent(event, seq);
    },
  });
  recorder.onDue = () => machine.pause();
  recorder.attach(machine, machine.state, source.image);
  const status = drive(machine, guest, nextBound, () => recorder.settle());
  const logDigest = recorder.log.digest;
  recorder.close();
  return { source, events, log: new Uint8Array(sink.bytes), digest: logDigest, end: fingerprint(machine), status };
}

/** Runs a live machine on to its end, giving it the rest of its input whenever everybody sleeps. */
export function drive(
  machine: Machine,
  { inputs }: Guest,
  nextBound: (machine: Machine) => Bound = () => TO_THE_END,
  afterEach: () => void = () => {},
  given = 0,
): number | undefined {
  let next = given;
  while (machine.tick < MOST_TICKS) {
    const stop = machine.run(nextBound(machine));
    afterEach();
    if (stop.kind === "halted") return stop.status;
    if (stop.kind !== "asleep") continue;
    const input = inputs[next++];
    if (!input) return undefined;
    machine.input(input);
  }
  throw new Error(`The guest has not ended after ${MOST_TICKS} instructions.`);
}
export const readerOf = (bytes: Uint8Array): LogReader => new LogReader(new MemoryFile(bytes));
