// One timeline and its machine: live and recorded at its end, replayed and checked anywhere before it. What the REPL, the command line and programs work with.

import type { Observable } from "rxjs";
import type { ProcessorOptions } from "../engine/cpu/processor.ts";
import type { KernelState } from "../engine/kernel/state/kernel-state.ts";
import { type StoredContents, storedContents } from "../engine/loader/image.ts";
import type { Bound, Machine, RunStop } from "../engine/machine.ts";
import { type BootSource, boot } from "../engine/machine-boot.ts";
import type { World } from "../engine/world.ts";
import type { Input, KernelEvent } from "../events/kernel-event.ts";
import { FileSink } from "../events/log/file-sink.ts";
import { FileSource } from "../events/log/file-source.ts";
import type { Change, LogHeader } from "../events/log/header.ts";
import { MemoryFile } from "../events/log/memory-file.ts";
import { LogReader } from "../events/log/reader.ts";
import { LogWriter } from "../events/log/writer.ts";
import type { Position, PositionText } from "../events/position.ts";
import type { EventPredicate } from "../events/query.ts";
import { EventStream, type SequencedEvent } from "../events/stream.ts";
import { changedInputs, changedParameters, changesBoot, injections } from "./changes.ts";
import { LogHistory } from "./history.ts";
import { Navigator } from "./navigator.ts";
import { Outputs } from "./outputs.ts";
import { Recorder } from "./recorder.ts";
import { ReplayedMachine } from "./replay-machine.ts";
import type { Divergence } from "./replaying.ts";
import { originOf, type Timeline } from "./timeline.ts";

export interface SessionOptions {
  /** Where the log goes; without it, into memory. */
  readonly path?: string;
  readonly name?: string;
  /** Is shown what the guest sends, while it runs live. */
  readonly output?: World["output"];
  readonly note?: World["note"];
  /** Is told what the guest does to its links, while it runs live (see repl/network/). A fork does not inherit it: its links hear of the outside only what inputs say. */
  readonly link?: NonNullable<World["link"]>;
  /** Which calls get an errno instead of being performed, while it runs live. A fork does not inherit it. */
  readonly inject?: NonNullable<World["inject"]>;
  /** See `MachineOptions`. */
  readonly isPaced?: boolean;
  /** How its machines execute; nothing that happens depends on it. */
  readonly processor?: ProcessorOptions;
  /** The host's clock in milliseconds: bounds how much a killed recorder loses. */
  readonly now?: () => number;
}
/** Replay showed something else than was recorded. */
export class DivergenceFound extends Error {
  readonly divergence: Divergence;
  constructor(divergence: Divergence) {
    super(`Replay diverged at event ${divergence.seq}, in ${divergence.path}.`);
    this.divergence = divergence;
  }
}
const SLICE_TICKS = 50_000_000;
const END_OF_INPUT: readonly Input[] = [{ source: "stdin", bytes: null }];
type Memory = Parameters<Machine["restore"]>[0]["memory"];

export class Session {
  readonly name: string;
  readonly source: BootSource;
  readonly parent: Session | undefined;
  /** The event before which it leaves its parent. */
  readonly forkedAt: number | undefined;
  readonly history: LogHistory;
  readonly timeline: Timeline;
  readonly #options: SessionOptions;
  #contents: StoredContents | undefined;
  readonly #changes: readonly Change[];
  readonly #stream = new EventStream();
  readonly #outputs: Outputs;
  readonly #reader: LogReader;
  readonly #recorder: Recorder<Memory> | undefined;
  readonly #navigator: Navigator<Memory>;
  #machine!: Machine;
  #replayed!: ReplayedMachine;
  /** How far it has ever run. */
  #end: Position;
  #isLive = false;
  #status: number | undefined;

  private constructor(
    source: BootSource,
    options: SessionOptions,
    log: { reader: LogReader; writer?: LogWriter },
    fork?: { parent: Session; changes: readonly Change[]; position: Position },
  ) {
    this.source = source;
    this.#options = options;
    this.name = options.name ?? "main";
    this.parent = fork?.parent;
    this.forkedAt = fork?.position.seq;
    this.#changes = fork?.changes ?? [];
    this.#reader = log.reader;
    this.timeline = {
      name: this.name,
      log: log.reader,
      changes: this.#changes,
      children: [],
      ...(fork ? { parent: fork.parent.timeline, fork: fork.position } : {}),
    };
    this.history = new LogHistory(log.reader, fork?.parent.history);
    this.#outputs = new Outputs(source, this.history);
    this.#recorder = log.writer && new Recorder<Memory>(log.writer);
    this.#end = { seq: 0, tick: 0 };
    this.#navigator = this.#boot(fork === undefined || fork.position.seq === 0);
    if (this.#recorder) {
      this.#recorder.onDue = () => this.#machine.pause();
      this.#recorder.attach(this.#machine, this.#machine.state, this.source.image);
    }
    const last = this.history.event(this.history.length - 1);
    this.#end = { seq: this.history.length, tick: Math.max(last?.tick ?? 0, fork?.position.tick ?? 0) };
  }

