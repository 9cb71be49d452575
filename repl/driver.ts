// Runs a machine against this host: standard streams, the terminal, signals. Yields to Node's event loop between slices; the only place that turns host time into events.
import { fstatSync, writeSync } from "node:fs";
import type { ReadStream } from "node:tty";
import type { Bound, RunStop } from "../engine/machine.ts";
import type { BootParameters, Input } from "../events/kernel-event.ts";
import type { Position } from "../events/position.ts";
import { Failure } from "./failure.ts";
import { boundGarbage, unboundGarbage } from "./garbage.ts";
import { RESTORED } from "./terminal-lease.ts";

/** Instructions between two looks at the host: some tens of milliseconds. */
const SLICE_TICKS = 10_000_000;
const FORWARDED = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1, SIGQUIT: 3 } as const;
/** Shells at a terminal ignore SIGTERM: a guest that goes on after such a signal is left behind, and the host's terminal given back. */
const DEADLY: readonly string[] = ["SIGTERM", "SIGHUP", "SIGQUIT"];
const GRACE_MILLISECONDS = 1000;

/** Of this process's descriptors, those that nobody reads any more. */
const broken = new Set<number>();

/** Writes all of it, waiting where a pipe is full. */
export function writeAll(fd: number, bytes: Readonly<Uint8Array>): void {
  for (let at = 0; at < bytes.length && !broken.has(fd); ) {
    try {
      at += writeSync(fd, bytes, at);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EPIPE" || code === "EIO") {
        broken.add(fd);
        return;
      }
      if (code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}
const DESCRIPTORS = { terminal: 1, stdout: 1, stderr: 2 } as const;
export const outputToHost = (to: keyof typeof DESCRIPTORS, bytes: Readonly<Uint8Array>): void => writeAll(DESCRIPTORS[to], bytes);

/** What the host's streams are, seen from the guest. */
export function hostStandard(): { standard: BootParameters["standard"]; terminal: BootParameters["terminal"] } {
  const kind = (fd: number, stream: () => { isTTY?: boolean }) => (mayBeTerminal(fd) && stream().isTTY ? "terminal" : "pipe");
  const standard = [kind(0, () => process.stdin), kind(1, () => process.stdout), kind(2, () => process.stderr)] as const;
  const { columns = 80, rows = 24 } = standard[1] === "terminal" ? process.stdout : {};
  return { standard, terminal: { columns, rows } };
}
/** Linux's number for /dev/null, character device 1:3. */
const NULL_DEVICE = 0x103;
/** Node's own streams know best, but merely to look at them takes several milliseconds: not where a file, a pipe or /dev/null answers. */
function mayBeTerminal(fd: number): boolean {
  try {
    const status = fstatSync(fd);
    return status.isCharacterDevice() && !(process.platform === "linux" && status.rdev === NULL_DEVICE);
  } catch {
    return false; // It is closed.
  }
}

/** A file or /dev/null has an answer however soon one asks; only who writes a pipe or a socket may let the guest wait. */
function mayKeepSilent(fd: number): boolean {
  try {
    const status = fstatSync(fd);
    return status.isFIFO() || status.isSocket();
  } catch {
    return false; // It is closed: its end is told at once.
  }
}

/** Bytes that have come from standard input and are not yet given to the guest; `null` is its end. */
class HostInput {
  readonly #chunks: (Buffer | null)[] = [];
  /** A person's keys are listened to while the guest executes, too: Ctrl-C is one. Of anything else no more is read than the guest asks for. */
  readonly #isTerminal: boolean;
  #wake: (() => void) | undefined;
  #hasStarted = false;

  constructor(isTerminal: boolean) {
    this.#isTerminal = isTerminal;
  }

  stop(): void {
    if (this.#hasStarted) process.stdin.pause();
  }
  #start(): void {
    if (this.#hasStarted) return;
    this.#hasStarted = true;
    process.stdin.on("data", (chunk: Buffer) => this.#arrive(chunk));
    process.stdin.on("end", () => this.#arrive(null));
    process.stdin.on("error", () => this.#arrive(null));
  }
  #arrive(chunk: Buffer | null): void {
    this.#chunks.push(chunk);
    this.#wake?.();
  }
  /** What is there now. */
  take(): Buffer | null | undefined {
    this.#start();
    return this.#chunks.shift();
  }
  /** Until something comes, or `milliseconds` have passed; answers whether they have. */
  async wait(milliseconds: number | undefined, alsoWake: (wake: () => void) => void): Promise<boolean> {
    this.#start();
    if (this.#chunks.length > 0) return false;
    process.stdin.resume();
    const isOver = await new Promise<boolean>(resolve => {
      // Between a timer and setImmediate Node looks at its descriptors: what is there already comes first, however short the time.
      const over = () => setImmediate(() => resolve(true));
      const timer = milliseconds === undefined ? undefined : setTimeout(over, Math.min(milliseconds, 2 ** 31 - 1));
      this.#wake = () => {
        clearTimeout(timer);
        resolve(false);
      };
      alsoWake(this.#wake);
    });
    this.#wake = undefined;
    if (!this.#isTerminal) process.stdin.pause();
    return isOver;
  }
}

/** A machine, or a session that records one. */
export interface Drivable {
  readonly position: Position;
  run(bound: Bound): RunStop;
  input(input: Input): void;
  skip(nanos: number): void;
  /** Writes what is pending, before a sleep of unknown length. */
  flush?(): void;
}
/** Connections with this host: see network/host-network.ts. */
export interface Network {
  onArrival: () => void;
  /** Somebody outside may still want something. */
  readonly isOpen: boolean;
  deliver(to: Drivable): void;
}
export const NOBODY_WAKES = "every process of the guest sleeps and nothing can wake one; standard input has ended.";
export interface Driven {
  /** The first process's wait status, or undefined where every task sleeps and nothing can wake one. */
  readonly status: number | undefined;
}

/**
 * Runs until the guest ends. Standard input that is no terminal is given only when every task sleeps, and takes no virtual time to come, so that the host's timing leaves no
 * trace; where a task waits for it with a timeout, it is the host's clock that says whether the timeout was first. With a network the machine must be paced: its clock jumps
 * only while nobody outside may want something.
 */
export async function drive(machine: Drivable, standard: BootParameters["standard"], network?: Network): Promise<Driven> {
  const isTerminal = standard[0] === "terminal";
  const input = new HostInput(isTerminal);
  const pending: (() => void)[] = [];
  let wake = () => {};
  const later = (act: () => void): void => {
    pending.push(act);
    wake();
  };
  const leave = (name: string, signal: number): void =>
    later(() => {
      throw new Failure(`${name} came, and the guest did not end by it.`, 128 + signal);
    });
  if (network) network.onArrival = () => wake();
  const restore = attach(machine, isTerminal, { later, leave });
  const told = new Set<string>();
  let hasEnded = false;
  let isOver = false;
  try {
    for (;;) {
      const stop = machine.run({ seq: machine.position.seq, tick: machine.position.tick + SLICE_TICKS });
      if (stop.kind === "halted") {
        isOver = true;
        return { status: stop.status };
      }
      boundGarbage();
      await new Promise(setImmediate);
      const { seq } = machine.position;
      for (let act = pending.shift(); act; act = pending.shift()) act();
      if (isTerminal)
        for (let bytes = input.take(); bytes !== undefined; bytes = input.take()) machine.input(bytes ? { source: "terminal", bytes } : { source: "hangup" });
      network?.deliver(machine);
      for (const to of ["stdout", "stderr"] as const)
        if (broken.has(DESCRIPTORS[to]) && !told.has(to)) {
          told.add(to);
          machine.input({ source: "closed", to });
        }
      if (stop.kind !== "asleep" || machine.position.seq > seq) continue;
      const { untilNanos, isInputAwaited } = stop;
      const isPaced = isTerminal || network?.isOpen === true;
      if (!isPaced && !isInputAwaited && untilNanos !== undefined) {
        machine.skip(untilNanos);
        continue;
      }
      const bytes = isTerminal ? undefined : input.take();
      if (bytes !== undefined) {
        hasEnded ||= bytes === null;
        machine.input({ source: "stdin", bytes });
        continue;
      }
      if (hasEnded && !isPaced && untilNanos === undefined) return { status: undefined };
      machine.flush?.();
      const from = process.hrtime.bigint();
      const isLimited = untilNanos !== undefined && (isPaced || mayKeepSilent(0));
      const isDue = await input.wait(isLimited ? untilNanos / 1e6 : undefined, w => {
        wake = w;
      });
      // While a person or a client thinks, the guest's clock goes on.
      if (isPaced) machine.skip(Math.min(untilNanos ?? Number.POSITIVE_INFINITY, Number(process.hrtime.bigint() - from)));
      else if (isDue) machine.skip(untilNanos!);
    }
  } finally {
    unboundGarbage();
    restore();
    // The guest had no chance to leave its screen.
    if (isTerminal && !isOver && process.stdout.isTTY) outputToHost("terminal", Buffer.from(RESTORED));
    input.stop();
  }
}

interface Reactions {
  /** Between two slices. */
  readonly later: (act: () => void) => void;
  readonly leave: (name: string, signal: number) => void;
}
/** Raw mode, window size and signals, for as long as the guest runs; answers how to put everything back. */
function attach(machine: Drivable, isTerminal: boolean, { later, leave }: Reactions): () => void {
  const undo: (() => void)[] = [];
  if (isTerminal) {
    const stdin = process.stdin as ReadStream;
    stdin.setRawMode(true);
    undo.push(() => stdin.setRawMode(false));
    const resized = () => later(() => machine.input({ source: "size", columns: process.stdout.columns ?? 80, rows: process.stdout.rows ?? 24 }));
    process.stdout.on("resize", resized);
    undo.push(() => process.stdout.off("resize", resized));
  }
  for (const [name, signal] of Object.entries(FORWARDED)) {
    const forward = () => {
      later(() => machine.input({ source: "signal", signal }));
      if (!isTerminal || !DEADLY.includes(name)) return;
      const timer = setTimeout(leave, GRACE_MILLISECONDS, name, signal);
      undo.push(() => clearTimeout(timer));
    };
    process.on(name, forward);
    undo.push(() => process.off(name, forward));
  }
  return () => {
    for (const step of undo) step();
  };
}
