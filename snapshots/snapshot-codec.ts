// Snapshots to bytes and back. Pieces and pages are left out: the bytes refer to them by hash, and contents are the page store's.
// What the state at boot holds is left out too: a content of it is referred to by its number there, below zero, and what is at its place as it was then is only said to be so.
import type { KernelState } from "../engine/kernel/state/kernel-state.ts";
import type { Bytes } from "../events/kernel-event.ts";
import { LogDamage } from "../events/log/damage.ts";
import { pack, SequencePacker, unpack } from "../events/log/msgpack.ts";
import type { BootState } from "./boot-state.ts";
import { type ContentHash, type ContentSource, contentHash, HASH_BYTES, hashOf, MOST_CONTENT_BYTES } from "./content.ts";
import type { Snapshot, SnapshotMemory, StoredPage } from "./snapshot.ts";
import { decodeValue, type EncodedValue, ValueEncoder } from "./value-codec.ts";

const VERSION = 4;
/** That before, of which the state at boot is no part. */
const WHOLE = 3;
/** [version, seq, tick, hashes, shapes, state, registers, pages, boot] */
type Fields = readonly [number, number, number, Uint8Array, EncodedValue["shapes"], unknown, readonly unknown[], readonly unknown[], BootState["extent"]];
/** Fields of each version that is read. */
const FIELDS: Readonly<Record<number, number>> = { [WHOLE]: 8, [VERSION]: 9 };

/** Is given every content that a snapshot refers to and the state at boot does not hold as an object, at least the first time. */
export type Keep = (hash: ContentHash, bytes: Bytes) => void;

