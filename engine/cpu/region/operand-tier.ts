// What a definition sees of registers and memory in compiled code: locals for registers, constants for operands, and places in memory that are looked up once
// for all accesses near them.
import { layout } from "../../memory/layout.ts";
import { FS_BASE, GS_BASE, NO_REGISTER } from "../decode/decode.ts";
import { bitAt, FileTier } from "../file-tier.ts";
import { lookUp } from "../interpreter/translation.ts";
import { fileOffset } from "../register-file.ts";
import type { Access, FloatPlaces, HalfField, Register, VectorRegister } from "../tier.ts";
import { Func, type Local } from "../wasm/func.ts";
import { type IntegerType, i32, i64, type Loaded, type Ordinary, type Origin, type Type, type Value, v128 } from "../wasm/value.ts";
import { i8x16, i16x8, i32x4, i64x2, joined } from "../wasm/vector-lanes.ts";
import { type Width, widths } from "../width.ts";
import type { Indices } from "../x87/routine.ts";
import type { Located } from "./blocks.ts";
import { type Held, type HeldRegisters, type HeldWord, heldWords } from "./held-registers.ts";
import { regionsTable } from "./regions-table.ts";

const ZERO = i32.constant(0);
const PAGE = 4096;
/** Places that are remembered at a time. */
const MOST_FOUND = 12;

/** A place that has been looked up, by which others near it are found. */
interface Found {
  readonly origin: Origin;
  readonly isWrite: boolean;
  readonly inPage: Value<"i32">;
  readonly place: Value<"i32">;
}
/** What is known of registers and memory where code is being emitted; it holds in a block and in those that only it leads to. */
export interface Known {
  /** By register: what stands in it. */
  readonly origins: ReadonlyMap<number, Origin>;
  readonly found: readonly Found[];
  /** By half of a vector register. */
  readonly ordinary: ReadonlyMap<number, Ordinary>;
  /** By half, where its lowest lane was loaded from, until something is stored. */
  readonly loaded: ReadonlyMap<number, Loaded>;
  /** Locals of vectors that are zero. */
  readonly zeros: ReadonlySet<number>;
  readonly floats: KnownFloats | undefined;
}
/** Where x87's registers lie, as far as they have been asked for. */
interface KnownFloats {
  /** The number of the top at first. */
  readonly base: Value<"i32">;
  /** How far the top has moved since. */
  readonly turned: number;
  /** By how far they lie from the base. */
  readonly places: Map<number, { readonly at: Value<"i32">; readonly bit: Value<"i32"> }>;
}
const stable = <T extends Type>(value: Value<T>): Value<T> => ({ ...value, isStable: true });

export abstract class OperandTier extends FileTier {
  readonly code = new Func(regionsTable.params, regionsTable.results);
  readonly routine: Indices;
  protected readonly held: HeldRegisters;
  /** Where code is being emitted, among the nodes of the plan. */
  protected node = 0;
  readonly #registers = new Map<number, Local<"i64">>();
  /** Halves of vector registers, by twice the register's number. */
  readonly #vectors = new Map<number, Local<"v128">>();
  /** Of vector registers whose lowest lane is written alone: how much of it, by number. It has a local of its own, so that no instruction joins what the next one takes apart. */
  readonly #scalars: ReadonlyMap<number, 32 | 64>;
  /** The locals of their other lanes. */
  readonly #rests = new Map<number, Local<"v128">>();
  readonly #words = new Map<HeldWord, Local<"i32">>();
  /** The instruction whose code is being emitted, and how deep its code stands. */
  protected located!: Located;
  protected depth = 0;
  #origins = new Map<number, Origin>();
  #found: readonly Found[] = [];
  #ordinary = new Map<number, Ordinary>();
  #loaded = new Map<number, Loaded>();
  #zeros = new Set<number>();
  #floats: KnownFloats | undefined;
  #lastOrigin = 0;

  constructor(routine: Indices, held: HeldRegisters, scalars: ReadonlyMap<number, 32 | 64>) {
    super();
    this.routine = routine;
    this.held = held;
    this.#scalars = scalars;
  }
  /** Before the instruction, for the interpreter to do it. */
  protected abstract leaveBefore(kind: "memory"): void;

