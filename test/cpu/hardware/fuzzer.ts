// Rounds of random cases, in which each form comes in turn, and a count of what was compared.
import type { Instruction } from "../../../engine/cpu/decode/decode.ts";
import { allForms } from "../../../engine/cpu/semantics/forms.ts";
import { Chance } from "./chance.ts";
import { COMPARISONS_PER_CASE } from "./comparison.ts";
import { instantiate, templates } from "./encodings.ts";
import type { TierName } from "./guest-machine.ts";
import { Inputs } from "./inputs.ts";
import { invalidInstruction, longInstruction, type Made } from "./invalid.ts";
import { ownDefinition } from "./own-definitions.ts";
import { type Failure, instructionOf, Rig } from "./rig.ts";

/** INT 80 on the host is a system call of 32 bits. Of RAX, which says what XSAVE saves, a bit is for this machine's protection keys, so that it is no address too. */
const isUnfit = (code: Uint8Array, { form, base, index }: Instruction): boolean =>
  (code.at(-2) === 0xcd && code.at(-1) === 0x80) || (/^x(save|rstor)/.test(form.name) && (base === 0 || index === 0));
const ATTEMPTS = 20;

export interface Options {
  readonly seed: number;
  readonly tier?: TierName;
  /** Forms whose "name shape bits" match. */
  readonly form?: RegExp;
  readonly casesPerBatch?: number;
}
/** So many encodings of what is no instruction are worth more than so many operands. */
const CASES_OF_INVALID = 4;
interface Maker {
  readonly form: string;
  readonly casesPerBatch: number;
  make(): Made | undefined;
}
export class Fuzzer {
  readonly rig: Rig;
  cases = 0;
  readonly casesByForm = new Map<string, number>();
  readonly failures = new Map<string, Failure>();
  /** In the tables, but no encoding leads there. */
  readonly unmet: readonly string[];
  /** Not executed, by the reason. */
  readonly incomparable: ReadonlyMap<string, readonly string[]>;
  /** Executed, of which a part is not compared. */
  readonly partly: ReadonlyMap<string, readonly string[]>;
  readonly #makers: readonly Maker[];
  readonly #chance: Chance;
  readonly #count: number;
  #next = 0;

  constructor({ seed, tier = "interpreter", form = /./, casesPerBatch = 256 }: Options) {
    this.#chance = new Chance(seed);
    this.#count = casesPerBatch;
    this.rig = new Rig(tier);
    const makers = this.#everyMaker();
    const known = new Set(makers.map(maker => maker.form));
    const wanted = makers.filter(maker => form.test(maker.form));
    const isSkipped = (name: string) => ownDefinition(name)?.ignore === "all";
    this.#makers = wanted.filter(maker => !isSkipped(maker.form));
    this.incomparable = byReason(wanted.map(maker => maker.form).filter(isSkipped));
    this.partly = byReason(this.#makers.map(maker => maker.form));
    this.unmet = allForms()
      .map(one => `${one.name} ${one.shape || "-"} ${one.bits}`)
      .filter(name => form.test(name) && !known.has(name));
    if (this.#makers.length === 0) throw new Error(`No form matches ${form}: they read like "add rm 32" or "addps vv 64".`);
  }
  #everyMaker(): readonly Maker[] {
    const all = templates();
    const chance = this.#chance;
    const valid = [...all].map(
      ([form, ways]): Maker => ({
        form,
        casesPerBatch: this.#count,
        make() {
          const template = chance.one(ways);
          const made = instantiate(template, chance);
          return made && !isUnfit(made.code, made.instruction) ? { ...made, template } : undefined;
        },
      }),
    );
    const everyWay = [...all.values()].flat();
    return [
      ...valid,
      { form: "bad - 64", casesPerBatch: CASES_OF_INVALID, make: () => invalidInstruction(chance) },
      { form: "tooLong - 64", casesPerBatch: CASES_OF_INVALID, make: () => longInstruction(chance, everyWay) },
    ];
  }
  get formCount(): number {
    return this.#makers.length;
  }
  get comparisons(): number {
    return this.cases * COMPARISONS_PER_CASE;
  }
  /** As many cases of the next form as a batch has. A form that has failed is not tried again. */
  step(): Failure | undefined {
    const maker = this.#makers[this.#next++ % this.#makers.length]!;
    if (this.failures.has(maker.form)) return undefined;
    for (let left = this.#count; left > 0; left -= maker.casesPerBatch) {
      const failure = this.#batch(maker);
      if (!failure) continue;
      this.failures.set(maker.form, failure);
      return failure;
    }
    return undefined;
  }
  #batch({ form, casesPerBatch, make }: Maker): Failure | undefined {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const made = make();
      if (!made) continue;
      const { batch } = new Inputs(this.#chance, made.template, made.code, made.instruction, casesPerBatch);
      this.cases += batch.count;
      this.casesByForm.set(form, (this.casesByForm.get(form) ?? 0) + batch.count);
      return this.rig.compare(batch, instructionOf(batch));
    }
    return undefined;
  }
}
/** Of the forms that have one: by the reason why they are not, or not wholly, compared. */
function byReason(forms: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const form of forms) {
    const own = ownDefinition(form);
    if (own) groups.set(own.why, [...(groups.get(own.why) ?? []), form]);
  }
  return groups;
}
