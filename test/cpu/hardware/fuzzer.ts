// Rounds of random cases, in which each form comes in turn, and a count of what was compared.
import { forms } from "../../../engine/cpu/semantics/table.ts";
import { Chance } from "./chance.ts";
import { COMPARISONS_PER_CASE } from "./comparison.ts";
import { instantiate, type Template, templates } from "./encodings.ts";
import type { TierName } from "./guest-machine.ts";
import { Inputs } from "./inputs.ts";
import { ownDefinition } from "./own-definitions.ts";
import { type Failure, instructionOf, Rig } from "./rig.ts";

/** INT 80 on the host is a system call of 32 bits. PREFETCH of a register does nothing by the SDM, and is invalid by the APM. */
const isUnfit = (code: Uint8Array): boolean =>
  (code.at(-2) === 0xcd && code.at(-1) === 0x80) || (code.at(-3) === 0x0f && code.at(-2) === 0x0d && code.at(-1)! >= 0xc0);
const ATTEMPTS = 20;

export interface Options {
  readonly seed: number;
  readonly tier?: TierName;
  /** Forms whose "name shape bits" match. */
  readonly form?: RegExp;
  readonly casesPerBatch?: number;
}
export class Fuzzer {
  readonly rig: Rig;
  cases = 0;
  readonly casesByForm = new Map<string, number>();
  readonly failures = new Map<string, Failure>();
  /** In the tables, but never met: no encoding leads there, or it is not compared. */
  readonly unmet: readonly string[];
  readonly incomparable: readonly string[];
  readonly #forms: readonly (readonly [string, readonly Template[]])[];
  readonly #chance: Chance;
  readonly #count: number;
  #next = 0;

  constructor({ seed, tier = "interpreter", form = /./, casesPerBatch = 256 }: Options) {
    this.#chance = new Chance(seed);
    this.#count = casesPerBatch;
    this.rig = new Rig(tier);
    const all = templates();
    const isSkipped = (name: string) => ownDefinition(name.split(" ")[0]!)?.ignore === "all";
    const wanted = [...all].filter(([name]) => form.test(name));
    this.#forms = wanted.filter(([name]) => !isSkipped(name));
    this.incomparable = wanted.map(([name]) => name).filter(isSkipped);
    this.unmet = forms.map(one => `${one.name} ${one.shape || "-"} ${one.bits}`).filter(name => form.test(name) && !all.has(name));
    if (this.#forms.length === 0) throw new Error(`No form matches ${form}: they read like "add rm 32" or "addps vv 64".`);
  }
  get formCount(): number {
    return this.#forms.length;
  }
  get comparisons(): number {
    return this.cases * COMPARISONS_PER_CASE;
  }
  /** One batch of the next form. A form that has failed is not tried again. */
  step(): Failure | undefined {
    const [name, ways] = this.#forms[this.#next++ % this.#forms.length]!;
    if (this.failures.has(name)) return undefined;
    const template = this.#chance.one(ways);
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const made = instantiate(template, this.#chance);
      if (!made || isUnfit(made.code)) continue;
      const { batch } = new Inputs(this.#chance, template, made.code, made.instruction, this.#count);
      const failure = this.rig.compare(batch, instructionOf(batch));
      this.cases += batch.count;
      this.casesByForm.set(name, (this.casesByForm.get(name) ?? 0) + batch.count);
      if (failure) this.failures.set(name, failure);
      return failure;
    }
    return undefined;
  }
}
