// The tier that makes one wasm function of a region. Whatever it cannot do leaves *before* the instruction, with all state in its place, and the interpreter goes
// on there. Ticks are paid where ways meet; the budget is looked at before a way leads back.
import { layout } from "../../memory/layout.ts";
import { type Flags, type FlagWords, flagWords, type Recipe, wordsOf } from "../flags.ts";
import { fileOffset } from "../register-file.ts";
import { mxcsrBits } from "../sse/mxcsr.ts";
import type { HalfField, Tier } from "../tier.ts";
import type { Func, Label, Local } from "../wasm/func.ts";
import { relaxedRoundsOnce } from "../wasm/relaxed.ts";
import { extendU, i32, i64, select, type Type, type Value } from "../wasm/value.ts";
import type { Indices } from "../x87/routine.ts";
import type { Block, Target } from "./blocks.ts";
import { blocksAfter, ComputedJumps } from "./computed-jumps.ts";
import { effectsOf } from "./effects.ts";
import { type Held, HeldRegisters } from "./held-registers.ts";
import { isAt, jumpPlace, numberAt, placeOfWayOut, recordAt, wayAt } from "./jump-cache.ts";
import { JumpTable } from "./jump-table.ts";
import { type Known, OperandTier } from "./operand-tier.ts";
import { counter, FIRST_WAY_OUT, MOST_WAYS_OUT, type Placing } from "./placing.ts";
import { DISPATCHER, type FlagNeed, flagNeed, isManyWay, neededAtCheck, type Plan } from "./plan.ts";
import { crossings } from "./regions-table.ts";
import { scalarRegisters } from "./scalar-registers.ts";
import { type Exits, isBackward, structure } from "./structure.ts";
import { type WayOut, wayOutCodes } from "./way-out.ts";

const ZERO = i32.constant(0);
/** A region is not entered with less, so that an instruction that is watched alone is the interpreter's. */
const LEAST_BUDGET = 2;
/** PE, recorded and masked. */
const INEXACT = mxcsrBits.inexact | mxcsrBits.inexactMask;

/** Everything about the place where code is being emitted. */
interface Standing {
  readonly node: number;
  readonly exits: Exits;
  readonly known: Known;
  readonly pending: Flags | undefined;
  readonly unpaid: number;
}

