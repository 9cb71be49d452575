// Plain data of any shape as msgpack can hold it, and back: maps, big integers and references to contents keep what they are, and names of fields are written once.
// Long lists are cut into parts that are contents themselves: what two states have in common of a list is stored once.
// What is, at its place, as the base has it, a value that reader and writer both know, is only said to be so: at each place the two are walked side by side.
// The base may leave items of a list out (`undefined`) until somebody asks for them: a value that leaves the same one out, or has it as it would be, has it as the base, and is given back without it.
// Knows nothing of what the data means; kernel state is its use.

import { settled } from "../engine/kernel/values.ts";
import type { Bytes } from "../events/kernel-event.ts";
import { LogDamage } from "../events/log/damage.ts";
import { pack, unpack } from "../events/log/msgpack.ts";
import { isContent } from "./content.ts";
import { type LongList, longList, longMap, pairsOf, runsOf } from "./runs.ts";

/** First items of lists that stand for something; an object starts with the index of its shape. */
const ARRAY = -1;
const MAP = -2;
const CONTENT = -3;
const UNDEFINED = -4;
const PARTS = -5;
const AS_BASE = -6;
const SAME = [AS_BASE];
/** Stands for an item that is left out, on both sides. */
const LEFT_OUT = Symbol("left out");

/** Items of a list, or pairs of a map, in one part: sixteen inodes fill most of a content. */
const PART_ITEMS = 16;
const LEAST_ITEMS_TO_PART = 64;

/** Where contents that an encoded value refers to are kept. */
export interface Contents {
  /** Answers the number by which the bytes will be recalled: below zero where it means the same in every value. */
  refer(bytes: Bytes): number;
  /** Answers such a number, or the hash by which they will be: parts mean the same in every value. */
  name(bytes: Bytes): number | Bytes;
}
/** A content by its number or its hash. */
export type Recall = (reference: number | Bytes) => Bytes;

/** What encoding an object gave; it holds only beside the same part of the base. */
interface Known {
  readonly base: unknown;
  readonly list: readonly unknown[];
}
interface Part {
  readonly items: readonly unknown[];
  readonly bases: readonly unknown[];
  /** Bytes, or a list where those would not do as a content. */
  readonly encoded: Bytes | readonly unknown[];
}

export interface EncodedValue {
  /** Names of fields, for each shape of object that occurs. */
  readonly shapes: readonly (readonly string[])[];
  readonly root: unknown;
}
type Refer = (bytes: Bytes) => unknown;

/** Of a list of the base that leaves items out: what would be at a place, the same object each time. */
export type LeftOut = (list: readonly unknown[]) => ((index: number) => unknown) | undefined;
const nothingLeftOut: LeftOut = () => undefined;

/** Encodes the states of one machine, one after another: what has not changed since is not looked into again. */
export class ValueEncoder {
  readonly #base: unknown;
  readonly #leftOut: LeftOut;
  readonly #shapes: (readonly string[])[] = [];
  readonly #shapeByNames = new Map<string, number>();
  /** Encoded objects that refer to no content by a number of one value: those mean the same in every one. */
  readonly #known = new WeakMap<object, Known>();
  /** Objects at the place of what the base leaves out, as they are where they share with that what is the same. */
  readonly #shared = new WeakMap<object, object>();
  /** Parts by their first object. */
  readonly #parted = new WeakMap<object, Part>();
  #references = 0;

