// Domains and rulesets of landlock(7) as values: making, stacking and dropping them. What they forbid is landlock.ts.
import type { Draft } from "immer";
import type { Kernel } from "../kernel.ts";
import type { LandlockDomain, LandlockRules, LandlockState } from "../state/landlock.ts";
import type { Task } from "../state/proc-table.ts";
import type { Location } from "../state/vfs.ts";

export const placeKey = (place: Location): string => ("inode" in place ? `inode:${place.inode}` : `proc:${place.virtual}`);
const stateOf = (kernel: Kernel): Draft<LandlockState> => {
  kernel.vfs.landlock ??= { rulesets: new Map(), domains: new Map() };
  return kernel.vfs.landlock;
};
export function createRuleset(kernel: Kernel, handled: number): number {
  const id = kernel.vfs.nextId++;
  stateOf(kernel).rulesets.set(id, { handled, rules: new Map() });
  return id;
}
export function rulesetOf(kernel: Kernel, id: number): Draft<LandlockRules> {
  const ruleset = stateOf(kernel).rulesets.get(id);
  if (!ruleset) throw new Error(`Ruleset ${id} is referred to but does not exist.`);
  return ruleset;
}
export const dropRuleset = (kernel: Kernel, id: number): void => void stateOf(kernel).rulesets.delete(id);

/** Rules there may be in all: a guest that stacks them without end meets it. */
const MOST_RULES = 2 ** 18;
/** ENOMEM otherwise. */
export function hasRoomForRules(kernel: Kernel, count: number): boolean {
  const { rulesets, domains } = stateOf(kernel);
  return [...rulesets.values(), ...domains.values()].reduce((sum, { rules }) => sum + rules.size, count) <= MOST_RULES;
}
/** The layers of the domain, the latest first; none where the task is in no domain. */
export function layersOf(kernel: Kernel, { landlock = 0 }: Pick<Task, "landlock">): readonly Draft<LandlockDomain>[] {
  const layers: Draft<LandlockDomain>[] = [];
  for (let id = landlock; id !== 0; id = layers.at(-1)!.parent) layers.push(kernel.vfs.landlock!.domains.get(id)!);
  return layers;
}
/** The task is restricted by the rules from now on, besides what restricts it already. */
export function restrict(kernel: Kernel, task: Draft<Task>, { handled, rules }: Draft<LandlockRules>): void {
  const id = kernel.vfs.nextId++;
  stateOf(kernel).domains.set(id, { id, parent: task.landlock ?? 0, handled, rules: new Map(rules) });
  task.landlock = id;
}
/** The task has ended: domains that no other is in, nor in one on top of them, are no more. */
export function leaveDomain(kernel: Kernel, task: Draft<Task>): void {
  if (task.landlock === undefined) return;
  delete task.landlock;
  const used = new Set([...kernel.procTable.tasks.values()].flatMap(one => layersOf(kernel, one).map(({ id }) => id)));
  const { domains } = stateOf(kernel);
  for (const id of [...domains.keys()]) if (!used.has(id)) domains.delete(id);
}
/** Nobody can come to the file any more, and its number will be another's. */
export function forgetPlace(kernel: Kernel, inode: number): void {
  const key = placeKey({ inode });
  const { rulesets, domains } = stateOf(kernel);
  for (const { rules } of [...rulesets.values(), ...domains.values()]) rules.delete(key);
}
/** Whether what is in `other` is restricted by all that restricts `task`: only then may it be looked into (hook_ptrace_access_check in security/landlock/ptrace.c). */
export const isWithinDomain = (kernel: Kernel, other: Pick<Task, "landlock">, task: Pick<Task, "landlock">): boolean =>
  task.landlock === undefined || layersOf(kernel, other).some(({ id }) => id === task.landlock);
