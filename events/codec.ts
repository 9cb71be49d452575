// How events are written as short rows, and read again: one entry for each kind. Bytes that a call carries go to a stream of their own, and rows hold their lengths.
// The rows are an interface: docs/log-format.md. This file knows neither blocks nor files.
import type { Bytes, CallResult, EventKind, Input, KernelEvent, Store, SyscallEvent } from "./kernel-event.ts";

/** What rows leave out, because it is the same as in the event before or near to it. */
export interface Context {
  readonly tick: number;
  readonly task: number;
}
/** Where carried bytes go, in order. */
export interface ByteSink {
  put(bytes: Bytes): number;
}
export interface ByteSource {
  take(length: number): Uint8Array;
}
type EventOf<K extends EventKind> = Extract<KernelEvent, { kind: K }>;
type Row = readonly unknown[];
interface Kind<E> {
  /** First field of its rows; rows that start with 0 or more are system calls of that number. */
  readonly code: number;
  encode(event: E, sink: ByteSink): Row;
  decode(row: RowReader, base: { readonly tick: number; readonly task: number }): E;
}

/** Reads the fields of a row; each answer is of the type asked for, or the row is refused. */
class RowReader {
  readonly #row: Row;
  readonly #source: ByteSource;
  #at = 2;
  constructor(row: Row, source: ByteSource) {
    this.#row = row;
    this.#source = source;
  }
  get hasMore(): boolean {
    return this.#at < this.#row.length;
  }
  next(): unknown {
    return this.#row[this.#at++];
  }
  number(): number {
    return asNumber(this.next());
  }
  list(): readonly unknown[] {
    const value = this.next();
    if (value === undefined) return NONE;
    if (!Array.isArray(value)) throw new MalformedRow(`a list is expected, not ${typeof value}`);
    return value;
  }
  take(length: unknown): Uint8Array {
    return this.#source.take(asLength(length));
  }
}
export class MalformedRow extends Error {}
const NONE: readonly never[] = [];

function asNumber(value: unknown): number {
  if (typeof value !== "number") throw new MalformedRow(`a number is expected, not ${typeof value}`);
  return value;
}
export function asLength(value: unknown): number {
  const length = asNumber(value);
  if (!Number.isSafeInteger(length) || length < 0) throw new MalformedRow(`${length} is no length`);
  return length;
}
function asRaw(value: unknown): number | bigint {
  return typeof value === "bigint" ? value : asNumber(value);
}
function asText(value: unknown): string {
  if (typeof value !== "string") throw new MalformedRow(`a text is expected, not ${typeof value}`);
  return value;
}

/** A value, an errno's name, `null` for a call that waits, `true` for a task that does not return. */
function encodeResult(result: CallResult, rows: RowSink): void {
  if (result.kind === "done") rows.number(result.value);
  else rows.push(result.kind === "fail" ? result.errno : result.kind === "block" ? null : true);
}
function decodeResult(value: unknown): CallResult {
  if (typeof value === "number") return { kind: "done", value };
  if (typeof value === "string") return { kind: "fail", errno: value };
  if (value === null) return BLOCK;
  if (value === true) return GONE;
  throw new MalformedRow(`a result is expected, not ${typeof value}`);
}
const BLOCK: CallResult = { kind: "block" };
const GONE: CallResult = { kind: "gone" };

/** Lengths; -1 where memory was not readable. */
const decodeReads = (row: RowReader): readonly (Bytes | null)[] => row.list().map(length => (length === -1 ? null : row.take(length)));

/** Pairs: where, and how many bytes. Where is the index of the argument that points there, or `[index, offset]`, or `[address]`. */
function encodeStores(stores: readonly Store[], raws: readonly (number | bigint)[], rows: RowSink, sink: ByteSink): void {
  rows.list(2 * stores.length);
  for (const { address, bytes } of stores) {
    encodePlace(address, raws, rows);
    rows.number(sink.put(bytes));
  }
}
const NEAR = 0x1_0000;
function encodePlace(address: number, raws: readonly (number | bigint)[], rows: RowSink): void {
  const exact = raws.length === 0 ? -1 : raws.indexOf(address);
  const near = exact >= 0 || raws.length === 0 ? -1 : raws.findIndex(raw => typeof raw === "number" && address > raw && address - raw < NEAR);
  if (exact >= 0) rows.number(exact);
  else if (near >= 0) rows.push([near, address - Number(raws[near])]);
  else {
    rows.list(1);
    rows.number(address);
  }
}
function decodeStores(row: RowReader, raws: readonly (number | bigint)[]): readonly Store[] {
  const pairs = row.list();
  if (pairs.length === 0) return NONE;
  const stores: Store[] = [];
  for (let i = 0; i < pairs.length; i += 2) stores.push({ address: decodePlace(pairs[i], raws), bytes: row.take(pairs[i + 1]) });
  return stores;
}
function decodePlace(place: unknown, raws: readonly (number | bigint)[]): number {
  if (typeof place === "number") return asNumber(raws[place]);
  if (!Array.isArray(place)) throw new MalformedRow("a store is at no place");
  return place.length === 1 ? asNumber(place[0]) : asNumber(raws[asLength(place[0])]) + asNumber(place[1]);
}

