// What is done at a moment of the past stays apart from it: a fork never changes its parent.
import * as assert from "uvu/assert";
import type { KernelEvent } from "../../events/kernel-event.ts";
import type { Change } from "../../events/log/header.ts";
import { Session } from "../../snapshots/session.ts";
import { differencesOf, fingerprint } from "./fingerprint.ts";
import { law, type Subject } from "./law.ts";
import { readerOf } from "./recording.ts";

function changeAt(events: readonly KernelEvent[], seq: number): readonly Change[] {
  const call = events.findIndex((event, at) => at >= seq && event.kind === "syscall");
  return call < 0 ? [] : [{ kind: "inject", seq: call, errno: "EIO" }];
}
/** What a call's failure leads to may be a loop without end that makes no calls. */
const MOST_TICKS = 50_000_000;
const SLICE_TICKS = 20_000;
function runOn(fork: Session, lastSeq: number): void {
  const inputs = fork.inheritedInputs()[Symbol.iterator]();
  const lastTick = fork.position.tick + MOST_TICKS;
  while (fork.position.seq <= lastSeq && fork.position.tick < lastTick) {
    const { kind } = fork.run({ seq: 0, tick: fork.position.tick + SLICE_TICKS });
    if (kind === "halted") return;
    if (kind !== "asleep") continue;
    const { value, done } = inputs.next();
    if (done) return;
    fork.input(value);
  }
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
  runOn(fork, seq + 400);
  assert.is(differencesOf(fingerprint(parent.machine), before), "", `the parent after a fork at ${seq}`);
  assert.is(parent.digest, recording.digest);
  parent.goto({ seq: parent.length, plus: 0 });
  assert.is(differencesOf(fingerprint(parent.machine), recording.end), "");
  fork.goto({ seq, plus: 0 });
  assert.is(differencesOf(fingerprint(fork.machine), before), "", `the fork goes back to ${seq}`);
  fork.close();
  parent.close();
}

const test = await law("a fork leaves its parent alone", forked);
test.run();
