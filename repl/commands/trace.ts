// chronix trace: a recording, or a program run now, as strace shows it.
import { writeFileSync } from "node:fs";
import type { Command } from "commander";
import type { KernelEvent, SyscallEvent } from "../../events/kernel-event.ts";
import { Session } from "../../snapshots/session.ts";
import { drive, hostStandard, outputToHost } from "../driver.ts";
import { UsageFailure } from "../failure.ts";
import { injectionsOf, runFork } from "../forking.ts";
import type { GuestOptions } from "../guest-option-defaults.ts";
import { withGuestOptions } from "../guest-option-rows.ts";
import { bootRequest, injectionOption, processorOptions } from "../guest-options.ts";
import { callSet, parseFilter, signalOf } from "../model/event-filter.ts";
import { note } from "../note.ts";
import { Recordings } from "../recordings.ts";
import { countsText, type Stamp, Tracing, type TracingOptions } from "../tracing.ts";
import { exitStatusOf } from "../wait-status.ts";
import type { CommandRow } from "./command-row.ts";
import { eventsOf } from "./processes.ts";

interface Options extends GuestOptions {
  readonly e: readonly string[];
  readonly f?: boolean;
  readonly P: readonly string[];
  readonly s?: string;
  readonly t?: number;
  readonly r?: boolean;
  readonly T?: boolean;
  readonly c?: boolean;
  readonly C?: boolean;
  readonly k?: boolean;
  readonly n?: boolean;
  readonly y?: boolean;
  readonly z?: boolean;
  readonly Z?: boolean;
  readonly o?: string;
}
const collect = (value: string, list: readonly string[]): readonly string[] => [...list, value];
const counted = (_: string, times: number): number => times + 1;
const STAMPS: readonly Stamp[] = ["none", "time", "micros", "epoch"];

/** `-e trace=%file`, `-e signal=SIGCHLD`, `-e status=failed`, `-e inject=…`, `-e openat`. */
interface Expressions {
  readonly calls: (name: string) => boolean;
  readonly signals: (signal: number) => boolean;
  readonly results: TracingOptions["showsResult"];
  readonly injections: readonly string[];
}
function expressionsOf({ e, z, Z, inject }: Options): Expressions {
  const found = { calls: [] as string[], signals: [] as string[], status: [] as string[], injections: [] as string[] };
  const places: Readonly<Record<string, string[]>> = {
    trace: found.calls,
    t: found.calls,
    signal: found.signals,
    signals: found.signals,
    s: found.signals,
    status: found.status,
    inject: found.injections,
    fault: found.injections,
  };
  for (const expression of e) {
    const match = /^(\w+)=(.*)$/.exec(expression);
    const place = match ? places[match[1]!] : found.calls;
    if (!place) throw new UsageFailure(`-e ${expression}: trace=, signal=, status= and inject= are possible here.`);
    place.push(match ? match[2]! : expression);
  }
  if (z) found.status.push("successful");
  if (Z) found.status.push("failed");
  const sets = found.calls.map(callSet);
  const tests = found.status.map(text => parseFilter(`status=${text}`).test);
  return {
    calls: name => sets.every(has => has(name)),
    signals: signalTest(found.signals),
    results: tests.length === 0 ? undefined : result => tests.every(test => test({ kind: "syscall", result } as SyscallEvent)),
    injections: [...inject, ...found.injections],
  };
}
function signalTest(sets: readonly string[]): (signal: number) => boolean {
  const tests = sets.map(text => {
    if (text === "all") return () => true;
    if (text === "none") return () => false;
    const list = text.replace(/^!/, "").split(",").map(signalOf);
    return (signal: number) => list.includes(signal) !== text.startsWith("!");
  });
  return signal => tests.every(test => test(signal));
}
/** Calls that name the path, or a path below it. */
const pathTest =
  (paths: readonly string[]) =>
  ({ reads }: SyscallEvent): boolean =>
    reads.some(bytes => bytes !== null && paths.some(path => Buffer.from(bytes).toString("latin1").startsWith(path)));

