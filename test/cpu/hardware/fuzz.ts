// `npm run fuzz:cpu`: random cases of every instruction form on the real processor and on ours, until the time is up.
import { appendFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import type { CoverageReport } from "../isa-coverage/isa.ts";
import { caseText } from "./case-text.ts";
import { COMPARISONS_PER_CASE } from "./comparison.ts";
import { type FuzzReport, formsPage, readReport } from "./forms-page.ts";
import { Fuzzer } from "./fuzzer.ts";
import type { TierName } from "./guest-machine.ts";
import { shrink } from "./shrink.ts";

export const REGRESSIONS = join(import.meta.dirname, "regressions.txt");

const command = new Command("fuzz:cpu")
  .option("--seconds <n>", "how long", "10")
  .option("--seed <n>", "the same seed, the same cases", "1")
  .option("--form <regex>", 'forms by "name shape bits", as "^add rm 32"', ".")
  .option("--tier <name>", "interpreter or compiled", "interpreter")
  .option("--cases <n>", "operands for each instruction; 256, or 1024 where it is compiled")
  .option("--json", "figures as JSON")
  .option("--by-form", "how many cases each form had")
  .option("--write <reports...>", "compare nothing: make docs/cpu-forms.md of what --json printed, here and in coverage:isa")
  .option("--no-store", `do not add failures to ${"regressions.txt"}`)
  .parse();
const options = command.opts<{
  seconds: string;
  seed: string;
  form: string;
  tier: TierName;
  cases?: string;
  json?: true;
  byForm?: true;
  store: boolean;
  write?: string[];
}>();
if (options.write) {
  writePage(options.write);
  process.exit();
}

const fuzzer = new Fuzzer({
  seed: Number(options.seed),
  tier: options.tier,
  form: new RegExp(options.form),
  casesPerBatch: Number(options.cases ?? (options.tier === "compiled" ? 1024 : 256)),
});
const started = performance.now();
const until = started + Number(options.seconds) * 1000;
const listed = (name: string, forms: readonly string[]): string => `${name}: ${forms.length}${forms.length ? ` (${forms.join("; ")})` : ""}`;
const say = (text: string): void => void (options.json || process.stdout.write(`${text}\n`));
/** Reports of fuzz:cpu say of which tier they are. */
function writePage(paths: readonly string[]): void {
  const reports = paths.map(path => readReport<FuzzReport | CoverageReport>(path));
  const page = formsPage(
    reports.filter(report => "tier" in report),
    reports.find(report => "packages" in report),
  );
  writeFileSync(join(import.meta.dirname, "../../../docs/cpu-forms.md"), page);
}
const failed: string[] = [];
while (performance.now() < until) {
  const failure = fuzzer.step();
  if (!failure) continue;
  const { batch, differences, instruction } = shrink(fuzzer.rig, failure);
  const { name, shape, bits } = instruction.form;
  const line = `${name} ${shape || "-"} ${bits}: ${caseText(batch)}`;
  const told = differences.map(({ what, ours, theirs }) => `  ${what}: ${ours}, on the processor ${theirs}`);
  failed.push([line, ...told].join("\n"));
  say(`\n${failed.at(-1)}`);
  if (options.store) appendFileSync(REGRESSIONS, `${line}\n`);
}
const seconds = (performance.now() - started) / 1000;
fuzzer.rig.close();
const counts = [...fuzzer.casesByForm.values()];
const figures = {
  processor: cpus()[0]?.model ?? "",
  tier: options.tier,
  seed: Number(options.seed),
  seconds: Number(seconds.toFixed(1)),
  cases: fuzzer.cases,
  comparisons: fuzzer.comparisons,
  comparisonsPerCase: COMPARISONS_PER_CASE,
  casesPerSecond: Math.round(fuzzer.cases / seconds),
  nativeCasesPerSecond: Math.round((fuzzer.cases / fuzzer.rig.nativeMillis) * 1000),
  guestCasesPerSecond: Math.round((fuzzer.cases / fuzzer.rig.guestMillis) * 1000),
  ...(options.tier === "compiled" ? { compiledTicks: fuzzer.rig.compiledTicks } : {}),
  forms: fuzzer.formCount,
  formsMet: fuzzer.casesByForm.size,
  leastCasesOfAForm: counts.length < fuzzer.formCount ? 0 : Math.min(...counts),
  failed,
  neverMet: fuzzer.unmet,
  notCompared: Object.fromEntries(fuzzer.incomparable),
  partlyCompared: Object.fromEntries(fuzzer.partly),
} satisfies FuzzReport & Readonly<Record<string, unknown>>;
if (options.json) process.stdout.write(`${JSON.stringify(options.byForm ? { ...figures, byForm: Object.fromEntries(fuzzer.casesByForm) } : figures)}\n`);
else {
  if (options.byForm) for (const [form, cases] of fuzzer.casesByForm) say(`${form}: ${cases} cases, ${cases * COMPARISONS_PER_CASE} comparisons`);
  for (const [name, value] of Object.entries(figures))
    if (typeof value !== "object") say(`${name}: ${value}`);
    else if (Array.isArray(value)) say(listed(name, value));
    else for (const [why, forms] of Object.entries(value)) say(`${listed(name, forms)}: ${why}`);
}
process.exitCode = fuzzer.failures.size > 0 ? 1 : 0;
