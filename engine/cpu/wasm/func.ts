// One WebAssembly function under construction: statements, locals, structured control.
import { type Convergence, converge, convergenceWithin, nextOn } from "./converging.ts";
import { putUnsigned, type Sink, type Type, type Value } from "./value.ts";

export interface Local<T extends Type> extends Value<T> {
  readonly index: number;
  set(value: Value<T>): void;
}
/** The place a branch goes to: the start of a loop, the end of a block. */
export interface Label {
  readonly depth: number;
}

export const typeCode = { i32: 0x7f, i64: 0x7e, v128: 0x7b } as const;
const EMPTY = 0x40;
const END: Sink = [0x0b];

/** Bytes that come in parts. */
class Bytes {
  #bytes: Uint8Array;
  #end = 0;
  constructor(capacity: number) {
    this.#bytes = new Uint8Array(capacity);
  }
  put(from: Sink, start: number, end: number): void {
    const wanted = this.#end + end - start;
    if (wanted > this.#bytes.length) {
      const larger = new Uint8Array(2 * wanted);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    // One by one: of a list of numbers `set` makes more than this.
    for (let at = start; at < end; at++) this.#bytes[this.#end++] = from[at]!;
  }
  get all(): Uint8Array {
    return this.#bytes.subarray(0, this.#end);
  }
}

export class Func {
  code: Sink = [];
  readonly params: readonly Type[];
  readonly results: readonly Type[];
  readonly #locals: Type[] = [];
  #free: Local<Type>[] = [];
  #scoped: Local<Type>[] = [];
  #depth = 0;
  #convergence: Convergence | undefined;
  readonly #postponed: { readonly depth: number; readonly body: () => void }[] = [];

  constructor(params: readonly Type[], results: readonly Type[] = ["i32"]) {
    this.params = params;
    this.results = results;
  }

  /** How many blocks, loops and arms of conditions are open. */
  get depth(): number {
    return this.#depth;
  }

  param<T extends Type>(type: T, index: number): Local<T> {
    return this.#named(type, index);
  }
  local<T extends Type>(type: T): Local<T> {
    return this.#named(type, this.params.length + this.#locals.push(type) - 1);
  }

