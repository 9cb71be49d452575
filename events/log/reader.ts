// Reads a log, whole or torn, also while it is being written. Opening scans headers and checks the events' checksums; an event decodes only its own block, and those that it refers to.
import { type ByteSource, decodeEvents, EventEncoder, MalformedRow } from "../codec.ts";
import type { KernelEvent } from "../kernel-event.ts";
import { BLOCK_HEADER_BYTES, type BlockHeader, decodeBlockHeader, decodePayload, isStored } from "./blocks.ts";
import { CarriedBuffer, CarriedSource } from "./carried.ts";
import { LogDamage } from "./damage.ts";
import { LogDigest } from "./digest.ts";
import { decodeHeader, type LogHeader } from "./header.ts";
import { SequencePacker, unpack, unpackSequence } from "./msgpack.ts";
import { RecalledContents } from "./recalled-contents.ts";
import { ReferringSource } from "./references.ts";
import type { LogSource } from "./source.ts";
import type { EndNote } from "./writer.ts";

/** A block in the file. */
export interface Block {
  readonly header: BlockHeader;
  /** Where its payload starts. */
  readonly offset: number;
}
/** Decoded blocks that are kept: about a hundred thousand events. */
const CACHED_BLOCKS = 24;

export class LogReader {
  readonly header: LogHeader;
  /** Number of the first event that is in this file; a fork's are those after its origin. */
  readonly firstSeq: number;
  readonly #source: LogSource;
  readonly #events: Block[] = [];
  readonly #others: Block[] = [];
  readonly #decoded = new Map<Block, readonly KernelEvent[]>();
  /** There once a block refers to another's bytes. */
  #contents: RecalledContents | undefined;
  #end: number;
  #length: number;
  #damage: string | undefined;

  /** Throws `LogDamage` with a sentence where not even the header can be read. */
  constructor(source: LogSource) {
    this.#source = source;
    const { header, bytes } = decodeHeader((offset, length) => source.read(offset, length));
    this.header = header;
    this.firstSeq = header.origin?.position.seq ?? 0;
    this.#length = this.firstSeq;
    this.#end = bytes;
    this.refresh();
  }

