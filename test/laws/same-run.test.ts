// Whoever runs a guest again finds the same run: recorded again and stopped at other moments, replayed from its log, or folded without a processor.
import * as assert from "uvu/assert";
import type { Bound, Machine } from "../../engine/machine.ts";
import { firstDifference } from "../../events/equality.ts";
import { fold } from "../../snapshots/folding.ts";
import { LogHistory } from "../../snapshots/history.ts";
import { ReplayFactory } from "../../snapshots/replay-factory.ts";
import { keptFrom, MemoryShelf } from "../cpu/memory-shelf.ts";
import { differencesOf, fingerprint } from "./fingerprint.ts";
import { law, type Subject } from "./law.ts";
import { type Recording, readerOf, record } from "./recording.ts";

const same = (again: Recording, first: Recording): void => {
  const length = Math.max(again.events.length, first.events.length);
  for (let seq = 0; seq < length; seq++) assert.is(firstDifference(again.events[seq], first.events[seq]), undefined, `event ${seq}`);
  assert.is(again.status, first.status);
  assert.is(differencesOf(again.end, first.end), "");
  assert.is(again.digest, first.digest);
};

function recordedAgainInSlices({ guest, recording, random }: Subject): void {
  const slice = (machine: Machine): Bound =>
    random(2) ? { seq: machine.seq + random(12), tick: 0 } : { seq: machine.seq + random(3), tick: machine.tick + random(1 + random(60_000)) };
  same(record(guest, slice), recording);
}
/** What is compiled is put again by another run. */
function recordedAgainWithItsRegions({ guest, recording, random }: Subject): void {
  const again = (shelf: MemoryShelf): MemoryShelf => {
    same(record(guest, undefined, undefined, { shelf, promotionTicks: 1 + random(3000) }), recording);
    return shelf;
  };
  const before = again(new MemoryShelf());
  const made = before.living();
  if (made.length > 0) again(new MemoryShelf(made.map(keptFrom), before.decoded()));
}
function replayed({ recording }: Subject): void {
  const log = readerOf(recording.log);
  assert.is(log.damage, undefined);
  assert.is(log.end?.digest, recording.digest);
  const history = new LogHistory(log);
  const machine = new ReplayFactory(recording.source, history).boot();
  let seq = 1;
  machine.onEvent = event => assert.is(firstDifference(event, recording.events[seq++]), undefined, `event ${seq - 1}`);
  const tick = recording.events.at(-1)!.tick;
  const divergence = machine.advance({ seq: log.length, tick });
  assert.is(divergence?.path, undefined, `at event ${divergence?.seq}`);
  assert.is(seq, recording.events.length);
  assert.is(differencesOf(fingerprint(machine.machine), recording.end), "");
}
function folded({ recording }: Subject): void {
  assert.is(differencesOf({ state: fold(recording.events, recording.source) }, { state: recording.end.state }), "");
}

const test = await law("a run is recorded again in slices, replayed and folded", subject => {
  recordedAgainInSlices(subject);
  recordedAgainWithItsRegions(subject);
  replayed(subject);
  folded(subject);
});
test.run();
