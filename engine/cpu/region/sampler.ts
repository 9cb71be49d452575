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
/** What watching an instruction takes, in interpreted ticks, and how many go by after it before execution is watched again. */
const WATCHED_STEP = { cost: 500, pause: 2_000 } as const;

/** What has been spent around some code, and what is wanted before it is compiled. */
interface Account {
  spent: number;
  wanted: number;
}

export class Sampler {
  readonly #threshold: number;
  /** Interpreted ticks until execution is watched again. */
  #debt = 0;
  /** What watching and compiling have cost, less what compiled code has given back. */
  #loss = 0;
  /** By bucket; those that were seen together share one. */
  readonly #accounts = new Map<number, Account>();

  /** `threshold`: interpreted ticks that are spent near an address before it is looked at. */
  constructor(threshold: number) {
    this.#threshold = threshold;
  }
  /** Interpreted ticks were spent, and now the interpreter is here. True where that is worth a closer look, which wants `least` at all events. */
  note(rip: number, ticks: number, least: number): boolean {
    const account = this.#account(rip);
    account.spent += ticks;
    this.#debt -= ticks;
    return this.#debt <= 0 && account.spent >= Math.max(account.wanted, least);
  }
  /** So many ticks were retired in compiled code. What that of earlier runs gives back is no reason to lose more. */
  passed(compiled: number): void {
    this.#loss = Math.max(0, this.#loss - compiled * GAIN);
  }
  get #dearness(): number {
    return Math.max(1, this.#loss / AFFORDED_LOSS) ** 2;
  }
  /** So many instructions were watched. */
  watched(steps: number): void {
    this.#loss += steps * Math.min(WATCHED_STEP.cost, this.#threshold / 128);
    this.#debt = steps * Math.min(WATCHED_STEP.pause, this.#threshold / 32) * this.#dearness;
  }
  #price(instructions: number): number {
    return instructions * Math.min(TICKS_FOR_INSTRUCTION, this.#threshold);
  }
  /** Whether the ticks spent near an address would pay for compiling so many instructions. If not, all that was seen with it saves up together. */
  affords(rip: number, instructions: number, seen: ReadonlySet<number>): boolean {
    const account = this.#account(rip);
    account.wanted = this.#price(instructions) * this.#dearness;
    if (account.spent >= account.wanted) return true;
    this.#join(account, seen);
    return false;
  }
  /** The same, and they are spent. */
  pays(rip: number, instructions: number, seen: ReadonlySet<number>): boolean {
    if (!this.affords(rip, instructions, seen)) return false;
    this.#loss += this.#price(instructions);
    const account = this.#account(rip);
    account.spent -= account.wanted;
    account.wanted = this.#threshold;
    return true;
  }
  /** Watching there was of no use: it has to save up again, and for more. */
  putOff(rip: number, seen: ReadonlySet<number>): void {
    const account = this.#account(rip);
    this.#join(account, seen);
    account.spent = 0;
    account.wanted = Math.min(MOST_WANTED, account.wanted * 4);
  }
  #join(account: Account, seen: ReadonlySet<number>): void {
    for (const address of seen) this.#accounts.set(bucketOf(address), account);
  }
  #account(rip: number): Account {
    if (this.#accounts.size > MOST_BUCKETS) this.#accounts.clear();
    const known = this.#accounts.get(bucketOf(rip)) ?? { spent: 0, wanted: this.#threshold };
    this.#accounts.set(bucketOf(rip), known);
    return known;
  }
}
const bucketOf = (rip: number): number => Math.floor(rip / BUCKET_BYTES);
