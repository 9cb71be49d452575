// Decides what is worth compiling: after every slice of ticks it looks at where the interpreter is, and counts what is spent there. Nothing of it can be seen by the guest.

/** Addresses are counted together within so many bytes. */
const BUCKET_BYTES = 64;
const MOST_BUCKETS = 20_000;
const MOST_WANTED = 2 ** 30;
/** What compiling an instruction costs, in interpreted ticks, V8's part of it included: docs/decisions/what-compiling-may-cost.md. At a sixteenth of it perl, python and shells took two to six times as long as interpreted. */
const TICKS_FOR_INSTRUCTION = 5_000;

/** What a tick in compiled code gives back of it. */
const GAIN = 0.5;
/** Of what watching and compiling have cost and not given back. Beyond it they become dearer by the square of it: in a program as wide as a compiler most of what is compiled is left again at once. */
const AFFORDED_LOSS = 10_000_000;
/** What earlier runs have spent pays too, as long as this run loses no more by it than such a share of what it interprets. */
const SHARE_FOR_LATER_RUNS = 1 / 16;

/** What watching an instruction takes, in interpreted ticks, and how many go by after it before execution is watched again. */
const WATCHED_STEP = { cost: 500, pause: 2_000 } as const;

/** What has been spent around some code, in this run and in earlier ones, and what is wanted before it is compiled. */
interface Account {
  spent: number;
  earlier: number;
  wanted: number;
}
/** An account of an earlier run: code that is compiled for the runs after this one too has been paid for by those before. */
export interface SavedAccount extends Readonly<Pick<Account, "spent" | "wanted">> {
  readonly buckets: readonly number[];
}
/** Of the threshold: what is less is not worth saving. */
const LEAST_SAVED = 0.25;
const MOST_SAVED = 4000;

export class Sampler {
  readonly #threshold: number;
  /** Interpreted ticks until execution is watched again. */
  #debt = 0;
  /** What watching and compiling have cost, less what compiled code has given back. */
  #loss = 0;
  /** What this run may lose for later ones. */
  #afforded = 0;
  /** What others compiled for this run gives back much, which is no reason to lose it. */
  #isGathered = false;
  /** By bucket; those that were seen together share one. */
  readonly #accounts = new Map<number, Account>();

  /** `threshold`: interpreted ticks that are spent near an address before it is looked at. */
  constructor(threshold: number) {
    this.#threshold = threshold;
  }
  /** Code has been compiled between runs. */
  beGathered(): void {
    this.#isGathered = true;
  }
  /** What earlier runs have saved comes to what this one has spent. */
  take(saved: Iterable<SavedAccount>): void {
    for (const { spent, wanted, buckets } of saved) {
      const own = new Set(buckets.flatMap(bucket => this.#accounts.get(bucket) ?? []));
      const account = { spent: [...own].reduce((sum, { spent }) => sum + spent, 0), earlier: spent, wanted };
      for (const bucket of buckets) this.#accounts.set(bucket, account);
    }
  }
  /** For the runs after this one, the richest first. */
  save(): readonly SavedAccount[] {
    const buckets = new Map<Account, number[]>();
    for (const [bucket, account] of this.#accounts) {
      const known = buckets.get(account);
      if (known) known.push(bucket);
      else if (allOf(account) > LEAST_SAVED * this.#threshold) buckets.set(account, [bucket]);
    }
    const richest = [...buckets].sort(([a], [b]) => allOf(b) - allOf(a)).slice(0, MOST_SAVED);
    return richest.map(([account, of]) => ({ spent: allOf(account), wanted: account.wanted, buckets: of }));
  }
  /** Interpreted ticks were spent, and now the interpreter is here. True where that is worth a closer look, which wants `least` at all events. */
  note(rip: number, ticks: number, least: number): boolean {
    const account = this.#account(rip);
    account.spent += ticks;
    this.#debt -= ticks;
    // Where only earlier runs have paid, what they saved up for must be affordable too: else it would be watched for nothing in each run.
    return this.#debt <= 0 && this.#has(account, Math.max(account.wanted, least), account.wanted);
  }
  /** So many ticks were interpreted, and so many retired in compiled code. */
  passed(interpreted: number, compiled: number): void {
    this.#afforded += interpreted * SHARE_FOR_LATER_RUNS;
    this.#loss -= compiled * GAIN;
    if (this.#isGathered) this.#loss = Math.max(0, this.#loss);
  }
  get #dearness(): number {
    return Math.max(1, this.#loss / AFFORDED_LOSS) ** 2;
  }
  /** So many instructions were watched. */
  watched(steps: number): void {
    this.#loss += steps * Math.min(WATCHED_STEP.cost, this.#threshold / 128);
    this.#debt = steps * Math.min(WATCHED_STEP.pause, this.#threshold / 32) * this.#dearness;
  }
  /** Whether as much has been spent there as is wanted, to lose `price`. */
  #has(account: Account, wanted: number, price: number): boolean {
    return account.spent >= wanted || (allOf(account) >= wanted && this.#loss + price <= this.#afforded);
  }
  #price(instructions: number): number {
    return instructions * Math.min(TICKS_FOR_INSTRUCTION, this.#threshold);
  }
  /** Whether the ticks spent near an address would pay for compiling so many instructions. If not, all that was seen with it saves up together. */
  affords(rip: number, instructions: number, seen: ReadonlySet<number>): boolean {
    const account = this.#account(rip);
    const price = this.#price(instructions);
    account.wanted = price * this.#dearness;
    if (this.#has(account, account.wanted, price)) return true;
    this.#join(account, seen);
    return false;
  }
  /** The same, and they are spent. `isAgain`: earlier runs have compiled this already, and what they spent beside it pays for nothing more; V8 would optimise all of it anew. */
  pays(rip: number, instructions: number, seen: ReadonlySet<number>, isAgain: boolean): boolean {
    if (isAgain) this.#account(rip).earlier = 0;
    if (!this.affords(rip, instructions, seen)) return false;
    this.#loss += this.#price(instructions);
    const account = this.#account(rip);
    account.spent -= account.wanted;
    if (account.spent < 0) [account.spent, account.earlier] = [0, Math.max(0, account.earlier + account.spent)];
    account.wanted = this.#threshold;
    return true;
  }
  /** Watching there was of no use: it has to save up again, and for more. */
  putOff(rip: number, seen: ReadonlySet<number>): void {
    const account = this.#account(rip);
    this.#join(account, seen);
    account.spent = account.earlier = 0;
    account.wanted = Math.min(MOST_WANTED, account.wanted * 4);
  }
  #join(account: Account, seen: ReadonlySet<number>): void {
    for (const address of seen) this.#accounts.set(bucketOf(address), account);
  }
  #account(rip: number): Account {
    if (this.#accounts.size > MOST_BUCKETS) this.#accounts.clear();
    const known = this.#accounts.get(bucketOf(rip)) ?? { spent: 0, earlier: 0, wanted: this.#threshold };
    this.#accounts.set(bucketOf(rip), known);
    return known;
  }
}
const allOf = ({ spent, earlier }: Account): number => spent + earlier;
const bucketOf = (rip: number): number => Math.floor(rip / BUCKET_BYTES);
