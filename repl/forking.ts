// A fork of a recording that runs on by itself: what it is given otherwise, where it leaves, and how far it goes.
import type { World } from "../engine/world.ts";
import type { KernelEvent } from "../events/kernel-event.ts";
import type { Change } from "../events/log/header.ts";
import type { Session } from "../snapshots/session.ts";
import { Failure } from "./failure.ts";
import { injector, parseInjection } from "./injection.ts";

const SLICE_TICKS = 20_000_000;

export interface ForkInjections {
  /** The first call that fails: what the fork's log tells of them. */
  readonly change: Extract<Change, { kind: "inject" }>;
  /** For the fork, which runs live: those that come after it are found by counting on. */
  readonly inject: NonNullable<World["inject"]>;
}
/** strace's `openat:error=ENOENT:when=2`, counted in a recording `from` an event on. The fork leaves at `at`, or at the first call that fails. */
export function injectionsOf(
  texts: readonly string[],
  session: Pick<Session, "length" | "event">,
  { from, at }: { readonly from: number; readonly at?: number },
): ForkInjections {
  const rules = texts.map(parseInjection);
  const inject = injector(rules);
  for (let seq = from; seq < session.length; seq++) {
    const event = session.event(seq)!;
    const errno = event.kind === "syscall" ? inject(event.task, event.number, seq) : undefined;
    if (errno === undefined) continue;
    const after = at ?? seq;
    const counted = injector(rules);
    for (let one = from; one < after; one++) {
      const earlier = session.event(one)!;
      if (earlier.kind === "syscall") counted(earlier.task, earlier.number, one);
    }
    return { change: { kind: "inject", seq, errno }, inject: counted };
  }
  throw new Failure(`inject: the recording has no call after ${from} that ${texts.join(", ")} means.`);
}
/** Other bytes in place of the next recorded input. */
export function inputChange(text: string, session: Pick<Session, "length" | "event">, from: number): Change {
  for (let seq = from; seq < session.length; seq++) {
    const event = session.event(seq)!;
    if (isBytesInput(event))
      return { kind: "input", seq, bytes: Buffer.from(text.replaceAll("\\n", "\n").replaceAll("\\r", "\r").replaceAll("\\t", "\t"), "utf8") };
  }
  throw new Failure(`No input is recorded after ${from} that could be changed.`);
}
export const isBytesInput = (event: KernelEvent): boolean =>
  event.kind === "input" &&
  (event.input.source === "terminal" || ((event.input.source === "stdin" || event.input.source === "link") && event.input.bytes !== null));
export function environmentChange(text: string): Change {
  const at = text.indexOf("=");
  return at < 0 ? { kind: "environment", name: text, value: null } : { kind: "environment", name: text.slice(0, at), value: text.slice(at + 1) };
}

/** Runs a fork with what its parent was given, until it ends or waits for more. Answers its wait status, where it has ended. */
export function runFork(fork: Session): number | undefined {
  const status = runOn(fork);
  fork.flush();
  return status;
}
function runOn(fork: Session): number | undefined {
  const inputs = fork.inheritedInputs()[Symbol.iterator]();
  for (;;) {
    const { seq, tick } = fork.position;
    const stop = fork.run({ seq, tick: tick + SLICE_TICKS });
    if (stop.kind === "halted") return stop.status;
    if (stop.kind !== "asleep") continue;
    const next = stop.untilNanos === undefined || stop.isInputAwaited ? inputs.next() : undefined;
    if (next && !next.done) fork.input(next.value);
    else if (stop.untilNanos !== undefined) fork.skip(stop.untilNanos);
    else return undefined;
  }
}