/** Encodes the snapshots of one machine, one after another: pages that it has seen are not hashed again. */
export class SnapshotEncoder<M> {
  readonly #memory: SnapshotMemory<M>;
  readonly #keep: Keep;
  readonly #boot: BootState;
  readonly #values: ValueEncoder;
  #hashes = new Map<number, ContentHash>();
  constructor(memory: SnapshotMemory<M>, boot: BootState, keep: Keep) {
    this.#memory = memory;
    this.#keep = keep;
    this.#boot = boot;
    this.#values = new ValueEncoder(boot.value, boot.leftOut);
  }
  encode({ position, state, registers, memory }: Snapshot<M>): Uint8Array {
    const contents = new ContentTable(this.#keep);
    const value = this.#values.encode(state, {
      refer: bytes => this.#atBoot(bytes) ?? contents.refer(contentHash(bytes), bytes),
      name: bytes => this.#atBoot(bytes) ?? contents.name(contentHash(bytes), bytes),
    });
    const pages = this.#encodePages(memory, contents);
    const payload = new SequencePacker();
    payload.list(FIELDS[VERSION]!);
    for (const field of [VERSION, position.seq, position.tick, contents.bytes, value.shapes, value.root, [...registers].flat()]) payload.append(pack(field));
    payload.append(pages);
    payload.append(pack(this.#boot.extent));
    return payload.takeAll();
  }
  #atBoot(bytes: Bytes): number | undefined {
    const number = this.#boot.numberOf(bytes);
    return number === undefined ? undefined : -1 - number;
  }
  /** Lists of content, places, and what is shared; page numbers as the difference from the one before. Written at once: as lists first they would be garbage at every page. */
  #encodePages(memory: M, contents: ContentTable): Uint8Array {
    const hashes = new Map<number, ContentHash>();
    const pages = new SequencePacker();
    let count = 0;
    let last = 0;
    for (const stored of this.#memory.pages(memory)) {
      const { places, shared } = stored;
      pages.list(2 + 3 * places.length);
      pages.number(this.#referenceTo(stored, hashes, contents));
      pages.push(shared ? [shared.object, shared.index, shared.isDirty] : null);
      for (let i = 0; i < places.length; i++) {
        const { space, page, flags } = places[i]!;
        pages.number(space);
        pages.number(page - last);
        pages.number(flags);
        last = page;
      }
      count++;
    }
    this.#hashes = hashes;
    const whole = new SequencePacker();
    whole.list(count);
    whole.append(pages.takeAll());
    return whole.takeAll();
  }
  #referenceTo(stored: StoredPage, hashes: Map<number, ContentHash>, contents: ContentTable): number {
    const { identity, piece } = stored;
    const number = piece && this.#atBoot(piece);
    if (number !== undefined) return number;
    let hash = this.#hashes.get(identity);
    let content: Bytes | undefined;
    if (hash === undefined) {
      content = withoutTrailingZeros(stored.bytes);
      hash = content === NOTHING ? contentHash(NOTHING) : hashOf(content);
    }
    hashes.set(identity, hash);
    return contents.refer(hash, content);
  }
}
class ContentTable {
  readonly #numbers = new Map<ContentHash, number>();
  readonly #keep: Keep;
  constructor(keep: Keep) {
    this.#keep = keep;
  }
  /** Without bytes: they have been kept already. */
  refer(hash: ContentHash, bytes: Bytes | undefined): number {
    let number = this.#numbers.get(hash);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(hash, number);
      if (bytes) this.#keep(hash, bytes);
    }
    return number;
  }
  /** By its hash, wherever it is referred to. */
  name(hash: ContentHash, bytes: Bytes): Bytes {
    this.#keep(hash, bytes);
    return new Uint8Array(Buffer.from(hash, "hex"));
  }
  get bytes(): Uint8Array {
    return Buffer.from([...this.#numbers.keys()].join(""), "hex");
  }
}
const NOTHING: Bytes = new Uint8Array(0);
const ZEROS = new Uint8Array(MOST_CONTENT_BYTES);
/** Of a program's pages many are zeros as a whole: a thousand of them byte by byte take 7 ms where code has just begun, compared as a whole 2. */
function withoutTrailingZeros(bytes: Uint8Array): Bytes {
  let end = bytes.length;
  if (bytes[end - 1] === 0 && Buffer.compare(bytes, ZEROS) === 0) return NOTHING;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return end < bytes.length ? bytes.subarray(0, end) : bytes;
}

/**
 * `contents`: what was kept, and what the image has; `boot`: the state of the machine that wrote it when that had booted.
 * Throws `LogDamage` where the bytes are no snapshot of a version that is known, or refer to contents that are nowhere.
 */
export function decodeSnapshot<M>(bytes: Uint8Array, contents: ContentSource, boot: BootState, memory: SnapshotMemory<M>): Snapshot<M> {
  const [version, seq, tick, hashes, shapes, root, registerList, pageList, extent] = asFields(unpack(bytes));
  if (version !== WHOLE && String(extent) !== String(boot.extent)) throw new LogDamage(`The keyframe at ${seq} is of a machine that booted with other files.`);
  const recall = (reference: number | Bytes): Bytes => {
    if (typeof reference === "number" && reference < 0) {
      const held = boot.at(-1 - reference);
      if (!held) throw new LogDamage(`The keyframe at ${seq} refers to more contents than there were at boot.`);
      return held;
    }
    const name = typeof reference === "number" ? hashes.subarray(reference * HASH_BYTES, (reference + 1) * HASH_BYTES) : reference;
    const hash = Buffer.from(name).toString("hex");
    const found = hash === "" ? undefined : (boot.get(hash) ?? contents.get(hash));
    if (!found) throw new LogDamage(`The keyframe at ${seq} refers to bytes (${hash}) that are neither in the log nor in its image.`);
    return found;
  };
  // The one place where the shape of what was written is trusted: its block's checksum, version and digest vouch for it.
  const state = decodeValue({ shapes, root }, recall, ...(version === WHOLE ? [] : [boot.value, boot.leftOut])) as KernelState;
  const registers = new Map<number, Uint8Array>();
  for (let i = 0; i < registerList.length; i += 2) registers.set(registerList[i] as number, new Uint8Array(registerList[i + 1] as Uint8Array));
  const loaded = memory.load(decodePages(pageList, recall), state.vmm.spaces.keys());
  return { position: { seq, tick }, state, registers, memory: loaded };
}
function* decodePages(list: readonly unknown[], recall: (reference: number) => Bytes): Iterable<StoredPage> {
  let last = 0;
  for (const item of list) {
    const [content, shared, ...flat] = item as [number, [number, number, boolean] | null, ...number[]];
    const places = [];
    for (let i = 0; i < flat.length; i += 3) {
      last += flat[i + 1]!;
      places.push({ space: flat[i]!, page: last, flags: flat[i + 2]! });
    }
    const bytes = recall(content);
    yield { identity: 0, bytes: bytes as Uint8Array, places, ...(shared ? { shared: { object: shared[0], index: shared[1], isDirty: shared[2] } } : {}) };
  }
}
function asFields(value: unknown): Fields {
  if (!Array.isArray(value) || !(value[3] instanceof Uint8Array)) throw new LogDamage("A keyframe is not laid out as one.");
  const fields = FIELDS[value[0]];
  if (fields === undefined) throw new LogDamage(`A keyframe has version ${value[0]}; this version of Chronix reads ${WHOLE} and ${VERSION}.`);
  if (value.length !== fields) throw new LogDamage("A keyframe is not laid out as one.");
  return value as unknown as Fields;
}
