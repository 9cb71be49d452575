// All that a machine is at a moment, in a form that can be compared: position, kernel state, registers, and every page of every space.
import { createHash } from "node:crypto";
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
  if (isSame(a, b)) return "";
  const { list } = differences(a, b, 8);
  if (list.length === 0) return "a map's entries come in another order";
  return list.map(({ path, a: left, b: right }) => `${path}: ${shown(left)} and ${shown(right)}`).join("\n");
}
const shown = (value: unknown): string => String(value instanceof Uint8Array ? Buffer.from(value).toString("hex") : value).slice(0, 100);
/** Plain data, maps in their order, which reducers may go by. Node's own isDeepStrictEqual tells a Buffer from a Uint8Array, and takes ten times as long. */
function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (a instanceof Uint8Array || b instanceof Uint8Array) return a instanceof Uint8Array && b instanceof Uint8Array && Buffer.compare(a, b) === 0;
  if (Array.isArray(a) || Array.isArray(b)) return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, i) => isSame(item, b[i]));
  if (a instanceof Map || b instanceof Map) {
    if (!(a instanceof Map && b instanceof Map) || a.size !== b.size) return false;
    const others = b.entries();
    for (const [key, value] of a) {
      const [otherKey, otherValue] = others.next().value!;
      if (!Object.is(key, otherKey) || !isSame(value, otherValue)) return false;
    }
    return true;
  }
  const names = Object.keys(a).filter(name => (a as Record<string, unknown>)[name] !== undefined);
  const others = Object.keys(b).filter(name => (b as Record<string, unknown>)[name] !== undefined);
  return names.length === others.length && names.every(name => isSame((a as Record<string, unknown>)[name], (b as Record<string, unknown>)[name]));
}