  /** A new machine, live; its log is written from the boot event on. */
  static boot(source: BootSource, options: SessionOptions = {}): Session {
    const session = new Session(
      source,
      options,
      Session.#logTo({ image: { name: source.parameters.imageName, digest: source.parameters.imageDigest } }, options),
    );
    session.#enterLive();
    return session;
  }
  /** A log that exists, at its end. `source` boots what it says: the same image, mounts and parameters. */
  static open(reader: LogReader, source: BootSource, options: SessionOptions = {}, parent?: Session): Session {
    const { origin } = reader.header;
    const fork = origin && parent && { parent, changes: origin.changes, position: origin.position };
    return new Session(source, options, { reader }, fork);
  }
  static #logTo(header: LogHeader, { path, now }: SessionOptions): { reader: LogReader; writer: LogWriter } {
    const memory = path === undefined ? new MemoryFile() : undefined;
    const writer = new LogWriter(memory ?? new FileSink(path!), header, now ? { now } : {});
    return { writer, reader: new LogReader(memory ?? new FileSource(path!)) };
  }

  get position(): Position {
    return this.#machine.position;
  }
  /** Events recorded. */
  get length(): number {
    return this.#isLive ? this.#machine.seq : this.#end.seq;
  }
  /** How far it has ever run: instructions may have been executed after the last event. */
  get end(): Position {
    return this.#isLive ? this.#machine.position : this.#end;
  }
  /** A log that was opened is not written to: it can be looked at and forked. */
  get isSealed(): boolean {
    return this.#recorder === undefined;
  }
  get isAtEnd(): boolean {
    return this.#isLive || (this.#machine.seq >= this.#end.seq && this.#machine.tick >= this.#end.tick);
  }
  /** The first process's wait status, where it has ended at this position. */
  get status(): number | undefined {
    return this.#machine.status ?? (this.isAtEnd ? this.#status : undefined);
  }
  get state(): KernelState {
    return this.#machine.state;
  }
  /** What the image's files hold, for reading them out of the state. */
  get contents(): StoredContents {
    this.#contents ??= storedContents(this.source.image, ...this.source.mounts);
    return this.#contents;
  }
  get events$(): Observable<SequencedEvent> {
    return this.#stream.events$;
  }
  get machine(): Machine {
    return this.#machine;
  }
  event(seq: number): KernelEvent | undefined {
    if (seq >= this.#reader.length) this.#refresh();
    return this.history.event(seq);
  }
  registers(tid: number): Uint8Array | undefined {
    return this.#machine.registers.get(tid);
  }
  /** Guest memory as the task sees it; undefined where some of it is not mapped. */
  read(tid: number, address: number, length: number): Uint8Array | undefined {
    const task = this.state.procTable.tasks.get(tid);
    return task && this.#machine.memory.read(task.space, address, length);
  }
  /** All that the guest has sent to its terminal and standard streams up to this position. */
  get screen(): Uint8Array {
    this.#refresh();
    return this.#outputs.before(this.#machine.seq);
  }
  /** Of the events up to the end. */
  get digest(): string {
    this.#refresh();
    return this.#reader.digest();
  }

  /** Executes: live at the end, checked against the log before it. Throws `DivergenceFound`. */
  run(bound: Bound): RunStop {
    if (!this.isAtEnd) {
      this.#checked(this.#replayed.advance({ seq: Math.min(bound.seq, this.#end.seq), tick: Math.min(bound.tick, this.#end.tick) }));
      return { kind: "bound" };
    }
    if (this.status !== undefined) return { kind: "halted", status: this.status };
    if (!this.#isLive) {
      if (!this.#recorder) return { kind: "bound" };
      this.#enterLive();
    }
    const stop = this.#machine.run(bound);
    this.#recorder!.settle();
    if (stop.kind === "halted") this.#status = stop.status;
    return stop;
  }
  /**
   * Runs until an event for which `predicate` holds, and answers it; where the guest ends, or sleeps and `inputs` has nothing more for it, `undefined`.
   * Without inputs a guest that reads its standard input finds its end.
   */
  runUntil(predicate: EventPredicate, inputs: Iterator<Input> = END_OF_INPUT[Symbol.iterator]()): SequencedEvent | undefined {
    let found: SequencedEvent | undefined;
    const watching = this.events$.subscribe(({ event, seq }) => {
      if (found || !predicate(event, seq)) return;
      found = { event, seq };
      this.#machine.pause();
    });
    try {
      while (!found) {
        const stop = this.run({ seq: 0, tick: this.position.tick + SLICE_TICKS });
        if (stop.kind === "halted" || (stop.kind === "bound" && this.isAtEnd && !this.#isLive)) break;
        if (stop.kind !== "asleep" || found) continue;
        const { value, done } = inputs.next();
        if (!done) this.input(value);
        else if (stop.untilNanos !== undefined && !this.#options.isPaced) this.skip(stop.untilNanos);
        else break;
      }
    } finally {
      watching.unsubscribe();
    }
    return found;
  }
  /** Runs until the guest ends; answers its wait status. */
  runToEnd(inputs?: Iterator<Input>): number | undefined {
    this.runUntil(() => false, inputs);
    return this.status;
  }
  /** Something comes from outside; only at the end. */
  input(input: Input): void {
    this.#mustBeLive();
    this.#machine.input(input);
  }
  /** The clock jumps while everybody sleeps; only at the end. */
  skip(nanos: number): void {
    this.#mustBeLive();
    this.#machine.skip(nanos);
  }
  goto({ seq, plus }: PositionText): void {
    this.#leaveLive();
    this.#checked(this.#navigator.gotoEvent(Math.min(seq, this.#end.seq), plus));
  }
  back(count = 1): void {
    this.#leaveLive();
    this.#checked(this.#navigator.back(count));
  }
  forward(count = 1): void {
    this.goto({ seq: this.position.seq + count, plus: 0 });
  }

  /** Writes what is pending: to be called too while the guest sleeps. */
  flush(): void {
    this.#refresh();
  }
  /** Another timeline from here, with its own machine, live; this one is never changed. */
  fork(changes: readonly Change[], options: SessionOptions = {}): Session {
    this.#refresh();
    const isNewBoot = changesBoot(changes);
    const position = isNewBoot ? { seq: 0, tick: 0 } : this.position;
    const source = isNewBoot ? { ...this.source, parameters: changedParameters(this.source.parameters, changes) } : this.source;
    const header: LogHeader = {
      image: { name: source.parameters.imageName, digest: source.parameters.imageDigest },
      origin: originOf(this.timeline, position, changes),
    };
    const merged = { ...this.#inheritedOptions(), ...options };
    const child = new Session(source, merged, Session.#logTo(header, merged), { parent: this, changes, position });
    if (!isNewBoot) child.#adopt(this.#machine);
    child.#enterLive();
    return child;
  }
  /** What the parent was given after the fork, with what is changed: for a fork that shall go on by itself. */
  inheritedInputs(): Iterable<Input> {
    return this.parent ? changedInputs(this.parent.history, this.forkedAt!, this.#changes) : [];
  }
  close(): void {
    this.#recorder?.close();
    this.#navigator.close();
    this.#stream.complete();
  }

  #boot(isFirst: boolean): Navigator<Memory> {
    const changed = injections(this.#changes);
    const world: World = {
      output: (to, bytes) => {
        if (!this.#isLive) return;
        this.#outputs.add({ seq: this.#machine.seq, to, bytes });
        this.#options.output?.(to, bytes);
      },
      note: text => this.#options.note?.(text),
      link: (link, act) => {
        if (this.#isLive) this.#options.link?.(link, act);
      },
      inject: (task, number, seq) => {
        if (!this.#isLive) return this.#recordedInjection(seq);
        // Both are asked: one of them counts.
        const wanted = this.#options.inject?.(task, number, seq);
        return changed(task, number, seq) ?? wanted;
      },
    };
    return new Navigator(
      this.history,
      {
        boot: () => {
          this.#machine = boot(this.source, {
            world,
            isPaced: true,
            ...this.#options.processor,
            onEvent: (event, seq) => {
              if (this.#recorder && isFirst) this.#recorder.onEvent(event, seq);
            },
          });
          this.#replayed = new ReplayedMachine(this.#machine, this.history);
          this.#replayed.onEvent = (event, seq) => this.#stream.publish(event, seq);
          return this.#replayed;
        },
      },
      this.source.image,
    );
  }
  #recordedInjection(seq: number): string | undefined {
    const event = this.history.event(seq);
    return event?.kind === "syscall" ? event.injected : undefined;
  }
  /** Starts from another machine's moment. */
  #adopt(other: Machine): void {
    const { position, state, registers, memory } = other.snapshot();
    const copied = this.#machine.memory.load(other.memory.pages(memory), state.vmm.spaces.keys());
    other.memory.release(memory);
    this.#machine.restore({ position, state, registers, memory: copied });
    this.#machine.memory.release(copied);
    this.#end = position;
  }
  #enterLive(): void {
    const recorder = this.#recorder!;
    this.#isLive = true;
    this.#machine.isPaced = this.#options.isPaced ?? false;
    this.#machine.onEvent = (event, seq) => {
      recorder.onEvent(event, seq);
      this.#outputs.follow(seq + 1);
      this.#stream.publish(event, seq);
    };
  }
  #leaveLive(): void {
    if (!this.#isLive) return;
    this.#end = this.#machine.position;
    this.#status = this.#machine.status;
    this.#refresh();
    this.#isLive = false;
    this.#replayed.takeOver();
  }
  #mustBeLive(): void {
    if (!this.isAtEnd || !this.#recorder) throw new Error("Only the end of a timeline that is being recorded takes input: fork it here first.");
    if (!this.#isLive) this.#enterLive();
  }
  #refresh(): void {
    this.#recorder?.log.flush();
    this.#reader.refresh();
  }
  #checked(divergence: Divergence | undefined): void {
    if (divergence) throw new DivergenceFound(divergence);
  }
  #inheritedOptions(): SessionOptions {
    const { path: _, name: __, inject: ___, link: ____, ...rest } = this.#options;
    return rest;
  }
}
