// From argument registers and guest memory to the arguments a reducer is given, and from its answer to stores. Knows the table, not the calls.
import type { Raws } from "../abi/argument.ts";
import {
  type Bytes,
  countAsBytes,
  countFromBytes,
  Fault,
  type FilePlace,
  type GuestReader,
  int32,
  type OtherReader,
  orNull,
  type Raw,
  type Store,
  uint32,
  uint64,
} from "../abi/memory-view.ts";
import type { CallPlan } from "./call-plan.ts";

/** Reads guest memory and keeps what was read, in order: decoding again from the record gives the same arguments. */
export class RecordingReader implements GuestReader {
  #reads: (Bytes | null)[] = NO_READS;
  readonly #read: (address: number, length: number) => Bytes | undefined;
  readonly #readString: (address: number, limit: number) => Bytes | undefined;
  readonly #others: OtherReader;

  constructor(
    read: (address: number, length: number) => Bytes | undefined,
    readString: (address: number, limit: number) => Bytes | undefined,
    others: OtherReader,
  ) {
    this.#read = read;
    this.#readString = readString;
    this.#others = others;
  }
  /** What is read from now on is another call's. */
  begin(): void {
    this.#reads = NO_READS;
  }
  get reads(): readonly (Bytes | null)[] {
    return this.#reads;
  }
  readOf(tid: number, address: number, length: number): Bytes {
    return this.#keep(this.#others.readOf(tid, address, length));
  }
  roomOf(tid: number, address: number, length: number): number {
    return countFromBytes(this.#keep(countAsBytes(this.#others.roomOf(tid, address, length))));
  }
  touched(tid: number, address: number, pages: number): Bytes {
    return this.#keep(this.#others.touched(tid, address, pages));
  }
  forcedOf(tid: number, address: number, length: number): Bytes {
    return this.#keep(this.#others.forcedOf(tid, address, length));
  }
  forcedRoomOf(tid: number, address: number, length: number): number {
    return countFromBytes(this.#keep(countAsBytes(this.#others.forcedRoomOf(tid, address, length))));
  }
  registersOf(tid: number, which: "general" | "vectors"): Bytes {
    return this.#keep(this.#others.registersOf(tid, which));
  }
  behind(place: FilePlace): Bytes | undefined {
    const bytes = this.#others.behind(place);
    return bytes && this.#keep(bytes);
  }
  read(address: number, length: number): Bytes {
    return this.#keep(length === 0 ? EMPTY : this.#read(address, length));
  }
  readString(address: number, limit: number): Bytes {
    return this.#keep(this.#readString(address, limit));
  }
  #keep(bytes: Bytes | undefined): Bytes {
    // Most calls read once or never: a list that grows is made for more than it will hold.
    if (this.#reads.length === 0) this.#reads = [bytes ?? null];
    else this.#reads.push(bytes ?? null);
    if (!bytes) throw new Fault();
    return bytes;
  }
}
const EMPTY = new Uint8Array(0);
const NO_READS: (Bytes | null)[] = [];

/** Reads from a record, in the order of recording. */
export class RecordedReader implements GuestReader {
  readonly #reads: readonly (Bytes | null)[];
  #at = 0;
  constructor(reads: readonly (Bytes | null)[]) {
    this.#reads = reads;
  }
  read(): Bytes {
    const bytes = this.#reads[this.#at++];
    if (!bytes) throw new Fault();
    return bytes;
  }
  readString(): Bytes {
    return this.read();
  }
  readOf(): Bytes {
    return this.read();
  }
  roomOf(): number {
    return countFromBytes(this.read());
  }
  touched(): Bytes {
    return this.read();
  }
  forcedOf(): Bytes {
    return this.read();
  }
  forcedRoomOf(): number {
    return countFromBytes(this.read());
  }
  registersOf(): Bytes {
    return this.read();
  }
  /** It is read last: where nothing is left, nothing was. */
  behind(): Bytes | undefined {
    return this.#at < this.#reads.length ? this.read() : undefined;
  }
}

export interface Decoded {
  readonly args: Readonly<Record<string, unknown>>;
  readonly named: Raws;
  /** An argument could not be read: using it throws `Fault`. */
  readonly isFaulty: boolean;
  /** What the file that the call reads from shows of memory, or how much of what it writes the file takes, where it is one that does (`Row.place`). */
  readonly shown: Bytes | undefined;
}
const NO_RAWS: Raws = {};
const NO_ARGUMENTS: Decoded = { args: {}, named: NO_RAWS, isFaulty: false, shown: undefined };
export function decodeArguments(plan: CallPlan, raws: readonly Raw[], memory: GuestReader): Decoded {
  const { parameters, place, asksOthers } = plan;
  if (parameters.length === 0) return NO_ARGUMENTS;
  const all = raws.length >= parameters.length ? raws : parameters.map((_, i) => raws[i] ?? 0);
  const named = asksOthers ? new plan.named(all) : NO_RAWS;
  // As long as the longest: a list of a length that is known is made at once.
  const values: unknown[] = [undefined, undefined, undefined, undefined, undefined, undefined];
  let faults: Fault[] | undefined;
  for (let i = 0; i < parameters.length; i++) {
    const { decode } = parameters[i]!;
    try {
      // Nearly all are one of three, which need no call.
      if (decode === uint64) values[i] = uint64(all[i]!);
      else if (decode === int32) values[i] = int32(all[i]!);
      else if (decode === uint32) values[i] = uint32(all[i]!);
      else values[i] = decode(all[i]!, memory, named);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      faults ??= [];
      faults[i] = error;
    }
  }
  const args = new plan.args(values);
  faults?.forEach((fault, i) => {
    Object.defineProperty(args, parameters[i]!.name, {
      get() {
        throw fault;
      },
    });
  });
  const shown = place && (orNull(() => memory.behind(place(args))) ?? undefined);
  return { args, named, isFaulty: faults !== undefined, shown };
}

/** Out-arguments, by index, whose memory cannot be written in full. */
export function unwritableArguments(
  { parameters, written }: CallPlan,
  raws: readonly Raw[],
  { args, named, isFaulty }: Decoded,
  canWrite: (address: number, length: number) => boolean,
): readonly number[] {
  let found = ALL_WRITABLE;
  for (let at = 0; at < written.length; at++) {
    const i = written[at]!;
    const { name, extent, places } = parameters[i]!;
    // What could not be read leads nowhere.
    if (places && !isFaulty && !places(args[name], named).every(place => canWrite(place.address, place.length))) found = [...found, i];
    if (!extent) continue;
    const length = extent(raws[i]!, named);
    if (length > 0 && !found.includes(i) && !canWrite(Number(raws[i]), length)) found = [...found, i];
  }
  return found;
}
/**
 * Where the memory of such arguments cannot be written: pairs of addresses, from and to. Linux finds out when it stores: who asks for more than there is
 * has room for is served as long as there is no more than fits. `undefined`: nowhere can it be, or it is not known of.
 */
export function holesOf(
  { parameters }: CallPlan,
  raws: readonly Raw[],
  { args, named, isFaulty }: Decoded,
  unwritable: readonly number[],
  writableOf: (address: number, length: number) => number,
): readonly number[] | undefined {
  const places = unwritable.flatMap(i => {
    const { name, extent, places } = parameters[i]!;
    const scattered = places && !isFaulty ? places(args[name], named) : [];
    return extent ? [...scattered, { address: Number(raws[i]), length: extent(raws[i]!, named) }] : scattered;
  });
  const writable = places.map(({ address, length }) => writableOf(address, length));
  if (writable.every(length => length === 0)) return undefined;
  return places.flatMap(({ address, length }, i) => (writable[i]! < length ? [address + writable[i]!, address + length] : []));
}
/** Of out-arguments, none whose memory cannot be written. */
export const ALL_WRITABLE: readonly number[] = [];

export function encodeOuts({ stored }: CallPlan, named: Raws, outs: Readonly<Record<string, unknown>>): readonly Store[] {
  let stores: readonly Store[] = NO_STORES;
  for (let i = 0; i < stored.length; i++) {
    const { name, encode } = stored[i]!;
    const out = outs[name];
    if (out === undefined) continue;
    const more = encode!(out, named[name]!, named);
    if (more.length > 0) stores = stores.length === 0 ? more : [...stores, ...more];
  }
  return stores;
}
export const NO_STORES: readonly Store[] = [];