  /** `base`: what all values are likely to have much in common with. */
  constructor(base?: unknown, leftOut = nothingLeftOut) {
    this.#base = base;
    this.#leftOut = leftOut;
  }
  encode(value: unknown, contents: Contents): EncodedValue {
    return { root: this.#encode(value, this.#base, contents, bytes => contents.refer(bytes)), shapes: this.#shapes };
  }
  #encode(item: unknown, base: unknown, contents: Contents, refer: Refer): unknown {
    if (item === LEFT_OUT) return SAME;
    if (typeof item !== "object" || item === null) return item === undefined ? [UNDEFINED] : item;
    if (item === base) return SAME;
    if (item instanceof Uint8Array) {
      if (!isContent(item)) return item;
      const reference = refer(item);
      if (!(typeof reference === "number" && reference < 0)) this.#references++;
      return [CONTENT, reference];
    }
    const known = this.#known.get(item);
    if (known && known.base === base) return known.list;
    const before = this.#references;
    const list = this.#encodeInside(item, base, contents, refer);
    if (this.#references === before) this.#known.set(item, { base, list });
    return list;
  }
  #encodeInside(item: object, base: unknown, contents: Contents, refer: Refer): readonly unknown[] {
    const one = (value: unknown, beside: unknown): unknown => this.#encode(value, beside, contents, refer);
    if (Array.isArray(item)) {
      const list = listOf(base);
      const found = this.#leftOut(list);
      const [items, bases] = found ? this.#withLeftOut(item, list, found) : [item, list];
      if (item.length >= LEAST_ITEMS_TO_PART) return this.#parts(ARRAY, longList(items, list, bases), contents, refer);
      return [ARRAY, ...items.map((value, index) => one(value, bases[index]))];
    }
    if (item instanceof Map) {
      const bases = mapOf(base);
      if (item.size >= LEAST_ITEMS_TO_PART) return this.#parts(MAP, longMap(item, bases), contents, refer);
      const list: unknown[] = [MAP];
      for (const [key, value] of item) list.push(one(key, undefined), one(value, bases.get(key)));
      return list;
    }
    const names = Object.keys(item);
    const bases = isObject(base) ? base : {};
    return [this.#shapeOf(names), ...names.map(name => one((item as Record<string, unknown>)[name], bases[name]))];
  }
  /** The items, and what the base has beside each. */
  #withLeftOut(list: readonly unknown[], base: readonly unknown[], found: (index: number) => unknown): readonly [readonly unknown[], readonly unknown[]] {
    const [items, bases] = [[...list], [...base]];
    for (let i = 0; i < list.length && i < base.length; i++) {
      const item = list[i];
      if (base[i] !== undefined || item === null) continue;
      if (isObject(item)) {
        bases[i] = found(i);
        items[i] = this.#sharing(item, bases[i]);
      }
      if (items[i] === bases[i]) items[i] = bases[i] = LEFT_OUT;
    }
    return [items, bases];
  }
  #sharing(item: object, base: unknown): unknown {
    const known = this.#shared.get(item) ?? settled(base, item);
    this.#shared.set(item, known);
    return known;
  }
  /** A part that is too long for a content, or so short that it costs less where it is, stays in its list. */
  #parts(kind: number, long: LongList, contents: Contents, refer: Refer): readonly unknown[] {
    const { items, bases, width } = long;
    const list: unknown[] = [PARTS, kind];
    const part = (from: number, to: number): void => {
      for (let at = from; at < to; at += PART_ITEMS) {
        const [start, end] = [at * width, Math.min(at + PART_ITEMS, to) * width];
        const { encoded } = this.#part(items.slice(start, end), bases.slice(start, end), contents);
        list.push(encoded instanceof Uint8Array ? refer(encoded) : encoded);
      }
    };
    let done = 0;
    for (const { start, place, length } of runsOf(long)) {
      part(done, start);
      list.push(-length, place);
      done = start + length;
    }
    part(done, items.length / width);
    this.#references++;
    return list;
  }
  #part(items: readonly unknown[], bases: readonly unknown[], contents: Contents): Part {
    const first = items.find(item => typeof item === "object" && item !== null) as object | undefined;
    const known = first && this.#parted.get(first);
    if (known && areSame(known.items, items) && areSame(known.bases, bases)) return known;
    const list = items.map((one, i) => this.#encode(one, bases[i], contents, bytes => contents.name(bytes)));
    const bytes = pack(list);
    // A copy: what msgpack gives is a view of a buffer of up to megabytes, which one part would keep.
    const part = { items, bases, encoded: isContent(bytes) ? new Uint8Array(bytes) : list };
    if (first) this.#parted.set(first, part);
    return part;
  }
  #shapeOf(names: readonly string[]): number {
    const key = names.join("\0");
    let shape = this.#shapeByNames.get(key);
    if (shape === undefined) {
      shape = this.#shapes.push(names) - 1;
      this.#shapeByNames.set(key, shape);
    }
    return shape;
  }
}

