// The blocks of a region, found from its entries: jumps are followed, called functions are taken in, once for each place that calls them, so that a return
// mostly has one place to go to. A computed jump is followed to where the profile saw it go.
import type { Instruction } from "../decode/decode.ts";
import { effectsOf } from "./effects.ts";

export interface Located {
  readonly rip: number;
  readonly instruction: Instruction;
}
/** An address, and the block there; without one it lies outside the region. */
export interface Target {
  readonly rip: number;
  readonly block?: number;
}
export type Ending =
  /** Into the next instruction. */
  | { readonly kind: "falls"; readonly targets: readonly [Target] }
  | { readonly kind: "branches"; readonly targets: readonly [taken: Target, next: Target] }
  | { readonly kind: "jumps"; readonly targets: readonly [Target] }
  /** To an address that is computed; the targets are those that are expected. */
  | { readonly kind: "computes"; readonly targets: readonly Target[] }
  /** It leaves the region whatever happens. */
  | { readonly kind: "stops"; readonly targets: readonly [] };
export interface Block {
  readonly rip: number;
  readonly instructions: readonly Located[];
  readonly ending: Ending;
}
/** In instructions. */
export const sizeOf = (blocks: readonly Block[]): number => blocks.reduce((sum, { instructions }) => sum + instructions.length, 0);
/** What execution was seen to do around the entries. */
export interface Profile {
  readonly hot: ReadonlySet<number>;
  /** By the address of a computed jump or a return: where it went, most often first. */
  readonly went: ReadonlyMap<number, readonly number[]>;
  /** Where long loops begin. */
  readonly loops: ReadonlySet<number>;
  /** Where loops begin that mostly go round more than twice: those, and shorter ones. */
  readonly rounds: ReadonlySet<number>;
  /** By address: where the function begins that it was executed in, if that was seen. */
  readonly starts: ReadonlyMap<number, number>;
  /** Where the functions begin in which much of the time was spent. */
  readonly heavy: ReadonlySet<number>;
}
/**
 * How much a region takes in. `whole`: what is reached from its entries, called functions too. `function`: of what is called only what is small or heavy; it is entered again where others return to,
 * and ends where another region begins. `isAhead`: all that is executed is known, and what was not seen is hardly worth having.
 */
export interface Extent {
  readonly kind: "whole" | "function";
  /** Another region begins there. */
  readonly isElsewhere: (rip: number) => boolean;
  readonly isAhead?: true;
}
export interface Discovered {
  readonly blocks: readonly Block[];
  /** There was more of it than a region holds. */
  readonly isCut: boolean;
  /** Where it can be entered, first the entries that were asked for; of a function, also where its loops begin and where the functions return to that were not taken in. */
  readonly entries: readonly number[];
  /** The addresses of instructions, those of small functions that were taken in aside. */
  readonly rips: ReadonlySet<number>;
}
export type Fetch = (rip: number) => Instruction | undefined;

/** Beyond this TurboFan's time per instruction grows steeply. */
export const MOST_INSTRUCTIONS = 1000;
/** And of one function with what is small. */
const MOST_OF_FUNCTION = 600;
/** A function, with all that it calls, that is taken in by whoever calls it; and one in which much of the time is spent. */
const MOST_TAKEN_IN = { small: 40, heavy: 250 } as const;
const MOST_RETURN_SITES = 120;
/** Of one region. */
export const MOST_ENTRIES = { whole: 16, function: 160 } as const;
/** Before the jump of a stub, itself included. */
const MOST_OF_STUB = 3;
/** Instructions that the profile did not see. */
const MOST_COLD = { whole: 250, function: 40, ahead: 8 } as const;
const MOST_DEPTH = 8;
/** Return addresses that are expected of the functions in which a region begins. */
const MOST_CALLERS = 4;

