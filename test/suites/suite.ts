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
  /** One after another, run by `/bin/sh -c` as the suites' user: what each says stands between a line "=== MODULE" and a line "=== status N". */
  script(modules: readonly string[]): string;
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

/** Where each module is a command by itself. */
export const oneByOne = (modules: readonly string[], command: (module: string) => string): string =>
  modules.map(module => `echo '=== ${module}'; echo '=== ${module}' >&2; (${command(module)}); printf '\\n=== status %s\\n' $?`).join("\n");

/** What a module said, in a run of several; null where it did not begin. Of one that did not end, what it said until then. */
export function partOf({ stdout, stderr }: Outcome, module: string): (Outcome & { readonly hasEnded: boolean }) | null {
  const [said, errors] = [sectionOf(stdout, module), sectionOf(stderr, module)];
  if (said === null) return null;
  const ended = /\n?=== status (\d+)\n[\s\S]*$/.exec(said);
  return { stdout: ended ? said.slice(0, ended.index) : said, stderr: errors ?? "", status: ended ? Number(ended[1]) : 137, hasEnded: ended !== null };
}
function sectionOf(text: string, module: string): string | null {
  const head = `=== ${module}\n`;
  const at = text.startsWith(head) ? 0 : text.indexOf(`\n${head}`) + 1;
  if (!text.startsWith(head, at)) return null;
  const rest = text.slice(at + head.length);
  const next = rest.search(/^=== (?!status )/m);
  return next < 0 ? rest : rest.slice(0, next);
}
