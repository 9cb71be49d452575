// From argument registers and guest memory to the arguments a reducer is given, and from its answer to stores. Knows the table, not the calls.
import type { Arg, Raws } from "../abi/argument.ts";
import { type Bytes, countAsBytes, countFromBytes, Fault, type GuestReader, type OtherReader, type Raw, type Store } from "../abi/memory-view.ts";
import type { Row } from "../abi/row.ts";

/** Reads guest memory and keeps what was read, in order: decoding again from the record gives the same arguments. */
export class RecordingReader implements GuestReader {
  reads: (Bytes | null)[] = [];
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
  read(address: number, length: number): Bytes {
    return this.#keep(length === 0 ? EMPTY : this.#read(address, length));
  }
  readString(address: number, limit: number): Bytes {
    return this.#keep(this.#readString(address, limit));
  }
  #keep(bytes: Bytes | undefined): Bytes {
    this.reads.push(bytes ?? null);
    if (!bytes) throw new Fault();
    return bytes;
  }
}
const EMPTY = new Uint8Array(0);

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
}

interface Parameter {
  readonly name: string;
  readonly arg: Arg<any, any>;
}
/** What a row's calls have in common. Objects that are made name by name for each call would take a fifth of its time. */
interface Signature {
  readonly parameters: readonly Parameter[];
  /** Argument registers, found by the names of arguments. */
  readonly Named: new (
    raws: readonly Raw[],
  ) => Raws;
  /** An object with all arguments, to be copied. */
  readonly blank: Readonly<Record<string, unknown>>;
}
const known = new Map<Row, Signature>();
function signatureOf(row: Row): Signature {
  const found = known.get(row);
  if (found) return found;
  const parameters = Object.entries(row.args).map(([name, arg]) => ({ name, arg }));
  const made = { parameters, Named: namedClass(parameters), blank: Object.fromEntries(parameters.map(({ name }) => [name, undefined])) };
  known.set(row, made);
  return made;
}
function namedClass(parameters: readonly Parameter[]): Signature["Named"] {
  class Named {
    readonly #raws: readonly Raw[];
    constructor(raws: readonly Raw[]) {
      this.#raws = raws;
    }
    static at(named: Named, i: number): Raw {
      return named.#raws[i] ?? 0;
    }
  }
  for (const [i, { name }] of parameters.entries())
    Object.defineProperty(Named.prototype, name, {
      get(this: Named) {
        return Named.at(this, i);
      },
    });
  return Named as unknown as Signature["Named"];
}
/** The parameters of a row, in order. */
export const parametersOf = (row: Row): readonly Parameter[] => signatureOf(row).parameters;
export const rawsOf = (row: Row, raws: readonly Raw[]): Raws => new (signatureOf(row).Named)(raws);

export interface Decoded {
  readonly args: Readonly<Record<string, unknown>>;
  readonly named: Raws;
  /** An argument could not be read: using it throws `Fault`. */
  readonly isFaulty: boolean;
}
export function decodeArguments(row: Row, raws: readonly Raw[], memory: GuestReader): Decoded {
  const { parameters, Named, blank } = signatureOf(row);
  const named = new Named(raws);
  const args: Record<string, unknown> = { ...blank };
  let isFaulty = false;
  for (let i = 0; i < parameters.length; i++) {
    const { name, arg } = parameters[i]!;
    try {
      args[name] = arg.decode(raws[i] ?? 0, memory, named);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      isFaulty = true;
      Object.defineProperty(args, name, {
        enumerable: true,
        get() {
          throw error;
        },
      });
    }
  }
  return { args, named, isFaulty };
}

/** Out-arguments, by index, whose memory cannot be written in full. */
export function unwritableArguments(
  row: Row,
  raws: readonly Raw[],
  { args, named, isFaulty }: Decoded,
  canWrite: (address: number, length: number) => boolean,
): readonly number[] {
  const parameters = parametersOf(row);
  let found = ALL_WRITABLE;
  for (let i = 0; i < parameters.length; i++) {
    const { name, arg } = parameters[i]!;
    // What could not be read leads nowhere.
    if (arg.places && !isFaulty && !arg.places(args[name], named).every(place => canWrite(place.address, place.length))) found = [...found, i];
    if (!arg.extent) continue;
    const length = arg.extent(raws[i]!, named);
    if (length > 0 && !found.includes(i) && !canWrite(Number(raws[i]), length)) found = [...found, i];
  }
  return found;
}
/** Of out-arguments, none whose memory cannot be written. */
export const ALL_WRITABLE: readonly number[] = [];

export function encodeOuts(row: Row, named: Raws, outs: Readonly<Record<string, unknown>>): readonly Store[] {
  let stores: readonly Store[] = NO_STORES;
  for (const { name, arg } of parametersOf(row)) {
    if (!arg.encode) continue;
    const more = arg.encode(outs[name], named[name]!, named);
    stores = stores.length === 0 ? more : [...stores, ...more];
  }
  return stores;
}
export const NO_STORES: readonly Store[] = [];