/** A function as called from one place. Functions that call themselves share one context for all depths. */
interface Context {
  readonly id: number;
  readonly entry: number;
  readonly parent: Context | undefined;
  readonly depth: number;
  /** Where it returns to, by address. */
  readonly returns: Map<number, Context>;
}
interface Leader {
  readonly rip: number;
  readonly context: Context;
}
const keyOf = ({ rip, context }: Leader): string => `${context.id}:${rip}`;

function endsBlock({ form }: Instruction): boolean {
  const { control, changesMode } = effectsOf(form);
  return form.row.control !== undefined || control !== undefined || changesMode;
}

class Discovery {
  readonly #entries: readonly number[];
  readonly #fetch: Fetch;
  readonly #profile: Profile;
  readonly #extent: Extent;
  readonly #returnSites = new Set<number>();
  readonly #rips = new Set<number>();
  readonly #leaders = new Map<string, Leader>();
  readonly #walked = new Map<string, Instruction>();
  readonly #hot: Leader[] = [];
  readonly #cold: Leader[] = [];
  #contexts = 0;
  #coldCount = 0;

  constructor(entries: readonly number[], fetch: Fetch, profile: Profile, extent: Extent) {
    this.#entries = entries;
    this.#fetch = fetch;
    this.#profile = profile;
    this.#extent = extent;
  }

