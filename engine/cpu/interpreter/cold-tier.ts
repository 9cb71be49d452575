// A form that is seldom met, as a function of its own: from its record to the next one, or to a reason for leaving.
import { layout } from "../../memory/layout.ts";
import type { Form } from "../semantics/forms.ts";
import type { Access } from "../tier.ts";
import type { Func } from "../wasm/func.ts";
import { call, i32, type Value } from "../wasm/value.ts";
import { numberOf, type Reason } from "./reasons.ts";
import { record } from "./record.ts";
import { RecordTier } from "./record-tier.ts";

const ZERO = i32.constant(0);

export class ColdTier extends RecordTier {
  readonly #locateIndex: number;
  constructor(locateIndex: number) {
    super();
    this.#locateIndex = locateIndex;
  }
  build(form: Form): Func {
    form.row.define(this, form.shape, form.bits);
    this.code.result(i32.add(this.at, i32.constant(record.bytes)));
    return this.code;
  }
  ticksLeft(): Value<"i32"> {
    return i32.load(32, ZERO, layout.budget);
  }
  spend(ticks: Value<"i32">): void {
    this.code.do(i32.store(32, ZERO, i32.sub(this.ticksLeft(), ticks), layout.budget));
  }
  protected override locate(address: Value<"i64">, bytes: number, access: Access): Value<"i32"> {
    const isWrite = i32.constant(access === "write" ? 1 : 0);
    const place = this.code.let(call("i32", this.#locateIndex, [address, i32.constant(bytes), isWrite]));
    this.code.if(i32.eqz(place), () => this.leave("miss"));
    return place;
  }
  protected override goTo(target: Value<"i32">): void {
    this.code.return(target);
  }
  protected override leave(reason: Reason): void {
    this.code.return(i32.constant(numberOf(reason)));
  }
  protected override finish(reason: Reason): void {
    this.leave(reason);
  }
}
