// What a keyframe leaves out since whoever boots the machine again has it.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { withAllInodes } from "../../engine/kernel/objects/image-inodes.ts";
import type { KernelState } from "../../engine/kernel/state/kernel-state.ts";
import { type Image, storedContents } from "../../engine/loader/image.ts";
import { boot } from "../../engine/machine-boot.ts";
import { silentWorld } from "../../engine/world.ts";
import { MemoryFile } from "../../events/log/memory-file.ts";
import { pack, unpack } from "../../events/log/msgpack.ts";
import { LogReader } from "../../events/log/reader.ts";
import { LogWriter } from "../../events/log/writer.ts";
import type { Position } from "../../events/position.ts";
import { ImageStore } from "../../guest-images/image-store.ts";
import { bootSource, demoImage } from "../../index.ts";
import { BootState } from "../../snapshots/boot-state.ts";
import { contentHash } from "../../snapshots/content.ts";
import { LogHistory } from "../../snapshots/history.ts";
import { every } from "../../snapshots/placement.ts";
import { Recorder } from "../../snapshots/recorder.ts";
import { ReplayFactory } from "../../snapshots/replay-factory.ts";
import { decodeValue, type EncodedValue, ValueEncoder } from "../../snapshots/value-codec.ts";
import { randomOf } from "../events/sample-events.ts";
import { saved, unlisted } from "../guest-images/saved-image.ts";
import { differencesOf, type Fingerprint, fingerprint, fingerprintOf } from "../laws/fingerprint.ts";
import { readerOf, record } from "../laws/recording.ts";
import { ToyMachine } from "./toy-machine.ts";

const patterned = (length: number, factor: number) => Uint8Array.from({ length }, (_, i) => i * factor + factor);

/** Contents by hash, and those of the base by number. */
function contentsBeside(base: unknown) {
  const boot = new BootState(base);
  const stored = new Map<string, Uint8Array>();
  const table: string[] = [];
  const name = (bytes: Readonly<Uint8Array>): Uint8Array => {
    stored.set(contentHash(bytes), bytes as Uint8Array);
    return new Uint8Array(Buffer.from(contentHash(bytes), "hex"));
  };
  const atBoot = (bytes: Readonly<Uint8Array>): number | undefined => {
    const number = boot.numberOf(bytes);
    return number === undefined ? undefined : -1 - number;
  };
  const recall = (reference: number | Readonly<Uint8Array>): Readonly<Uint8Array> => {
    if (typeof reference !== "number") return stored.get(Buffer.from(reference).toString("hex"))!;
    return reference < 0 ? boot.at(-1 - reference)! : stored.get(table[reference]!)!;
  };
  const refer = (bytes: Readonly<Uint8Array>): number => atBoot(bytes) ?? table.push(Buffer.from(name(bytes)).toString("hex")) - 1;
  return { stored, recall, contents: { refer, name: (bytes: Readonly<Uint8Array>) => atBoot(bytes) ?? name(bytes) } };
}
/** As text, with the order of maps, which equality does not look at. */
const told = (value: unknown): string =>
  JSON.stringify(value, (_, item: unknown) => (item instanceof Map ? ["map", ...item] : item instanceof Uint8Array ? `bytes ${contentHash(item)}` : item));

interface Item {
  readonly id: number;
  readonly mode: number;
  readonly pieces: readonly Uint8Array[];
  readonly names: ReadonlyMap<string, object>;
}
const item = (id: number): Item => ({ id, mode: id % 7, pieces: [patterned(64, id), patterned(4096, id)], names: new Map([[`n${id}`, { of: id }]]) });
interface Tree {
  readonly byId: ReadonlyMap<number, Item>;
  readonly inOrder: readonly Item[];
  readonly few: readonly Item[];
}
function changed({ byId, inOrder, few }: Tree, random: (below: number) => number): Tree {
  const [map, list, short] = [new Map(byId), [...inOrder], [...few]];
  for (let change = 0; change < 4; change++) {
    const id = random(400);
    const found = map.get(id) ?? item(1000 + random(1000));
    if (random(3) > 0) map.delete(id);
    if (random(3) > 0) map.set(id, random(2) ? { ...found, mode: random(1000) } : found);
    const at = random(list.length);
    list.splice(at, random(3), ...(random(2) ? [{ ...list[random(list.length)]!, mode: 3 }] : []));
    short.splice(random(short.length + 1), random(2), list[random(list.length)]!);
    if (short.length > 1) short[0] = { ...short[0]!, pieces: short[1]!.pieces };
  }
  return { byId: map, inOrder: list, few: short };
}

