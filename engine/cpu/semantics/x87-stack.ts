// The x87 register stack as a definition sees it: the registers by their place on it, faults of the stack, and what an instruction's end does to the state
// (SDM vol. 1, 8.1, 8.5.1 and 8.6). All changes wait for `conclude`, so that an exception that is not masked leaves everything but the status word.
import type { FloatPlaces, Tier } from "../tier.ts";
import type { Func, Local } from "../wasm/func.ts";
import { i32, i64, loadHalf, select, type Value } from "../wasm/value.ts";
import { call } from "../x87/operators.ts";
import type { RoutineName } from "../x87/routine.ts";
import { C1, DE, IE, OE, SF, UE, ZE } from "../x87/status.ts";

/** A mantissa, and a word as x87/operand.ts has it. */
export interface Number80 {
  readonly mantissa: Value<"i64">;
  readonly word: Value<"i32">;
}
export interface Number80Local extends Number80 {
  readonly mantissa: Local<"i64">;
  readonly word: Local<"i32">;
}
export const EXCEPTIONS = 0x3f;
/** Raised and not masked, these leave no result. */
const BEFORE = IE | DE | ZE;
/** With a target in memory, these too (SDM vol. 1, 8.5.4 and 8.5.5). */
export const BEFORE_STORE = BEFORE | OE | UE;
export const STACK_UNDERFLOW = IE | SF;
export const STACK_OVERFLOW = IE | SF | C1;
const TOP_SHIFT = 11;
export const TOP_MASK = 7 << TOP_SHIFT;
const INDEFINITE_MANTISSA = i64.constant(0xc000n << 48n);

export const anyOf = (...conditions: readonly Value<"i32">[]): Value<"i32"> => conditions.reduce((all, one) => i32.or(all, one));

/** Every instruction but the control instructions waits: an exception left pending by an earlier one comes now. */
export function wait(tier: Tier): void {
  const pending = i32.and(i32.and(tier.readHalf("x87Status"), i32.xor(tier.readHalf("x87Control"), i32.constant(-1))), i32.constant(EXCEPTIONS));
  tier.code.if(pending, () => tier.refuse("floating"));
}

export class FloatStack {
  readonly code: Func;
  readonly control: Value<"i32">;
  readonly #tier: Tier;
  readonly #status: Local<"i32">;
  readonly #tag: Local<"i32">;
  readonly #places: FloatPlaces;
  #turned = 0;

  /** `isWaiting`: not so for FNINIT and its like. */
  constructor(tier: Tier, isWaiting = true) {
    if (isWaiting) wait(tier);
    this.#tier = tier;
    this.code = tier.code;
    this.control = tier.code.let(tier.readHalf("x87Control"));
    this.#status = tier.code.temporary("i32");
    this.#status.set(tier.readHalf("x87Status"));
    this.#tag = tier.code.temporary("i32");
    this.#tag.set(tier.readHalf("x87Tag"));
    this.#places = tier.floatPlaces();
  }
  isEmpty(place: Value<"i32">): Value<"i32"> {
    return this.#tier.code.let(i32.eqz(i32.and(this.#tag, this.#places.bit(place))));
  }
  read(place: Value<"i32">): Number80 {
    const { code } = this.#tier;
    const at = code.let(this.#places.at(place));
    return { mantissa: code.let(i64.load(64, at)), word: code.let(loadHalf(at, 8)) };
  }
  fresh(): Number80Local {
    const { code } = this.#tier;
    return { mantissa: code.temporary("i64"), word: code.temporary("i32") };
  }
  /** The result of a routine, or the masked response to a fault of the stack. The word carries the status. */
  compute(fault: { readonly isFault: Value<"i32">; readonly status: Value<"i32"> }, name: RoutineName, args: readonly Value<"i32" | "i64">[]): Number80Local {
    const result = this.fresh();
    this.#tier.code.if(
      fault.isFault,
      () => this.#setIndefinite(result, fault.status),
      () => call(this.#tier.code, this.#tier.routine(name), args, [result.mantissa, result.word]),
    );
    return result;
  }
  /** The same for a value that only moves. */
  choose(fault: { readonly isFault: Value<"i32">; readonly status: Value<"i32"> }, value: Number80): Number80Local {
    const result = this.fresh();
    result.mantissa.set(value.mantissa);
    result.word.set(value.word);
    this.#tier.code.if(fault.isFault, () => this.#setIndefinite(result, fault.status));
    return result;
  }
  #setIndefinite({ mantissa, word }: Number80Local, status: Value<"i32">): void {
    mantissa.set(INDEFINITE_MANTISSA);
    word.set(i32.or(i32.shl(status, i32.constant(16)), i32.constant(0xffff)));
  }

