// Appends to a log: events in blocks, and whatever others put between them. Knows no file; the sink does.
import { EventEncoder } from "../codec.ts";
import type { KernelEvent } from "../kernel-event.ts";
import type { Position } from "../position.ts";
import { type BlockKind, encodeBlock } from "./blocks.ts";
import { LogDigest } from "./digest.ts";
import { encodeHeader, type LogHeader } from "./header.ts";
import { pack, SequencePacker } from "./msgpack.ts";
import { ReferringBuffer } from "./references.ts";
import type { LogSink } from "./sink.ts";

export interface LogWriterOptions {
  /** A block is written at this many events, or bytes that it holds of what they carry, or once it is this old by `now`; whichever comes first. */
  readonly blockEvents?: number;
  readonly blockBytes?: number;
  readonly blockMillis?: number;
  /** The host's clock, in milliseconds. Without one, age does not count. */
  readonly now?: () => number;
}
export interface BlockOptions {
  /** Where it stands; absent: after the events so far. */
  readonly position?: Position;
  /** How many things are in it. */
  readonly count?: number;
  /** Where the payload's second part starts, for kinds that have one. */
  readonly split?: number;
}
/** The last block of a log that was closed, not cut. */
export interface EndNote {
  readonly kind: "end";
  readonly events: number;
  readonly tick: number;
  readonly digest: string;
}
/** Reading the clock at every event would cost as much as encoding it. */
const EVENTS_BETWEEN_CLOCK_READS = 64;
/** What a block's events carry may be so many times what it holds of it: a reader has several blocks' events at hand. */
const MOST_TIMES_CARRIED = 16;
/** Of larger ones a copy would cost more than another write. */
const MOST_BYTES_JOINED = 2 ** 16;

export class LogWriter {
  readonly header: LogHeader;
  readonly #sink: LogSink;
  readonly #options: Required<Omit<LogWriterOptions, "now">> & { readonly now: (() => number) | undefined };
  readonly #digest: LogDigest;
  readonly #encoder: EventEncoder;
  readonly #carried: ReferringBuffer;
  readonly #rows = new SequencePacker();
  #count = 0;
  #first: { seq: number; tick: number; task: number };
  #since = 0;
  #failure: unknown;

  constructor(sink: LogSink, header: LogHeader, options: LogWriterOptions = {}) {
    this.header = header;
    this.#sink = sink;
    this.#options = {
      blockEvents: options.blockEvents ?? 4096,
      blockBytes: options.blockBytes ?? 2 ** 18,
      blockMillis: options.blockMillis ?? 100,
      now: options.now,
    };
    const { seq, tick } = header.origin?.position ?? { seq: 0, tick: 0 };
    this.#first = { seq, tick, task: 0 };
    this.#encoder = new EventEncoder(this.#first);
    this.#carried = new ReferringBuffer(seq);
    this.#digest = new LogDigest(header.origin);
    this.#put(encodeHeader(header));
  }

  /** The number of the next event. */
  get seq(): number {
    return this.#first.seq + this.#count;
  }
  append(event: KernelEvent): void {
    if (this.#failure) throw this.#failure;
    this.#encoder.encode(event, this.#rows, this.#carried);
    this.#count++;
    const { blockEvents, blockBytes } = this.#options;
    const { ownLength, length } = this.#carried;
    if (this.#count >= blockEvents || ownLength >= blockBytes || length >= MOST_TIMES_CARRIED * blockBytes) this.flush();
    else if (this.#count % EVENTS_BETWEEN_CLOCK_READS === 1) this.#flushIfOld();
  }
  /** Writes what is pending. To be called too while no events come: a machine may sleep for long. */
  flush(): void {
    if (this.#failure) throw this.#failure;
    if (this.#count === 0) return;
    const rows = this.#rows.takeAll();
    const { all, references, own } = this.#carried.takeAll(this.seq);
    this.#digest.update(rows, all);
    const payload = all.length === 0 ? rows : Buffer.concat([rows, references, own]);
    const [header, stored] = encodeBlock("events", { ...this.#first, count: this.#count, split: rows.length, references: references.length }, payload);
    this.#first = { seq: this.seq, tick: this.#encoder.tick, task: this.#encoder.task };
    this.#count = 0;
    this.#since = 0;
    this.#put(header, stored);
  }
  /** A block that is not of events; the events before it are written first. */
  block(kind: Exclude<BlockKind, "events">, payload: Uint8Array, options: BlockOptions = {}): void {
    this.flush();
    const { seq, tick } = options.position ?? { seq: this.seq, tick: this.#encoder.tick };
    this.#put(...encodeBlock(kind, { seq, tick, task: 0, count: options.count ?? 1, split: options.split ?? payload.length }, payload));
  }
  note(value: { readonly kind: string; readonly [name: string]: unknown }): void {
    this.block("note", pack(value));
  }
  /** Of the events so far. */
  get digest(): string {
    this.flush();
    return this.#digest.value;
  }
  close(): void {
    try {
      if (!this.#failure) this.note({ kind: "end", events: this.seq, tick: this.#encoder.tick, digest: this.digest } satisfies EndNote);
    } finally {
      this.#sink.close();
    }
  }

  #flushIfOld(): void {
    const { now, blockMillis } = this.#options;
    if (!now) return;
    const time = now();
    if (this.#since === 0) this.#since = time;
    else if (time - this.#since >= blockMillis) this.flush();
  }
  /** In one piece where it is small: a block is then seldom torn. */
  #put(...parts: readonly Uint8Array[]): void {
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    try {
      for (const part of length <= MOST_BYTES_JOINED ? [Buffer.concat(parts)] : parts) this.#sink.write(part);
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }
}