export class RegionTier extends OperandTier implements Tier {
  readonly isCompiled = true;
  readonly #plan: Plan;
  readonly #placing: Placing;
  readonly #at = this.code.param("i32", 0);
  readonly #budget = this.code.param("i32", 1);
  readonly #way = this.code.param("i32", 2);
  readonly #entered = this.code.local("i32");
  /** Where the region is left for, and the place in the jump cache at which to look for a region that begins there. */
  readonly #rip = this.code.local("i64");
  readonly #place = this.code.local("i32");
  readonly #words: { readonly [W in keyof FlagWords]: Local<"i64"> } = {
    result: this.code.local("i64"),
    augend: this.code.local("i64"),
    addend: this.code.local("i64"),
    sum: this.code.local("i64"),
  };
  /** Where the flags are still an operation: its number in `#recipes` and one more, and its operands. */
  readonly #recipe = this.code.local("i32");
  readonly #operands = [this.code.local("i64"), this.code.local("i64"), this.code.local("i64")] as const;
  readonly #recipes: Recipe[] = [];
  readonly #jumps: ComputedJumps;
  /** In the order of their counters. */
  readonly waysOut: WayOut[] = [];
  #leaveBy!: (way: () => number) => void;

  #exits!: Exits;
  #index = 0;
  /** Not yet in their locals: only a use, a way out, or a successor that needs them emits their code. */
  #pending: Flags | undefined;
  #unpaid = 0;
  #start: Label | undefined;
  #asksForMode = false;
  #usesFusing = false;

  constructor(plan: Plan, placing: Placing, routine: Indices) {
    super(routine, new HeldRegisters(plan), scalarRegisters(plan.blocks));
    this.#plan = plan;
    this.#placing = placing;
    this.#jumps = new ComputedJumps(plan);
  }

  /** It relies on MXCSR. */
  get asksForMode(): boolean {
    return this.#asksForMode;
  }
  /** It relies on a host that fuses. */
  get usesFusing(): boolean {
    return this.#usesFusing;
  }
  /** As `regionsTable` says. */
  build(): Func {
    const { code } = this;
    const { flow } = this.#plan;
    code.funnel(
      leave => {
        this.#leaveBy = leave;
        this.#enter();
        structure(code, flow, this.#jumps.labelled, (node, exits) => this.#emit(node, exits));
      },
      () => this.held.waysOut.map(changed => () => this.#store(changed)),
    );
    this.#leave();
    return code;
  }
  #enter(): void {
    const { code } = this;
    const needed = Math.max(LEAST_BUDGET, this.#plan.reserve[DISPATCHER]!);
    const turnAway = (crossing: keyof typeof crossings) => code.goOnAs([this.#at, this.#budget, ZERO], i32.constant(crossings[crossing]));
    code.if(i32.ltS(this.#budget, i32.constant(needed)), () => turnAway("decline"));
    code.later(() => {
      if (!this.#asksForMode) return;
      // What MXCSR was when this was compiled is relied on.
      const relied = this.#placing.isInexactRecorded ? INEXACT : 0;
      const mode = i32.and(this.readHalf("mxcsr"), i32.constant(mxcsrBits.rounding | INEXACT));
      code.if(i32.ne(relied ? mode : i32.and(mode, i32.constant(mxcsrBits.rounding)), i32.constant(relied)), () => turnAway("decline"));
      if (!relied) code.if(i32.eq(mode, i32.constant(INEXACT)), () => turnAway("refuse"));
    });
    if (this.#isCounting) this.#entered.set(this.#budget);
    this.#count(counter.entered, i32.constant(1));
    if (this.#isDispatchedAgain) this.#load(this.#entries);
  }
  /** Ways lead back to the dispatcher, which then must not load what its entry needs. */
  get #isDispatchedAgain(): boolean {
    return this.#plan.flow.predecessors[DISPATCHER]!.length > 0;
  }
  /** The nodes of the blocks at which the region is entered. */
  get #entries(): readonly number[] {
    return this.#plan.dispatched.slice(0, this.#plan.entries).map(block => this.#plan.firstBlock + block);
  }
  #load(nodes: readonly number[]): void {
    this.code.later(() => {
      for (const held of this.held.neededBy(nodes)) {
        if (held !== "flags") this.load(held);
        else flagWords.forEach((word, i) => void this.#words[word].set(i64.load(64, ZERO, layout.flags + 8 * i)));
      }
    });
  }
  #store(changed: readonly Held[]): void {
    for (const one of changed) {
      if (one !== "flags") this.store(one);
      else {
        this.#recipes.forEach(({ operation, bits }, i) => {
          this.code.if(i32.eq(this.#recipe, i32.constant(i + 1)), () => {
            const words = wordsOf(operation, bits, ...this.#operands);
            this.code.assign(flagWords.map(word => [this.#words[word], words[word]]));
          });
        });
        this.#storeWords(this.#words);
      }
    }
  }
  #storeWords(words: FlagWords): void {
    flagWords.forEach((word, i) => void this.code.do(i64.store(64, ZERO, words[word], layout.flags + 8 * i)));
  }
  #leave(): void {
    const { code } = this;
    if (this.#isCounting) this.#count(counter.ticks, i32.sub(this.#entered, this.#budget));
    code.if(isAt(this.#place, this.#rip), () => code.goOnAs([recordAt(this.#place), this.#budget, wayAt(this.#place)], numberAt(this.#place)));
    code.do(i64.store(64, ZERO, this.#rip, layout.registers + fileOffset.rip));
    code.goOnAs([this.#place, this.#budget, ZERO], i32.constant(crossings.leave));
  }

  get #isCounting(): boolean {
    return this.#placing.counters !== undefined;
  }
  #count(counter: number, by: Value<"i32">): void {
    const { counters } = this.#placing;
    if (counters === undefined) return;
    const at = counters + 4 * counter;
    this.code.do(i32.store(32, ZERO, i32.add(i32.load(32, ZERO, at), by), at));
  }
  #countWayOut(kind: WayOut["kind"], rip: number): void {
    if (this.waysOut.length < MOST_WAYS_OUT) this.#count(FIRST_WAY_OUT + this.waysOut.push({ kind, rip }) - 1, i32.constant(1));
  }

  flags(): Flags {
    if (this.#pending) return this.#pending;
    this.held.read(this.node, "flags");
    return this.#words;
  }
  setFlags(flags: Flags, condition?: Value<"i32">): void {
    if (this.isInside) {
      this.held.write(this.node, "flags", false);
      const set = () => this.code.assign(flagWords.map(word => [this.#words[word], flags[word]]));
      if (condition) this.code.if(condition, set);
      else set();
      return;
    }
    const old = condition ? this.flags() : this.#words;
    this.held.write(this.node, "flags", true);
    const kept = (word: keyof FlagWords): Value<"i64"> => select(condition!, flags[word], old[word]);
    this.#pending = condition ? { result: kept("result"), augend: kept("augend"), addend: kept("addend"), sum: kept("sum") } : flags;
  }
  get fuses(): boolean {
    this.#usesFusing ||= relaxedRoundsOnce();
    return this.#usesFusing;
  }
  isFloatPlain(): Value<"i32"> {
    this.#asksForMode = true;
    return i32.constant(1);
  }
  isInexactRecorded(): Value<"i32"> {
    this.#asksForMode = true;
    return i32.constant(this.#placing.isInexactRecorded ? 1 : 0);
  }
  override writeHalf(field: HalfField, value: Value<"i32">): void {
    if (field === "mxcsr") this.leaveBefore("instruction");
    else super.writeHalf(field, value);
  }
  refuse(): void {
    this.leaveBefore("instruction");
  }
  complete(): void {
    this.leaveBefore("instruction");
  }
  branch(condition: Value<"i32">): void {
    const [taken, next] = this.#block.ending.targets;
    this.code.if(
      condition,
      () => this.#edge(taken!),
      () => this.#edge(next!),
    );
  }
  jump(): void {
    this.#edge(this.#block.ending.targets[0]!);
  }
  jumpTo(rip: Value<"i64">): void {
    const { code } = this;
    const target = code.let(rip);
    const block = this.#block;
    if (isManyWay(block)) {
      const before = this.#standing;
      if (this.#plan.isRedirected(this.node)) this.#redirect(target);
      else this.#jumpByTable(target, blocksAfter(block));
      this.#outTo(target);
      this.#stand(before);
      return;
    }
    for (const expected of block.ending.targets) code.if(i64.eq(target, i64.constant(expected.rip)), () => this.#edge(expected));
    this.#goOut(target, this.#block.instructions.at(-1)!.rip);
  }
  #redirect(target: Value<"i64">): void {
    this.#depart(target, [DISPATCHER]);
    this.#jumps.redirected.find(this.code, target, slot => {
      this.#way.set(i32.add(slot, i32.constant(this.#plan.dispatched.length)));
      this.#exits.go(DISPATCHER);
    });
  }
  #jumpByTable(target: Value<"i64">, blocks: ReadonlyMap<number, number>): void {
    const { code } = this;
    const nodeAt = (rip: number) => this.#plan.firstBlock + blocks.get(rip)!;
    const labelAt = (rip: number) => this.#exits.label(nodeAt(rip));
    const table = new JumpTable([...blocks.keys()]);
    this.#depart(target, [...blocks.keys()].map(nodeAt));
    table.find(code, target, slot => code.block(nowhere => table.place(code, target, labelAt, nowhere, slots => code.brTable(slot, slots, nowhere))));
  }
  /** For one of these nodes, or for elsewhere. */
  #depart(target: Value<"i64">, nodes: readonly number[]): void {
    this.#settle(Math.max(flagNeed.exits, ...nodes.map(node => this.#plan.flagNeeds[node]!)) as FlagNeed);
    this.#pay();
    this.#rip.set(target);
  }
  again(): void {
    const { code } = this;
    this.#budget.set(i32.sub(this.#budget, i32.constant(1)));
    code.if(i32.geS(this.#budget, i32.constant(this.#committed)), () => code.br(this.#start!));
    this.leaveBefore("budget");
  }
  ticksLeft(): Value<"i32"> {
    return i32.sub(this.#budget, i32.constant(this.#committed));
  }
  spend(ticks: Value<"i32">): void {
    this.#budget.set(i32.sub(this.#budget, ticks));
  }
  /** Ticks of the budget that are already spent, or kept for what follows until the next look at it. */
  get #committed(): number {
    return this.#unpaid + this.#plan.reserve[this.node]!;
  }

  get #standing(): Standing {
    return { node: this.node, exits: this.#exits, known: this.known, pending: this.#pending, unpaid: this.#unpaid };
  }
  #stand({ node, exits, known, pending, unpaid }: Standing): void {
    this.node = node;
    this.#exits = exits;
    this.known = known;
    this.#pending = pending;
    this.#unpaid = unpaid;
  }
  get #block(): Block {
    return this.#plan.blocks[this.node - this.#plan.firstBlock]!;
  }
  /** The way out of a block, all of whose instructions have happened. */
  #edge(target: Target): void {
    if (target.block === undefined) {
      this.#goOut(i64.constant(target.rip), target.rip);
      return;
    }
    const before = this.#standing;
    const plan = this.#plan;
    const node = plan.firstBlock + target.block;
    if (plan.isCut(this.node, node)) {
      this.#settle(plan.flagNeeds[DISPATCHER]!);
      this.#pay();
      this.#way.set(i32.constant(plan.dispatched.indexOf(target.block)));
      this.#exits.go(DISPATCHER);
    } else {
      if (this.#isInline(node)) this.#unpaid += this.#block.instructions.length;
      else {
        this.#settle(plan.flagNeeds[node]!);
        this.#pay();
      }
      this.#exits.go(node);
    }
    this.#stand(before);
  }
  /** Only one block leads to it, and its code stands within that block's. */
  #isInline(node: number): boolean {
    const [from, ...others] = this.#plan.flow.predecessors[node]!;
    return (
      from !== undefined && others.length === 0 && from >= this.#plan.firstBlock && !isBackward(this.#plan.flow, from, node) && !this.#jumps.labelled.has(node)
    );
  }
  #goOut(rip: Value<"i64">, at: number): void {
    const before = this.#standing;
    this.#countWayOut("elsewhere", at);
    this.#pay();
    this.#rip.set(rip);
    // Such a way is often taken. On the others words that are stored would be made before, for several of them at once.
    if (this.#pending) this.#storeWords(this.#pending);
    this.#outTo(rip, this.#pending !== undefined);
    this.#stand(before);
  }
  protected override leaveBefore(kind: WayOut["kind"]): void {
    const before = this.#standing;
    this.#countWayOut(kind, this.located.rip);
    this.#take(this.#unpaid + this.#index);
    this.#rip.set(i64.constant(this.located.rip));
    this.#settle(flagNeed.exits);
    this.#out(i32.constant(placeOfWayOut(wayOutCodes[kind])));
    this.#stand(before);
  }
  /** For another region, if one begins there. */
  #outTo(rip: Value<"i64">, areFlagsStored = false): void {
    this.#out(jumpPlace(this.code, rip), areFlagsStored);
  }
  /** What the region has changed until here is stored, and that is all. */
  #out(place: Value<"i32">, areFlagsStored = false): void {
    this.#place.set(place);
    const exit = this.held.exit(this.node, areFlagsStored);
    this.#leaveBy(() => this.held.wayOf(exit));
  }
  #pay(): void {
    this.#take(this.#unpaid + this.#block.instructions.length);
  }
  #take(ticks: number): void {
    if (ticks > 0) this.#budget.set(i32.sub(this.#budget, i32.constant(ticks)));
  }
  /** Puts the flags where whoever comes next will look for them. */
  #settle(need: FlagNeed): void {
    const pending = this.#pending;
    if (!pending || need === flagNeed.none) return;
    const { recipe } = pending;
    if (need === flagNeed.exits && recipe) {
      const wide = recipe.operands.map((value, i): [Local<Type>, Value<Type>] => [this.#operands[i]!, inFull(value)]);
      this.code.assign(wide);
      this.#recipe.set(i32.constant(this.#recipeNumber(recipe)));
    } else {
      this.code.assign(flagWords.map(word => [this.#words[word], pending[word]]));
      this.#recipe.set(ZERO);
    }
    this.#pending = undefined;
  }
  #recipeNumber({ operation, bits, operands }: Recipe): number {
    const known = this.#recipes.findIndex(one => one.operation === operation && one.bits === bits);
    return known >= 0 ? known + 1 : this.#recipes.push({ operation, bits, operands });
  }

  #emit(node: number, exits: Exits): void {
    this.node = node;
    this.#exits = exits;
    if (!this.#isInline(node)) {
      this.#pending = undefined;
      this.#unpaid = 0;
      this.forget();
    }
    if (node === DISPATCHER) this.#emitDispatcher(exits);
    else if (node < this.#plan.firstBlock) {
      const block = this.#plan.firstBlock + this.#plan.dispatched[node - 1]!;
      if (!this.#isDispatchedAgain && node <= this.#plan.entries) this.#load([block]);
      exits.go(block);
    } else this.code.converging(() => this.code.scope(() => this.#emitBlock()));
  }
  #emitDispatcher(exits: Exits): void {
    const { dispatched } = this.#plan;
    this.#count(counter.dispatched, i32.constant(1));
    if (dispatched.length === 1) {
      exits.go(1);
      return;
    }
    const stub = (block: number) => exits.label(dispatched.indexOf(block) + 1);
    const { code } = this;
    code.block(nowhere =>
      this.#jumps.redirected.place(
        code,
        this.#rip,
        rip => stub(this.#jumps.blockAt(rip)),
        nowhere,
        slots => code.brTable(this.#way, [...dispatched.map(stub), ...slots], nowhere),
      ),
    );
    this.#outTo(this.#rip);
  }
  #emitBlock(): void {
    const block = this.#block;
    const { instructions, ending } = block;
    const last = instructions.length - 1;
    const isChecked = this.#plan.isChecked(this.node);
    instructions.forEach((located, i) => {
      this.located = located;
      this.#index = i;
      if (i === last && isChecked && ending.kind !== "falls") this.#check(i);
      this.#define();
    });
    if (ending.kind === "falls") {
      this.#index = instructions.length;
      this.located = { rip: ending.targets[0].rip, instruction: this.located.instruction };
      if (isChecked) this.#check(this.#index);
      this.#edge(ending.targets[0]);
    }
  }
  #check(index: number): void {
    const needed = this.#unpaid + index + neededAtCheck(this.#plan, this.node);
    this.code.if(i32.ltS(this.#budget, i32.constant(needed)), () => this.leaveBefore("budget"));
  }
  #define(): void {
    const { form } = this.located.instruction;
    const { repeats, setsFlagsInside } = effectsOf(form);
    if (setsFlagsInside) this.#settle(flagNeed.uses);
    if (!repeats) {
      this.depth = this.code.depth;
      form.row.define(this, form.shape, form.bits);
      return;
    }
    const since = this.held.exits;
    this.forget();
    this.code.loop(start => {
      this.#start = start;
      this.depth = this.code.depth;
      form.row.define(this, form.shape, form.bits);
    });
    this.held.repeat(this.node, since);
    this.forget();
  }
}
const inFull = (value: Value<"i32"> | Value<"i64">): Value<"i64"> => (value.type === "i64" ? (value as Value<"i64">) : extendU(value as Value<"i32">));
