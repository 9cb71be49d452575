// Runs a guest to its end without a terminal: what tests and laws compare.

import type { Machine } from "../engine/machine.ts";
import { type BootSource, boot } from "../engine/machine-boot.ts";
import type { Input, KernelEvent } from "../events/kernel-event.ts";
import { bootSource, type GuestRequest } from "../snapshots/boot-source.ts";

export interface HeadlessRequest extends GuestRequest {
  readonly stdin?: Uint8Array;
  /** A guest that runs longer has failed. */
  readonly mostTicks?: number;
}
export interface GuestRun {
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  /** The wait status; undefined where every task slept for ever, or too many instructions ran. */
  readonly status: number | undefined;
  readonly events: readonly KernelEvent[];
  readonly notes: readonly string[];
  readonly machine: Machine;
  readonly source: BootSource;
}

const CHUNK = 65_536;
/** Standard input in pieces, then its end. */
export function* inputsOf(stdin: Uint8Array = new Uint8Array(0)): Generator<Input> {
  for (let at = 0; at < stdin.length; at += CHUNK) yield { source: "stdin", bytes: stdin.slice(at, at + CHUNK) };
  yield { source: "stdin", bytes: null };
}

export function runGuest(request: HeadlessRequest): GuestRun {
  const source = bootSource({ memoryBytes: 2 ** 30, ...request });
  const written: { stdout: Uint8Array[]; stderr: Uint8Array[] } = { stdout: [], stderr: [] };
  const notes: string[] = [];
  const events: KernelEvent[] = [];
  const world = {
    output: (to: "terminal" | "stdout" | "stderr", bytes: Readonly<Uint8Array>) =>
      void written[to === "stderr" ? "stderr" : "stdout"].push(bytes as Uint8Array),
    note: (text: string) => void notes.push(text),
  };
  const machine = boot(source, { world, onEvent: event => void events.push(event) });
  const inputs = inputsOf(request.stdin);
  const bound = { seq: Number.POSITIVE_INFINITY, tick: request.mostTicks ?? 20_000_000_000 };
  let status: number | undefined;
  for (;;) {
    const stop = machine.run(bound.tick <= machine.tick ? { seq: machine.seq, tick: machine.tick } : { seq: 0, tick: bound.tick });
    if (stop.kind === "halted") status = stop.status;
    if (stop.kind !== "asleep") break;
    const input = inputs.next();
    if (input.done) break;
    machine.input(input.value);
  }
  return { stdout: Buffer.concat(written.stdout), stderr: Buffer.concat(written.stderr), status, events, notes, machine, source };
}
export { bootSource };
