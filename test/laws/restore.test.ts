// A machine that is put back to a moment of its past runs to the same end.
import * as assert from "uvu/assert";
import { boot } from "../../engine/machine-boot.ts";
import { silentWorld } from "../../engine/world.ts";
import { firstDifference } from "../../events/equality.ts";
import type { KernelEvent } from "../../events/kernel-event.ts";
import { differencesOf, fingerprint } from "./fingerprint.ts";
import { law, type Subject } from "./law.ts";
import { drive, sourceOf } from "./recording.ts";

const isInput = ({ kind }: KernelEvent): boolean => kind === "input";

/** Not replayed: a live machine, which has only its inputs. */
function restored({ guest, recording: { events, end, status }, random }: Subject): void {
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
  const last = machine.snapshot();
  machine.restore(last);
  assert.is(machine.status, status, "put back to its end, it knows that it has ended");
  machine.memory.release(last.memory);
}

const test = await law("a machine put back runs to the same end", restored);
test.run();