  /** Events from 0 up to this number are there (in a fork, those before `firstSeq` are its parent's). */
  get length(): number {
    return this.#length;
  }
  /** What is wrong with it, in a sentence that says what is intact. */
  get damage(): string | undefined {
    return this.#damage;
  }
  /** How its writer ended it; absent where it was cut, or is being written. */
  get end(): EndNote | undefined {
    const last = this.#others.at(-1);
    if (this.#damage !== undefined || last?.header.kind !== "note" || last.offset + last.header.storedBytes !== this.#end) return undefined;
    const note = this.#noteIn(last);
    return note?.kind === "end" ? (note as unknown as EndNote) : undefined;
  }
  /** Takes in what was appended since. */
  refresh(): void {
    this.#damage = undefined;
    const { size } = this.#source;
    while (this.#end < size) {
      const block = this.#blockAt(this.#end, size);
      if (typeof block === "string") {
        this.#damage = `${block} at byte ${this.#end.toLocaleString("en")}; ${this.#intact}.`;
        return;
      }
      const { header, offset } = block;
      this.#end = offset + header.storedBytes;
      if (header.kind === "events") {
        this.#events.push(block);
        this.#length += header.count;
        if (header.references > 0) this.#contents ??= new RecalledContents(seq => this.#ownBytes(seq));
      } else this.#others.push(block);
    }
  }

  /** Throws `LogDamage` where the block's bytes do not make events, which its checksum does not let happen by accident. */
  event(seq: number): KernelEvent | undefined {
    const block = this.#blockOf(seq);
    return block && this.#decode(block)[seq - block.header.seq];
  }
  *events(from: number = this.firstSeq, to: number = this.#length): Iterable<KernelEvent> {
    for (let seq = from; seq < Math.min(to, this.#length); ) {
      const block = this.#blockOf(seq);
      if (!block) return;
      const events = this.#decode(block).slice(seq - block.header.seq, to - block.header.seq);
      yield* events;
      seq += events.length;
    }
  }
  /** The number of the first event at this tick or later; `length` where there is none. */
  seqAtTick(tick: number): number {
    const index = lastIndex(this.#events, block => block.header.tick < tick);
    for (const block of this.#events.slice(Math.max(0, index), Math.max(0, index) + 2)) {
      const found = this.#decode(block).findIndex(event => event.tick >= tick);
      if (found >= 0) return block.header.seq + found;
    }
    return index + 1 < this.#events.length ? this.#events[Math.max(0, index) + 1]!.header.seq : this.#length;
  }
  /** Of the run up to an event, or to its end: see `LogDigest`. */
  digest(before: number = this.#length): string {
    const digest = new LogDigest(this.header.origin);
    const rows = new SequencePacker();
    const carried = new CarriedBuffer();
    for (const block of this.#events) {
      const { header } = block;
      if (header.seq >= before) break;
      if (header.seq + header.count <= before && !this.#contents) {
        const payload = this.payload(block);
        digest.update(payload.subarray(0, header.split), payload.subarray(header.split));
      } else {
        const encoder = new EventEncoder(header);
        for (const event of this.#decode(block).slice(0, before - header.seq)) encoder.encode(event, rows, carried);
        digest.update(rows.takeAll(), carried.takeAll());
      }
    }
    return digest.value;
  }

  get eventBlocks(): readonly Block[] {
    return this.#events;
  }
  /** Blocks of keyframes, in order. Their payloads are checked when they are read. */
  get keyframes(): readonly Block[] {
    return this.#others.filter(block => block.header.kind === "keyframe" && block.header.seq <= this.#length);
  }
  get pages(): readonly Block[] {
    return this.#others.filter(block => block.header.kind === "pages");
  }
  get notes(): readonly Readonly<Record<string, unknown>>[] {
    return this.#others.flatMap(block => {
      const note = block.header.kind === "note" ? this.#noteIn(block) : undefined;
      return note ? [note] : [];
    });
  }
  payload({ header, offset }: Block): Uint8Array {
    const stored = this.#source.read(offset, header.storedBytes);
    if (!isStored(header, stored))
      throw new LogDamage(`The log's ${header.kind} block at byte ${(offset - BLOCK_HEADER_BYTES).toLocaleString("en")} is damaged.`);
    return decodePayload(header, stored);
  }
  close(): void {
    this.#source.close();
  }

  get #intact(): string {
    const { firstSeq } = this;
    return this.#length === firstSeq ? "no event is intact" : `events ${firstSeq} to ${this.#length - 1} are intact`;
  }
  /** The next block, or what is wrong with it. */
  #blockAt(start: number, size: number): Block | string {
    if (size - start < BLOCK_HEADER_BYTES) return "The log ends in the middle of a block";
    const header = decodeBlockHeader(this.#source.read(start, BLOCK_HEADER_BYTES));
    if (!header) return "The log is damaged";
    const offset = start + BLOCK_HEADER_BYTES;
    if (header.storedBytes > size - offset) return "The log ends in the middle of a block";
    if (header.kind !== "events") return { header, offset };
    if (header.seq !== this.#length) return "The log lacks events";
    return isStored(header, this.#source.read(offset, header.storedBytes)) ? { header, offset } : "The log is damaged";
  }
  #blockOf(seq: number): Block | undefined {
    if (!(seq >= this.firstSeq && seq < this.#length)) return undefined;
    return this.#events[lastIndex(this.#events, block => block.header.seq <= seq)];
  }
  #decode(block: Block): readonly KernelEvent[] {
    const known = this.#decoded.get(block);
    const events = known ?? this.#decoded.set(block, this.#decodeAnew(block)).get(block)!;
    if (known) {
      // The map's order is the order of last use.
      this.#decoded.delete(block);
      this.#decoded.set(block, known);
    } else if (this.#decoded.size > CACHED_BLOCKS) this.#decoded.delete(this.#decoded.keys().next().value!);
    return events;
  }
  #decodeAnew(block: Block): readonly KernelEvent[] {
    const { header } = block;
    const [payload, ownAt] = [this.payload(block), ownStart(header)];
    const own = payload.subarray(ownAt);
    try {
      const carried: ByteSource = this.#contents
        ? new ReferringSource(header.seq, own, unpackSequence(payload.subarray(header.split, ownAt)), this.#contents)
        : new CarriedSource(own);
      const events = decodeEvents(unpackSequence(payload.subarray(0, header.split)), header, carried);
      if (events.length !== header.count) throw new MalformedRow(`${header.count} events were written and ${events.length} are there`);
      return events;
    } catch (error) {
      if (!(error instanceof MalformedRow)) throw error;
      throw new LogDamage(`The events from ${header.seq} on cannot be read: ${error.message}.`);
    }
  }
  /** What the block whose first event this is holds of what its events carry. */
  #ownBytes(seq: number): Uint8Array | undefined {
    const block = this.#blockOf(seq);
    return block?.header.seq === seq ? this.payload(block).subarray(ownStart(block.header)) : undefined;
  }
  #noteIn(block: Block): Readonly<Record<string, unknown>> | undefined {
    try {
      const note = unpack(this.payload(block));
      return typeof note === "object" && note !== null ? (note as Record<string, unknown>) : undefined;
    } catch (error) {
      if (error instanceof LogDamage) return undefined;
      throw error;
    }
  }
}

/** Where in the payload what the block holds of carried bytes begins. */
const ownStart = ({ split, references }: BlockHeader): number => split + references;
/** Index of the last block for which it holds, where it holds for all before; -1 where for none. */
function lastIndex(blocks: readonly Block[], holds: (block: Block) => boolean): number {
  let [low, high] = [0, blocks.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(blocks[middle]!)) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
