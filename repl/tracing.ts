// A trace with what strace's options add: times, call numbers, durations, counts, and choices of calls. The lines themselves are made by engine/abi/trace-text.ts.
import { callText, Tracer } from "../engine/abi/trace-text.ts";
import type { KernelEvent, ResumeEvent, SyscallEvent } from "../events/kernel-event.ts";
import { callNameOf } from "./model/event-text.ts";

/** Time that a call takes, as the kernel counts it (engine/kernel/store.ts). */
const CALL_NANOS = 200;

export type Stamp = "none" | "time" | "micros" | "epoch" | "relative";
export interface TracingOptions {
  readonly epochSeconds: number;
  readonly stamp: Stamp;
  readonly hasDurations: boolean;
  readonly hasNumbers: boolean;
  readonly stringLimit?: number;
  readonly follows: boolean;
  /** Calls, signals and paths that are to be shown. */
  readonly showsCall: (name: string) => boolean;
  readonly showsSignal: (signal: number) => boolean;
  /** Of finished calls; without it, calls are shown as they begin, too. */
  readonly showsResult?: (result: SyscallEvent["result"]) => boolean;
  readonly showsPath?: (event: SyscallEvent) => boolean;
}
export interface CallCount {
  calls: number;
  errors: number;
  nanos: number;
}

export class Tracing {
  readonly counts = new Map<string, CallCount>();
  readonly #options: TracingOptions;
  readonly #tracer: Tracer;
  readonly #begun = new Map<number, { readonly event: SyscallEvent; readonly nanos: number }>();
  #first: number | undefined;
  #calls = 0;
  #skipped = 0;
  #last: number | undefined;
  #isAtLineStart = true;

  constructor(options: TracingOptions) {
    this.#options = options;
    this.#tracer = new Tracer({ shows: options.showsCall, ...(options.stringLimit === undefined ? {} : { stringLimit: options.stringLimit }) });
  }
  /** The text that this event adds. */
  next(event: KernelEvent): string {
    const now = this.#now(event);
    if (!this.#isFollowed(event)) return "";
    const duration = this.#follow(event, now);
    const isCall = event.kind === "syscall" || event.kind === "resume";
    if (event.kind === "signal" && !this.#options.showsSignal(event.signal)) return "";
    if (this.#options.showsResult || this.#options.showsPath) {
      if (isCall) return this.#whole(event, duration, now);
    }
    return this.#decorated(this.#tracer.next(event), event, duration, now);
  }
  end(): string {
    return this.#tracer.end();
  }

  #now(event: KernelEvent): number {
    if (event.kind === "syscall") this.#calls++;
    const now = event.tick + this.#calls * CALL_NANOS + this.#skipped;
    if (event.kind === "idle") this.#skipped += event.nanos;
    return now;
  }
  #isFollowed(event: KernelEvent): boolean {
    if (!("task" in event)) return true;
    this.#first ??= event.task;
    return this.#options.follows || event.task === this.#first;
  }
  /** Remembers when a call began; answers how long the one that ends now took. */
  #follow(event: KernelEvent, now: number): number | undefined {
    if (event.kind !== "syscall" && event.kind !== "resume") return undefined;
    const begun = event.kind === "syscall" ? { event, nanos: now - CALL_NANOS } : this.#begun.get(event.task);
    if (event.result.kind === "block") {
      if (begun) this.#begun.set(event.task, begun);
      return undefined;
    }
    const nanos = now - (begun?.nanos ?? now);
    const name = callNameOf(event.number);
    if (this.#options.showsCall(name)) {
      const count = this.counts.get(name) ?? { calls: 0, errors: 0, nanos: 0 };
      count.calls++;
      count.nanos += nanos;
      if (event.result.kind === "fail") count.errors++;
      this.counts.set(name, count);
    }
    return nanos;
  }
  /** One line for a call that has ended. */
  #whole(event: SyscallEvent | ResumeEvent, duration: number | undefined, now: number): string {
    if (event.result.kind === "block") return "";
    const first = event.kind === "syscall" ? event : this.#begun.get(event.task)?.event;
    if (!first) return "";
    const whole: SyscallEvent = { ...first, result: event.result, stores: event.stores };
    const { showsResult, showsPath, showsCall } = this.#options;
    if (!showsCall(callNameOf(event.number)) || showsResult?.(event.result) === false || showsPath?.(whole) === false) return "";
    const prefix = this.#options.follows ? `[pid ${String(event.task).padStart(5)}] ` : "";
    const limit = this.#options.stringLimit;
    return this.#decorated(`${prefix}${callText(whole, limit === undefined ? {} : { stringLimit: limit })}\n`, event, duration, now);
  }
  #decorated(text: string, event: KernelEvent, duration: number | undefined, now: number): string {
    if (text === "") return "";
    const pieces = text.split(/(?<=\n)/);
    const out = pieces.map((piece, i) => {
      const isStart = i === 0 ? this.#isAtLineStart : true;
      return isStart ? piece.replace(/^(\[pid +\d+\] )?/, prefix => `${prefix}${this.#stamp(now)}${this.#number(event)}`) : piece;
    });
    this.#isAtLineStart = text.endsWith("\n");
    const joined = out.join("");
    return this.#options.hasDurations && duration !== undefined && joined.endsWith("\n") ? `${joined.slice(0, -1)} <${(duration / 1e9).toFixed(6)}>\n` : joined;
  }
  #number(event: KernelEvent): string {
    return this.#options.hasNumbers && (event.kind === "syscall" || event.kind === "resume") ? `[${String(event.number).padStart(4)}] ` : "";
  }
  #stamp(now: number): string {
    const { stamp, epochSeconds } = this.#options;
    if (stamp === "none") return "";
    const micros = String(Math.floor((now % 1e9) / 1000)).padStart(6, "0");
    const seconds = epochSeconds + Math.floor(now / 1e9);
    const before = this.#last ?? now;
    this.#last = now;
    if (stamp === "relative") return `${((now - before) / 1e9).toFixed(6).padStart(12)} `;
    if (stamp === "epoch") return `${seconds}.${micros} `;
    const clock = new Date(seconds * 1000).toISOString().slice(11, 19);
    return stamp === "time" ? `${clock} ` : `${clock}.${micros} `;
  }
}
/** strace -c. */
export function countsText(counts: ReadonlyMap<string, CallCount>): string {
  const rows = [...counts].toSorted(([, a], [, b]) => b.nanos - a.nanos);
  const total = rows.reduce((sum, [, { calls, errors, nanos }]) => ({ calls: sum.calls + calls, errors: sum.errors + errors, nanos: sum.nanos + nanos }), {
    calls: 0,
    errors: 0,
    nanos: 0,
  });
  const rule = "------ ----------- ----------- --------- --------- ----------------";
  const row = (name: string, { calls, errors, nanos }: CallCount): string =>
    `${((100 * nanos) / Math.max(1, total.nanos)).toFixed(2).padStart(6)} ${(nanos / 1e9).toFixed(6).padStart(11)} ${String(Math.floor(nanos / 1000 / Math.max(1, calls))).padStart(11)} ${String(calls).padStart(9)} ${(errors > 0 ? String(errors) : "").padStart(9)} ${name}`;
  return ["% time     seconds  usecs/call     calls    errors syscall", rule, ...rows.map(([name, count]) => row(name, count)), rule, row("total", total)].join(
    "\n",
  );
}
