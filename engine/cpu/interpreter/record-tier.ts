// What both kinds of interpreted instructions share: operands fetched from the record, registers and flags in linear memory.
import { layout } from "../../memory/layout.ts";
import { FileTier } from "../file-tier.ts";
import { type Flags, flagWords } from "../flags.ts";
import { fileOffset } from "../register-file.ts";
import { isPlain, recordsInexact } from "../sse/mxcsr.ts";
import type { Access, Completion, Refusal, Register, Tier, VectorRegister } from "../tier.ts";
import { Func } from "../wasm/func.ts";
import { extendU, type IntegerType, i32, i64, loadByte, select, type Value, v128 } from "../wasm/value.ts";
import type { Width } from "../width.ts";
import { ripOf, withRecord } from "./execution.ts";
import { routineIndex } from "./functions.ts";
import type { Reason } from "./reasons.ts";
import { record } from "./record.ts";

const ZERO = i32.constant(0);
const flagAt = (word: (typeof flagWords)[number]): number => layout.flags + 8 * flagWords.indexOf(word);

export abstract class RecordTier extends FileTier implements Tier {
  readonly code = new Func(["i32"]);
  readonly isCompiled = false;
  /** Its module is made at build, for any host. */
  readonly fuses = false;
  readonly routine = routineIndex;
  protected readonly at = this.code.param("i32", 0);

  protected abstract locate(address: Value<"i64">, bytes: number, access: Access): Value<"i32">;
  protected abstract goTo(target: Value<"i32">): void;
  /** Before the instruction. */
  protected abstract leave(reason: Reason): void;
  /** After it: RIP has been stored. */
  protected abstract finish(reason: Reason): void;
  abstract ticksLeft(): Value<"i32">;
  abstract spend(ticks: Value<"i32">): void;

  register(number: number): Register {
    return this.#registerAt(ZERO, layout.registers + 8 * number);
  }
  operandRegister(place: number): Register {
    return this.#registerAt(this.code.let(loadByte(this.at, record.registers[place]!)), layout.registers);
  }
  #registerAt(slot: Value<"i32">, offset: number): Register {
    const { code } = this;
    return {
      read: w => w.int.load(w.bits, slot, offset),
      write: (w, value) => code.do(w.bits === 32 ? i64.store(64, slot, w.widenUnsigned(value), offset) : w.int.store(w.bits, slot, value, offset)),
    };
  }
  operandVector(place: number): VectorRegister {
    return this.#vectorAt(this.code.let(i32.shl(loadByte(this.at, record.registers[place]!), i32.constant(2))), 0);
  }
  vector(number: number): VectorRegister {
    return this.#vectorAt(ZERO, 32 * number);
  }
  #vectorAt(slot: Value<"i32">, within: number): VectorRegister {
    const { code } = this;
    const offset = layout.registers + fileOffset.vectors + within;
    return {
      read: () => v128.load(128, slot, offset),
      place: () => i32.add(slot, i32.constant(offset)),
      write: value => code.do(v128.store(128, slot, value, offset)),
      readHigh: () => v128.load(128, slot, offset + 16),
      writeHigh: value => code.do(v128.store(128, slot, value, offset + 16)),
      readLow: bits => v128.load(bits, slot, offset),
      writeLow: (bits, value) => code.do(v128.store(bits, slot, value, offset)),
      readLane: (w, lane) => w.int.load(w.bits, slot, offset + (lane * w.bits) / 8),
      writeLane: (w, lane, value) => code.do(w.int.store(w.bits, slot, value, offset + (lane * w.bits) / 8)),
    };
  }
  isFloatPlain(): Value<"i32"> {
    return isPlain(this.readHalf("mxcsr"));
  }
  isInexactRecorded(): Value<"i32"> {
    return recordsInexact(this.readHalf("mxcsr"));
  }
  operandStackNumber(place: number): Value<"i32"> {
    return loadByte(this.at, record.registers[place]!);
  }
  immediate<T extends IntegerType>(w: Width<T>): Value<T> {
    return w.int.load(w.bits, this.at, record.immediate);
  }
  nextRip(): Value<"i64"> {
    return i64.add(ripOf(this.at), extendU(loadByte(this.at, record.length)));
  }
  address(): Value<"i64"> {
    const register = (field: number) => i64.load(64, loadByte(this.at, field), layout.registers);
    const index = i64.shl(register(record.index), extendU(loadByte(this.at, record.scale)));
    return this.code.let(i64.add(i64.add(register(record.base), index), i64.load(64, this.at, record.displacement)));
  }
  translate(address: Value<"i64">, bytes: number, access: Access): Value<"i32"> {
    return this.locate(address, bytes, access);
  }
  flags(): Flags {
    const load = (word: (typeof flagWords)[number]) => i64.load(64, ZERO, flagAt(word));
    return { result: load("result"), augend: load("augend"), addend: load("addend"), sum: load("sum") };
  }
  setFlags(flags: Flags, condition?: Value<"i32">): void {
    const store = () => {
      const kept = flagWords.map(word => [word, this.code.let(flags[word])] as const);
      for (const [word, value] of kept) this.code.do(i64.store(64, ZERO, value, flagAt(word)));
    };
    if (condition) this.code.if(condition, store);
    else store();
  }
  refuse(reason: Refusal, argument?: Value<"i64">): void {
    if (argument) this.code.do(i64.store(64, ZERO, argument, layout.assistArgument));
    this.leave(reason);
  }

  branch(condition: Value<"i32">): void {
    this.goTo(select(condition, i32.load(32, this.at, record.taken), i32.load(32, this.at, record.next)));
  }
  jump(): void {
    this.goTo(i32.load(32, this.at, record.taken));
  }
  jumpTo(rip: Value<"i64">): void {
    const { code } = this;
    const target = code.let(rip);
    this.storeRip(target);
    withRecord(code, target, found => this.goTo(found));
    this.decode(target);
    this.finish("block");
  }
  protected decode(_rip: Value<"i64">): void {}
  complete(completion: Completion): void {
    this.storeRip(this.nextRip());
    this.finish(completion);
  }
  again(): void {
    this.goTo(this.at);
  }

  protected storeRip(rip: Value<"i64">): void {
    this.code.do(i64.store(64, ZERO, rip, layout.registers + fileOffset.rip));
  }
}
