// A real log, cut anywhere and with bytes changed anywhere: what is intact is read and replayed as it was, what is not is said in a sentence, and nothing else happens.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { firstDifference } from "../../events/equality.ts";
import { LogDamage } from "../../events/log/damage.ts";
import type { LogReader } from "../../events/log/reader.ts";
import { demoImage } from "../../guest-images/demo.ts";
import { LogHistory } from "../../snapshots/history.ts";
import { Navigator } from "../../snapshots/navigator.ts";
import { ReplayFactory } from "../../snapshots/replay-factory.ts";
import type { Memory, ReplayedMachine } from "../../snapshots/replay-machine.ts";
import { randomOf } from "../events/sample-events.ts";
import { differencesOf, type Fingerprint, fingerprint } from "../laws/fingerprint.ts";
import { busyboxOrNothing, type Guest } from "../laws/guests.ts";
import { readerOf, record } from "../laws/recording.ts";

const SEED = Number(process.env.SEED ?? 1);
const VARIANTS = 1000;
/** Going somewhere takes longer than reading: not every variant does. */
const VARIANTS_A_REPLAY = 50;
const SCRIPT = "for i in 1 2 3 4 5 6; do echo $i > f$i; cat f1 f$i | wc -c; (exit $i); done; ls -l; trap 'echo bye' EXIT; kill -USR1 $$";

const image = await busyboxOrNothing("The damaged logs are those of a demo guest");
const guest: Guest = image
  ? { name: "script", request: { image, argv: ["/bin/sh", "-c", SCRIPT], workingDirectory: "/tmp" }, inputs: [] }
  : { name: "pingpong", request: { image: demoImage(), argv: ["/bin/pingpong"] }, inputs: [] };
const { log: bytes, events, source } = record(guest);

const places = new Map<number, Fingerprint>();
/** What the machine is after so many events, by a machine that knows the whole log. */
const wholeHistory = new LogHistory(readerOf(bytes));
const whole = navigatorOf(wholeHistory);
function truth(seq: number): Fingerprint {
  let known = places.get(seq);
  if (!known) {
    assert.is(whole.navigator.gotoEvent(seq), undefined);
    known = fingerprint(whole.machine.machine);
    places.set(seq, known);
  }
  return known;
}
function navigatorOf(history: LogHistory): { navigator: Navigator<Memory>; machine: ReplayedMachine } {
  let machine!: ReplayedMachine;
  const factory = new ReplayFactory(source, history);
  const navigator = new Navigator(history, {
    boot: () => {
      machine = factory.boot();
      return machine;
    },
  });
  return { navigator, machine };
}

const isSentence = (text: string): boolean => /^[A-Z].{10,}\.$/.test(text);
function opened(damaged: Uint8Array): LogReader | undefined {
  try {
    return readerOf(damaged);
  } catch (error) {
    assert.ok(error instanceof LogDamage, `${error}`);
    assert.ok(isSentence(error.message), error.message);
    return undefined;
  }
}
/** Answers how many events are intact. */
function checkReading(log: LogReader): number {
  if (log.damage !== undefined) assert.ok(isSentence(log.damage), log.damage);
  assert.ok(log.length <= events.length);
  for (let seq = 0; seq < log.length; seq++) assert.is(firstDifference(log.event(seq), events[seq]), undefined, `event ${seq}`);
  if (log.end) assert.is(log.length, events.length, "a log that says how it ended is whole");
  log.notes;
  return log.length;
}
function checkReplay(log: LogReader, seq: number): void {
  const { navigator, machine } = navigatorOf(new LogHistory(log));
  const divergence = navigator.gotoEvent(seq);
  assert.is(divergence?.path, undefined, `at event ${divergence?.seq}`);
  // Where events belong together the machine stands behind them, and a shorter log ends before.
  if (machine.machine.seq === seq) assert.is(differencesOf(fingerprint(machine.machine), truth(seq)), "", `after ${seq} events`);
  navigator.close();
}
function checkAll(damage: (random: (below: number) => number) => Uint8Array): { refused: number; replayed: number } {
  const random = randomOf(SEED);
  const seen = { refused: 0, replayed: 0 };
  for (let i = 0; i < VARIANTS; i++) {
    try {
      const log = opened(damage(random));
      const intact = log && checkReading(log);
      if (intact === undefined || intact === 0) seen.refused++;
      else if (i % VARIANTS_A_REPLAY === 0) {
        checkReplay(log!, 1 + random(intact));
        seen.replayed++;
      }
    } catch (error) {
      if (error instanceof Error) error.message += `\n(variant ${i} of SEED=${SEED})`;
      throw error;
    }
  }
  return seen;
}

test("cut at any byte", () => {
  const { replayed } = checkAll(random => bytes.slice(0, random(bytes.length)));
  assert.ok(replayed >= 10);
});
test("with any bytes changed", () => {
  const { replayed } = checkAll(random => {
    const changed = bytes.slice();
    for (let left = 1 + random(4); left > 0; left--) changed[random(changed.length)]! ^= 1 + random(255);
    return changed;
  });
  assert.ok(replayed >= 10);
});
test("with a piece missing, doubled or of zeros", () => {
  checkAll(random => {
    const [start, length] = [random(bytes.length), 1 + random(3000)];
    const [before, piece, after] = [bytes.subarray(0, start), bytes.subarray(start, start + length), bytes.subarray(start + length)];
    return Buffer.concat([before, [new Uint8Array(0), Buffer.concat([piece, piece]), new Uint8Array(piece.length)][random(3)]!, after]);
  });
});
test.run();
