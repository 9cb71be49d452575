import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { firstDifference } from "../../events/equality.ts";
import type { KernelEvent } from "../../events/kernel-event.ts";
import { BLOCK_HEADER_BYTES, decodeBlockHeader, decodePayload, encodeBlock } from "../../events/log/blocks.ts";
import { LogDamage, LogVersionMismatch, LogWriteFailure } from "../../events/log/damage.ts";
import { FileSink } from "../../events/log/file-sink.ts";
import { FileSource } from "../../events/log/file-source.ts";
import { MemoryFile } from "../../events/log/memory-file.ts";
import { pack, SequencePacker } from "../../events/log/msgpack.ts";
import { LogReader } from "../../events/log/reader.ts";
import { LogWriter, type LogWriterOptions } from "../../events/log/writer.ts";
import { randomOf, sampleEvents } from "./sample-events.ts";

const header = { image: { name: "test", digest: "sha256:00" } };
function recorded(events: readonly KernelEvent[], options?: LogWriterOptions): { bytes: Uint8Array; digest: string } {
  const sink = new MemoryFile();
  const writer = new LogWriter(sink, header, options);
  for (const event of events) writer.append(event);
  writer.block("pages", new Uint8Array(5000).fill(7));
  writer.close();
  return { bytes: sink.bytes, digest: writer.digest };
}
const open = (bytes: Uint8Array) => new LogReader(new MemoryFile(bytes));
const assertSame = (actual: unknown, expected: unknown, what: string) => assert.is(firstDifference(expected, actual), undefined, what);

test("events come back as they were, in any order of asking", () => {
  const events = sampleEvents(3000);
  const reader = open(recorded(events, { blockEvents: 100 }).bytes);
  assert.is(reader.length, 3000);
  assert.is(reader.damage, undefined);
  assertSame([...reader.events()], events, "in order");
  const random = randomOf(2);
  for (let i = 0; i < 500; i++) {
    const seq = random(3000);
    assertSame(reader.event(seq), events[seq], `event ${seq}`);
    assert.equal(Object.keys(reader.event(seq)!).toSorted(), Object.keys(events[seq]!).toSorted());
  }
  assertSame([...reader.events(150, 420)], events.slice(150, 420), "a range");
  assert.is(reader.event(3000), undefined);
  assert.is(reader.event(-1), undefined);
});

test("rows are written as the library writes them", () => {
  const random = randomOf(3);
  const edges = [0, 0x1f, 0x20, 0x7f, 0x80, 0xff, 0x100, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 2 ** 32, 2 ** 47 - 8, 2 ** 53, 0.5];
  const leaf = (): unknown =>
    [
      edges[random(edges.length)]! * (random(2) ? 1 : -1),
      edges[random(edges.length)]! - random(3),
      null,
      true,
      false,
      "EAGAIN",
      "ä".repeat(40),
      BigInt(random(9)) - 2n ** 63n,
    ][random(8)];
  const value = (depth: number): unknown =>
    depth > 0 && random(3) === 0 ? Array.from({ length: [3, 15, 16, 300][random(4)]! }, () => value(depth - 1)) : leaf();
  const packer = new SequencePacker();
  for (let round = 0; round < 200; round++) {
    const values = Array.from({ length: random(8) }, () => value(2));
    for (const one of values) packer.push(one);
    assert.equal(Buffer.from(packer.takeAll()).toString("hex"), Buffer.concat(values.map(pack)).toString("hex"));
  }
  packer.push(Array.from({ length: 70_000 }, (_, i) => i));
  assert.is(Buffer.compare(packer.takeAll(), pack(Array.from({ length: 70_000 }, (_, i) => i))), 0);
});
test("bytes of an event are plain and its own", () => {
  const { bytes: log } = recorded([{ kind: "input", tick: 3, input: { source: "stdin", bytes: Buffer.from("abc") } }]);
  // Files are read into Buffers.
  for (const source of [log, Buffer.from(log)]) {
    const event = open(source).event(0)!;
    const bytes = event.kind === "input" && event.input.source === "stdin" && event.input.bytes;
    assert.ok(bytes instanceof Uint8Array && bytes.constructor === Uint8Array);
    assert.is(bytes.buffer.byteLength, 3);
  }
});

test("the digest does not depend on block boundaries, and tells runs apart", () => {
  const events = sampleEvents(1000);
  const one = recorded(events, { blockEvents: 7 });
  const other = recorded(events);
  assert.is(one.digest, other.digest);
  assert.is(open(one.bytes).digest(), one.digest);
  assert.is(open(one.bytes).end?.digest, one.digest);
  assert.is(open(one.bytes).digest(503), open(other.bytes).digest(503));
  assert.is(open(one.bytes).digest(503), recorded(events.slice(0, 503)).digest);
  assert.is.not(recorded(events.with(500, { kind: "timer", tick: events[500]!.tick })).digest, one.digest);
});

