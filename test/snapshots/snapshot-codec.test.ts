import { test } from "uvu";
import * as assert from "uvu/assert";
import type { KernelState } from "../../engine/kernel/state/kernel-state.ts";
import { GuestMemory } from "../../engine/memory/guest-memory.ts";
import { LogDamage } from "../../events/log/damage.ts";
import { MemoryFile } from "../../events/log/memory-file.ts";
import { pack, unpack } from "../../events/log/msgpack.ts";
import { LogReader } from "../../events/log/reader.ts";
import { LogWriter } from "../../events/log/writer.ts";
import { BootState } from "../../snapshots/boot-state.ts";
import { contentHash } from "../../snapshots/content.ts";
import { LoggedContents, PageStoreWriter } from "../../snapshots/page-store.ts";
import { decodeSnapshot, SnapshotEncoder } from "../../snapshots/snapshot-codec.ts";
import { decodeValue, ValueEncoder } from "../../snapshots/value-codec.ts";

const patterned = (length: number, factor: number) => Uint8Array.from({ length }, (_, i) => i * factor + factor);
const log = () => {
  const sink = new MemoryFile();
  const writer = new LogWriter(sink, { image: { name: "i", digest: "d" } });
  return { writer, read: () => new LogReader(new MemoryFile(sink.bytes)), size: () => sink.bytes.length };
};

test("a value of every plain type survives", () => {
  const value = {
    map: new Map<unknown, unknown>([
      [1, { a: 1, b: [null, true, "é\0ÿ"] }],
      ["key", new Map([[2, Infinity]])],
    ]),
    numbers: [0, -1, 2 ** 40, -(2 ** 40), 1.5, -Infinity, Number.MAX_SAFE_INTEGER],
    bigs: [0n, 5n, 2n ** 64n - 1n, -(2n ** 63n)],
    bytes: [new Uint8Array(0), patterned(63, 3), patterned(64, 3), patterned(4096, 5), patterned(5000, 7)],
    empty: {},
    none: [],
    holes: [null, null],
  };
  const table: Uint8Array[] = [];
  const refer = (bytes: Readonly<Uint8Array>): number => table.push(bytes as Uint8Array) - 1;
  const encoded = new ValueEncoder().encode(value, { refer, name: bytes => Uint8Array.of(refer(bytes)) });
  const [shapes, root] = unpack(pack([encoded.shapes, encoded.root])) as [string[][], unknown];
  assert.equal(
    decodeValue({ shapes, root }, reference => table[typeof reference === "number" ? reference : reference[0]!]!),
    value,
  );
  assert.is(table.length, 2);
});
test("of long lists that differ in one item, what they have in common is stored once", () => {
  const stored = new Map<string, Uint8Array>();
  const name = (bytes: Readonly<Uint8Array>): Uint8Array => {
    const hash = contentHash(bytes);
    stored.set(hash, bytes as Uint8Array);
    return new Uint8Array(Buffer.from(hash, "hex"));
  };
  const table: string[] = [];
  const refer = (bytes: Readonly<Uint8Array>): number => table.push(Buffer.from(name(bytes)).toString("hex")) - 1;
  const encoder = new ValueEncoder();
  const item = (id: number, mode: number): unknown => ({ id, mode, pieces: [patterned(64, id), patterned(4096, 3)], names: new Map([[`n${id}`, id]]) });
  const listOf = (changed: number) => ({
    inodes: Array.from({ length: 1000 }, (_, id) => item(id, id === changed ? 0 : 0o644)),
    entries: new Map(Array.from({ length: 1000 }, (_, id) => [`name ${id}`, id])),
    long: Array.from({ length: 70 }, (_, id) => patterned(5000, id)),
  });
  const round = (changed: number): number => {
    const value = listOf(changed);
    const before = stored.size;
    const encoded = encoder.encode(value, { refer, name });
    const [shapes, root] = unpack(pack([encoded.shapes, encoded.root])) as [string[][], unknown];
    const recall = (reference: number | Readonly<Uint8Array>) =>
      stored.get(typeof reference === "number" ? table[reference]! : Buffer.from(reference).toString("hex"))!;
    assert.equal(decodeValue({ shapes, root }, recall), value);
    return stored.size - before;
  };
  assert.ok(round(-1) > 120);
  assert.is(round(500), 1);
  for (const bytes of stored.values()) assert.is(bytes.buffer.byteLength, bytes.length, "what is kept of a list keeps other bytes too");
});