  /** Ends the instruction. C1 becomes what is raised of it; `change` happens unless an exception forbids it. */
  conclude(raised: Value<"i32">, change: () => void, stopping = BEFORE): void {
    const { code } = this.#tier;
    const kept = code.let(raised);
    this.#status.set(i32.or(i32.and(this.#status, i32.constant(~C1)), kept));
    const stopped = i32.and(i32.and(kept, i32.xor(this.control, i32.constant(-1))), i32.constant(stopping));
    code.if(i32.eqz(stopped), change);
    this.#tier.writeHalf("x87Status", this.#status);
    this.#tier.writeHalf("x87Tag", this.#tag);
    this.#places.turned(this.#turned);
  }
  /** The few that leave C1 alone unless there is a fault of the stack. */
  concludeKeepingC1(raised: Value<"i32">, change: () => void): void {
    const kept = this.code.let(raised);
    const isFault = i32.and(kept, i32.constant(SF));
    this.conclude(i32.or(kept, select(isFault, i32.constant(0), i32.and(this.#status, i32.constant(C1)))), change);
  }
  // What follows is for `change`.
  write(place: Value<"i32">, { mantissa, word }: Number80): void {
    const { code } = this.#tier;
    const at = code.let(this.#places.at(place));
    code.do(i64.store(64, at, mantissa));
    code.do(i32.store(16, at, word, 8));
    this.#tag.set(i32.or(this.#tag, this.#places.bit(place)));
  }
  push(value: Number80): void {
    this.write(i32.constant(-1), value);
    this.turn(-1);
  }
  pop(times = 1): void {
    for (let place = 0; place < times; place++) this.free(i32.constant(place));
    if (times > 0) this.turn(times);
  }
  free(place: Value<"i32">): void {
    this.#tag.set(i32.and(this.#tag, i32.xor(this.#places.bit(place), i32.constant(-1))));
  }
  turn(by: number): void {
    this.#turned += by;
    const turned = i32.and(i32.add(this.#status, i32.constant(by << TOP_SHIFT)), i32.constant(TOP_MASK));
    this.#status.set(i32.or(i32.and(this.#status, i32.constant(~TOP_MASK)), turned));
  }
  setConditions(codes: Value<"i32">, mask: number): void {
    this.#status.set(i32.or(i32.and(this.#status, i32.constant(~mask)), codes));
  }
}
/** A fault where one of the registers that are read holds nothing. */
export const underflow = (...empty: readonly Value<"i32">[]) => ({ isFault: anyOf(...empty), status: i32.constant(STACK_UNDERFLOW) });
/** A fault where there is no room, or, before that, where what is pushed holds nothing. */
export const overflow = (isFull: Value<"i32">, isEmpty: Value<"i32"> = i32.constant(0)) => ({
  isFault: anyOf(isFull, isEmpty),
  status: select(isEmpty, i32.constant(STACK_UNDERFLOW), i32.constant(STACK_OVERFLOW)),
});
export const statusOf = (word: Value<"i32">): Value<"i32"> => i32.shrU(word, i32.constant(16));