/** From the result on: trailing fields that are empty are left out. */
function fieldsOf({ raws, reads, stores, unwritable, injected, filtered, holes }: SyscallEvent): number {
  if (holes) return 8;
  if (filtered) return 7;
  if (injected !== undefined) return 6;
  if (unwritable) return 5;
  if (stores.length > 0) return 4;
  if (reads.length > 0) return 3;
  return raws.length > 0 ? 2 : 1;
}
/** Field by field, without a list between, because this is nearly every event. */
function encodeSyscall(event: SyscallEvent, delta: number, rows: RowSink, sink: ByteSink): void {
  const { number, result, raws, reads, stores } = event;
  const fields = fieldsOf(event);
  if (number >= 0) rows.list(2 + fields);
  else {
    rows.list(3 + fields);
    rows.number(OTHER_SYSCALL);
  }
  if (number >= 0) rows.number(number);
  rows.number(delta);
  if (number < 0) rows.number(number);
  encodeResult(result, rows);
  if (fields < 2) return;
  rows.list(raws.length);
  for (let i = 0; i < raws.length; i++) {
    const raw = raws[i]!;
    if (typeof raw === "number") rows.number(raw);
    else rows.push(raw);
  }
  if (fields < 3) return;
  rows.list(reads.length);
  for (let i = 0; i < reads.length; i++) {
    const bytes = reads[i];
    rows.number(bytes ? sink.put(bytes) : -1);
  }
  if (fields < 4) return;
  encodeStores(stores, raws, rows, sink);
  if (fields < 5) return;
  rows.push(event.unwritable ?? null);
  if (fields < 6) return;
  rows.push(event.injected ?? null);
  if (fields < 7) return;
  if (event.filtered) rows.number(sink.put(event.filtered));
  else rows.push(null);
  if (event.holes) rows.push(event.holes);
}
function encodeResume({ number, result, stores, isInterrupted }: EventOf<"resume">, delta: number, rows: RowSink, sink: ByteSink): void {
  rows.list(isInterrupted ? 6 : stores.length > 0 ? 5 : 4);
  rows.number(RESUME);
  rows.number(delta);
  rows.number(number);
  encodeResult(result, rows);
  if (stores.length > 0 || isInterrupted) encodeStores(stores, NONE, rows, sink);
  if (isInterrupted) rows.push(true);
}
function decodeResume(row: RowReader, { tick, task }: Context): EventOf<"resume"> {
  const number = row.number();
  const result = decodeResult(row.next());
  const stores = decodeStores(row, NONE);
  return { kind: "resume", tick, task, number, isInterrupted: row.next() === true, result, stores };
}
const RESUME = -2;
/** The code of calls whose number is below zero, which a guest may well try; others are their row's code. */
const OTHER_SYSCALL = -10;
function decodeSyscall(number: number, row: RowReader, { tick, task }: Context): SyscallEvent {
  const result = decodeResult(row.next());
  const raws = row.list().map(asRaw);
  const reads = decodeReads(row);
  const stores = decodeStores(row, raws);
  const unwritable = row.next();
  const injected = row.next();
  const filtered = row.next();
  const holes = row.next();
  return {
    kind: "syscall",
    tick,
    task,
    number,
    raws,
    reads,
    result,
    stores,
    ...(Array.isArray(unwritable) ? { unwritable: unwritable.map(asNumber) } : {}),
    ...(injected === undefined || injected === null ? {} : { injected: asText(injected) }),
    ...(filtered === undefined || filtered === null ? {} : { filtered: row.take(filtered) }),
    ...(Array.isArray(holes) ? { holes: holes.map(asNumber) } : {}),
  };
}

