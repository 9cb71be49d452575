// docs/cpu-forms.md, from the reports that `npm run fuzz:cpu -- --json` and `npm run coverage:isa -- --json` print.
import { readFileSync } from "node:fs";
import type { CoverageReport } from "../isa-coverage/isa.ts";
import type { TierName } from "./guest-machine.ts";
import { foreign } from "./invalid.ts";

type ByReason = Readonly<Record<string, readonly string[]>>;
export interface FuzzReport {
  readonly tier: TierName;
  readonly seed: number;
  readonly seconds: number;
  readonly cases: number;
  readonly comparisons: number;
  readonly comparisonsPerCase: number;
  readonly processor?: string;
  readonly forms: number;
  readonly formsMet: number;
  readonly leastCasesOfAForm: number;
  readonly failed: readonly string[];
  readonly neverMet: readonly string[];
  readonly notCompared: ByReason;
  readonly partlyCompared: ByReason;
}
const number = (value: number): string => value.toLocaleString("en");
const quoted = (forms: readonly string[]): string => forms.map(form => `\`${form}\``).join(", ");
const joined = (reports: readonly FuzzReport[], of: (report: FuzzReport) => ByReason): ByReason => Object.assign({}, ...reports.map(of));
const reasonTable = (byReason: ByReason): string => {
  const rows = Object.entries(byReason).map(([why, forms]) => `| ${forms.length} | ${why} | ${quoted(forms)} |`);
  return rows.length === 0 ? "None." : ["| forms | why | which |", "| --- | --- | --- |", ...rows].join("\n");
};
const listed = (forms: readonly string[]): string => (forms.length === 0 ? "none" : quoted(forms));

export function formsPage(reports: readonly FuzzReport[], coverage: CoverageReport | undefined): string {
  const [first] = reports;
  if (!first) throw new Error("The page needs at least one report of fuzz:cpu --json.");
  const notCompared = joined(reports, report => report.notCompared);
  const left = Object.values(notCompared).flat().length;
  const tiers = reports.map(
    ({ tier, seed, seconds, cases, comparisons, formsMet, leastCasesOfAForm, failed }) =>
      `| ${tier} | ${seed} | ${number(Math.round(seconds))} | ${number(cases)} | ${number(comparisons)} | ${number(formsMet)} | ${number(leastCasesOfAForm)} | ${failed.length} |`,
  );
  const mnemonics = coverage
    ? `Debian's ${coverage.packages.join(", ")} contain ${number(coverage.instructions)} instructions of ${number(coverage.met)} mnemonics. ${number(
        coverage.met - coverage.unserved,
      )} are served wherever they stand. ${number(coverage.unserved)} are not (${number(coverage.unservedPlaces)} places), of which ${
        coverage.open.length === 0 ? "each has its reason" : `without a reason: ${coverage.open.join(", ")}`
      } in [INSTRUCTIONS.md](INSTRUCTIONS.md).`
    : "`npm run coverage:isa` was not asked.";
  return `# Every form of instruction against the processor

Written by \`npm run fuzz:cpu -- --write REPORT...\` from what \`npm run fuzz:cpu -- --json\` and \`npm run coverage:isa -- --json\` printed. How it is compared: [test/cpu/hardware](../test/cpu/hardware/README.md).

The tables have ${number(first.forms + left)} forms (a name, the shapes of the operands, a width), of which ${number(first.forms)} are executed on the real processor (${reports.find(({ processor }) => processor)?.processor ?? "this host's"}) and in Chronix with random
operands, and ${number(left)} are not. A comparison is one register, flag word, page of memory or fault in one case: ${first.comparisonsPerCase} a case.

| tier | seed | seconds | cases | comparisons | forms | fewest cases of a form | forms that differ |
| --- | --- | --- | --- | --- | --- | --- | --- |
${tiers.join("\n")}

Forms that differ: ${listed(reports.flatMap(report => report.failed.map(text => text.split(":")[0]!)))}. Forms that no encoding leads to: ${listed([...new Set(reports.flatMap(report => report.neverMet))])}.

## Mnemonics
${mnemonics}

## Not compared
${reasonTable(notCompared)}

## Compared in part
${reasonTable(joined(reports, report => report.partlyCompared))}

Flags that the manual leaves undefined, and what else of a single case is not compared, stand in the README.

## What is no instruction
Bytes that are none to us must be none to the processor, but for these: extensions that our CPUID does not promise, and what processors differ in.

| as | what |
| --- | --- |
${foreign.map(({ bytes, why }) => `| \`${bytes.source.replaceAll("|", "\\|")}\` | ${why} |`).join("\n")}
`;
}
export const readReport = <T>(path: string): T => JSON.parse(readFileSync(path, "utf8")) as T;