test("an event is found by its tick", () => {
  const events = sampleEvents(1000);
  const reader = open(recorded(events, { blockEvents: 50 }).bytes);
  for (const tick of [0, 1, events[499]!.tick, events[500]!.tick + 1, events[999]!.tick, 1e12]) {
    const expected = events.findIndex(event => event.tick >= tick);
    assert.is(reader.seqAtTick(tick), expected < 0 ? 1000 : expected, `tick ${tick}`);
  }
});

test("a block is written when it is old enough by the caller's clock", () => {
  const sink = new MemoryFile();
  let now = 1000;
  const writer = new LogWriter(sink, header, { now: () => now, blockMillis: 50 });
  const before = sink.bytes.length;
  for (const event of sampleEvents(70)) writer.append(event);
  assert.is(sink.bytes.length, before);
  now += 60;
  for (const event of sampleEvents(70)) writer.append(event);
  assert.ok(sink.bytes.length > before);
});

test("a log that is being written can be read", () => {
  const sink = new MemoryFile();
  const writer = new LogWriter(sink, header);
  const events = sampleEvents(30);
  const source = { size: 0, read: (offset: number, length: number) => sink.bytes.subarray(offset, offset + length), close() {} };
  source.size = sink.bytes.length;
  const reader = new LogReader(source);
  assert.is(reader.length, 0);
  for (const event of events) writer.append(event);
  writer.flush();
  source.size = sink.bytes.length - 1;
  reader.refresh();
  assert.match(reader.damage!, /ends in the middle of a block/);
  source.size = sink.bytes.length;
  reader.refresh();
  assert.is(reader.length, 30);
  assert.is(reader.damage, undefined);
  assert.is(reader.end, undefined);
});

/** Whatever happened to the bytes: a sentence, or a true beginning of the events. */
function assertTrueBeginning(bytes: Uint8Array, events: readonly KernelEvent[], what: string): LogReader | undefined {
  let reader: LogReader;
  try {
    reader = open(bytes);
    assert.ok(reader.length <= events.length, what);
    assertSame([...reader.events()], events.slice(0, reader.length), what);
    for (const block of [...reader.keyframes, ...reader.pages]) reader.payload(block);
  } catch (error) {
    if (!(error instanceof LogDamage)) throw error;
    assert.match(error.message, /^[A-Z].*\.$/, what);
    return undefined;
  }
  return reader;
}
test("cut at any of 1,000 places, it has all events of the blocks before, and says so", () => {
  const events = sampleEvents(400);
  const sink = new MemoryFile();
  const writer = new LogWriter(sink, header, { blockEvents: 23 });
  const ends: { size: number; seq: number }[] = [];
  for (const event of events) {
    writer.append(event);
    if (writer.seq % 23 === 0) ends.push({ size: sink.bytes.length, seq: writer.seq });
  }
  writer.close();
  const { bytes } = sink;
  const random = randomOf(3);
  for (let i = 0; i < 1000; i++) {
    const end = i < 200 ? i : random(bytes.length);
    const reader = assertTrueBeginning(bytes.subarray(0, end), events, `cut at ${end}`);
    if (!reader) continue;
    assert.is(reader.end, undefined);
    const expected = ends.findLast(({ size }) => size <= end)?.seq ?? 0;
    assert.ok(reader.length === expected || (reader.length === 400 && expected === 391), `cut at ${end}: ${reader.length} events, ${expected} expected`);
    if (reader.damage) assert.match(reader.damage, /^The log ends in the middle of a block at byte [\d,]+; (no event is|events 0 to \d+ are) intact\.$/);
  }
});
test("with any of 1,000 bytes changed, it never gives a wrong event", () => {
  const events = sampleEvents(400);
  const { bytes } = recorded(events, { blockEvents: 23 });
  const random = randomOf(4);
  for (let i = 0; i < 1000; i++) {
    const changed = bytes.slice();
    for (let n = 0; n <= random(3); n++) changed[i < 100 ? i : random(bytes.length)]! ^= 1 + random(255);
    assertTrueBeginning(changed, events, `change ${i}`);
  }
});

test("another version, another file, an empty one: a sentence each", () => {
  const { bytes } = recorded(sampleEvents(3));
  const later = bytes.slice();
  later[8] = 2;
  assert.throws(
    () => open(later),
    (error: Error) => error instanceof LogVersionMismatch && /version 2; .* version 1/.test(error.message),
  );
  assert.throws(() => open(Buffer.from("#!/bin/sh\necho hello, this is no log\n")), /not a log of Chronix/);
  assert.throws(() => open(new Uint8Array(0)), /empty/);
});