  protected get known(): Known {
    const floats = this.#floats;
    return {
      origins: new Map(this.#origins),
      found: this.#found,
      ordinary: new Map(this.#ordinary),
      loaded: new Map(this.#loaded),
      zeros: new Set(this.#zeros),
      floats: floats && { ...floats, places: new Map(floats.places) },
    };
  }
  protected set known({ origins, found, ordinary, loaded, zeros, floats }: Known) {
    this.#floats = floats;
    this.#origins = new Map(origins);
    this.#found = found;
    this.#ordinary = new Map(ordinary);
    this.#loaded = new Map(loaded);
    this.#zeros = new Set(zeros);
  }
  protected forget(): void {
    this.#origins.clear();
    this.#ordinary.clear();
    this.#loaded.clear();
    this.#zeros.clear();
    this.#found = [];
    this.#floats = undefined;
  }
  /** Inside a condition of the definition's own. */
  protected get isInside(): boolean {
    return this.code.depth > this.depth;
  }

  register(number: number): Register {
    return this.#whole(number);
  }
  operandRegister(place: number): Register {
    const slot = this.located.instruction.registers[place]!;
    return slot % 8 === 1 ? this.#secondByte(slot >> 3) : this.#whole(slot >> 3);
  }
  #local(number: number): Local<"i64"> {
    const known = this.#registers.get(number) ?? this.code.local("i64");
    this.#registers.set(number, known);
    return known;
  }
  #read(number: number): Local<"i64"> {
    this.held.read(this.node, { general: number });
    return this.#local(number);
  }
  #set(number: number, value: Value<"i64">): void {
    this.held.write(this.node, { general: number }, !this.isInside);
    this.#local(number).set(value);
    if (value.origin && !this.isInside) this.#origins.set(number, value.origin);
    else this.#origins.delete(number);
  }
  #origin(number: number): Origin {
    const known = this.#origins.get(number) ?? { key: `r${++this.#lastOrigin}`, offset: 0n };
    this.#origins.set(number, known);
    return known;
  }
  #whole(number: number): Register {
    return {
      read: w => {
        const local = this.#read(number);
        return w.narrow(w.bits === 64 ? { ...local, origin: this.#origin(number) } : local);
      },
      write: (w, value) => {
        if (w.bits === 64) this.#set(number, w.widen(value));
        else if (w.bits === 32) this.#set(number, w.widenUnsigned(value));
        else this.#set(number, i64.or(i64.and(this.#read(number), i64.constant(-(2n ** BigInt(w.bits)))), w.widenUnsigned(value)));
      },
    };
  }
  /** AH, CH, DH and BH. */
  #secondByte(number: number): Register {
    return {
      read: w => w.narrow(i64.shrU(this.#read(number), i64.constant(8))),
      write: (w, value) => this.#set(number, i64.or(i64.and(this.#read(number), i64.constant(~0xff00)), i64.shl(w.widenUnsigned(value), i64.constant(8)))),
    };
  }

  operandVector(place: number): VectorRegister {
    return this.vector(this.located.instruction.registers[place]! >> 3);
  }
  vector(number: number): VectorRegister {
    const low = () => this.#readHalf(2 * number);
    const set = (half: number, value: Value<"v128">) => this.#writeHalf(half, value);
    const high: Pick<VectorRegister, "passed" | "readHigh" | "writeHigh" | "place"> = {
      passed: ordinary => this.#passed(number, ordinary),
      readHigh: () => this.#readHalf(2 * number + 1),
      writeHigh: value => set(2 * number + 1, value),
      place: () => i32.constant(layout.registers + fileOffset.vectors + 32 * number),
    };
    const bits = this.#scalars.get(number);
    if (bits) return { ...high, ...this.#scalar(number, bits) };
    return {
      ...high,
      read: low,
      write: value => set(2 * number, value),
      readLow: low,
      writeLow: () => {
        throw new Error("A region does not know of a vector register that its lowest lane is written alone.");
      },
      readLane: (w, lane) => readLane(w, low(), lane),
      writeLane: (w, lane, value) => set(2 * number, withLane(w, low(), lane, value)),
    };
  }
  #passed(number: number, ordinary: Ordinary): void {
    const known = this.#ordinary.get(2 * number);
    if (!this.isInside && !(known?.bits === ordinary.bits && known.isPacked))
      this.#ordinary.set(2 * number, this.#scalars.has(number) ? { ...ordinary, isPacked: false } : ordinary);
  }
  #scalar(number: number, ownBits: 32 | 64): Omit<VectorRegister, "passed" | "readHigh" | "writeHigh" | "place"> {
    const low = () => this.#readHalf(2 * number);
    const own = this.#half(2 * number);
    const rest = this.#rest(number);
    const readRest = () => {
      this.held.read(this.node, { half: 2 * number });
      return rest;
    };
    const whole = () => {
      const { ordinary } = low();
      return ofLowest({ ...joined(ownBits, own, rest), ...(ordinary ? { ordinary } : {}) });
    };
    const isLow = ({ bits }: { readonly bits: number }, lane: number) => (lane + 1) * bits <= ownBits;
    const setLow = (value: Value<"v128">) => this.#writeHalf(2 * number, ofLowest(value), false);
    return {
      read: whole,
      write: value => {
        const parts = value.joined;
        const isApart = parts && (parts.bits === ownBits || (parts.bits < ownBits && parts.rest === v128.zero));
        this.#noteVector(2 * number, ofLowest(value), true);
        const isKnown = isApart && parts.rest === v128.zero && this.#zeros.has(rest.index);
        this.code.assign([[this.#half(2 * number), isApart ? parts.low : value], ...(isApart && !isKnown ? [[rest, parts.rest] as const] : [])]);
        if (!isApart) rest.set(own);
        this.#noteZero(own, isApart ? parts.low : value);
        this.#noteZero(rest, isApart ? parts.rest : value);
      },
      readLow: bits => (bits <= ownBits ? low() : whole()),
      writeLow: (bits, value) => setLow(bits < ownBits ? { ...joined(bits, value, low()), ...(value.ordinary ? { ordinary: value.ordinary } : {}) } : value),
      readLane: (w, lane) => readLane(w, isLow(w, lane) ? low() : readRest(), lane),
      writeLane: (w, lane, value) => {
        if (!isLow(w, lane)) {
          rest.set(withLane(w, rest, lane, value));
          this.#zeros.delete(rest.index);
          this.held.write(this.node, { half: 2 * number }, false);
        } else setLow(value.lane && value.lane.number === 0 && w.bits === ownBits ? value.lane.vector : withLane(w, low(), lane, value));
      },
    };
  }
  #rest(number: number): Local<"v128"> {
    const known = this.#rests.get(number) ?? this.code.local("v128");
    this.#rests.set(number, known);
    return known;
  }
  /** Statements that put a register into its locals, and back into the file. */
  protected load(held: Exclude<Held, "flags">): void {
    if ("general" in held) this.#local(held.general).set(i64.load(64, ZERO, layout.registers + 8 * held.general));
    else if ("word" in held) this.#word(held.word).set(super.readHalf(held.word));
    else {
      const local = this.#half(held.half);
      local.set(v128.load(128, ZERO, placeOfHalf(held.half)));
      if (held.half % 2 === 0) this.#rests.get(held.half / 2)?.set(local);
    }
  }
  protected store(held: Exclude<Held, "flags">): void {
    if ("general" in held) this.code.do(i64.store(64, ZERO, this.#local(held.general), layout.registers + 8 * held.general));
    else if ("word" in held) super.writeHalf(held.word, this.#word(held.word));
    else {
      const bits = held.half % 2 === 0 ? this.#scalars.get(held.half / 2) : undefined;
      const local = this.#half(held.half);
      this.code.do(v128.store(128, ZERO, bits ? joined(bits, local, this.#rest(held.half / 2)) : local, placeOfHalf(held.half)));
    }
  }
  #readHalf(half: number): Value<"v128"> {
    this.held.read(this.node, { half });
    const [ordinary, loaded] = [this.#ordinary.get(half), this.#loaded.get(half)];
    return { ...this.#half(half), ...(ordinary ? { ordinary } : {}), ...(loaded ? { loaded } : {}) };
  }
  #writeHalf(half: number, value: Value<"v128">, isWhole = true): void {
    const local = this.#half(half);
    if (value !== v128.zero || !this.#zeros.has(local.index)) local.set(value);
    this.#noteZero(local, value);
    this.#noteVector(half, value, isWhole);
  }
  #noteZero({ index }: Local<"v128">, value: Value<"v128">): void {
    if (value === v128.zero && !this.isInside) this.#zeros.add(index);
    else this.#zeros.delete(index);
  }
  #noteVector(half: number, { ordinary, loaded }: Value<"v128">, isWhole: boolean): void {
    this.held.write(this.node, { half }, isWhole && !this.isInside);
    if (ordinary && !this.isInside) this.#ordinary.set(half, ordinary);
    else this.#ordinary.delete(half);
    if (loaded && !this.isInside) this.#loaded.set(half, loaded);
    else this.#loaded.delete(half);
  }
  #half(number: number): Local<"v128"> {
    const known = this.#vectors.get(number) ?? this.code.local("v128");
    this.#vectors.set(number, known);
    return known;
  }

  override readHalf(field: HalfField): Value<"i32"> {
    if (!isHeldWord(field)) return super.readHalf(field);
    this.held.read(this.node, { word: field });
    return this.#word(field);
  }
  override writeHalf(field: HalfField, value: Value<"i32">): void {
    if (!isHeldWord(field)) {
      super.writeHalf(field, value);
      return;
    }
    this.held.write(this.node, { word: field }, !this.isInside);
    if (field === "x87Status") this.#floats = undefined;
    this.#word(field).set(i32.and(value, i32.constant(0xffff)));
  }
  #word(field: HeldWord): Local<"i32"> {
    const known = this.#words.get(field) ?? this.code.local("i32");
    this.#words.set(field, known);
    return known;
  }

  override floatPlaces(): FloatPlaces {
    const known = this.#floats ?? { base: this.code.let(this.floatTop()), turned: 0, places: new Map() };
    const placeOf = (place: Value<"i32">) => {
      if (place.constant === undefined) throw new Error("A region knows which register an x87 instruction names.");
      const away = (known.turned + Number(place.constant)) & 7;
      const found = known.places.get(away);
      if (found) return found;
      const physical = this.code.let(i32.and(i32.add(known.base, i32.constant(away)), i32.constant(7)));
      const made = { at: this.code.let(this.x87Place(physical)), bit: this.code.let(bitAt(physical)) };
      if (!this.isInside) known.places.set(away, made);
      return made;
    };
    return {
      at: place => placeOf(place).at,
      bit: place => placeOf(place).bit,
      // Where an exception is pending, the next instruction that looks at the stack leaves the region first.
      turned: by => {
        this.#floats = { ...known, turned: known.turned + by };
      },
    };
  }

  operandStackNumber(place: number): Value<"i32"> {
    return i32.constant(this.located.instruction.registers[place]!);
  }
  immediate<T extends IntegerType>(w: Width<T>): Value<T> {
    const { immediateLow, immediateHigh } = this.located.instruction;
    const whole = (BigInt(immediateHigh) << 32n) | BigInt(immediateLow >>> 0);
    return w.int.constant(BigInt.asIntN(w.bits, whole));
  }
  nextRip(): Value<"i64"> {
    return i64.constant(this.located.rip + this.located.instruction.length);
  }

  address(): Value<"i64"> {
    const { base, index, scale, displacement, segment, isAddress32 } = this.located.instruction;
    const parts: Value<"i64">[] = [];
    const keys: string[] = [];
    let offset = BigInt(displacement);
    if (isSegment(base)) {
      // Of a string instruction, which adds a pointer itself.
      parts.push(baseOf(base));
      keys.push(`s${base}`);
    } else if (base !== NO_REGISTER) {
      const origin = this.#origin(base);
      parts.push(this.#read(base));
      keys.push(origin.key);
      offset += origin.offset;
    }
    if (index !== NO_REGISTER) {
      const origin = this.#origin(index);
      parts.push(i64.shl(this.#read(index), i64.constant(scale)));
      keys.push(scale === 0 ? origin.key : `${origin.key}<<${scale}`);
      offset += origin.offset << BigInt(scale);
    }
    const sum = parts.reduce((all, part) => i64.add(all, part), i64.constant(0));
    const whole = i64.add(sum, i64.constant(displacement));
    const ofSegment = segment === NO_REGISTER ? undefined : baseOf(segment);
    if (isAddress32) return this.code.let(i64.add(i64.and(whole, i64.constant(0xffff_ffff)), ofSegment ?? i64.constant(0)));
    if (ofSegment) keys.push(`s${segment}`);
    const value: Value<"i64"> = { ...i64.add(whole, ofSegment ?? i64.constant(0)), origin: { key: keys.sort().join("+"), offset } };
    return this.code.let(value);
  }
  translate(address: Value<"i64">, bytes: number, access: Access): Value<"i32"> {
    const isWrite = access === "write";
    if (isWrite) this.#loaded.clear();
    const near = address.origin && this.#near(address.origin, isWrite);
    if (near) return this.#step(near, address, bytes, isWrite);
    const place = this.#lookUp(address, bytes, isWrite);
    if (address.origin && !this.isInside) this.#remember(address, isWrite, place);
    return place;
  }
  // On a miss the interpreter fills the TLB: a call from here would make V8 keep all registers in memory around it.
  #lookUp(address: Value<"i64">, bytes: number, isWrite: boolean): Value<"i32"> {
    return lookUp(this.code, address, bytes, isWrite, isMiss => this.code.if(isMiss, () => this.leaveBefore("memory")));
  }
  #remember(address: Value<"i64">, isWrite: boolean, place: Value<"i32">): void {
    const low = this.code.let(i32.and(widths[32].narrow(address), i32.constant(PAGE - 1)));
    this.#found = [{ origin: address.origin!, isWrite, inPage: low, place: stable(place) }, ...this.#found.slice(0, MOST_FOUND - 1)];
  }
  #near({ key, offset }: Origin, isWrite: boolean): Found | undefined {
    return this.#found.find(found => {
      const away = offset - found.origin.offset;
      return found.origin.key === key && (found.isWrite || !isWrite) && away > -PAGE && away < PAGE;
    });
  }
  /** In the same page it is as far from the other place as the addresses are from one another. */
  #step(near: Found, address: Value<"i64">, bytes: number, isWrite: boolean): Value<"i32"> {
    const { code } = this;
    const away = i32.constant(address.origin!.offset - near.origin.offset);
    const place = code.temporary("i32");
    place.set(i32.add(near.place, away));
    code.if(i32.gtU(i32.add(near.inPage, away), i32.constant(PAGE - bytes)), () => {
      place.set(this.#lookUp(address, bytes, isWrite));
    });
    return stable(place);
  }
}

/** What is known of a vector's lanes is known of the lowest alone. */
const ofLowest = (value: Value<"v128">): Value<"v128"> => (value.ordinary ? { ...value, ordinary: { ...value.ordinary, isPacked: false } } : value);
const isHeldWord = (field: HalfField): field is HeldWord => (heldWords as readonly HalfField[]).includes(field);
const isSegment = (slot: number): boolean => slot === FS_BASE || slot === GS_BASE;
const baseOf = (segment: number): Value<"i64"> => i64.load(64, ZERO, layout.registers + 8 * segment);
const placeOfHalf = (half: number): number => layout.registers + fileOffset.vectors + 16 * half;
function readLane<T extends IntegerType>(w: Width<T>, vector: Value<"v128">, lane: number): Value<T> {
  if (w.bits === 64) return w.narrow(i64x2.extract(lane, vector));
  const value = w.bits === 32 ? i32x4.extract(lane, vector) : w.bits === 16 ? i16x8.extractS(lane, vector) : i8x16.extractS(lane, vector);
  return w.fromI32(value);
}
function withLane<T extends IntegerType>(w: Width<T>, vector: Value<"v128">, lane: number, value: Value<T>): Value<"v128"> {
  const bytes = w.bits / 8;
  const { lane: from } = value;
  if (from && bytes >= 2) {
    const lanes = Array.from({ length: 16 }, (_, i) => (Math.floor(i / bytes) === lane ? 16 + from.number * bytes + (i % bytes) : i));
    return i8x16.shuffle(lanes, vector, from.vector);
  }
  if (w.bits === 64) return i64x2.replace(lane, vector, w.widen(value));
  const low = w.toI32(value);
  return w.bits === 32 ? i32x4.replace(lane, vector, low) : w.bits === 16 ? i16x8.replace(lane, vector, low) : i8x16.replace(lane, vector, low);
}
