// npm run check:suites -- [python|perl|bash] [MODULE…] [--write] [--json] [--native] [--timeout SECONDS] [--batch N] [--keep FOLDER]: other people's tests natively and in Chronix.
// Exit status 1 where a test differs. --native runs that side alone, and says how long each took; --write puts the results into docs/suites.md; --keep leaves what each side printed in files.
// Needs root on Linux x86-64, and the built command line.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Outcome } from "../corpus/corpus.ts";
import { withNativeRoot } from "../corpus/native-root.ts";
import { debianOrNull } from "../debian/image.ts";
import { bash } from "./bash.ts";
import { type ModuleResult, shown, writePage } from "./page.ts";
import { perl } from "./perl.ts";
import { python } from "./python.ts";
import { reasonOf } from "./reasons.ts";
import { inChronix, natively } from "./runners.ts";
import { partOf, passes, type Suite, testDifferences } from "./suite.ts";
import { suitesImage } from "./suites-image.ts";

const SUITES: readonly Suite[] = [python, perl, bash];
/** Of modules that take some seconds each on this host at most. */
const NATIVE_MILLIS = 300_000;
const NOTHING: Outcome = { stdout: "", stderr: "", status: 137 };

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
    timeout: { type: "string", default: "600" },
    batch: { type: "string", default: "8" },
    keep: { type: "string" },
  },
});
const timeoutMillis = Number(values.timeout) * 1000;
if (!(timeoutMillis > 0)) mistake(`--timeout ${values.timeout}: give seconds above 0.`);
if (process.getuid?.() !== 0) mistake("This compares with native runs in a chroot, which needs root on Linux: run it as root.");
const [first, ...others] = positionals;
const chosen = SUITES.find(({ name }) => name === first);
if (first !== undefined && !chosen) mistake(`There is no suite ${first}; there are ${SUITES.map(({ name }) => name).join(", ")}.`);
const batchSize = Number(values.batch);
if (!(batchSize >= 1)) mistake(`--batch ${values.batch}: give how many modules one run has.`);

const base = await debianOrNull();
if (!base) process.exit(2);
const image = await suitesImage(base, say);
const results: ModuleResult[] = [];
await withNativeRoot(image, async root => {
  for (const suite of chosen ? [chosen] : SUITES) await checkSuite(root, suite, others.length > 0 ? others : suite.modules);
});

/** Several modules in one run, since beginning takes longer than most of them. Where one does not end, those after it are run again. */
async function checkSuite(root: string, suite: Suite, modules: readonly string[]): Promise<void> {
  const waiting = [...modules];
  const take = () => {
    const batch = waiting.splice(0, batchSize);
    return { batch, running: natively(root, image, suite, batch, NATIVE_MILLIS) };
  };
  let next = take();
  for (let done = 0; done < modules.length; ) {
    const { batch, running } = next;
    const there = await running;
    // The next modules run natively, mostly waiting, while these run here.
    next = take();
    const here = values.native ? null : await inChronix(image, suite, batch, timeoutMillis);
    for (const module of batch) {
      const [mine, other] = [partOf(there, module), here ? partOf(here, module) : null];
      const hasEnded = mine?.hasEnded && (here === null || other?.hasEnded);
      done++;
      report(
        suite,
        module,
        mine ?? NOTHING,
        here && (other ?? NOTHING),
        `${seconds(there.millis)} natively and ${seconds(here?.millis ?? 0)} here for ${batch.length}; ${done} of ${modules.length}`,
      );
      if (hasEnded) continue;
      waiting.unshift(...batch.slice(batch.indexOf(module) + 1), ...next.batch);
      await next.running;
      next = take();
      break;
    }
  }
  await next.running;
}
function report(suite: Suite, module: string, there: Outcome, here: Outcome | null, times: string): void {
  const label = `${suite.name}/${module}`;
  const theirs = suite.verdicts(there);
  keep(`${label}.native`, there);
  if (!here) {
    say(`${label}: ${passes(theirs)} of ${theirs.size} pass natively (${times})`);
    return;
  }
  keep(`${label}.here`, here);
  const ours = suite.verdicts(here);
  const result = { suite: suite.name, module, tests: theirs.size, natively: passes(theirs), here: passes(ours), differences: testDifferences(theirs, ours) };
  results.push(result);
  say(`${label}: ${result.natively} pass natively, ${result.here} here, ${result.differences.length} differ (${times})`);
  for (const { test, natively: mine, here: other } of shown(label, result.differences))
    say(`  ${test}: ${mine} natively, ${other} here (${reasonOf(`${label}: ${test}`)})`);
  if (values.write) writePage(SUITES, [result]);
}
function keep(name: string, { stdout, stderr }: Outcome): void {
  if (values.keep === undefined) return;
  mkdirSync(values.keep, { recursive: true });
  for (const [stream, text] of Object.entries({ stdout, stderr })) writeFileSync(join(values.keep, `${name.replaceAll("/", "-")}.${stream}`), text, "latin1");
}
const differing = results.filter(({ differences }) => differences.length > 0);
if (values.json) process.stdout.write(`${JSON.stringify(results, null, 2)}\n`);
else if (!values.native) process.stdout.write(`${results.length - differing.length} of ${results.length} modules the same\n`);
process.exitCode = differing.length === 0 ? 0 : 1;
