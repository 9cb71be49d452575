// docs/suites.md: a row for each module, as it was last checked, and each test that differs.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { reasonOf, UNKNOWN } from "./reasons.ts";
import type { Suite, TestDifference } from "./suite.ts";

export interface ModuleResult {
  readonly suite: string;
  readonly module: string;
  readonly tests: number;
  readonly natively: number;
  readonly here: number;
  readonly differences: readonly TestDifference[];
}
const PAGE = join(import.meta.dirname, "../../docs/suites.md");
const HEAD = `# Test suites of other people

Written by \`npm run check:suites -- --write\`. Python's own test package and the tests in the source packages of perl and bash, each module natively in a chroot of the Debian image and in Chronix, as an
unprivileged user. What is compared is what came of each test: passed, skipped or failed. bash's tests are one for each of its \`run-*\` scripts, and perl's count its files as tests too.
`;
const MANY = 5;
const TABLE = "| module | tests | pass natively | pass here | differ |\n| --- | ---: | ---: | ---: | ---: |";
const DIFFERENCES = "| test | natively | here | why |\n| --- | --- | --- | --- |";

/** Rows of modules that were not run now stay. */
export function writePage(suites: readonly Suite[], results: readonly ModuleResult[]): void {
  const old = existsSync(PAGE) ? readFileSync(PAGE, "utf8") : "";
  const rows = new Map([...old.matchAll(/^\| (\w+\/\S+) (?:\| \d+ ){4}\|$/gm)].map(([row, key]) => [key!, row]));
  const differences = new Map<string, readonly string[]>();
  for (const [row, key] of old.matchAll(/^\| (\w+\/\S+): .*\|$/gm)) differences.set(key!, [...(differences.get(key!) ?? []), row]);
  for (const result of results) {
    const key = `${result.suite}/${result.module}`;
    rows.set(key, `| ${[key, result.tests, result.natively, result.here, result.differences.length].join(" | ")} |`);
    differences.set(
      key,
      shown(key, result.differences).map(({ test, natively, here }) => `| ${key}: ${cell(test)} | ${natively} | ${here} | |`),
    );
  }
  const parts = [HEAD];
  for (const { name, modules } of suites) {
    const mine = [...rows.keys()].filter(key => key.startsWith(`${name}/`)).toSorted();
    const sum = (column: number): number => mine.reduce((total, key) => total + Number(rows.get(key)!.split(" | ")[column]?.replace(" |", "")), 0);
    const differing = mine.flatMap(key => differences.get(key) ?? []).map(withReason);
    const same = mine.filter(key => (differences.get(key) ?? []).length === 0).length;
    parts.push(`## ${name}`, `${mine.length} of ${modules.length} modules have been run; ${same} of them do the same on both sides.\n`);
    parts.push([TABLE, `| all | ${[1, 2, 3, 4].map(sum).join(" | ")} |`, ...mine.map(key => rows.get(key)!)].join("\n"), "");
    if (differing.length > 0) parts.push(`### Tests of ${name} that differ`, [DIFFERENCES, ...differing].join("\n"), "");
  }
  writeFileSync(PAGE, `${parts.join("\n").trimEnd()}\n`);
}
/** What a module that was cut off did not come to is one row, and so are many tests with one reason. */
export function shown(key: string, all: readonly TestDifference[]): readonly TestDifference[] {
  const groups = Map.groupBy(all, ({ test, natively, here }) => (here === "missing" ? here : `${natively} ${here} ${reasonOf(`${key}: ${test}`)}`));
  return [...groups.values()].flatMap(group => {
    const [{ test, natively, here } = { test: "", natively: "", here: "" }] = group;
    if (group.length < MANY || (here !== "missing" && reasonOf(`${key}: ${test}`) === UNKNOWN)) return group;
    return [{ test: `${group.length} tests, among them ${test}`, natively, here }];
  });
}
/** The reason is looked up each time, so that one that has been found stands beside tests that were run before. */
function withReason(row: string): string {
  const [test = "", natively, here] = row.replace(/^\| /, "").split(" | ");
  return `| ${test} | ${natively} | ${here} | ${reasonOf(test)} |`;
}
const cell = (text: string): string => text.replace(/\|/g, "\\|").replace(/\s+/g, " ");
