import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { EventEncoder } from "../../events/codec.ts";
import { firstDifference } from "../../events/equality.ts";
import type { KernelEvent } from "../../events/kernel-event.ts";
import { BLOCK_HEADER_BYTES, encodeBlock } from "../../events/log/blocks.ts";
import { CarriedBuffer } from "../../events/log/carried.ts";
import { LogDamage } from "../../events/log/damage.ts";
import { MemoryFile } from "../../events/log/memory-file.ts";
import { SequencePacker } from "../../events/log/msgpack.ts";
import { LogReader } from "../../events/log/reader.ts";
import { LogWriter, type LogWriterOptions } from "../../events/log/writer.ts";
import { randomOf, sampleEvents } from "./sample-events.ts";

const header = { image: { name: "test", digest: "sha256:00" } };
function recorded(events: readonly KernelEvent[], options?: LogWriterOptions): Uint8Array {
  const sink = new MemoryFile();
  const writer = new LogWriter(sink, header, options);
  for (const event of events) writer.append(event);
  writer.close();
  return sink.bytes;
}
const open = (bytes: Uint8Array) => new LogReader(new MemoryFile(bytes));
const assertSame = (actual: unknown, expected: unknown, what: string) => assert.is(firstDifference(expected, actual), undefined, what);

/** A database's file, of so many pages, half full of what no compressor makes smaller: pread64 of one at random, and now and then pwrite64 of another content, which is read later. */
function database(count: number, pages: number, seed = 1): readonly KernelEvent[] {
  const random = randomOf(seed);
  const page = () => {
    const words = new Uint32Array(1024);
    for (let i = 0, word = random(2 ** 32) | 1; i < words.length / 2; i++) words[i] = word = Math.imul(word ^ (word >>> 15), 0x2c1b3c6d) + i;
    return new Uint8Array(words.buffer);
  };
  const file = Array.from({ length: pages }, page);
  const events = sampleEvents(1).slice();
  for (let tick = 100; events.length < count; tick += 100) {
    const at = random(pages);
    const isWrite = random(10) === 0;
    if (isWrite) file[at] = page();
    const raws = [3, 0x7000, 4096, 4096 * at];
    const call = { kind: "syscall", tick, task: 1, raws, result: { kind: "done", value: 4096 } } as const;
    events.push(
      isWrite ? { ...call, number: 18, reads: [file[at]!], stores: [] } : { ...call, number: 17, reads: [], stores: [{ address: 0x7000, bytes: file[at]! }] },
    );
  }
  return events;
}

test("what is carried again is written once, and comes back in any order of asking", () => {
  const events = database(3000, 40);
  const reader = open(recorded(events, { blockEvents: 50 }));
  const contents = new Set(events.flatMap(event => (event.kind === "syscall" ? [...event.reads, ...event.stores.map(({ bytes }) => bytes)] : [])));
  const bytes = recorded(events).length;
  assert.ok(bytes < contents.size * 2200 + 15 * events.length, `${bytes} bytes for ${contents.size} contents`);
  const random = randomOf(2);
  for (let i = 0; i < 500; i++) {
    const seq = random(3000);
    assertSame(reader.event(seq), events[seq], `event ${seq}`);
  }
  assertSame([...reader.events()], events, "in order");
});

test("from front to back each block is read once, for its events and for the digest", () => {
  const file = new MemoryFile(recorded(database(6000, 500), { blockEvents: 100 }));
  let reads = 0;
  const counted = {
    get size() {
      return file.size;
    },
    read(offset: number, length: number) {
      reads++;
      return file.read(offset, length);
    },
    close() {},
  };
  const reader = new LogReader(counted);
  const blocks = reader.eventBlocks.length;
  for (const act of [() => [...reader.events()], () => reader.digest()]) {
    reads = 0;
    act();
    assert.is(reads, blocks);
  }
});

test("bytes are found again when more than a reader keeps lie between", () => {
  const events = database(24_000, 18_000);
  const reader = open(recorded(events));
  assertSame([...reader.events()], events, "in order");
  const random = randomOf(4);
  for (let i = 0; i < 50; i++) {
    const seq = random(24_000);
    assertSame(reader.event(seq), events[seq], `event ${seq}`);
  }
});