/** `base`: the one that it was encoded beside. Throws `LogDamage` where that is another. */
export function decodeValue({ shapes, root }: EncodedValue, recall: Recall, base?: unknown, leftOut = nothingLeftOut): unknown {
  const decodeItem = (item: unknown, list: readonly unknown[], index: number): unknown => {
    const found = Array.isArray(item) && list[index] === undefined && index < list.length ? leftOut(list) : undefined;
    if (!found) return decode(item, list[index]);
    return (item as readonly unknown[])[0] === AS_BASE ? undefined : decode(item, found(index));
  };
  const decode = (item: unknown, beside: unknown): unknown => {
    if (typeof item !== "object" || item === null) return item;
    if (item instanceof Uint8Array) return new Uint8Array(item);
    if (!Array.isArray(item)) throw new LogDamage("A stored state holds something that is no plain data.");
    const [tag] = item;
    if (tag === AS_BASE) return asBase(beside);
    if (tag === CONTENT) return recall(item[1]);
    if (tag === ARRAY) {
      const list = new Array(item.length - 1);
      const bases = listOf(beside);
      for (let i = 1; i < item.length; i++) list[i - 1] = decodeItem(item[i], bases, i - 1);
      return list;
    }
    if (tag === MAP) {
      const map = new Map();
      const bases = mapOf(beside);
      for (let i = 1; i + 1 < item.length; i += 2) {
        const key = decode(item[i], undefined);
        map.set(key, decode(item[i + 1], bases.get(key)));
      }
      return map;
    }
    if (tag === PARTS) return decodeParts(item[1], item.slice(2), beside);
    if (tag === UNDEFINED) return undefined;
    const names = shapes[tag];
    if (!names || names.length !== item.length - 1) throw new LogDamage("A stored state holds an object whose fields are not known.");
    const bases = isObject(beside) ? beside : {};
    const object: Record<string, unknown> = {};
    for (let i = 0; i < names.length; i++) object[names[i]!] = decode(item[i + 1], bases[names[i]!]);
    return object;
  };
  const decodeParts = (kind: unknown, parts: readonly unknown[], beside: unknown): unknown => {
    const bases = mapOf(beside);
    const known = kind === MAP ? pairsOf(bases) : listOf(beside);
    const width = kind === MAP ? 2 : 1;
    const found: unknown[] = [];
    for (let i = 0; i < parts.length; i++) {
      const part = parts[i];
      if (typeof part === "number" && part < 0) {
        const [start, end] = [width * (parts[++i] as number), width * ((parts[i] as number) - part)];
        if (!(start >= 0 && end <= known.length)) throw new LogDamage("A stored state has more in common with the one at boot than that holds.");
        for (let at = start; at < end; at++) found.push(known[at]);
      } else
        for (const item of Array.isArray(part) ? part : asPart(unpack(recall(part as number | Bytes) as Uint8Array)))
          found.push(kind === MAP ? decode(item, found.length % 2 === 1 ? bases.get(found.at(-1)) : undefined) : decodeItem(item, known, found.length));
    }
    if (kind !== MAP) return found;
    const map = new Map();
    for (let i = 0; i + 1 < found.length; i += 2) map.set(found[i], found[i + 1]);
    return map;
  };
  return decode(root, base);
}
function asPart(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new LogDamage("A part of a stored state is no list.");
  return value;
}
function asBase(value: unknown): object {
  if (typeof value !== "object" || value === null) throw new LogDamage("A stored state has something in common with the one at boot that that does not hold.");
  return value;
}
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === "object" && value !== null;
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const mapOf = (value: unknown): ReadonlyMap<unknown, unknown> => (value instanceof Map ? value : new Map());
const areSame = (some: readonly unknown[], others: readonly unknown[]): boolean =>
  some.length === others.length && some.every((item, i) => Object.is(item, others[i]));
