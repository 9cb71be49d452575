// A fork of a recording that runs on by itself: what it is given otherwise, where it leaves, and how far it goes.
import { isErrno } from "../engine/abi/errno.ts";
import type { KernelEvent } from "../events/kernel-event.ts";
import type { Change } from "../events/log/header.ts";
import type { Session } from "../snapshots/session.ts";
import { Failure, UsageFailure } from "./failure.ts";
import { callSet } from "./model/event-filter.ts";
import { callOf } from "./model/event-text.ts";

const SLICE_TICKS = 20_000_000;

/** strace's `openat:error=ENOENT:when=2`, as the event it means: the call of that kind that comes `when`-th from `from` on. */
export function injectionOf(text: string, session: Pick<Session, "length" | "event">, from: number): Change {
  const [set = "", ...parts] = text.replace(/^inject=/, "").split(":");
  const settings = new Map(parts.map(part => [part.split("=")[0]!, part.slice(part.indexOf("=") + 1)]));
  const errno = (settings.get("error") ?? "").toUpperCase();
  const when = settings.get("when") ?? "1";
  const unknown = [...settings.keys()].find(key => key !== "error" && key !== "when");
  if (unknown) throw new UsageFailure(`inject: ${unknown} is not possible here; error=ERRNO and when=N are.`);
  if (!isErrno(errno)) throw new UsageFailure(`inject: write SYSCALL:error=ERRNO:when=N, as openat:error=ENOENT:when=2.`);
  if (!/^\d+$/.test(when) || when === "0") throw new UsageFailure(`inject: when=${when} is not possible here; give one number.`);
  const has = callSet(set);
  let left = Number(when);
  for (let seq = from; seq < session.length; seq++) {
    const event = session.event(seq)!;
    if (event.kind === "syscall" && has(callOf(event)!) && --left === 0) return { kind: "inject", seq, errno };
  }
  throw new Failure(`inject: the recording has fewer than ${when} such calls (${set}) after ${from}.`);
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
  event.kind === "input" && (event.input.source === "terminal" || (event.input.source === "stdin" && event.input.bytes !== null));
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
    if (stop.untilNanos !== undefined) {
      fork.skip(stop.untilNanos);
      continue;
    }
    const { value, done } = inputs.next();
    if (done) return undefined;
    fork.input(value);
  }
}
