// Names for places in the tree of timelines, as git has them: HEAD, branches, tags. Kept in one small file beside the logs.
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LogDamage } from "../events/log/damage.ts";
import type { Position } from "../events/position.ts";

/** A position on a timeline. */
export interface Place {
  readonly timeline: string;
  readonly position: Position;
}
export interface Refs {
  readonly head?: Place;
  /** A branch is a timeline under another name: its end. */
  readonly branches: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, Place>>;
}
const NONE: Refs = { branches: {}, tags: {} };
const FILE = "refs.json";

export function readRefs(folder: string): Refs {
  let text: string;
  try {
    text = readFileSync(join(folder, FILE), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return NONE;
    throw error;
  }
  try {
    return { ...NONE, ...(JSON.parse(text) as Refs) };
  } catch {
    throw new LogDamage(`${join(folder, FILE)} is damaged: it is not JSON. Remove it, and name branches and tags anew; the logs do not depend on it.`);
  }
}
/** Whole or not at all, whatever happens meanwhile. */
export function writeRefs(folder: string, refs: Refs): void {
  const path = join(folder, FILE);
  writeFileSync(`${path}.${process.pid}.tmp`, `${JSON.stringify(refs, null, 2)}\n`);
  renameSync(`${path}.${process.pid}.tmp`, path);
}

/** Where a text as `main`, `HEAD~3`, `fix@{812}`, `@{812+3091}` or a tag leads. */
export interface Revision {
  readonly timeline: string;
  readonly seq: number;
  readonly plus: number;
}
const PATTERN = /^([^~@{}]*)(?:~(\d*)|@\{(\d+)(?:\+(\d+))?\})?$/;
/** `length` answers how many events a timeline has; `undefined`: there is none of this name. */
export function resolveRevision(text: string, refs: Refs, length: (timeline: string) => number | undefined): Revision | string {
  const match = PATTERN.exec(text.trim());
  if (!match) return `${text} is no position; write a branch, a tag or HEAD, with ~N for N events earlier or @{EVENT} for an event.`;
  const [, name = "", earlier, event, plus] = match;
  const place = baseOf(name || "HEAD", refs, length);
  if (!place) return name === "" || name === "HEAD" ? "There is no HEAD yet: nothing is recorded here." : `There is no branch, tag or log ${name}.`;
  const { timeline, seq } = place;
  if (event !== undefined) return { timeline, seq: Number(event), plus: Number(plus ?? 0) };
  return { timeline, seq: Math.max(0, seq - (earlier === undefined ? 0 : Number(earlier || 1))), plus: 0 };
}
function baseOf(name: string, { head, branches, tags }: Refs, length: (timeline: string) => number | undefined): { timeline: string; seq: number } | undefined {
  const place = name === "HEAD" ? head : tags[name];
  if (place) return { timeline: place.timeline, seq: place.position.seq };
  const timeline = branches[name] ?? name;
  const seq = length(timeline);
  return seq === undefined ? undefined : { timeline, seq };
}