const PAGE_BYTES = 4096;
const TRAPS = ["call", "filter", "signal", "group", "handler", "rest"] as const;
const ACTIONS = ["handle", "ignore", "terminate", "core", "stop", "continue"] as const;
type Sources = {
  readonly [S in Input["source"]]: { readonly code: number; encode(input: Extract<Input, { source: S }>, sink: ByteSink): Row; decode(row: RowReader): Input };
};
const sources: Sources = {
  terminal: { code: 0, encode: ({ bytes }, sink) => [sink.put(bytes)], decode: row => ({ source: "terminal", bytes: row.take(row.next()) }) },
  hangup: { code: 1, encode: () => [], decode: () => ({ source: "hangup" }) },
  size: { code: 2, encode: ({ columns, rows }) => [columns, rows], decode: row => ({ source: "size", columns: row.number(), rows: row.number() }) },
  stdin: {
    code: 3,
    encode: ({ bytes }, sink) => [bytes ? sink.put(bytes) : null],
    decode(row) {
      const length = row.next();
      return { source: "stdin", bytes: length === null ? null : row.take(length) };
    },
  },
  signal: { code: 4, encode: ({ signal }) => [signal], decode: row => ({ source: "signal", signal: row.number() }) },
  incoming: {
    code: 6,
    encode: ({ link, port }) => [link, port],
    decode: row => ({ source: "incoming", link: row.number(), port: row.number() }),
  },
  dialled: { code: 7, encode: ({ link }) => [link], decode: row => ({ source: "dialled", link: row.number() }) },
  refused: {
    code: 8,
    encode: ({ link, errno }) => [link, errno],
    decode: row => ({ source: "refused", link: row.number(), errno: asText(row.next()) }),
  },
  link: {
    code: 9,
    encode: ({ link, bytes }, sink) => [link, bytes ? sink.put(bytes) : null],
    decode(row) {
      const link = row.number();
      const length = row.next();
      return { source: "link", link, bytes: length === null ? null : row.take(length) };
    },
  },
  reset: { code: 10, encode: ({ link }) => [link], decode: row => ({ source: "reset", link: row.number() }) },
  taken: { code: 11, encode: ({ link, count }) => [link, count], decode: row => ({ source: "taken", link: row.number(), count: row.number() }) },
  closed: { code: 5, encode: ({ to }) => [to === "stdout" ? 1 : 2], decode: row => ({ source: "closed", to: row.number() === 1 ? "stdout" : "stderr" }) },
};
const sourceByCode = new Map(Object.values(sources).map(source => [source.code, source]));

