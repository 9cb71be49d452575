// Plain data of any shape as msgpack can hold it, and back: maps, big integers and references to contents keep what they are, and names of fields are written once.
// Long lists are cut into parts that are contents themselves: what two states have in common of a list is stored once.
// Knows nothing of what the data means; kernel state is its use.

import type { Bytes } from "../events/kernel-event.ts";
import { LogDamage } from "../events/log/damage.ts";
import { pack, unpack } from "../events/log/msgpack.ts";
import { isContent } from "./content.ts";

/** First items of lists that stand for something; an object starts with the index of its shape. */
const ARRAY = -1;
const MAP = -2;
const CONTENT = -3;
const UNDEFINED = -4;
const PARTS = -5;

/** Items of a list, or pairs of a map, in one part: sixteen inodes fill most of a content. */
const PART_ITEMS = 16;
const LEAST_ITEMS_TO_PART = 64;

/** Where contents that an encoded value refers to are kept. */
export interface Contents {
  /** Answers the number by which the bytes will be recalled. */
  refer(bytes: Bytes): number;
  /** Answers the hash by which they will be: parts mean the same in every value. */
  name(bytes: Bytes): Bytes;
}
/** A content by its number or its hash. */
export type Recall = (reference: number | Bytes) => Bytes;

interface Part {
  readonly items: readonly unknown[];
  /** Bytes, or a list where those would not do as a content. */
  readonly encoded: Bytes | readonly unknown[];
}

export interface EncodedValue {
  /** Names of fields, for each shape of object that occurs. */
  readonly shapes: readonly (readonly string[])[];
  readonly root: unknown;
}

/** Encodes the states of one machine, one after another: what has not changed since is not looked into again. */
export class ValueEncoder {
  readonly #shapes: (readonly string[])[] = [];
  readonly #shapeByNames = new Map<string, number>();
  /** Encoded objects that refer to no content: those mean the same in every state. */
  readonly #known = new WeakMap<object, readonly unknown[]>();
  /** Parts by their first object. */
  readonly #parted = new WeakMap<object, Part>();
  #references = 0;

  encode(value: unknown, contents: Contents): EncodedValue {
    return { root: this.#encode(value, contents, bytes => contents.refer(bytes)), shapes: this.#shapes };
  }
  #encode(item: unknown, contents: Contents, refer: (bytes: Bytes) => unknown): unknown {
    if (typeof item !== "object" || item === null) return item === undefined ? [UNDEFINED] : item;
    if (item instanceof Uint8Array) {
      if (!isContent(item)) return item;
      this.#references++;
      return [CONTENT, refer(item)];
    }
    const known = this.#known.get(item);
    if (known) return known;
    const before = this.#references;
    const list: unknown[] = [];
    if (Array.isArray(item)) {
      if (item.length >= LEAST_ITEMS_TO_PART) return this.#parts(ARRAY, item, PART_ITEMS, contents, refer);
      list.push(ARRAY);
      for (const one of item) list.push(this.#encode(one, contents, refer));
    } else if (item instanceof Map) {
      if (item.size >= LEAST_ITEMS_TO_PART) return this.#parts(MAP, pairsOf(item), 2 * PART_ITEMS, contents, refer);
      list.push(MAP);
      for (const [key, one] of item) list.push(this.#encode(key, contents, refer), this.#encode(one, contents, refer));
    } else {
      const names = Object.keys(item);
      list.push(this.#shapeOf(names));
      for (const name of names) list.push(this.#encode((item as Record<string, unknown>)[name], contents, refer));
    }
    if (this.#references === before) this.#known.set(item, list);
    return list;
  }
  /** A part that is too long for a content, or so short that it costs less where it is, stays in its list. */
  #parts(kind: number, items: readonly unknown[], size: number, contents: Contents, refer: (bytes: Bytes) => unknown): readonly unknown[] {
    const list: unknown[] = [PARTS, kind];
    for (let at = 0; at < items.length; at += size) {
      const { encoded } = this.#part(items.slice(at, at + size), contents);
      list.push(encoded instanceof Uint8Array ? refer(encoded) : encoded);
    }
    this.#references++;
    return list;
  }
  #part(items: readonly unknown[], contents: Contents): Part {
    const first = items.find(item => typeof item === "object" && item !== null) as object | undefined;
    const known = first && this.#parted.get(first);
    if (known && known.items.length === items.length && known.items.every((item, i) => Object.is(item, items[i]))) return known;
    const list = items.map(one => this.#encode(one, contents, bytes => contents.name(bytes)));
    const bytes = pack(list);
    // A copy: what msgpack gives is a view of a buffer of up to megabytes, which one part would keep.
    const part = { items, encoded: isContent(bytes) ? new Uint8Array(bytes) : list };
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

export function decodeValue({ shapes, root }: EncodedValue, recall: Recall): unknown {
  const decode = (item: unknown): unknown => {
    if (typeof item !== "object" || item === null) return item;
    if (item instanceof Uint8Array) return new Uint8Array(item);
    if (!Array.isArray(item)) throw new LogDamage("A stored state holds something that is no plain data.");
    const [tag] = item;
    if (tag === CONTENT) return recall(item[1]);
    if (tag === ARRAY) {
      const list = new Array(item.length - 1);
      for (let i = 1; i < item.length; i++) list[i - 1] = decode(item[i]);
      return list;
    }
    if (tag === MAP) {
      const map = new Map();
      for (let i = 1; i + 1 < item.length; i += 2) map.set(decode(item[i]), decode(item[i + 1]));
      return map;
    }
    if (tag === PARTS) return decode([item[1], ...item.slice(2).flatMap(part => (Array.isArray(part) ? part : asPart(unpack(recall(part) as Uint8Array))))]);
    if (tag === UNDEFINED) return undefined;
    const names = shapes[tag];
    if (!names || names.length !== item.length - 1) throw new LogDamage("A stored state holds an object whose fields are not known.");
    const object: Record<string, unknown> = {};
    for (let i = 0; i < names.length; i++) object[names[i]!] = decode(item[i + 1]);
    return object;
  };
  return decode(root);
}
function pairsOf(map: ReadonlyMap<unknown, unknown>): readonly unknown[] {
  const pairs: unknown[] = [];
  for (const [key, value] of map) pairs.push(key, value);
  return pairs;
}
function asPart(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new LogDamage("A part of a stored state is no list.");
  return value;
}
