// What a forked timeline does otherwise than its parent, applied: to boot parameters, to calls, to inputs.
import type { BootParameters, Input } from "../events/kernel-event.ts";
import type { Change } from "../events/log/header.ts";
import type { EventSource } from "./replaying.ts";

type ChangeOf<K extends Change["kind"]> = Extract<Change, { kind: K }>;
type BootChange = ChangeOf<"environment" | "argv" | "seed" | "chaos">;
const appliers: { readonly [K in BootChange["kind"]]: (parameters: BootParameters, change: ChangeOf<K>) => BootParameters } = {
  environment(parameters, { name, value }) {
    const others = parameters.environment.filter(pair => !pair.startsWith(`${name}=`));
    return { ...parameters, environment: value === null ? others : [...others, `${name}=${value}`] };
  },
  argv: (parameters, { argv }) => ({ ...parameters, argv }),
  seed: (parameters, { seed }) => ({ ...parameters, seed }),
  chaos(parameters, { seed }) {
    const { chaos: _, ...fixed } = parameters;
    return seed === null ? fixed : { ...fixed, chaos: seed };
  },
};
const isBootChange = (change: Change): change is BootChange => change.kind in appliers;
/** Such a timeline forks at 0: it boots anew. */
export const changesBoot = (changes: readonly Change[]): boolean => changes.some(isBootChange);

export const changedParameters = (parameters: BootParameters, changes: readonly Change[]): BootParameters =>
  changes
    .filter(isBootChange)
    .reduce((changed, change) => (appliers[change.kind] as (parameters: BootParameters, change: BootChange) => BootParameters)(changed, change), parameters);

/** For the world of a machine that records a fork: which call gets an errno instead of being performed. */
export function injections(changes: readonly Change[]): (task: number, number: number, seq: number) => string | undefined {
  const bySeq = new Map(changes.flatMap(change => (change.kind === "inject" ? [[change.seq, change.errno] as const] : [])));
  return (_task, _number, seq) => bySeq.get(seq);
}
/** For one that replays it. */
export function recordedInjections(source: EventSource): (task: number, number: number, seq: number) => string | undefined {
  return (_task, _number, seq) => {
    const event = source.event(seq);
    return event?.kind === "syscall" ? event.injected : undefined;
  };
}

/** What the parent was given from `seq` on, with what is changed: the fork is given the same in turn, whenever it asks. */
export function* changedInputs(parent: EventSource, seq: number, changes: readonly Change[]): Iterable<Input> {
  const replaced = new Map(changes.flatMap(change => (change.kind === "input" ? [[change.seq, change.bytes] as const] : [])));
  for (let at = seq; at < parent.length; at++) {
    const event = parent.event(at);
    const bytes = replaced.get(at);
    if (event?.kind !== "input") continue;
    if (bytes === undefined) yield event.input;
    else if (event.input.source === "terminal") yield bytes === null ? { source: "hangup" } : { source: "terminal", bytes };
    else if (event.input.source === "link") yield { ...event.input, bytes };
    else yield { source: "stdin", bytes };
  }
}
