// Lets a guest run in slices, so that keys are read and panes drawn in between; the only place of the REPL that knows host time.
import type { KernelEvent } from "../../events/kernel-event.ts";
import type { Guest } from "./guest.ts";

/** Why a run ended. */
export type Stop =
  | { readonly kind: "interrupted" }
  /** The event that was looked for is the last one. */
  | { readonly kind: "found"; readonly seq: number }
  /** The end of what is recorded: from here on it runs live. */
  | { readonly kind: "end" }
  | { readonly kind: "halted"; readonly status: number }
  /** Everybody sleeps until something comes from outside. */
  | { readonly kind: "asleep" }
  /** The log of another sitting has ended: it is not added to. */
  | { readonly kind: "sealed" };

/** Connections with this host: what has come is given to the guest between two slices, where it runs live. */
export interface Arrivals {
  onArrival: () => void;
  deliver(to: Guest): void;
}
export interface RunOptions {
  /** Stops after the first event that this holds for. */
  readonly isWanted?: (event: KernelEvent, seq: number) => boolean;
  /** Waits for input where everybody sleeps, instead of stopping. */
  readonly waits?: boolean;
  readonly onSlice?: () => void;
  readonly arrivals?: Arrivals | undefined;
}

const SLICE_MILLIS = 12;
const FIRST_SLICE_TICKS = 500_000;
const MOST_TICKS = 50_000_000;
/** Recorded events looked at between two looks at the keyboard. */
const SEARCH_EVENTS = 20_000;

/** A bound that is reached at its tick, or at once when a wanted event happens. */
class SliceBound {
  readonly seq = 0;
  found: number | undefined;
  readonly #limit: number;
  constructor(limit: number) {
    this.#limit = limit;
  }
  get tick(): number {
    return this.found === undefined ? this.#limit : 0;
  }
}

export class Runner {
  #isRunning = false;
  #isInterrupted = false;
  #isWaiting = false;
  #wake: (() => void) | undefined;
  #sliceTicks = FIRST_SLICE_TICKS;
  #done: Promise<unknown> = Promise.resolve();

  get isRunning(): boolean {
    return this.#isRunning;
  }
  /** Everybody sleeps: nothing happens until a timer is due or something comes. */
  get isWaiting(): boolean {
    return this.#isWaiting;
  }
  /** Something came: a sleeping guest is looked at again. */
  wake(): void {
    this.#wake?.();
  }
  /** Ends the run, and answers once it has ended. */
  async interrupt(): Promise<void> {
    this.#isInterrupted = true;
    this.#wake?.();
    await this.#done;
  }

  async run(guest: Guest, options: RunOptions): Promise<Stop> {
    await this.interrupt();
    this.#isInterrupted = false;
    this.#isRunning = true;
    const running = (guest.isAtEnd ? this.#live(guest, options) : this.#through(guest, options)).finally(() => {
      this.#isRunning = false;
    });
    this.#done = running.catch(() => {});
    return running;
  }

  /** In the recorded past nothing needs to be executed to find an event. */
  async #through(guest: Guest, { isWanted, onSlice }: RunOptions): Promise<Stop> {
    let seq = guest.position.seq;
    for (;;) {
      for (const until = Math.min(seq + SEARCH_EVENTS, guest.length); seq < until; seq++) {
        const event = guest.event(seq);
        if (!event || !isWanted?.(event, seq)) continue;
        guest.goto({ seq: seq + 1, plus: 0 });
        return { kind: "found", seq };
      }
      if (seq >= guest.length) {
        guest.goto({ seq: guest.end.seq, plus: guest.end.tick - (guest.event(guest.end.seq - 1)?.tick ?? 0) });
        return { kind: "end" };
      }
      onSlice?.();
      await turn();
      if (this.#isInterrupted) {
        guest.goto({ seq, plus: 0 });
        return { kind: "interrupted" };
      }
    }
  }

  async #live(guest: Guest, { isWanted, waits, onSlice, arrivals }: RunOptions): Promise<Stop> {
    for (;;) {
      if (guest.isSealed && guest.status === undefined) return { kind: "sealed" };
      if (guest.status === undefined) arrivals?.deliver(guest);
      const stop = this.#slice(guest, isWanted);
      onSlice?.();
      if (stop.found !== undefined) return { kind: "found", seq: stop.found };
      if (stop.kind === "halted") return { kind: "halted", status: stop.status };
      await turn();
      if (this.#isInterrupted) return { kind: "interrupted" };
      if (stop.kind !== "asleep") continue;
      if (stop.untilNanos === undefined && !waits) return { kind: "asleep" };
      guest.flush?.();
      const slept = await this.#sleep(stop.untilNanos);
      if (this.#isInterrupted) return { kind: "interrupted" };
      if (stop.untilNanos !== undefined && slept > 0) guest.skip(Math.min(stop.untilNanos, Math.round(slept * 1e6)));
    }
  }
  #slice(guest: Guest, isWanted: RunOptions["isWanted"]): ReturnType<Guest["run"]> & { found?: number } {
    const bound = new SliceBound(guest.position.tick + this.#sliceTicks);
    const watching = isWanted
      ? guest.events$.subscribe(({ seq, event }) => {
          if (bound.found === undefined && isWanted(event, seq)) bound.found = seq;
        })
      : undefined;
    const began = performance.now();
    const stop = guest.run(bound);
    watching?.unsubscribe();
    const took = performance.now() - began;
    if (took > SLICE_MILLIS) this.#sliceTicks = Math.max(1000, Math.floor((this.#sliceTicks * SLICE_MILLIS) / took));
    else if (took < SLICE_MILLIS / 2) this.#sliceTicks = Math.min(MOST_TICKS, this.#sliceTicks * 2);
    if (bound.found === undefined) return stop;
    if (guest.position.seq > bound.found + 1) guest.goto({ seq: bound.found + 1, plus: 0 });
    return { ...stop, found: bound.found };
  }
  /** Until something comes or the next timer is due; answers the milliseconds that passed. */
  async #sleep(untilNanos: number | undefined): Promise<number> {
    this.#isWaiting = true;
    const began = performance.now();
    await new Promise<void>(resolve => {
      const timer = untilNanos === undefined ? undefined : setTimeout(resolve, Math.min(untilNanos / 1e6, 2 ** 31 - 1));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
    this.#isWaiting = false;
    return performance.now() - began;
  }
}
/** Lets Node read keys and draw. */
const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve));
