// The interpreter's loop: one br_table over the hot forms; every other form is called through the table.
import { layout } from "../../memory/layout.ts";
import type { Flags } from "../flags.ts";
import { fileOffset } from "../register-file.ts";
import type { Access } from "../tier.ts";
import type { Func, Label } from "../wasm/func.ts";
import { call, callIndirect, i32, i64, loadByte, loadHalf, select, type Value } from "../wasm/value.ts";
import { hasDirectory, ripOf } from "./execution.ts";
import { firstCold, hotForms, operationOf, type Pair, pairsOf } from "./operations.ts";
import { AFTER, LEAST_RECORD, numberOf, type Reason } from "./reasons.ts";
import { type Extra, extras, LONGEST_BLOCK, prepare, record, straddle } from "./record.ts";
import { RecordTier } from "./record-tier.ts";
import { lookUp } from "./translation.ts";

const ZERO = i32.constant(0);
const ONE = i32.constant(1);
/** Cases whose ways on meet before they lead back to the loop's start, where V8 merges values by ways: for all cases in one place its optimising compiler took 53 MB, some of it in pieces of 23, and now 15. The code is as fast. */
const GROUP_CASES = 16;

export class HotTier extends RecordTier {
  readonly #refillIndex: number;
  readonly #decodeIndex: number;
  readonly #budget = this.code.local("i32");
  readonly #reason = this.code.local("i32");
  /** Those that the first of a pair has set, for the second. */
  #flags: Flags | "watched" | undefined;
  #start!: Label;
  /** From where the case that is being put leads back to it. */
  #next!: Label;
  /** By group of cases. */
  readonly #nexts: Label[] = [];
  #before!: Label;
  #after!: Label;