test("whatever has been changed, moved, removed and added since comes back, in its order", () => {
  for (let seed = 1; seed <= 8; seed++) {
    const random = randomOf(seed);
    const base: Tree = {
      byId: new Map(Array.from({ length: 300 }, (_, id) => [id, item(id)])),
      inOrder: Array.from({ length: 200 }, (_, id) => item(id)),
      few: Array.from({ length: 5 }, (_, id) => item(id)),
    };
    const { contents, recall } = contentsBeside(base);
    const encoder = new ValueEncoder(base);
    let value = base;
    for (let round = 0; round < 8; round++) {
      const [shapes, root] = packedAgain(encoder.encode(value, contents)) as [EncodedValue["shapes"], unknown];
      assert.ok(told(decodeValue({ shapes, root }, recall, base)) === told(value), `seed ${seed}, round ${round}`);
      value = changed(value, random);
    }
  }
});
const packedAgain = ({ shapes, root }: EncodedValue): unknown => unpack(pack([shapes, root]));

test("what was encoded at one place is encoded again at another", () => {
  const base = {
    short: [item(1), item(2)],
    long: Array.from({ length: 100 }, (_, id) => item(id)),
    longer: Array.from({ length: 120 }, (_, id) => item(id + 7)),
  };
  const { contents, recall } = contentsBeside(base);
  const encoder = new ValueEncoder(base);
  const edited = { ...base.short[0]!, mode: 99 };
  const other = base.long.map(one => ({ ...one, mode: 99 }));
  for (const value of [
    { ...base, short: [edited, base.short[1]!], long: other },
    { ...base, short: [base.short[1]!, edited], longer: other },
  ])
    assert.ok(told(decodeValue(encoder.encode(value, contents), recall, base)) === told(value), "a part of the base came from another place");
});
test("what is as it was costs nothing, and of a long list only what has changed is stored", () => {
  const base = { byId: new Map(Array.from({ length: 5000 }, (_, id) => [id, item(id)])) };
  const { contents, stored } = contentsBeside(base);
  const encoder = new ValueEncoder(base);
  assert.equal(encoder.encode(base, contents).root, [-6]);
  const byId = new Map(base.byId);
  byId.delete(3);
  byId.set(70, { ...byId.get(70)!, mode: 99 });
  byId.set(6000, item(6000));
  const { root } = encoder.encode({ byId }, contents);
  assert.ok(pack(root).length < 300, `${pack(root).length} bytes`);
  assert.ok(stored.size <= 4, `${stored.size} contents`);
});
test("what a value has in common with another base than it was encoded beside is refused", () => {
  const base = { byId: new Map(Array.from({ length: 100 }, (_, id) => [id, item(id)])) };
  const { contents, recall } = contentsBeside(base);
  const encoded = new ValueEncoder(base).encode({ byId: new Map([...base.byId, [200, item(200)]]) }, contents);
  assert.throws(() => decodeValue(encoded, recall, { byId: new Map([...base.byId].slice(1)) }), /more in common/);
  assert.throws(() => decodeValue(encoded, recall), /more in common/);
  assert.throws(() => decodeValue({ shapes: [], root: [-6] }, recall), /does not hold/);
});
test("what the base leaves out of a list is as the base where a value leaves it out too, or has it so", () => {
  for (const length of [5, 200]) {
    const whole = Array.from({ length }, (_, id) => item(id));
    const [asked, changed, removed] = [1, 2, 3];
    const base = { items: whole.map((one, id) => (id % 4 === 0 ? one : undefined)) };
    const leftOut = (list: readonly unknown[]) => (list === base.items ? (id: number) => whole[id] : undefined);
    const value = { items: [...base.items, item(7777)] as (Item | null | undefined)[] };
    value.items[asked] = { ...whole[asked]! };
    value.items[changed] = { ...whole[changed]!, mode: 99 };
    value.items[removed] = null;
    const { contents, recall, stored } = contentsBeside(base);
    const [shapes, root] = packedAgain(new ValueEncoder(base, leftOut).encode(value, contents)) as [EncodedValue["shapes"], unknown];
    const given = [...value.items];
    given[asked] = undefined;
    assert.is(told(decodeValue({ shapes, root }, recall, base, leftOut)), told({ items: given }));
    const all = given.map((one, id) => (one === undefined ? whole[id] : one));
    assert.is(told(decodeValue({ shapes, root }, recall, { items: whole })), told({ items: all }), "where it is in the base");
    assert.ok(pack(root).length + [...stored.values()].reduce((sum, { length }) => sum + length, 0) < 10_000);
    const ofWhole = new ValueEncoder({ items: whole }).encode({ items: all }, contents);
    assert.is(told(decodeValue(ofWhole, recall, base, leftOut)), told({ items: given }), "written where it was in the base");
  }
});
test("a content at boot is known by its number, itself and its hash", () => {
  const [one, other] = [patterned(4096, 3), patterned(4096, 5)];
  const ofImage = patterned(100, 7);
  const image = { get: (hash: string) => (hash === contentHash(ofImage) ? ofImage : undefined) };
  const state = new BootState({ inodes: new Map([[1, { pieces: [one, null, other, one] }]]) }, { pieces: image });
  assert.equal(state.extent, [3, 3 * 4096]);
  assert.is(state.at(1), other);
  assert.is(state.at(state.numberOf(one)!), one);
  assert.is(state.numberOf(other.slice()), undefined);
  const copy = other.slice();
  assert.ok(state.has(contentHash(copy), copy));
  copy[4095]! ^= 1;
  assert.not(state.has(contentHash(copy), copy));
  assert.ok(state.has(contentHash(ofImage), ofImage));
  assert.is(state.get(contentHash(other)), other);
});