const kinds: { readonly [K in Exclude<EventKind, "syscall" | "resume">]: Kind<EventOf<K>> } = {
  boot: {
    code: -1,
    encode: ({ parameters }) => [parameters],
    decode(row, { tick }) {
      const parameters = row.next();
      if (typeof parameters !== "object" || parameters === null) throw new MalformedRow("a boot event has no parameters");
      return { kind: "boot", tick, parameters: parameters as EventOf<"boot">["parameters"] };
    },
  },
  signal: {
    code: -3,
    encode({ signal, code, action, origin }) {
      const fields = [signal, code, ACTIONS.indexOf(action)];
      return origin ? [...fields, origin.pid, origin.uid, origin.status, origin.value] : fields;
    },
    decode(row, { tick, task }) {
      const [signal, code, action] = [row.number(), row.number(), ACTIONS[row.number()]];
      if (!action) throw new MalformedRow("a signal has no known action");
      const event = { kind: "signal", tick, task, signal, code, action } as const;
      return row.hasMore ? { ...event, origin: { pid: row.number(), uid: row.number(), status: row.number(), value: asRaw(row.next()) } } : event;
    },
  },
  fault: {
    code: -4,
    encode: ({ signal, code, address, isFinal }) => (isFinal ? [signal, code, address, true] : [signal, code, address]),
    decode(row, { tick, task }) {
      const event = { kind: "fault", tick, task, signal: row.number(), code: row.number(), address: row.number() } as const;
      return row.next() === true ? { ...event, isFinal: true } : event;
    },
  },
  switch: { code: -5, encode: () => [], decode: (_, { tick, task }) => ({ kind: "switch", tick, task }) },
  timer: { code: -6, encode: () => [], decode: (_, { tick }) => ({ kind: "timer", tick }) },
  idle: { code: -7, encode: ({ nanos }) => [nanos], decode: (row, { tick }) => ({ kind: "idle", tick, nanos: row.number() }) },
  input: {
    code: -8,
    encode: ({ input }, sink) => [sources[input.source].code, ...(sources[input.source] as Sources[keyof Sources]).encode(input as never, sink)],
    decode(row, { tick }) {
      const source = sourceByCode.get(row.number());
      if (!source) throw new MalformedRow("an input has no known source");
      return { kind: "input", tick, input: source.decode(row) };
    },
  },
  exit: { code: -9, encode: ({ status }) => [status], decode: (row, { tick, task }) => ({ kind: "exit", tick, task, status: row.number() }) },
  writeback: {
    code: -11,
    encode: ({ inode, index, bytes }, sink) => [inode, index, sink.put(bytes)],
    decode: (row, { tick }) => ({ kind: "writeback", tick, inode: row.number(), index: row.number(), bytes: row.take(row.next()) }),
  },
  abandon: {
    code: -12,
    encode: ({ words }) => [words.flatMap(({ address, value, isInheriting, isPending }) => [address, value, (isInheriting ? 1 : 0) + (isPending ? 2 : 0)])],
    decode(row, { tick, task }) {
      const fields = row.list().map(asNumber);
      const words = Array.from({ length: Math.floor(fields.length / 3) }, (_, i) => {
        const kind = fields[3 * i + 2]!;
        return { address: fields[3 * i]!, value: fields[3 * i + 1]!, isInheriting: (kind & 1) !== 0, isPending: (kind & 2) !== 0 };
      });
      return { kind: "abandon", tick, task, words };
    },
  },
  dump: {
    code: -13,
    encode: ({ threads, pages }, sink) => [
      threads.flatMap(({ tid, general, vectors }) => [tid, sink.put(general), sink.put(vectors)]),
      pages.map(({ address, bytes }) => {
        sink.put(bytes);
        return address;
      }),
    ],
    decode(row, { tick, task }) {
      const fields = row.list().map(asNumber);
      const threads = Array.from({ length: Math.floor(fields.length / 3) }, (_, i) => ({
        tid: fields[3 * i]!,
        general: row.take(fields[3 * i + 1]),
        vectors: row.take(fields[3 * i + 2]),
      }));
      return { kind: "dump", tick, task, threads, pages: row.list().map(address => ({ address: asNumber(address), bytes: row.take(PAGE_BYTES) })) };
    },
  },
  trap: {
    code: -14,
    encode: ({ at, number, message }) => [TRAPS.indexOf(at), ...(number === undefined ? [] : [number, ...(message === undefined ? [] : [message])])],
    decode(row, { tick, task }) {
      const at = TRAPS[row.number()];
      if (!at) throw new MalformedRow("a trap is at no known place");
      const number = row.hasMore ? { number: row.number() } : {};
      return { kind: "trap", tick, task, at, ...number, ...(row.hasMore ? { message: row.number() } : {}) };
    },
  },
};
const kindByCode = new Map<number, Kind<KernelEvent>>(Object.values(kinds).map(kind => [kind.code, kind as Kind<KernelEvent>]));

/** Where rows go, one after another: each a value, or how many items a list has and then these. */
export interface RowSink {
  push(value: unknown): void;
  number(value: number): void;
  list(items: number): void;
}
/** Turns events into rows, one after another. A number alone among the rows says which task the following events belong to. */
export class EventEncoder {
  tick: number;
  task: number;
  constructor({ tick, task }: Context) {
    this.tick = tick;
    this.task = task;
  }
  encode(event: KernelEvent, rows: RowSink, sink: ByteSink): void {
    const delta = event.tick - this.tick;
    this.tick = event.tick;
    if ("task" in event && event.task !== this.task) {
      this.task = event.task;
      rows.number(event.task);
    }
    if (event.kind === "syscall") {
      encodeSyscall(event, delta, rows, sink);
      return;
    }
    if (event.kind === "resume") {
      encodeResume(event, delta, rows, sink);
      return;
    }
    const kind = kinds[event.kind] as Kind<KernelEvent>;
    rows.push([kind.code, delta, ...kind.encode(event, sink)]);
  }
}

/** The events of rows that `EventEncoder` made from this context. Throws `MalformedRow` for anything else. */
export function decodeEvents(rows: readonly unknown[], context: Context, source: ByteSource): KernelEvent[] {
  const events: KernelEvent[] = [];
  let { tick, task } = context;
  for (const row of rows) {
    if (typeof row === "number") {
      task = row;
      continue;
    }
    if (!Array.isArray(row)) throw new MalformedRow("a row is neither a list nor a task");
    const code = asNumber(row[0]);
    tick += asNumber(row[1]);
    const fields = new RowReader(row, source);
    const base = { tick, task };
    if (code >= 0 || code === OTHER_SYSCALL) events.push(decodeSyscall(code >= 0 ? code : fields.number(), fields, base));
    else if (code === RESUME) events.push(decodeResume(fields, base));
    else {
      const kind = kindByCode.get(code);
      if (!kind) throw new MalformedRow(`no kind of event has the code ${code}`);
      events.push(kind.decode(fields, base));
    }
  }
  return events;
}
