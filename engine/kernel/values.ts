// State as values: from the machine's own working state to an immutable one, and back. Plain data only: objects, arrays, maps; bytes are values already.

/**
 * `working` as an immutable value. What is as it was in `previous`, the value handed out before, is shared with it, so that two moments differ only where they differ.
 */
export function settled<T>(previous: unknown, working: T): T {
  if (typeof working !== "object" || working === null || working instanceof Uint8Array) return working;
  if (Array.isArray(working)) return settledArray(Array.isArray(previous) ? previous : [], working) as T;
  if (working instanceof Map) return settledMap(previous instanceof Map ? previous : new Map(), working) as T;
  return settledObject(isObject(previous) ? previous : {}, working as Record<string, unknown>) as T;
}
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !(value instanceof Uint8Array);

function settledArray(previous: readonly unknown[], working: readonly unknown[]): readonly unknown[] {
  let copy: unknown[] | undefined = previous.length === working.length ? undefined : [];
  for (let i = 0; i < working.length; i++) {
    const value = settled(previous[i], working[i]);
    if (copy) copy.push(value);
    else if (!Object.is(value, previous[i])) {
      copy = previous.slice(0, i);
      copy.push(value);
    }
  }
  return copy ?? previous;
}
function settledMap(previous: ReadonlyMap<unknown, unknown>, working: ReadonlyMap<unknown, unknown>): ReadonlyMap<unknown, unknown> {
  const keys = previous.keys();
  let copy: Map<unknown, unknown> | undefined;
  for (const [key, value] of working) {
    const before = previous.get(key);
    const after = settled(before, value);
    if (!copy && !(Object.is(keys.next().value, key) && Object.is(before, after))) copy = firstOf(previous, working.keys(), key);
    copy?.set(key, after);
  }
  return copy ?? (previous.size === working.size ? previous : firstOf(previous, working.keys(), undefined));
}
/** What `previous` has under these keys, as far as to `end`. */
function firstOf(previous: ReadonlyMap<unknown, unknown>, keys: Iterable<unknown>, end: unknown): Map<unknown, unknown> {
  const first = new Map<unknown, unknown>();
  for (const key of keys) {
    if (Object.is(key, end)) break;
    first.set(key, previous.get(key));
  }
  return first;
}
/** Most objects are as they were, and most fields numbers: no list of names is made, and nothing called for a field that is no object. */
function settledObject(previous: Readonly<Record<string, unknown>>, working: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  let copy: Record<string, unknown> | undefined;
  let count = 0;
  for (const name in working) {
    const before = previous[name];
    const value = working[name];
    const after = typeof value === "object" && value !== null ? settled(before, value) : value;
    if (!copy && !(Object.is(before, after) && (after !== undefined || name in previous))) copy = fieldsOf(previous, working, name);
    if (copy) copy[name] = after;
    count++;
  }
  return copy ?? (fieldCount(previous) === count ? previous : fieldsOf(previous, working, undefined));
}
function fieldCount(object: object): number {
  let count = 0;
  for (const _ in object) count++;
  return count;
}
/** What `previous` has of the fields of `working`, as far as to `end`. */
function fieldsOf(previous: Readonly<Record<string, unknown>>, working: object, end: string | undefined): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const name in working) {
    if (name === end) break;
    copy[name] = previous[name];
  }
  return copy;
}

/** A copy that its owner may change in place. */
export function thawed<T>(value: T): T {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map(thawed) as T;
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [key, thawed(item)])) as T;
  const copy: Record<string, unknown> = {};
  for (const name of Object.keys(value)) copy[name] = thawed((value as Record<string, unknown>)[name]);
  return copy as T;
}

/** Two paths to one object, where there are any: a change through one would be a change through the other. Bytes, which nobody changes, may be shared. */
export function sharedObject(value: unknown): readonly [string, string] | undefined {
  const paths = new Map<unknown, string>();
  const visit = (item: unknown, path: string): readonly [string, string] | undefined => {
    if (typeof item !== "object" || item === null || item instanceof Uint8Array) return undefined;
    const known = paths.get(item);
    if (known !== undefined) return [known, path];
    paths.set(item, path);
    const parts = item instanceof Map ? item : Object.entries(item);
    for (const [name, part] of parts) {
      const found = visit(part, `${path}.${String(name)}`);
      if (found) return found;
    }
    return undefined;
  };
  return visit(value, "state");
}
