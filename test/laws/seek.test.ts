// A position is one moment, by whatever path one comes to it: forward, back, from memory, from a keyframe in the file.
import * as assert from "uvu/assert";
import type { Machine } from "../../engine/machine.ts";
import type { Position } from "../../events/position.ts";
import { BootState } from "../../snapshots/boot-state.ts";
import type { ContentSource } from "../../snapshots/content.ts";
import { type Keyframe, LogHistory } from "../../snapshots/history.ts";
import { Navigator } from "../../snapshots/navigator.ts";
import { LoggedContents } from "../../snapshots/page-store.ts";
import { ReplayFactory } from "../../snapshots/replay-factory.ts";
import type { Memory, ReplayedMachine } from "../../snapshots/replay-machine.ts";
import { decodeSnapshot, SnapshotEncoder } from "../../snapshots/snapshot-codec.ts";
import { differencesOf, type Fingerprint, fingerprint, fingerprintOf } from "./fingerprint.ts";
import { law, type Subject } from "./law.ts";
import { readerOf } from "./recording.ts";

const PLACES = 5;
/** Of the keyframes, so many: all of them would be many runs' worth of hashing. */
const KEYFRAMES = 4;
interface Moment {
  readonly position: Position;
  readonly is: Fingerprint;
}

/** Random moments, some between two events. */
function places({ recording: { events }, random }: Subject): readonly Position[] {
  return Array.from({ length: PLACES }, (): Position => {
    const seq = 1 + random(events.length - 1);
    const [before, after] = [events[seq - 1]!.tick, events[seq]?.tick ?? events[seq - 1]!.tick];
    return { seq, tick: before + (random(2) ? random(after - before) : 0) };
  });
}
/** The moments as a machine passes through them that only ever goes forward. */
function straight(machine: ReplayedMachine, positions: readonly Position[]): readonly Moment[] {
  const inOrder = positions.toSorted((a, b) => a.tick - b.tick || a.seq - b.seq);
  return inOrder.map(position => {
    const divergence = machine.advance(position);
    assert.is(divergence?.path, undefined, `at event ${divergence?.seq}`);
    return { position, is: fingerprint(machine.machine) };
  });
}

/** Back through all of them, then to and fro. */
function bySeeking(navigator: Navigator<Memory>, { machine }: ReplayedMachine, moments: readonly Moment[], random: Subject["random"]): void {
  const order = [...moments.toReversed(), ...Array.from({ length: PLACES }, () => moments[random(moments.length)]!)];
  for (const { position, is } of order) {
    const divergence = navigator.goto(position);
    assert.is(divergence?.path, undefined, `at event ${divergence?.seq}`);
    assert.is(differencesOf(fingerprint(machine), is), "", `going to ${is.position}`);
  }
}
/** A keyframe of the file is the moment that it says, and encodes to the same moment again. */
function byKeyframe(keyframe: Keyframe, { is }: Moment, { memory }: Machine, { boot, log }: { readonly boot: BootState; readonly log: ContentSource }): void {
  const decoded = keyframe.load(memory, boot);
  assert.ok(decoded, `the keyframe at ${is.position} can be read`);
  assert.is(differencesOf(fingerprintOf(decoded, memory), is), "", `the keyframe at ${is.position}`);
  const kept = new Map<string, Uint8Array>();
  const encoded = new SnapshotEncoder(memory, boot, (hash, bytes) => kept.set(hash, new Uint8Array(bytes))).encode(decoded);
  const again = decodeSnapshot(encoded, { get: hash => kept.get(hash) ?? log.get(hash) }, boot, memory);
  assert.is(differencesOf(fingerprintOf(again, memory), is), "", `the keyframe at ${is.position}, encoded and decoded`);
  for (const snapshot of [decoded, again]) memory.release(snapshot.memory);
}

const test = await law("a position is one moment by whatever path", subject => {
  const { recording, random } = subject;
  const log = readerOf(recording.log);
  const history = new LogHistory(log);
  const factory = new ReplayFactory(recording.source, history);
  const step = Math.ceil(history.keyframes.length / KEYFRAMES);
  const keyframes = history.keyframes.filter((_, index) => index % step === 0);
  const moments = straight(factory.boot(), [...places(subject), ...keyframes.map(({ position }) => position)]);

  let machine!: ReplayedMachine;
  const { image } = recording.source;
  const boot = (): ReplayedMachine => {
    machine = factory.boot();
    return machine;
  };
  const navigator = new Navigator(history, { boot }, image);
  const contents = { boot: new BootState(machine.machine.state, image), log: new LoggedContents(log) };
  for (const keyframe of keyframes) byKeyframe(keyframe, moments.find(({ position }) => position === keyframe.position)!, machine.machine, contents);
  bySeeking(navigator, machine, moments, random);
  navigator.close();
});
test.run();
