// The x87 state in a register file, for instructions in TypeScript and for whoever looks. Generated code has semantics/x87-stack.ts, which says the same.
import { fileOffset, type RegisterFile, view } from "./register-file.ts";
import { type Extended, kindOf } from "./x87/extended.ts";
import { INITIAL_CONTROL } from "./x87/state.ts";
import { C1, C2, DE, IE, SF, ZE } from "./x87/status.ts";

const EXCEPTIONS = 0x3f;
/** ES and B. */
const SUMMARY = 0x8080;
const TOP_SHIFT = 11;
const BEFORE = IE | DE | ZE;
const CONTROL_MASK = 0x1f3f;
const CONTROL_FIXED = 0x40;
export const STACK_UNDERFLOW = IE | SF;
export const STACK_OVERFLOW = IE | SF | C1;

const EMPTY_TAG = 3;
const tagOfKind = { normal: 0, zero: 1, unsupported: 2, nan: 2, infinity: 2, denormal: 2 } as const;

export class FloatUnit {
  readonly #view: DataView;
  constructor(file: RegisterFile) {
    this.#view = view(file);
  }
  get control(): number {
    return this.#view.getUint16(fileOffset.x87Control, true);
  }
  set control(word: number) {
    this.#view.setUint16(fileOffset.x87Control, (word & CONTROL_MASK) | CONTROL_FIXED, true);
  }
  /** As FNSTSW gives it. */
  get status(): number {
    const status = this.#view.getUint16(fileOffset.x87Status, true);
    return status & ~this.control & EXCEPTIONS ? status | SUMMARY : status;
  }
  set status(word: number) {
    this.#view.setUint16(fileOffset.x87Status, word & ~SUMMARY, true);
  }
  get top(): number {
    return (this.status >> TOP_SHIFT) & 7;
  }
  /** One bit for each physical register that holds something. */
  get valid(): number {
    return this.#view.getUint8(fileOffset.x87Tag);
  }
  set valid(bits: number) {
    this.#view.setUint8(fileOffset.x87Tag, bits);
  }
  /** Two bits for each physical register, from what it holds (SDM vol. 1, 8.1.7). */
  get tagWord(): number {
    let word = 0;
    for (let n = 0; n < 8; n++) word |= (this.valid & (1 << n) ? tagOfKind[kindOf(this.#register(n))] : EMPTY_TAG) << (2 * n);
    return word;
  }
  set tagWord(word: number) {
    let bits = 0;
    for (let n = 0; n < 8; n++) if (((word >> (2 * n)) & 3) !== EMPTY_TAG) bits |= 1 << n;
    this.valid = bits;
  }
  initialise(): void {
    this.control = INITIAL_CONTROL;
    this.status = 0;
    this.valid = 0;
  }

  /** What an MMX instruction does besides: TOP is zero, and every register holds something. */
  enterMmx(): void {
    this.status &= ~(7 << TOP_SHIFT);
    this.valid = 0xff;
  }

  #register(physical: number): Extended {
    const at = fileOffset.x87 + 16 * physical;
    return { mantissa: this.#view.getBigUint64(at, true), signExponent: this.#view.getUint16(at + 8, true) };
  }
  #physical(place: number): number {
    return (this.top + place) & 7;
  }
  isEmpty(place: number): boolean {
    return (this.valid & (1 << this.#physical(place))) === 0;
  }
  /** ST(place), whether it holds something or not. */
  read(place: number): Extended {
    return this.#register(this.#physical(place));
  }
  /** Leaves the tag as it is. */
  put(place: number, { mantissa, signExponent }: Extended): void {
    const at = fileOffset.x87 + 16 * this.#physical(place);
    this.#view.setBigUint64(at, mantissa, true);
    this.#view.setUint16(at + 8, signExponent, true);
  }
  write(place: number, value: Extended): void {
    this.put(place, value);
    this.valid |= 1 << this.#physical(place);
  }
  push(value: Extended): void {
    this.write(-1, value);
    this.#turn(-1);
  }
  pop(): void {
    this.valid &= ~(1 << this.#physical(0));
    this.#turn(1);
  }
  #turn(by: number): void {
    const { status } = this;
    this.status = (status & ~(7 << TOP_SHIFT)) | ((((status >> TOP_SHIFT) + by) & 7) << TOP_SHIFT);
  }
  /** Raises what was raised; `change` happens unless an exception forbids it. `codes`: the condition codes that the instruction sets, with C1. */
  conclude(raised: number, change: () => void, codes: { readonly mask: number; readonly value: number } = { mask: 0, value: 0 }): void {
    this.status = (this.status & ~C1) | (raised & (EXCEPTIONS | SF | C1));
    const isStopped = (raised & ~this.control & BEFORE) !== 0;
    // C2, which says whether to go on, is set in any case.
    const mask = isStopped ? codes.mask & C2 : codes.mask;
    this.status = (this.status & ~mask) | (codes.value & mask);
    if (!isStopped) change();
  }
}
