// needs: gcc
// Files of /proc that show a process's memory: what is recorded of it, and that logs which know nothing of it replay.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type BootSource, boot } from "../../engine/machine-boot.ts";
import type { KernelEvent } from "../../events/kernel-event.ts";
import { Replaying } from "../../snapshots/replaying.ts";
import { bootSource } from "../headless.ts";
import { compileGuest } from "./compiled-guests.ts";

const TO_THE_END = { seq: 0, tick: 100_000_000 };
const source = bootSource({ ...compileGuest("process-titles"), memoryBytes: 2 ** 28 });
const { memoryFiles: _, ...parameters } = source.parameters;
/** As it was booted when logs knew nothing of such files. */
const earlier: BootSource = { ...source, parameters };

function run(from: BootSource): { readonly lines: readonly string[]; readonly events: readonly KernelEvent[] } {
  const parts: Readonly<Uint8Array>[] = [];
  const events: KernelEvent[] = [];
  const world = { output: (_: string, bytes: Readonly<Uint8Array>) => void parts.push(bytes), note: () => {} };
  const stop = boot(from, { world, onEvent: event => void events.push(event) }).run(TO_THE_END);
  assert.equal(stop, { kind: "halted", status: 0 });
  return { lines: Buffer.concat(parts).toString().split("\n"), events };
}
function replays(from: BootSource, events: readonly KernelEvent[]): void {
  const machine = boot(from, { world: { output: () => {}, note: () => {} }, onEvent: () => {} });
  const replaying = new Replaying(machine, { length: events.length, event: seq => events[seq] });
  assert.is(replaying.advance({ seq: events.length, tick: 0 }), undefined);
  assert.is(machine.seq, events.length);
}
/** pread64 of cmdline, each with what it read of memory besides its arguments. */
const readsOf = (events: readonly KernelEvent[]): readonly string[] =>
  events.flatMap(event => (event.kind === "syscall" && event.number === 17 ? event.reads.map(bytes => Buffer.from(bytes!).toString("latin1")) : []));

test("what is read of memory is recorded as the call's last read, and only of such files", () => {
  const { lines, events } = run(source);
  assert.ok(lines.includes(`a title: 32 a title${"\\0".repeat(25)}`));
  assert.is(readsOf(events)[3], `a title${"\0".repeat(25)}`);
  replays(source, events);
});
test("a machine of an earlier log shows what execve was given, and reads nothing", () => {
  const { lines, events } = run(earlier);
  assert.ok(lines.includes("a title: 32 first argument\\0second\\0third one\\0"));
  assert.equal(readsOf(events), []);
  replays(earlier, events);
});
test.run();