test("after the disk is full every append says so, and what was written stays", () => {
  const sink = new MemoryFile();
  let room = 3000;
  const full = {
    write(bytes: Uint8Array) {
      room -= bytes.length;
      if (room < 0) throw new Error("The disk is full.");
      sink.write(bytes);
    },
    close() {},
  };
  const writer = new LogWriter(full, header, { blockEvents: 10 });
  const events = sampleEvents(5000);
  assert.throws(() => {
    for (const event of events) writer.append(event);
  }, /disk is full/);
  assert.throws(() => writer.append(events[0]!), /disk is full/);
  writer.close();
  assertTrueBeginning(sink.bytes, events, "after a full disk");
});

test("a real disk that is full is named in one sentence", () => {
  if (!existsSync("/dev/full")) return;
  assert.throws(
    () => new LogWriter(new FileSink("/dev/full"), header),
    (error: Error) => error instanceof LogWriteFailure && error.message === "The log /dev/full cannot be written: the disk is full.",
  );
});

test("a recording that is killed has lost at most its last block", async () => {
  const folder = mkdtempSync(join(tmpdir(), "chronix-"));
  const path = join(folder, "killed.chronix");
  const script = `
    const { LogWriter } = await import("./events/log/writer.ts");
    const { FileSink } = await import("./events/log/file-sink.ts");
    const writer = new LogWriter(new FileSink(process.argv[1]), { image: { name: "test", digest: "sha256:00" } }, { blockEvents: 50 });
    for (let tick = 0; ; tick += 3) {
      writer.append({ kind: "idle", tick, nanos: tick });
      if (tick % 3000 === 0) require("node:fs").writeSync(1, writer.seq + "\\n");
    }`;
  const root = join(import.meta.dirname, "../..");
  const child = spawn(
    process.execPath,
    ["--import", "tsx", "--input-type=module", "-e", `import { createRequire } from "node:module"; const require = createRequire("/");${script}`, path],
    { cwd: root },
  );
  let written = 0;
  child.stdout.on("data", (text: Buffer) => {
    written = Number(text.toString().trim().split("\n").at(-1));
    if (written > 20_000) child.kill("SIGKILL");
  });
  await new Promise(resolve => child.on("close", resolve));
  try {
    assert.ok(written > 20_000, "the child wrote");
    const reader = new LogReader(new FileSource(path));
    assert.ok(reader.length >= written - 50);
    assert.is(reader.end, undefined);
    assertSame(reader.event(reader.length - 1), { kind: "idle", tick: 3 * (reader.length - 1), nanos: 3 * (reader.length - 1) }, "the last event");
    reader.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
});

const fileHeaderBytes = (bytes: Uint8Array): number => 20 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(12, true);
test("blocks with right checksums and wrong contents are refused, and allocate nothing large", () => {
  const events = sampleEvents(60);
  const { bytes } = recorded(events, { blockEvents: 1000 });
  const start = fileHeaderBytes(bytes);
  const place = { seq: 0, tick: 0, task: 0, count: 60, split: 0 };
  const found = decodeBlockHeader(bytes.subarray(start))!;
  const rows = decodePayload(found, bytes.subarray(start + BLOCK_HEADER_BYTES, start + BLOCK_HEADER_BYTES + found.storedBytes)).slice();
  const random = randomOf(8);
  for (let i = 0; i < 1000; i++) {
    const changed = rows.slice();
    for (let n = 0; n <= random(4); n++) changed[random(changed.length)] = random(256);
    const block = encodeBlock("events", { ...place, split: found.split }, changed);
    const reader = open(Buffer.concat([bytes.subarray(0, start), ...block]));
    try {
      for (const event of reader.events()) assert.ok(typeof event.kind === "string");
    } catch (error) {
      if (!(error instanceof LogDamage)) throw error;
    }
  }
});

for (const [compression, encoding, file] of [
  ["deflate, as at first", 1, "format-1.chronix"],
  ["Zstandard", 2, "format-1-zstandard.chronix"],
] as const)
  test(`a log of this format's first version can still be read: compressed by ${compression}`, () => {
    const reader = new LogReader(new FileSource(join(import.meta.dirname, file)));
    assert.is(reader.damage, undefined);
    assert.is(reader.length, 120);
    assert.is(reader.eventBlocks[0]!.header.encoding, encoding);
    assert.is(reader.digest(), "sha256:e43d9a9f575be834a92fe671cff4c38fa9751e0d0755263befb58056ec0c9861");
    assert.is(reader.end?.digest, reader.digest());
    assert.is([...reader.events()].length, 120);
    reader.close();
  });

test("a block that decompresses to more than it says is refused", () => {
  const [head, stored] = encodeBlock("pages", { seq: 0, tick: 0, task: 0, count: 1, split: 0 }, new Uint8Array(2 ** 16));
  const found = decodeBlockHeader(head)!;
  assert.ok(stored.length < 1000);
  assert.is(decodePayload(found, stored).length, 2 ** 16);
  assert.throws(
    () => decodePayload({ ...found, payloadBytes: 2 ** 15 }, stored),
    (error: Error) => error instanceof LogDamage,
  );
});

test.run();
