// Where two runs part, and in what two states differ. Generic over plain data; knows no kernel.
import { firstDifference } from "../events/equality.ts";
import type { Divergence, EventSource } from "./replaying.ts";

/** The first event, from `from` on, that is not the same; where one run ends first, its side is absent. `undefined`: the runs are the same. */
export function firstDifferentEvent(a: EventSource, b: EventSource, from = 0): Divergence | undefined {
  const end = Math.max(a.length, b.length);
  for (let seq = from; seq < end; seq++) {
    const [expected, actual] = [a.event(seq), b.event(seq)];
    const path = firstDifference(expected, actual);
    if (path !== undefined) return { seq, expected, actual, path };
  }
  return undefined;
}

export interface Difference {
  /** As `procTable.tasks[3].state`. */
  readonly path: string;
  /** `undefined` where there is nothing on this side. */
  readonly a: unknown;
  readonly b: unknown;
}
export interface Differences {
  readonly list: readonly Difference[];
  /** There are more than were asked for. */
  readonly hasMore: boolean;
}
export function differences(a: unknown, b: unknown, most = 100): Differences {
  const list: Difference[] = [];
  /** Answers false once there are enough. */
  const compare = (path: string, left: unknown, right: unknown): boolean => {
    if (Object.is(left, right)) return true;
    const [parts, others] = [partsOf(left), partsOf(right)];
    if (parts && others && Array.isArray(left) === Array.isArray(right) && left instanceof Map === right instanceof Map) {
      for (const [name, part] of parts) if (!compare(path + name, part, others.get(name))) return false;
      for (const [name, part] of others) if (!parts.has(name) && !compare(path + name, undefined, part)) return false;
      return true;
    }
    if (left instanceof Uint8Array && right instanceof Uint8Array && firstDifference(left, right) === undefined) return true;
    if (list.length === most) return false;
    list.push({ path: path.replace(/^\./, ""), a: left, b: right });
    return true;
  };
  const isAll = compare("", a, b);
  return { list, hasMore: !isAll };
}
/** What an object, a list or a map consists of, by the text that a path has for it. */
function partsOf(value: unknown): ReadonlyMap<string, unknown> | undefined {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return undefined;
  if (value instanceof Map) return new Map([...value].map(([key, part]) => [`[${typeof key === "string" ? JSON.stringify(key) : String(key)}]`, part]));
  if (Array.isArray(value)) return new Map(value.map((part, i) => [`[${i}]`, part]));
  return new Map(Object.entries(value).map(([name, part]) => [`.${name}`, part]));
}