  run(): Discovered {
    const [first] = this.#entries;
    const context = this.#context(first!, undefined);
    for (const rip of this.#entries) this.#lead({ rip, context });
    const most = this.#extent.kind === "whole" ? MOST_INSTRUCTIONS : MOST_OF_FUNCTION;
    let isCut = false;
    for (let next = this.#hot.shift() ?? this.#cold.shift(); next; next = this.#hot.shift() ?? this.#cold.shift()) {
      const isHot = this.#profile.hot.has(next.rip);
      if (this.#walked.size > most) isCut ||= isHot;
      if (this.#walked.size > most || (!isHot && this.#coldCount > MOST_COLD[this.#extent.isAhead ? "ahead" : this.#extent.kind])) continue;
      const before = this.#walked.size;
      this.#walk(next);
      if (!isHot) this.#coldCount += this.#walked.size - before;
    }
    const isWalked = (leader: Leader) => this.#walked.has(keyOf(leader));
    const own = this.#extent.kind === "function" ? [...this.#profile.loops, ...this.#returnSites].map(rip => ({ rip, context })) : [];
    const entries = [...this.#entries.map(rip => ({ rip, context })), ...own.filter(leader => this.#leaders.has(keyOf(leader)))].filter(isWalked);
    const order = new Map([...entries.map(leader => [keyOf(leader), leader] as const), ...this.#leaders]);
    const led = [...order.values()].filter(isWalked);
    const numbers = new Map(led.map((leader, i) => [keyOf(leader), i]));
    const blocks = led.map(leader => this.#block(leader, numbers));
    return { blocks, isCut, entries: [...new Set(entries.map(({ rip }) => rip))], rips: this.#rips };
  }

  #context(entry: number, parent: Context | undefined): Context {
    return { id: this.#contexts++, entry, parent, depth: parent ? parent.depth + 1 : 0, returns: new Map() };
  }
  readonly #callees = new Map<string, Context | undefined>();
  /** The context of a call, where the called function is taken in. */
  #callee(caller: Context, target: number, returnSite: number): Context | undefined {
    const key = `${caller.id}:${returnSite}:${target}`;
    if (this.#callees.has(key)) return this.#callees.get(key);
    let callee: Context | undefined;
    for (let above: Context | undefined = caller; above && !callee; above = above.parent)
      if (above.entry === target || (!above.parent && this.#hasEntry(target))) callee = above;
    if (!callee && this.#profile.hot.has(target) && caller.depth < MOST_DEPTH && this.#isTakenIn(target)) callee = this.#context(target, caller);
    if (callee && !callee.returns.has(returnSite)) callee.returns.set(returnSite, caller);
    this.#callees.set(key, callee);
    return callee;
  }
  #isTakenIn(target: number): boolean {
    if (this.#extent.kind === "whole") return true;
    return this.#walked.size < MOST_OF_FUNCTION && this.#smallSize(target) <= (this.#profile.heavy.has(target) ? MOST_TAKEN_IN.heavy : MOST_TAKEN_IN.small);
  }
  readonly #sizes = new Map<number, number>();
  /** Instructions of a function that were seen, with what it calls; endless where it calls itself or jumps where nobody knows, but as a stub does. */
  #smallSize(start: number): number {
    const known = this.#sizes.get(start);
    if (known !== undefined) return known;
    this.#sizes.set(start, Number.POSITIVE_INFINITY);
    const seen = new Set([start]);
    let called = 0;
    for (const at of seen) {
      const instruction = this.#profile.hot.has(at) ? this.#fetch(at) : undefined;
      if (!instruction) continue;
      if (seen.size + called > MOST_TAKEN_IN.heavy) return Number.POSITIVE_INFINITY;
      const { control } = effectsOf(instruction.form);
      const { name } = instruction.form;
      if (name === "callTo" || (name === "jmpTo" && seen.size > MOST_OF_STUB)) return Number.POSITIVE_INFINITY;
      if (name === "call") called += this.#smallSize(instruction.target);
      else if (control === "jump" || control === "branch") seen.add(instruction.target);
      if (name === "call" || control === undefined || control === "branch") seen.add(at + instruction.length);
    }
    this.#sizes.set(start, seen.size + called);
    return seen.size + called;
  }
  /** Whether the region ends before an address. */
  #isElsewhere({ rip, context }: Leader): boolean {
    return this.#extent.kind === "function" && !context.parent && !this.#entries.includes(rip) && this.#extent.isElsewhere(rip);
  }
  #lead(leader: Leader): void {
    const key = keyOf(leader);
    if (this.#leaders.has(key) || this.#isElsewhere(leader)) return;
    this.#leaders.set(key, leader);
    (this.#profile.hot.has(leader.rip) ? this.#hot : this.#cold).push(leader);
  }
  #walk({ rip, context }: Leader): void {
    for (let at = rip; ; ) {
      const key = `${context.id}:${at}`;
      if (this.#walked.has(key)) return;
      const instruction = this.#fetch(at);
      if (!instruction) return;
      this.#walked.set(key, instruction);
      if (!context.parent) this.#rips.add(at);
      const next = at + instruction.length;
      if (endsBlock(instruction)) {
        for (const leader of this.#successors(at, instruction, context)) this.#lead(leader);
        return;
      }
      at = next;
      if (this.#isElsewhere({ rip: at, context })) return;
    }
  }
  /** Where a control instruction may lead inside the region. */
  #successors(at: number, instruction: Instruction, context: Context): readonly Leader[] {
    const next = at + instruction.length;
    const { control } = effectsOf(instruction.form);
    if (control === "branch") return [instruction.target, next].map(rip => ({ rip, context }));
    if (control === "jump" && instruction.form.name !== "call") return this.#isOtherFunction(instruction.target) ? [] : [{ rip: instruction.target, context }];
    if (control === "jump") return this.#called(context, instruction.target, next);
    if (control !== "jumpTo") return [];
    const went = this.#profile.went.get(at) ?? [];
    if (instruction.form.name === "callTo") return went.flatMap(target => this.#called(context, target, next));
    if (instruction.form.name === "jmpTo") return went.filter(rip => !this.#isOtherFunction(rip)).map(rip => ({ rip, context }));
    const returns = [...context.returns].map(([rip, caller]) => ({ rip, context: caller }));
    if (context.parent || this.#extent.kind === "function") return returns;
    // Who called the function in which the region begins is not known: what was seen serves, and the callers' callers are as little known.
    const seen = went.filter(rip => !context.returns.has(rip)).slice(0, Math.max(0, MOST_CALLERS - returns.length));
    return [...returns, ...seen.map(rip => ({ rip, context }))];
  }
  /** A jump there is a call at the end of a function. */
  #isOtherFunction(rip: number): boolean {
    return this.#extent.kind === "function" && this.#profile.starts.get(rip) === rip && !this.#entries.includes(rip);
  }
  readonly #bodies = new Map<number, boolean>();
  /** Whether the code of a function, without what it calls, goes through an entry: then its callers are as those of the entry. */
  #hasEntry(target: number): boolean {
    const known = this.#bodies.get(target);
    if (known !== undefined) return known;
    const seen = new Set([target]);
    for (const at of seen) {
      const instruction = this.#profile.hot.has(at) ? this.#fetch(at) : undefined;
      if (!instruction) continue;
      const { control } = effectsOf(instruction.form);
      const isCall = instruction.form.name === "call" || instruction.form.name === "callTo";
      if (!isCall && (control === "jump" || control === "branch")) seen.add(instruction.target);
      if (!isCall && control === "jumpTo" && instruction.form.name === "jmpTo") for (const to of this.#profile.went.get(at) ?? []) seen.add(to);
      if (isCall || control === undefined || control === "branch") seen.add(at + instruction.length);
    }
    const found = this.#entries.some(entry => seen.has(entry));
    this.#bodies.set(target, found);
    return found;
  }
  #called(context: Context, target: number, returnSite: number): readonly Leader[] {
    const callee = this.#callee(context, target, returnSite);
    if (!callee && !context.parent && this.#extent.kind === "function" && this.#profile.hot.has(returnSite)) {
      if (this.#returnSites.size < MOST_RETURN_SITES) {
        this.#returnSites.add(returnSite);
        this.#lead({ rip: returnSite, context });
      }
      return [];
    }
    return callee
      ? [
          { rip: target, context: callee },
          { rip: returnSite, context },
        ]
      : [];
  }

  #block(leader: Leader, numbers: ReadonlyMap<string, number>): Block {
    const { context } = leader;
    const instructions: Located[] = [];
    const target = (to: Leader): Target => {
      const block = numbers.get(keyOf(to));
      return block === undefined ? { rip: to.rip } : { rip: to.rip, block };
    };
    for (let rip = leader.rip; ; ) {
      const instruction = this.#walked.get(`${context.id}:${rip}`)!;
      instructions.push({ rip, instruction });
      const next = rip + instruction.length;
      const known = { rip: leader.rip, instructions };
      const { control } = effectsOf(instruction.form);
      if (control === undefined && endsBlock(instruction)) return { ...known, ending: { kind: "stops", targets: [] } };
      if (control === undefined) {
        const key = `${context.id}:${next}`;
        if (this.#walked.has(key) && !numbers.has(key)) {
          rip = next;
          continue;
        }
        return { ...known, ending: { kind: "falls", targets: [target({ rip: next, context })] } };
      }
      return { ...known, ending: this.#ending(rip, instruction, context, target) };
    }
  }
  #ending(rip: number, instruction: Instruction, context: Context, target: (to: Leader) => Target): Ending {
    const next = rip + instruction.length;
    const { control } = effectsOf(instruction.form);
    if (control === "branch") return { kind: "branches", targets: [target({ rip: instruction.target, context }), target({ rip: next, context })] };
    if (control === "jump") {
      const callee = instruction.form.name === "call" ? this.#callee(context, instruction.target, next) : context;
      return { kind: "jumps", targets: [callee ? target({ rip: instruction.target, context: callee }) : { rip: instruction.target }] };
    }
    if (control === "complete") return { kind: "stops", targets: [] };
    const isCall = instruction.form.name === "callTo";
    // Of a call's successors every other one is where it returns to.
    const leaders = this.#successors(rip, instruction, context).filter((_, i) => !isCall || i % 2 === 0);
    return { kind: "computes", targets: leaders.map(target).filter(({ block }) => block !== undefined) };
  }
}

/** Those of the entries come first, where they could be fetched. */
export const discover = (entries: readonly number[], fetch: Fetch, profile: Profile, extent: Extent): Discovered =>
  new Discovery(entries, fetch, profile, extent).run();
