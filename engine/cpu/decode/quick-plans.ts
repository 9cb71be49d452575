// Plans as wasm decodes by them (engine/cpu/interpreter/decoding.ts): tables in linear memory, filled by what decode.ts has decoded once.
// Not all plans have a form here; what has none is decoded by decode.ts each time.
import { layout } from "../../memory/layout.ts";
import type { LinearMemory } from "../../memory/linear-memory.ts";
import { operationOf } from "../interpreter/operations.ts";
import type { Form } from "../semantics/forms.ts";
import type { Lesson } from "./decode.ts";
import { type Plan, type Step, steps } from "./plan.ts";

/** A byte for each opcode and prefix, `number | prefix << 9`: 0 where nothing is known. */
export const opcodeKinds = { plain: 1, modrm: 2, group: 3 } as const;
/** The bits of what a plan is found by, above the opcode and prefix. There lies its number, in two bytes; 0 where nothing is known. */
export const planKey = { prefix: 9, isMemory: 11, isWide: 12, reg: 13, hasSegment: 16 } as const;
/** Where a plan has its parts. `countless` is the operation plus one, or 0. Registers are in four bits each, the first the lowest. */
export const quickPlan = { bytes: 16, operation: 0, countless: 2, registers: 4, immediate: 6, countMask: 7, flags: 8 } as const;
/** In the lowest bits, a place in `controlKinds`. */
export const quickFlags = { control: 3, isAddress: 4 } as const;
/** Where an instruction that ends a block leads, as far as that stands in it; `undefined`: it ends none. */
export const controlKinds = [undefined, "nowhere", "jumps", "branches"] as const;
export const controlKind = ({ row: { control } }: Form): (typeof controlKinds)[number] => (control === "computed" || control === "stops" ? "nowhere" : control);
/** How a register operand is read; 0 is no operand. Of a byte register's code, the lowest bits are those of the whole register's. */
export const registerCodes = { rm: 1, reg: 2, low: 3, first: 4, rmByte: 5, regByte: 6, lowByte: 7 } as const;
export const immediateCodes = { byte: 1, half: 2, word: 3, long: 4, one: 5, relativeByte: 6, relativeWord: 7 } as const;
const MOST_REGISTERS = 3;
const MOST_PLANS = (layout.planNumbers - layout.quickPlans) / quickPlan.bytes;

const registerSteps: Partial<Record<Step, number>> = {
  [steps.rm]: registerCodes.rm,
  [steps.rmByte]: registerCodes.rmByte,
  [steps.rmVector]: registerCodes.rm,
  [steps.reg]: registerCodes.reg,
  [steps.regByte]: registerCodes.regByte,
  [steps.vector]: registerCodes.reg,
  [steps.low]: registerCodes.low,
  [steps.lowByte]: registerCodes.lowByte,
  [steps.accumulator]: registerCodes.first,
  [steps.firstVector]: registerCodes.first,
};
const immediateSteps: Partial<Record<Step, number>> = {
  [steps.immediate8]: immediateCodes.byte,
  [steps.immediate16]: immediateCodes.half,
  [steps.immediate32]: immediateCodes.word,
  [steps.immediate64]: immediateCodes.long,
  [steps.one]: immediateCodes.one,
  [steps.relative8]: immediateCodes.relativeByte,
  [steps.relative32]: immediateCodes.relativeWord,
};

/** In a machine, linear memory. */
export type Tables = Pick<LinearMemory, "bytes" | "view">;

export class QuickPlans {
  readonly #linear: Tables;
  /** `null`: it has no form here. */
  readonly #known = new Map<Plan, number | null>();
  /** Those that a build has put there come first (known-plans.ts). */
  #count: number | undefined;

  constructor(linear: Tables) {
    this.#linear = linear;
  }
  /** Where no plan is, since 0 means none, a build leaves how many there are. */
  get count(): number {
    this.#count ??= this.#linear.view.getUint32(layout.quickPlans, true);
    return this.#count;
  }
  learn({ number, prefix, hasModrm, isGroup, isMemory, isWide, reg, hasSegment, plan }: Lesson): void {
    let known = this.#known.get(plan);
    if (known === undefined) {
      known = this.#put(plan);
      this.#known.set(plan, known);
    }
    if (known === null) return;
    const opcode = number | (prefix << planKey.prefix);
    const { bytes, view } = this.#linear;
    bytes[layout.opcodeKinds + opcode] = isGroup ? opcodeKinds.group : hasModrm ? opcodeKinds.modrm : opcodeKinds.plain;
    const key =
      opcode |
      ((isMemory ? 1 : 0) << planKey.isMemory) |
      ((isWide ? 1 : 0) << planKey.isWide) |
      ((isGroup ? reg : 0) << planKey.reg) |
      ((hasSegment ? 1 : 0) << planKey.hasSegment);
    view.setUint16(layout.planNumbers + 2 * key, known, true);
  }
  #put({ form, countless, countMask, steps, isAddress }: Plan): number | null {
    let [registers, places, immediate] = [0, 0, 0];
    for (const step of steps) {
      const [register, constant] = [registerSteps[step], immediateSteps[step]];
      if (register !== undefined) registers |= register << (4 * places++);
      else if (constant !== undefined && immediate === 0) immediate = constant;
      else return null;
    }
    const number = this.count + 1;
    if (places > MOST_REGISTERS || number === MOST_PLANS) return null;
    this.#count = number;
    const at = layout.quickPlans + quickPlan.bytes * number;
    const { bytes, view } = this.#linear;
    view.setUint16(at + quickPlan.operation, operationOf(form), true);
    view.setUint16(at + quickPlan.countless, countless ? operationOf(countless) + 1 : 0, true);
    view.setUint16(at + quickPlan.registers, registers, true);
    bytes[at + quickPlan.immediate] = immediate;
    bytes[at + quickPlan.countMask] = countMask;
    bytes[at + quickPlan.flags] = controlKinds.indexOf(controlKind(form)) | (isAddress ? quickFlags.isAddress : 0);
    return number;
  }
}