test("the digest is of all that events carry, wherever it lies", () => {
  const events = [...database(500, 9), ...sampleEvents(500).slice(1)];
  const rows = new SequencePacker();
  const carried = new CarriedBuffer();
  const encoder = new EventEncoder({ tick: 0, task: 0 });
  for (const event of events) encoder.encode(event, rows, carried);
  const digest = createHash("sha256")
    .update("chronix events 1\n")
    .update(rows.takeAll())
    .update(createHash("sha256").update(carried.takeAll()).digest())
    .digest("hex");
  for (const options of [{}, { blockEvents: 7 }, { blockBytes: 9000 }]) {
    const reader = open(recorded(events, options));
    assert.ok(reader.eventBlocks.some(block => block.header.references > 0));
    assert.is(reader.digest(), `sha256:${digest}`);
    assert.is(reader.end?.digest, `sha256:${digest}`);
    assert.is(reader.digest(403), open(recorded(events.slice(0, 403))).digest());
  }
});

test("a block carries no more than a reader can have at hand", () => {
  const reader = open(recorded(database(4000, 3), { blockBytes: 2 ** 16 }));
  for (const { header } of reader.eventBlocks) assert.ok(header.count <= 257);
});

test("a log that is being written can be read, from the block that it is in on", () => {
  const sink = new MemoryFile();
  const writer = new LogWriter(sink, header, { blockEvents: 30 });
  const reader = new LogReader(sink);
  const events = database(600, 9);
  for (const [seq, event] of events.entries()) {
    writer.append(event);
    if (seq % 100 !== 99) continue;
    writer.flush();
    reader.refresh();
    assertSame(reader.event(seq), event, `event ${seq}`);
  }
});

test("cut or changed anywhere, it gives a true beginning or says what is wrong", () => {
  const events = database(300, 7);
  const bytes = recorded(events, { blockEvents: 20 });
  const random = randomOf(5);
  for (let i = 0; i < 400; i++) {
    const changed = random(2) ? bytes.slice(0, random(bytes.length)) : bytes.slice();
    changed[random(changed.length)]! ^= 1 + random(255);
    try {
      const reader = open(changed);
      assertSame([...reader.events()], events.slice(0, reader.length), `change ${i}`);
    } catch (error) {
      if (!(error instanceof LogDamage)) throw error;
    }
  }
});

test("references with right checksums that lead nowhere are refused", () => {
  const bytes = recorded(database(60, 3), { blockEvents: 1000 });
  const whole = open(bytes);
  const block = whole.eventBlocks[0]!;
  const { split, references } = block.header;
  const start = block.offset - BLOCK_HEADER_BYTES;
  const payload = whole.payload(block);
  const random = randomOf(8);
  let refused = 0;
  for (let i = 0; i < 500; i++) {
    const changed = new Uint8Array(payload);
    changed[split + random(references)] = random(256);
    const reader = open(Buffer.concat([bytes.subarray(0, start), ...encodeBlock("events", block.header, changed)]));
    try {
      for (const event of reader.events()) assert.ok(typeof event.kind === "string");
    } catch (error) {
      if (!(error instanceof LogDamage)) throw error;
      assert.match(error.message, /^[A-Z].*\.$/);
      refused++;
    }
  }
  assert.ok(refused > 100);
});

test("a log of this format's first version can still be read: with references", () => {
  const file = join(import.meta.dirname, "format-1-references.chronix");
  if (process.env.UPDATE) writeFileSync(file, recorded(database(25, 2)));
  const reader = open(readFileSync(file));
  assert.is(reader.damage, undefined);
  assert.is(reader.eventBlocks[0]!.header.encoding, 4);
  assertSame([...reader.events()], database(25, 2), "its events");
  assert.is(reader.digest(), "sha256:f3dccd27e9f2b4b6e940a7a026d44c01d7d38795fd1a8e8842067a74d2d1d805");
  assert.is(reader.end?.digest, reader.digest());
});

test.run();
