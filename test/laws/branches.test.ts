// What is done at a moment of the past stays apart from it: a machine put back runs to the same end, and a fork never changes its parent.
import * as assert from "uvu/assert";
import { boot } from "../../engine/machine-boot.ts";
import { silentWorld } from "../../engine/world.ts";
import { firstDifference } from "../../events/equality.ts";
import type { KernelEvent } from "../../events/kernel-event.ts";
import type { Change } from "../../events/log/header.ts";
import { Session } from "../../snapshots/session.ts";
import { differencesOf, fingerprint } from "./fingerprint.ts";
import { law, type Subject } from "./law.ts";
import { drive, readerOf, sourceOf } from "./recording.ts";

const isInput = ({ kind }: KernelEvent): boolean => kind === "input";

/** Not replayed: a live machine, which has only its inputs. */
function restored({ guest, recording: { events, end }, random }: Subject): void {
  const happened: KernelEvent[] = [];
  const machine = boot(sourceOf(guest), { world: silentWorld, onEvent: event => void happened.push(event) });
  const stopAt = random(events.length);
  // An input arrives when everybody sleeps, not at a bound: a stop just there is as good.
  const pauseOnce = { seq: stopAt, tick: 0 };
  let given = 0;
  for (;;) {
    const stop = machine.run(pauseOnce);
    const input = guest.inputs[given];
    if (stop.kind !== "asleep" || machine.seq >= stopAt || !input) break;
    given++;
    machine.input(input);
  }
  const { seq } = machine;
  assert.is(happened.filter(isInput).length, given);
  const snapshot = machine.snapshot();
  drive(machine, guest, undefined, undefined, given);
  assert.is(differencesOf(fingerprint(machine), end), "");
  happened.length = seq;
  machine.restore(snapshot);
  drive(machine, guest, undefined, undefined, given);
  assert.is(happened.length, events.length);
  for (let i = seq; i < events.length; i++) assert.is(firstDifference(happened[i], events[i]), undefined, `event ${i}, from ${seq} on`);
  assert.is(differencesOf(fingerprint(machine), end), "");
  machine.memory.release(snapshot.memory);
}

function changeAt(events: readonly KernelEvent[], seq: number): readonly Change[] {
  const call = events.findIndex((event, at) => at >= seq && event.kind === "syscall");
  return call < 0 ? [] : [{ kind: "inject", seq: call, errno: "EIO" }];
}
function forked({ recording, random }: Subject): void {
  const reader = readerOf(recording.log);
  const parent = Session.open(reader, recording.source);
  const seq = 1 + random(recording.events.length - 1);
  parent.goto({ seq, plus: 0 });
  const before = fingerprint(parent.machine);
  const changes = changeAt(recording.events, parent.position.seq);
  const fork = parent.fork(changes);
  assert.is(differencesOf(fingerprint(fork.machine), before), "", `a fork at ${seq} starts as its parent is`);
  fork.runUntil((_, at) => at > seq + 400, fork.inheritedInputs()[Symbol.iterator]());
  assert.is(differencesOf(fingerprint(parent.machine), before), "", `the parent after a fork at ${seq}`);
  assert.is(parent.digest, recording.digest);
  parent.goto({ seq: parent.length, plus: 0 });
  assert.is(differencesOf(fingerprint(parent.machine), recording.end), "");
  fork.goto({ seq, plus: 0 });
  assert.is(differencesOf(fingerprint(fork.machine), before), "", `the fork goes back to ${seq}`);
  fork.close();
  parent.close();
}

const test = await law("a machine put back runs to the same end; a fork leaves its parent alone", subject => {
  restored(subject);
  forked(subject);
});
test.run();
