// Calls that fail because somebody wants to see what happens then: strace's `inject=SET:error=E:when=FIRST[..LAST][+[STEP]]`, read, and applied to a guest that runs.
import { isErrno } from "../engine/abi/errno.ts";
import type { World } from "../engine/world.ts";
import { UsageFailure } from "./failure.ts";
import { callSet } from "./model/event-filter.ts";
import { callNameOf } from "./model/event-text.ts";

export interface InjectionRule {
  readonly text: string;
  readonly has: (name: string) => boolean;
  readonly errno: string;
  /** Whether the call that comes as the `count`-th of the set fails. */
  readonly isWhen: (count: number) => boolean;
}
/** strace(1), -e inject: without `when` every call fails; `3` the third, `3+` from there on, `3+2` every second from there, `3..5` up to the fifth. */
export function parseInjection(text: string): InjectionRule {
  const [set = "", ...parts] = text.replace(/^(inject|fault)=/, "").split(":");
  const settings = new Map(parts.map(part => [part.split("=")[0]!, part.slice(part.indexOf("=") + 1)]));
  const unknown = [...settings.keys()].find(key => key !== "error" && key !== "when");
  if (unknown) throw new UsageFailure(`inject: ${unknown} is not possible here; error=ERRNO and when=N are.`);
  const errno = (settings.get("error") ?? "").toUpperCase();
  if (!isErrno(errno)) throw new UsageFailure("inject: write SET:error=ERRNO:when=N, as openat:error=ENOENT:when=2.");
  return { text, has: callSet(set), errno, isWhen: parseWhen(settings.get("when") ?? "1+") };
}
function parseWhen(text: string): (count: number) => boolean {
  const match = /^(\d+)(?:\.\.(\d+))?(?:(\+)(\d*))?$/.exec(text);
  const first = Number(match?.[1] ?? 0);
  const step = match?.[3] ? Number(match[4] || 1) : match?.[2] ? 1 : 0;
  const last = match?.[2] ? Number(match[2]) : step === 0 ? first : Number.POSITIVE_INFINITY;
  if (!match || first < 1 || last < first || (match[3] && step < 1))
    throw new UsageFailure(`inject: when=${text} is not possible; write 3 (the third call), 3+ (from there on), 3+2 (every second from there) or 3..5.`);
  return count => count >= first && count <= last && (step === 0 || (count - first) % step === 0);
}

/** Counts the calls of a running guest, all its processes together, and answers which of them fail. The first rule that says so decides. */
export function injector(rules: readonly InjectionRule[]): NonNullable<World["inject"]> {
  const counts = rules.map(() => 0);
  return (_task, number) => {
    const name = callNameOf(number);
    let errno: string | undefined;
    for (const [at, rule] of rules.entries()) {
      if (!rule.has(name)) continue;
      counts[at]!++;
      if (rule.isWhen(counts[at]!)) errno ??= rule.errno;
    }
    return errno;
  };
}