const image = demoImage();
const source = bootSource({ image, argv: ["/bin/pipeline"] });
test("a machine's keyframes are its moments, and hold nothing that it booted with", () => {
  const sink = new MemoryFile();
  const recorder = new Recorder<Parameters<typeof machine.restore>[0]["memory"]>(
    new LogWriter(sink, { image: { name: image.name, digest: image.digest } }),
    every(20, 1e9),
  );
  const machine = boot(source, { world: silentWorld, isPaced: false, onEvent: recorder.onEvent });
  recorder.onDue = () => machine.pause();
  recorder.attach(machine, machine.state);
  const moments = [];
  for (let kind = "bound"; kind !== "halted"; ) {
    ({ kind } = machine.run({ seq: 0, tick: machine.position.tick + 1_000_000 }));
    moments.push({ position: machine.position, is: fingerprint(machine) });
    recorder.settle();
  }
  recorder.close();
  const { keyframes } = new LogHistory(new LogReader(new MemoryFile(sink.bytes)));
  assert.ok(keyframes.length > 3);
  const other = boot(source, { world: silentWorld, isPaced: true, onEvent: () => {} });
  const state = new BootState(other.state);
  for (const { position, load } of keyframes) {
    const snapshot = load(other.memory, state);
    assert.ok(snapshot, `the keyframe at ${position.seq} can be read`);
    const moment = moments.find(({ position: { seq, tick } }) => seq === position.seq && tick === position.tick)!;
    assert.is(differencesOf(fingerprintOf(snapshot, other.memory), moment.is), "", `the keyframe at ${position.seq}`);
    other.memory.release(snapshot.memory);
  }
  assert.is(keyframes[0]!.load(other.memory, new BootState({ vfs: patterned(100, 3) })), undefined, "of a machine that booted with other files");
});
function replayed(image: Image, history: LogHistory) {
  const replay = new ReplayFactory({ image, mounts: [] }, history).boot();
  return { machine: replay.machine, advance: (position: Position) => assert.is(replay.advance(position), undefined) };
}
test("a keyframe is the same whether files of the image were in the state at boot or are made when they are asked for", () => {
  const folder = mkdtempSync(join(tmpdir(), "chronix-boot-state-"));
  const listed = saved(new ImageStore(folder), image);
  const both = [listed, unlisted(listed)];
  const logs = both.map(image => record({ name: "pipeline", request: { image, argv: ["/bin/pipeline"] }, inputs: [] }, undefined, every(20, 1e9)).log);
  const payloads = logs.map(log => readerOf(log).keyframes.map(block => readerOf(log).payload(block)));
  assert.equal(payloads[0], payloads[1]);
  const whole = (moment: Fingerprint): Fingerprint => ({ ...moment, state: withAllInodes(moment.state as KernelState, storedContents(listed)) });
  for (const log of logs)
    for (const image of both) {
      const history = new LogHistory(readerOf(log));
      const { machine, advance } = replayed(image, history);
      const state = new BootState(machine.state, image);
      assert.ok(history.keyframes.length > 3);
      for (const { position, load } of history.keyframes) {
        const snapshot = load(machine.memory, state)!;
        advance(position);
        assert.is(differencesOf(whole(fingerprintOf(snapshot, machine.memory)), whole(fingerprint(machine))), "", `the keyframe at ${position.seq}`);
        machine.memory.release(snapshot.memory);
      }
    }
  rmSync(folder, { recursive: true });
});
test("keyframes of version 3, which hold the whole state, are read", () => {
  const history = new LogHistory(new LogReader(new MemoryFile(readFileSync(join(import.meta.dirname, "../events/format-1-keyframes.chronix")))));
  assert.ok(history.keyframes.length >= 3);
  const machine = new ToyMachine(history).boot();
  const state = new BootState(machine.snapshot().state);
  for (const { position, load } of history.keyframes) {
    machine.run({ seq: position.seq, tick: 0 });
    assert.equal(load(machine.memory, state), machine.snapshot());
  }
});

test.run();
