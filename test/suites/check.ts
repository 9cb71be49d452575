// npm run check:suites -- [python|perl|bash] [MODULE…] [--write] [--json] [--native] [--timeout SECONDS] [--keep FOLDER]: other people's tests natively and in Chronix.
// Exit status 1 where a test differs. --native runs that side alone, and says how long each took; --write puts the results into docs/suites.md; --keep leaves what each side printed in files.
// Needs root on Linux x86-64, and the built command line.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { withNativeRoot } from "../corpus/native-root.ts";
import { debianOrNull } from "../debian/image.ts";
import { bash } from "./bash.ts";
import { type ModuleResult, writePage } from "./page.ts";
import { perl } from "./perl.ts";
import { python } from "./python.ts";
import { reasonOf } from "./reasons.ts";
import { inChronix, natively, type SideRun } from "./runners.ts";
import { passes, type Suite, testDifferences } from "./suite.ts";
import { suitesImage } from "./suites-image.ts";

const SUITES: readonly Suite[] = [python, perl, bash];
/** Of a module that has taken some seconds on this host at most. */
const NATIVE_MILLIS = 120_000;

function mistake(sentence: string): never {
  process.stderr.write(`${sentence}\n`);
  process.exit(2);
}
const say = (text: string): void => void process.stderr.write(`${text}\n`);
const seconds = (millis: number): string => `${(millis / 1000).toFixed(1)} s`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    write: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    native: { type: "boolean", default: false },
    timeout: { type: "string", default: "120" },
    keep: { type: "string" },
  },
});
const timeoutMillis = Number(values.timeout) * 1000;
if (!(timeoutMillis > 0)) mistake(`--timeout ${values.timeout}: give seconds above 0.`);
if (process.getuid?.() !== 0) mistake("This compares with native runs in a chroot, which needs root on Linux: run it as root.");
const [first, ...others] = positionals;
const chosen = SUITES.find(({ name }) => name === first);
if (first !== undefined && !chosen) mistake(`There is no suite ${first}; there are ${SUITES.map(({ name }) => name).join(", ")}.`);
const wanted = (chosen ? [chosen] : SUITES).flatMap(suite => (others.length > 0 ? others : suite.modules).map(module => ({ suite, module })));

const base = await debianOrNull();
if (!base) process.exit(2);
const image = await suitesImage(base, say);
const results: ModuleResult[] = [];
await withNativeRoot(image, async root => {
  // The next module runs natively, mostly waiting, while this one runs here.
  const start = (index: number) => (wanted[index] ? natively(root, image, wanted[index].suite, wanted[index].module, NATIVE_MILLIS) : null);
  let ahead = start(0);
  for (const [index, { suite, module }] of wanted.entries()) {
    const there = (await ahead)!;
    ahead = start(index + 1);
    const theirs = suite.verdicts(there);
    const label = `${suite.name}/${module}`;
    keep(`${label}.native`, there);
    if (values.native) {
      say(`${label}: ${passes(theirs)} of ${theirs.size} pass natively, ${seconds(there.millis)}${there.isOverdue ? ", overdue" : ""}`);
      continue;
    }
    const here = await inChronix(image, suite, module, timeoutMillis);
    keep(`${label}.here`, here);
    const ours = suite.verdicts(here);
    const result = { suite: suite.name, module, tests: theirs.size, natively: passes(theirs), here: passes(ours), differences: testDifferences(theirs, ours) };
    results.push(result);
    const times = `${seconds(there.millis)} natively, ${seconds(here.millis)} here${here.isOverdue ? ", where it was overdue" : ""}`;
    say(`${label}: ${result.natively} pass natively, ${result.here} here, ${result.differences.length} differ; ${times} (${index + 1} of ${wanted.length})`);
    for (const { test, natively: mine, here: other } of result.differences)
      say(`  ${test}: ${mine} natively, ${other} here (${reasonOf(`${label}: ${test}`)})`);
    if (values.write) writePage(SUITES, [result]);
  }
});
function keep(name: string, { stdout, stderr }: SideRun): void {
  if (values.keep === undefined) return;
  mkdirSync(values.keep, { recursive: true });
  for (const [stream, text] of Object.entries({ stdout, stderr })) writeFileSync(join(values.keep, `${name.replaceAll("/", "-")}.${stream}`), text, "latin1");
}
const differing = results.filter(({ differences }) => differences.length > 0);
if (values.json) process.stdout.write(`${JSON.stringify(results, null, 2)}\n`);
else if (!values.native) process.stdout.write(`${results.length - differing.length} of ${results.length} modules the same\n`);
process.exitCode = differing.length === 0 ? 0 : 1;