  constructor(refillIndex: number, decodeIndex: number) {
    super();
    this.#refillIndex = refillIndex;
    this.#decodeIndex = decodeIndex;
  }
  ticksLeft(): Value<"i32"> {
    return this.#budget;
  }
  spend(ticks: Value<"i32">): void {
    this.#budget.set(i32.sub(this.#budget, ticks));
  }
  protected override locate(address: Value<"i64">, bytes: number, access: Access): Value<"i32"> {
    const { code } = this;
    const place = code.temporary("i32");
    code.block(done => {
      const found = lookUp(code, address, bytes, access === "write", isMiss =>
        code.if(isMiss, () => {
          place.set(call("i32", this.#refillIndex, [address, i32.constant(bytes), i32.constant(access === "write" ? 1 : 0)]));
          code.if(place, () => code.br(done));
          this.leave("miss");
        }),
      );
      place.set(found);
    });
    return place;
  }
  protected override goTo(target: Value<"i32">): void {
    this.at.set(target);
    this.code.br(this.#next);
  }
  /** Goes on with what lies at an address of a page whose code is known, where wasm can decode it. */
  protected override decode(rip: Value<"i64">): void {
    const { code } = this;
    code.do(i64.store(64, ZERO, rip, layout.decodeRip));
    const first = code.let(call("i32", this.#decodeIndex, [i32.constant(LONGEST_BLOCK), ZERO]));
    code.if(first, () => this.goTo(first));
  }
  protected override leave(reason: Reason): void {
    this.#reason.set(i32.constant(numberOf(reason)));
    this.code.br(this.#before);
  }
  protected override finish(reason: Reason): void {
    this.#reason.set(i32.constant(numberOf(reason)));
    this.code.br(this.#after);
  }

  /** (record) to a reason. */
  build(): Func {
    const { code } = this;
    this.#budget.set(i32.load(32, ZERO, layout.budget));
    code.block(after => {
      this.#after = after;
      code.block(before => {
        this.#before = before;
        code.loop(next => {
          this.#start = next;
          this.#takeTick();
          this.#cases(this.#bodies(), []);
        });
      });
      this.#giveBack();
      this.storeRip(ripOf(this.at));
    });
    code.do(i32.store(32, ZERO, this.#budget, layout.budget));
    code.do(i32.store(32, ZERO, this.at, layout.at));
    code.result(this.#reason);
    return code;
  }
  #bodies(): readonly (() => void)[] {
    const hot = hotForms().map(form => () => {
      form.row.define(this, form.shape, form.bits);
      this.#goOn();
    });
    return [...hot, ...pairsOf().map(pair => () => this.#both(pair)), ...extras.map(extra => this.#extras[extra]), () => this.#callCold()];
  }
  /** The second is there unless a region begins with it: then it is gone on with as with any record. */
  #both({ first, second }: Pair): void {
    const { code } = this;
    this.#flags = "watched";
    first.row.define(this, first.shape, first.bits);
    this.at.set(i32.add(this.at, i32.constant(record.bytes)));
    code.if(i32.ne(loadHalf(this.at, record.operation), i32.constant(operationOf(second))), () => code.br(this.#next));
    this.#takeTick();
    second.row.define(this, second.shape, second.bits);
    this.#flags = undefined;
  }
  override flags(): Flags {
    return typeof this.#flags === "object" ? this.#flags : super.flags();
  }
  override setFlags(flags: Flags, condition?: Value<"i32">): void {
    super.setFlags(flags, condition);
    if (this.#flags === "watched") this.#flags = flags;
  }
  /** Taken before it is known whether there is one; `before` gives it back. */
  #takeTick(): void {
    this.spend(ONE);
    this.code.if(i32.ltS(this.#budget, ZERO), () => this.leave("budget"));
  }
  #goOn(): void {
    this.goTo(i32.add(this.at, i32.constant(record.bytes)));
  }
  #giveBack(): void {
    this.#budget.set(i32.add(this.#budget, ONE));
  }
  readonly #extras: { readonly [E in Extra]: () => void } = {
    stop: () => {
      this.#giveBack();
      this.decode(this.code.let(ripOf(this.at)));
      this.spend(ONE);
      this.leave("block");
    },
    goTo: () => {
      this.#giveBack();
      this.jump();
    },
    jumpOut: () => {
      this.#giveBack();
      this.jumpTo(ripOf(this.at));
    },
    prepare: () => {
      this.#giveBack();
      const whole = this.address();
      const low = i64.and(whole, i64.constant(0xffff_ffff));
      const segment = i64.load(64, loadByte(this.at, prepare.segment), layout.registers);
      const address = i64.add(select(loadByte(this.at, prepare.isAddress32), low, whole), segment);
      this.code.do(i64.store(64, ZERO, address, layout.registers + fileOffset.scratch));
      this.#goOn();
    },
    straddle: () => {
      const isSame = hasDirectory(this.code, i64.load(64, this.at, straddle.page), i32.load(32, this.at, straddle.directory));
      this.code.if(isSame, () => {
        this.#giveBack();
        this.jump();
      });
      this.leave("straddle");
    },
    missing: () => this.leave("missing"),
  };
  #callCold(): void {
    const { code } = this;
    code.do(i32.store(32, ZERO, this.#budget, layout.budget));
    code.do(i32.store(32, ZERO, this.at, layout.at));
    const number = i32.sub(loadHalf(this.at, record.operation), i32.constant(firstCold));
    const answer = code.let(callIndirect(0, this.at, number));
    this.#budget.set(i32.load(32, ZERO, layout.budget));
    code.if(i32.ltU(answer, i32.constant(LEAST_RECORD)), () => {
      this.#reason.set(answer);
      // A region may have gone on as another.
      this.at.set(i32.load(32, ZERO, layout.at));
      code.if(i32.ltU(answer, i32.constant(AFTER)), () => code.br(this.#after));
      code.br(this.#before);
    });
    this.goTo(answer);
  }
  /** Blocks within blocks: the end of each is where its case begins. */
  #cases(bodies: readonly (() => void)[], labels: readonly Label[]): void {
    if (labels.length === bodies.length) {
      this.code.brTable(loadHalf(this.at, record.operation), labels.slice(0, -1), labels.at(-1)!);
      return;
    }
    const number = bodies.length - 1 - labels.length;
    const group = Math.floor(number / GROUP_CASES);
    const put = (): void => {
      this.code.block(end => this.#cases(bodies, [end, ...labels]));
      this.#next = this.#nexts[group]!;
      this.code.scope(bodies[number]!);
    };
    if (this.#nexts[group]) put();
    else {
      this.code.block(end => {
        this.#nexts[group] = end;
        put();
      });
      this.code.br(this.#start);
    }
  }
}
