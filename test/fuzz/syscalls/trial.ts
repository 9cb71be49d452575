// One seed: recorded, replayed, folded, gone back in, and recorded again. Whatever differs, and whatever throws, is a failure with the place where it was.
import * as assert from "uvu/assert";
import { callName } from "../../../engine/kernel/transitions.ts";
import type { Bound, Machine } from "../../../engine/machine.ts";
import { firstDifference } from "../../../events/equality.ts";
import type { KernelEvent } from "../../../events/kernel-event.ts";
import { fold } from "../../../snapshots/folding.ts";
import { LogHistory } from "../../../snapshots/history.ts";
import { Navigator } from "../../../snapshots/navigator.ts";
import { every } from "../../../snapshots/placement.ts";
import { ReplayFactory } from "../../../snapshots/replay-factory.ts";
import type { Memory, ReplayedMachine } from "../../../snapshots/replay-machine.ts";
import { randomOf } from "../../events/sample-events.ts";
import { differencesOf, fingerprint } from "../../laws/fingerprint.ts";
import { type Recording, readerOf, record } from "../../laws/recording.ts";
import { fuzzGuest, type Size } from "./guest.ts";

export interface Trial {
  readonly seed: number;
  readonly size: Size;
  /** Recorded a second time, stopped at other moments. */
  readonly isRepeated: boolean;
}
export interface Outcome {
  readonly calls: number;
  readonly events: number;
  /** How often each call was made and answered what, by `name result`. */
  readonly answers: ReadonlyMap<string, number>;
  readonly status: number | undefined;
}
const EVENTS_BETWEEN_CHECKS = 5000;
const KEYFRAMES = every(20_000, 1_000_000_000);
const PLACES = 2;

export function tryCalls({ seed, size, isRepeated }: Trial): Outcome {
  const guest = fuzzGuest(seed, size);
  const random = randomOf(seed);
  const recording = record(guest, checked, KEYFRAMES);
  replay(recording);
  assert.is(differencesOf({ state: fold(recording.events, recording.source) }, { state: recording.end.state }), "", "the state folded from the log");
  seek(recording, random);
  if (isRepeated) {
    const again = record(guest, machine => ({ seq: machine.seq + random(3000), tick: machine.tick + random(2_000_000) }), KEYFRAMES);
    for (let seq = 0; seq < recording.events.length; seq++)
      assert.is(firstDifference(again.events[seq], recording.events[seq]), undefined, `event ${seq}, recorded again`);
    assert.is(again.digest, recording.digest, "the digest, recorded again");
    assert.is(differencesOf(again.end, recording.end), "", "the end, recorded again");
  }
  return outcomeOf(recording);
}
/** Runs on for some events, once the state is known to be sound. */
function checked(machine: Machine): Bound {
  machine.assertTree();
  return { seq: machine.seq + EVENTS_BETWEEN_CHECKS, tick: 0 };
}
function replay({ log, events, source, end }: Recording): void {
  const reader = readerOf(log);
  assert.is(reader.damage, undefined);
  const machine = new ReplayFactory(source, new LogHistory(reader)).boot();
  const divergence = machine.advance({ seq: reader.length, tick: events.at(-1)!.tick });
  assert.is(divergence?.path, undefined, `replayed, event ${divergence?.seq} differs`);
  assert.is(differencesOf(fingerprint(machine.machine), end), "", "the end, replayed");
}
/** From keyframes: what is in the file is the whole machine. */
function seek({ log, events, source, end }: Recording, random: (below: number) => number): void {
  const history = new LogHistory(readerOf(log));
  const factory = new ReplayFactory(source, history);
  let machine!: ReplayedMachine;
  const navigator = new Navigator<Memory>(history, {
    boot: () => {
      machine = factory.boot();
      return machine;
    },
  });
  const last = { seq: events.length, tick: events.at(-1)!.tick };
  for (let left = PLACES; left > 0; left--) {
    const seq = 1 + random(events.length - 1);
    const divergence = navigator.goto({ seq, tick: events[seq - 1]!.tick }) ?? navigator.goto(last);
    assert.is(divergence?.path, undefined, `gone to event ${seq} and on, event ${divergence?.seq} differs`);
    assert.is(differencesOf(fingerprint(machine.machine), end), "", `the end, from event ${seq}`);
  }
  navigator.close();
}
function outcomeOf({ events, status }: Recording): Outcome {
  const answers = new Map<string, number>();
  let calls = 0;
  for (const event of events) {
    if (event.kind !== "syscall") continue;
    calls++;
    const key = `${callName(event.number)} ${resultOf(event)}`;
    answers.set(key, (answers.get(key) ?? 0) + 1);
  }
  return { calls, events: events.length, answers, status };
}
const resultOf = ({ result }: Extract<KernelEvent, { kind: "syscall" }>): string => (result.kind === "fail" ? result.errno : result.kind);