function tracingOf(options: Options, expressions: Expressions, epochSeconds: number): Tracing {
  if (options.k) throw new UsageFailure("-k is not possible yet: the guest's stack is not unwound.");
  if (options.y) throw new UsageFailure("-y is not possible yet: paths of descriptors are not shown; chronix fds --at POS shows them.");
  return new Tracing({
    epochSeconds,
    stamp: options.r ? "relative" : (STAMPS[Math.min(options.t ?? 0, 3)] ?? "none"),
    hasDurations: options.T ?? false,
    hasNumbers: options.n ?? false,
    follows: options.f ?? false,
    showsCall: expressions.calls,
    showsSignal: expressions.signals,
    ...(options.s === undefined ? {} : { stringLimit: Number(options.s) }),
    ...(expressions.results ? { showsResult: expressions.results } : {}),
    ...(options.P.length > 0 ? { showsPath: pathTest(options.P) } : {}),
  });
}
class Printer {
  readonly #tracing: Tracing;
  readonly #options: Options;
  readonly #write: (text: string) => void;
  #kept = "";
  constructor(tracing: Tracing, options: Options, write: (text: string) => void) {
    this.#tracing = tracing;
    this.#options = options;
    this.#write = write;
  }
  readonly take = (event: KernelEvent): void => {
    const text = this.#tracing.next(event);
    if (this.#options.c && !this.#options.C) return;
    if (this.#options.o === undefined) this.#write(text);
    else this.#kept += text;
  };
  end(): void {
    const rest = `${this.#options.c && !this.#options.C ? "" : this.#tracing.end()}${this.#options.c || this.#options.C ? `${countsText(this.#tracing.counts)}\n` : ""}`;
    if (this.#options.o === undefined) this.#write(rest);
    else writeFileSync(this.#options.o, this.#kept + rest);
  }
}
const withTraceOptions = (command: Command): Command =>
  command
    .option("-e <EXPR>", "trace=SET, signal=SET, status=SET, inject=SET:error=E:when=N; or a set of calls", collect, [])
    .option("-f", "follow children")
    .option("-P <PATH>", "only calls that name this path", collect, [])
    .option("-s <N>", "most bytes of a string (32)")
    .option("-t", "time of day; -tt with microseconds, -ttt since 1970", counted, 0)
    .option("-r", "time since the line before")
    .option("-T", "time spent in each call")
    .option("-c", "count calls, errors and time instead")
    .option("-C", "count as well")
    .option("-n", "numbers of calls")
    .option("-y", "paths of descriptors (not possible yet)")
    .option("-k", "stack traces (not possible yet)")
    .option("-z", "only calls that succeed")
    .option("-Z", "only calls that fail")
    .option("-o <FILE>", "write to a file");

export const trace: CommandRow = {
  name: "trace",
  declare(command) {
    withTraceOptions(withGuestOptions(command.summary("a recording (LOG), or a program run now (-- PROGRAM), as strace shows it")))
      .argument("[words...]", "LOG (default: the latest), or -- PROGRAM ARGS…")
      .action(async (words: string[], options: Options) => {
        if (process.argv.includes("--") && words.length > 0) await traceProgram(words, options);
        else traceLog(words[0], options);
      });
  },
};
function traceLog(log: string | undefined, options: Options): void {
  const recordings = new Recordings();
  const recording = recordings.find(log);
  const expressions = expressionsOf(options);
  const write = (text: string) => process.stdout.write(text);
  if (expressions.injections.length > 0) {
    const session = recordings.open(recording, { note });
    const { change, inject } = injectionsOf(expressions.injections, session, { from: 0 });
    session.goto({ seq: change.seq, plus: 0 });
    const child = session.fork([change], { output: outputToHost, inject });
    runFork(child);
    print(child.history, options, expressions, write);
    return;
  }
  const { tree, timeline } = recordings.timeline(recording);
  print(tree.history(timeline), options, expressions, write);
  if (timeline.log.damage) note(timeline.log.damage);
}
function print(history: Parameters<typeof eventsOf>[0], options: Options, expressions: Expressions, write: (text: string) => void): void {
  const boot = history.event(0);
  const printer = new Printer(tracingOf(options, expressions, boot?.kind === "boot" ? boot.parameters.epochSeconds : 0), options, write);
  for (const event of eventsOf(history)) printer.take(event);
  printer.end();
}
async function traceProgram(program: readonly string[], options: Options): Promise<void> {
  const expressions = expressionsOf(options);
  const host = hostStandard();
  const request = bootRequest(options, program, host);
  const printer = new Printer(tracingOf(options, expressions, request.parameters.epochSeconds), options, text => process.stderr.write(text));
  const session = Session.boot(request, {
    output: outputToHost,
    note,
    isPaced: host.standard[0] === "terminal",
    ...injectionOption(expressions.injections),
    processor: processorOptions(options),
  });
  session.events$.subscribe(({ event }) => printer.take(event));
  const { status } = await drive(session, host.standard);
  printer.end();
  process.exitCode = status === undefined ? 125 : exitStatusOf(status);
}
