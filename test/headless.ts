// Runs a guest to its end without a terminal: what tests and laws compare.

import type { Mount } from "../engine/boot.ts";
import type { Image } from "../engine/loader/image.ts";
import type { Machine } from "../engine/machine.ts";
import type { BootSource } from "../engine/machine-boot.ts";
import { boot } from "../engine/machine-boot.ts";
import type { BootParameters, Input, KernelEvent } from "../events/kernel-event.ts";

export interface GuestRequest {
  readonly image: Image;
  readonly argv: readonly string[];
  readonly program?: string;
  readonly stdin?: Uint8Array;
  readonly mounts?: readonly Mount[];
  readonly environment?: readonly string[];
  readonly workingDirectory?: string;
  readonly seed?: number;
  readonly quantumTicks?: number;
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

export const bootSource = (request: GuestRequest): BootSource => {
  const { image, argv, mounts = [] } = request;
  const parameters: BootParameters = {
    imageName: image.name,
    imageDigest: image.digest,
    mounts: mounts.map(({ path, digest, isReadOnly }) => ({ path, digest, isReadOnly })),
    program: request.program ?? argv[0]!,
    argv,
    environment: request.environment ?? Object.entries(image.config.environment).map(([name, value]) => `${name}=${value}`),
    workingDirectory: request.workingDirectory ?? image.config.workingDirectory,
    user: image.config.user,
    standard: ["pipe", "pipe", "pipe"],
    terminal: { columns: 80, rows: 24 },
    hostname: "chronix",
    epochSeconds: 1_704_067_200,
    seed: request.seed ?? 1,
    memoryBytes: 2 ** 30,
    quantumTicks: request.quantumTicks ?? 1_000_000,
  };
  return { image, mounts, parameters };
};

const CHUNK = 65_536;
/** Standard input in pieces, then its end. */
export function* inputsOf(stdin: Uint8Array = new Uint8Array(0)): Generator<Input> {
  for (let at = 0; at < stdin.length; at += CHUNK) yield { source: "stdin", bytes: stdin.slice(at, at + CHUNK) };
  yield { source: "stdin", bytes: null };
}

export function runGuest(request: GuestRequest): GuestRun {
  const source = bootSource(request);
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