test("memory, state and registers come back; pieces with their identity; the image's are not in the log", () => {
  const memory = new GuestMemory({ maxFrames: 1000 });
  const [fromImage, written] = [patterned(4096, 3), patterned(2000, 11)];
  const pieces = new Map([
    [5, fromImage],
    [6, written],
  ]);
  memory.resolver = (_, page) => ({
    kind: pieces.has(page) ? "bytes" : "zero",
    ...(pieces.has(page) ? { bytes: pieces.get(page)! } : {}),
    isReadable: true,
    isWritable: true,
    isExecutable: false,
  });
  memory.createSpace(1);
  memory.createSpace(9);
  memory.read(1, 5 * 4096, 4096 * 2);
  memory.write(1, 7 * 4096 + 9, patterned(100, 13));
  memory.write(1, 0x7fff_ffff_e000, patterned(4096, 17));
  memory.forkSpace(1, 2);
  memory.write(2, 7 * 4096, Uint8Array.of(99));
  const state = {
    vfs: { inodes: [null, { pieces: [fromImage, null, written] }, { pieces: [written] }] },
    vmm: { spaces: new Map([1, 2, 9].map(id => [id, { areas: [] }])) },
  } as unknown as KernelState;
  const { writer, read, size } = log();
  const boot = new BootState({ vfs: { inodes: [fromImage] } });
  const store = new PageStoreWriter(writer, boot);
  const encoder = new SnapshotEncoder(memory, boot, (hash, bytes) => store.put(hash, bytes));
  const snapshot = { position: { seq: 3, tick: 2 ** 40 }, state, registers: new Map([[1, patterned(832, 19)]]), memory: memory.snapshot() };
  const bytes = encoder.encode(snapshot);
  store.flush();
  const sizeOnce = size();
  encoder.encode(snapshot);
  store.flush();
  assert.is(size(), sizeOnce, "nothing is stored twice");

  const reader = read();
  assert.is(new LoggedContents(reader).get(contentHash(fromImage)), undefined);
  const other = new GuestMemory({ maxFrames: 1000 });
  const decoded = decodeSnapshot(bytes, new LoggedContents(reader), boot, other);
  assert.equal(decoded.position, snapshot.position);
  assert.equal(decoded.registers, snapshot.registers);
  assert.equal(decoded.state, state);
  const inodes = (decoded.state.vfs as unknown as { inodes: { pieces: Uint8Array[] }[] }).inodes;
  assert.is(inodes[1]!.pieces[0], fromImage);
  assert.is(inodes[1]!.pieces[2], inodes[2]!.pieces[0]);
  other.restore(decoded.memory);
  for (const [space, address, length] of [
    [1, 5 * 4096, 4096],
    [1, 6 * 4096, 4096],
    [1, 7 * 4096, 4096],
    [2, 7 * 4096, 4096],
    [2, 0x7fff_ffff_e000, 4096],
  ] as const)
    assert.equal(other.read(space, address, length), memory.read(space, address, length), `space ${space} at ${address}`);
  other.createSpace(10);
  assert.throws(() => other.createSpace(9), /exists already/);
});

test("pages end where their zeros begin; of one that is zeros as a whole nothing is left", () => {
  const pageOf = (bytes: Uint8Array) => Uint8Array.from({ length: 4096 }, (_, i) => bytes[i] ?? 0);
  const lengths = [0, 1, 63, 64, 4095, 4096];
  const memory = new GuestMemory({ maxFrames: 100 });
  memory.resolver = () => ({ kind: "zero", isReadable: true, isWritable: true, isExecutable: false });
  memory.createSpace(1);
  for (const [page, length] of lengths.entries()) memory.write(1, page * 4096, pageOf(new Uint8Array(length).fill(7)));
  const kept: number[] = [];
  const encoder = new SnapshotEncoder(memory, new BootState(undefined), (_, bytes) => kept.push(bytes.length));
  const state = { vmm: { spaces: new Map([[1, {}]]) } } as unknown as KernelState;
  encoder.encode({ position: { seq: 1, tick: 1 }, state, registers: new Map(), memory: memory.snapshot() });
  assert.equal(
    kept.toSorted((a, b) => a - b),
    lengths,
  );
});
test("contents that are nowhere, and other versions, are refused in a sentence", () => {
  const { writer, read } = log();
  writer.flush();
  const memory = new GuestMemory({ maxFrames: 10 });
  const encoder = new SnapshotEncoder(memory, new BootState(undefined), () => {});
  const state = { vmm: { spaces: new Map() }, piece: patterned(4096, 3) } as unknown as KernelState;
  const bytes = encoder.encode({ position: { seq: 1, tick: 1 }, state, registers: new Map(), memory: memory.snapshot() });
  assert.throws(
    () => decodeSnapshot(bytes, new LoggedContents(read()), new BootState(undefined), memory),
    (error: Error) => error instanceof LogDamage && /neither in the log nor in its image/.test(error.message),
  );
  assert.throws(
    () => decodeSnapshot(pack([1, 1, 1, new Uint8Array(0), [], null, [], []]), new LoggedContents(read()), new BootState(undefined), memory),
    /version 1/,
  );
});

test.run();
