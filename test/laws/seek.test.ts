// A position is one moment, by whatever path one comes to it: forward, back, from memory, from a keyframe in the file.
import * as assert from "uvu/assert";
import type { Position } from "../../events/position.ts";
import { HeldContents, joinedSources } from "../../snapshots/content.ts";
import { LogHistory } from "../../snapshots/history.ts";
import { Navigator } from "../../snapshots/navigator.ts";
import { LoggedContents } from "../../snapshots/page-store.ts";
import { ReplayFactory } from "../../snapshots/replay-factory.ts";
import type { ReplayedMachine } from "../../snapshots/replay-machine.ts";
import { decodeSnapshot, SnapshotEncoder } from "../../snapshots/snapshot-codec.ts";
import { differencesOf, type Fingerprint, fingerprint, fingerprintOf } from "./fingerprint.ts";
import { law, type Subject } from "./law.ts";
import { type Recording, readerOf } from "./recording.ts";

const PLACES = 5;
const factoryOf = ({ source }: Recording, history: LogHistory): ReplayFactory => new ReplayFactory(source, history);

/** Random moments in order, some between two events. */
function places({ recording: { events }, random }: Subject): readonly Position[] {
  return Array.from({ length: PLACES }, (): Position => {
    const seq = 1 + random(events.length - 1);
    const [before, after] = [events[seq - 1]!.tick, events[seq]?.tick ?? events[seq - 1]!.tick];
    return { seq, tick: before + (random(2) ? random(after - before) : 0) };
  }).toSorted((a, b) => a.tick - b.tick || a.seq - b.seq);
}
function reach(machine: ReplayedMachine, to: Position): Fingerprint {
  const divergence = machine.advance(to);
  assert.is(divergence?.path, undefined, `at event ${divergence?.seq}`);
  return fingerprint(machine.machine);
}

function bySeeking(subject: Subject, wanted: readonly Position[], straight: readonly Fingerprint[]): void {
  const { recording, random } = subject;
  const history = new LogHistory(readerOf(recording.log));
  let machine!: ReplayedMachine;
  const factory = factoryOf(recording, history);
  const navigator = new Navigator(history, { boot: () => (machine = factory.boot()) });
  const go = (index: number): void => {
    const divergence = navigator.goto(wanted[index]!);
    assert.is(divergence?.path, undefined, `at event ${divergence?.seq}`);
    assert.is(differencesOf(fingerprint(machine.machine), straight[index]!), "", `place ${index} of ${JSON.stringify(wanted)}`);
  };
  for (let index = PLACES - 1; index >= 0; index--) go(index);
  for (let i = 0; i < PLACES; i++) go(random(PLACES));
  navigator.close();
}

/** Every keyframe of the file is the moment that it says, and encodes to the same moment again. */
function byKeyframes({ recording }: Subject): void {
  const log = readerOf(recording.log);
  const history = new LogHistory(log);
  const straight = factoryOf(recording, history).boot();
  const { machine } = factoryOf(recording, history).boot();
  const image = new HeldContents(machine.state);
  // All of them would be many runs' worth of hashing.
  const { keyframes } = history;
  const step = Math.ceil(keyframes.length / 4);
  for (const keyframe of keyframes.filter((_, index) => index % step === 0)) {
    const before = reach(straight, keyframe.position);
    const decoded = keyframe.load(machine.memory, image);
    assert.ok(decoded, `the keyframe at ${keyframe.position.seq} can be read`);
    assert.is(differencesOf(fingerprintOf(decoded, machine.memory), before), "", `the keyframe at ${keyframe.position.seq}`);
    const kept = new Map<string, Uint8Array>();
    const encoded = new SnapshotEncoder(machine.memory, (hash, bytes) => kept.set(hash, new Uint8Array(bytes))).encode(decoded);
    const contents = joinedSources({ get: hash => kept.get(hash) }, image, new LoggedContents(log));
    const again = decodeSnapshot(encoded, contents, machine.memory);
    assert.is(differencesOf(fingerprintOf(again, machine.memory), before), "", `the keyframe at ${keyframe.position.seq}, encoded and decoded`);
    for (const { memory } of [decoded, again]) machine.memory.release(memory);
  }
}

await law("a position is one moment by whatever path", subject => {
  const { recording } = subject;
  const wanted = places(subject);
  const history = new LogHistory(readerOf(recording.log));
  const machine = factoryOf(recording, history).boot();
  const straight = wanted.map(position => reach(machine, position));
  bySeeking(subject, wanted, straight);
  byKeyframes(subject);
});
