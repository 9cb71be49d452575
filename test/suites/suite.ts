// What a suite of tests by other people is: modules, each a script of the guest's shell, and what its output says of each test.
import type { Outcome } from "../corpus/corpus.ts";

/** `ok`, `skip`, or how it failed. */
export type Verdict = string;
/** By test. */
export type Verdicts = ReadonlyMap<string, Verdict>;

export interface Suite {
  readonly name: string;
  /** Those that are run when none is named. */
  readonly modules: readonly string[];
  /** Run by `/bin/sh -c` as the suites' user, in a home of its own. */
  script(module: string): string;
  verdicts(outcome: Outcome): Verdicts;
}

/** A test that differs; what is missing on a side has not been told of there. */
export interface TestDifference {
  readonly test: string;
  readonly natively: Verdict;
  readonly here: Verdict;
}
export function testDifferences(natively: Verdicts, here: Verdicts): readonly TestDifference[] {
  return [...new Set([...natively.keys(), ...here.keys()])]
    .map(test => ({ test, natively: natively.get(test) ?? "missing", here: here.get(test) ?? "missing" }))
    .filter(({ natively: there, here: mine }) => there !== mine);
}
export const passes = (verdicts: Verdicts): number => [...verdicts.values()].filter(verdict => verdict === "ok").length;

/** A name that stands twice counts twice. */
export function named(pairs: Iterable<readonly [test: string, Verdict]>): Map<string, Verdict> {
  const verdicts = new Map<string, Verdict>();
  for (const [test, verdict] of pairs) {
    let key = test;
    for (let again = 2; verdicts.has(key); again++) key = `${test} (${again})`;
    verdicts.set(key, verdict);
  }
  return verdicts;
}