  /** A local for this scope only. */
  temporary<T extends Type>(type: T): Local<T> {
    const at = this.#free.findIndex(local => local.type === type);
    const local = (at < 0 ? this.local(type) : this.#free.splice(at, 1)[0]!) as Local<T>;
    this.#scoped.push(local);
    return local;
  }
  /** Computes once; the answer may be placed anywhere until the scope ends. */
  let<T extends Type>(value: Value<T>): Value<T> {
    if (value.isStable) return value;
    const local = this.temporary(value.type);
    local.set(value);
    const { origin, ordinary, loaded, joined } = value;
    const kept: Value<T> = { ...local, isStable: true, ...(origin ? { origin } : {}), ...(ordinary ? { ordinary } : {}), ...(loaded ? { loaded } : {}) };
    return joined?.rest.isStable ? { ...kept, joined: { ...joined, low: local as Value<Type> as Value<"v128"> } } : kept;
  }
  /** Temporaries made inside `body` are used again after it. */
  scope(body: () => void): void {
    const outer = this.#scoped;
    this.#scoped = [];
    body();
    this.#free.push(...this.#scoped);
    this.#scoped = outer;
  }
  /** Assigns all at once, so that a value may read locals that another pair replaces. */
  assign(pairs: readonly (readonly [Local<Type>, Value<Type>])[]): void {
    for (const [, value] of pairs) value.put(this.code);
    for (const [local] of pairs.toReversed()) {
      this.code.push(0x21);
      putUnsigned(this.code, local.index);
    }
  }

  do(statement: (sink: Sink) => void): void {
    statement(this.code);
  }
  block(body: (end: Label) => void): void {
    this.#structure(0x02, body);
  }
  loop(body: (start: Label) => void): void {
    this.#structure(0x03, body);
  }
  if(condition: Value<"i32">, yes: () => void, no?: () => void): void {
    condition.put(this.code);
    this.code.push(0x04, EMPTY);
    this.#depth++;
    yes();
    if (no) {
      this.code.push(0x05);
      no();
    }
    this.#depth--;
    this.code.push(0x0b);
  }
  br(label: Label): void {
    this.code.push(0x0c);
    putUnsigned(this.code, this.#depth - label.depth);
  }
  brIf(label: Label, condition: Value<"i32">): void {
    condition.put(this.code);
    this.code.push(0x0d);
    putUnsigned(this.code, this.#depth - label.depth);
  }
  brTable(index: Value<"i32">, labels: readonly Label[], otherwise: Label): void {
    index.put(this.code);
    this.code.push(0x0e);
    putUnsigned(this.code, labels.length);
    for (const label of [...labels, otherwise]) putUnsigned(this.code, this.#depth - label.depth);
  }
  unreachable(): void {
    this.code.push(0x00);
  }
  result(value: Value<Type>): void {
    value.put(this.code);
  }
  return(value: Value<Type>): void {
    value.put(this.code);
    this.code.push(0x0f);
  }
  /** Goes on as the function at a place of the module's one table, whose functions answer what this one does. */
  goOnAs(args: readonly Value<Type>[], index: Value<"i32">): void {
    for (const arg of args) arg.put(this.code);
    index.put(this.code);
    this.code.push(0x13, 0, 0);
  }

  /** Code that is made when all other code has been: `encode` asks for it. */
  later(body: () => void): void {
    this.code.push(-this.#postponed.push({ depth: this.#depth, body }));
  }

  /** `body` ends by leaving it by numbered ways. How many there are, and what is done on each, is known when all other code has been made; then execution goes on behind the whole. */
  funnel(body: (leave: (way: () => number) => void) => void, ways: () => readonly (() => void)[]): void {
    this.block(() => {
      const funnel = convergenceWithin(undefined, this.#depth);
      let all: readonly (() => void)[] = [];
      this.later(() => {
        all = ways();
        converge(funnel);
        for (const _ of all) this.code.push(0x02, EMPTY);
      });
      this.#convergence = funnel;
      body(way => {
        const [from, depth] = [this.#convergence!, this.#depth];
        from.leaving.push(way);
        this.later(() => this.#leave(from, way(), depth));
      });
      this.#convergence = undefined;
      this.later(() =>
        all.forEach((emit, i) => {
          this.code.push(0x0b);
          emit();
          this.code.push(0x0c);
          putUnsigned(this.code, all.length - 1 - i);
        }),
      );
    });
  }
  /** Within a funnel. `body`, at whose end nobody arrives, may be left by many: those that go on the same way go together from here. */
  converging(body: () => void): void {
    const outer = this.#convergence!;
    const depth = this.#depth;
    const convergence = convergenceWithin(outer, depth + 1);
    this.#convergence = convergence;
    this.block(body);
    this.#convergence = outer;
    this.later(() => {
      if (convergence.way === undefined) this.unreachable();
      else this.#leave(outer, convergence.way, depth);
    });
  }
  #leave(from: Convergence, way: number, depth: number): void {
    const to = nextOn(way, from);
    this.code.push(0x0c);
    putUnsigned(this.code, depth - to.depth + (to.outer ? 0 : way));
  }

  /** The body as the code section wants it, without its length. */
  encode(): Uint8Array {
    const locals: Sink = [];
    putUnsigned(locals, this.#locals.length);
    for (const type of this.#locals) locals.push(1, typeCode[type]);
    const out = new Bytes(locals.length + 2 * this.code.length);
    out.put(locals, 0, locals.length);
    this.#complete(out);
    out.put(END, 0, 1);
    return out.all;
  }

  /** Bytes are never negative: such a number stands for what was postponed. */
  #complete(out: Bytes): void {
    const before = this.code;
    let from = 0;
    for (let at = 0; at < before.length; at++) {
      const byte = before[at]!;
      if (byte >= 0) continue;
      out.put(before, from, at);
      from = at + 1;
      const { depth, body } = this.#postponed[-byte - 1]!;
      this.code = [];
      this.#depth = depth;
      body();
      out.put(this.code, 0, this.code.length);
    }
    out.put(before, from, before.length);
    this.code = before;
  }

  #named<T extends Type>(type: T, index: number): Local<T> {
    const code = () => this.code;
    return {
      type,
      index,
      put(sink) {
        sink.push(0x20);
        putUnsigned(sink, index);
      },
      set(value) {
        value.put(code());
        code().push(0x21);
        putUnsigned(code(), index);
      },
    };
  }
  #structure(opcode: number, body: (label: Label) => void): void {
    this.code.push(opcode, EMPTY);
    this.#depth++;
    body({ depth: this.#depth });
    this.#depth--;
    this.code.push(0x0b);
  }
}
