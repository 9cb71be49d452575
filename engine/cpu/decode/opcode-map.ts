// The opcode map as decoding looks it up. A line is taken apart when its opcode is first met: a program meets few of them.
import { isRow } from "../semantics/forms.ts";
import { type Line, opcodeLines } from "./opcodes.ts";

export interface Variant {
  readonly names: readonly string[];
  readonly operands: readonly string[];
}
export interface Opcode {
  readonly hasModrm: boolean;
  /** One, or eight by ModRM.reg. */
  readonly memory: readonly (Variant | undefined)[];
  readonly register: readonly (Variant | undefined)[];
}
const variant = (text: string): Variant | undefined => {
  const [names = "", ...operands] = text.trim().split(" ");
  return names === "-" ? undefined : { names: names.split(","), operands };
};
const parse = (what: string): Opcode => {
  const [memory = "", register = memory] = what.split("|");
  const variants = (text: string) => text.split("/").map(variant);
  const sides = { memory: variants(memory), register: variants(register) };
  const all = [...sides.memory, ...sides.register];
  return { ...sides, hasModrm: all.length > 2 || all.some(v => v?.operands.some(o => "EGMSVWUPQNCD?".includes(o[0]!))) };
};

class OpcodeMap {
  readonly #lines: ReadonlyMap<number, string>;
  readonly #known = new Map<number, Opcode>();
  constructor(lines: readonly Line[]) {
    this.#lines = new Map(lines);
  }
  get(key: number): Opcode | undefined {
    const known = this.#known.get(key);
    if (known) return known;
    const line = this.#lines.get(key);
    if (line === undefined) return undefined;
    const opcode = parse(line);
    this.#known.set(key, opcode);
    return opcode;
  }
}
export const opcodes = new OpcodeMap(opcodeLines.whole);
export const exactOpcodes = new OpcodeMap(opcodeLines.exact);
const vexOpcodes = new OpcodeMap(opcodeLines.vex);
/** Opcodes of which some ModRM byte is in `exactOpcodes`. */
export const hasExact: ReadonlySet<number> = new Set(opcodeLines.exact.map(([key]) => Math.floor(key / 256)));
/** With a prefix that is not in the map there is no such instruction. */
export const hasStrictPrefixes: ReadonlySet<number> = new Set(opcodeLines.strict);

const derived = new Map<number, Opcode>();
/** MMX has no VEX, and XMM0 is not implied as a source. */
const isVector = ({ operands }: Variant): boolean => operands[2] !== "X" && operands.every(operand => !"PQN".includes(operand[0]!));
const renamed = (variant: Variant | undefined): Variant | undefined =>
  variant && isVector(variant) && variant.names.some(name => isRow(`v${name}`)) ? { ...variant, names: variant.names.map(name => `v${name}`) } : undefined;
/** With VEX: an opcode of its own, or the legacy one's, its names with a V. */
export function vexOpcode(key: number): Opcode | undefined {
  const known = vexOpcodes.get(key) ?? derived.get(key);
  if (known) return known;
  const legacy = opcodes.get(key);
  if (!legacy) return undefined;
  const opcode = { ...legacy, memory: legacy.memory.map(renamed), register: legacy.register.map(renamed) };
  derived.set(key, opcode);
  return opcode;
}
