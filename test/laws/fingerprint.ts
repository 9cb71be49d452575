// All that a machine is at a moment, in a form that can be compared: position, kernel state, registers, and every page of every space.
import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { Machine, MachineSnapshot } from "../../engine/machine.ts";
import type { GuestMemory } from "../../engine/memory/guest-memory.ts";
import { differences } from "../../snapshots/difference.ts";

export interface Fingerprint {
  readonly position: string;
  readonly state: unknown;
  readonly registers: ReadonlyMap<number, Uint8Array>;
  /** By `space:page`: a hash of the content, and whether it is shared. */
  readonly pages: ReadonlyMap<string, string>;
}

export function fingerprint(machine: Machine): Fingerprint {
  const snapshot = machine.snapshot();
  try {
    return fingerprintOf(snapshot, machine.memory);
  } finally {
    machine.memory.release(snapshot.memory);
  }
}
export function fingerprintOf({ position, state, registers, memory }: MachineSnapshot, guestMemory: GuestMemory): Fingerprint {
  const pages: [string, string][] = [];
  for (const { bytes, places, shared } of guestMemory.pages(memory)) {
    const hash = createHash("sha1").update(bytes).digest("hex");
    const object = shared ? ` of object ${shared.object}, page ${shared.index}` : "";
    for (const { space, page } of places) pages.push([`${space}:${page.toString(16)}`, hash + object]);
  }
  return { position: `${position.seq} at tick ${position.tick}`, state, registers, pages: new Map(pages.toSorted(([a], [b]) => (a < b ? -1 : 1))) };
}

/** In what two moments differ, in words; empty where they are one. */
export function differencesOf(a: Partial<Fingerprint>, b: Partial<Fingerprint>): string {
  if (isDeepStrictEqual(a, b)) return "";
  const { list } = differences(a, b, 8);
  return list.map(({ path, a: left, b: right }) => `${path}: ${shown(left)} and ${shown(right)}`).join("\n");
}
const shown = (value: unknown): string => String(value instanceof Uint8Array ? Buffer.from(value).toString("hex") : value).slice(0, 100);
