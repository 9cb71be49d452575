// The first state is handed over as it was made: it must be a tree, and nothing of it may be the caller's, or a change in place would be a change there.
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { bootState } from "../../engine/boot.ts";
import { defaultGuestOptions } from "../../repl/guest-option-defaults.ts";
import { bootRequest } from "../../repl/guest-options.ts";

function objectsIn(value: unknown, found = new Set<object>()): ReadonlySet<object> {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array || found.has(value)) return found;
  found.add(value);
  for (const part of value instanceof Map ? value.values() : Object.values(value)) objectsIn(part, found);
  return found;
}

for (const kind of ["pipe", "terminal"] as const)
  test(`the first state is a tree of its own, its streams being ${kind}s`, () => {
    const mount = [`${join(import.meta.dirname, "..", "guests")}:/mnt`, `${import.meta.filename}:/file:ro`];
    const streams = { standard: [kind, kind, kind], terminal: { columns: 80, rows: 24 } } as const;
    const { image, mounts, parameters } = bootRequest({ ...defaultGuestOptions, image: "demo", mount }, ["hello", "word"], streams);
    const booted = bootState(image, mounts, parameters);
    if (booted.kind === "fail") throw new Error(booted.errno);
    booted.store.assertTree();
    const { vfs, vmm, procTable, signal, time, tty, poll, net, ipc, system } = booted.store.at(0);
    const others = objectsIn([image, mounts, parameters, booted.effects]);
    const own = objectsIn([vfs, vmm, procTable, signal, time, tty, poll, net, ipc, system]);
    assert.equal(
      [...own].filter(one => others.has(one)),
      [],
    );
  });
test.run();
