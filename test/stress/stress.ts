// `npm run check:stress`: stress-ng's stressors with --verify, one after another, on the host's kernel (as an unprivileged user in a chroot; needs root) and in Chronix.
// docs/stress-ng.md is written from what both came to.
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { UserMistake } from "../../guest-images/user-mistake.ts";
import { Progress } from "../../repl/progress.ts";
import { debianOrNull } from "../debian/image.ts";
import { type GuestOutcome, runStressorInGuest } from "./guest-run.ts";
import { nativeOutcomes } from "./native.ts";
import type { Outcome } from "./outcome.ts";
import { stressPage } from "./page.ts";
import { LIMITS, STRESS_PROGRAM, stressMount } from "./stress-ng.ts";
import { ALL, LEFT_OUT, OPS, SECONDS, USUAL_OPS, USUAL_SECONDS } from "./stressors.ts";

const options = new Command("check:stress")
  .argument("[names...]", "stressors; none: all that are not left out")
  .option("--seconds <n>", "of the host's CPU time for each in Chronix: a second of short calls is millions of them", "120")
  .option("--only <side>", "guest or native; both without it")
  .option("--json", "outcomes as JSON")
  .option("--write", "write docs/stress-ng.md")
  .option("--keep <file>", "outcomes so far, a line each: what is in it is not run again, so that a check which was cut short goes on")
  .parse();
const { seconds, only, json, write, keep } = options.opts<{
  seconds: string;
  only?: "guest" | "native";
  json?: true;
  write?: true;
  keep?: string;
}>();

export interface Row {
  readonly name: string;
  readonly native?: Outcome;
  readonly guest?: GuestOutcome;
}
const unknown = options.args.filter(name => !ALL.includes(name));
if (unknown.length > 0) throw new UserMistake(`stress-ng has no stressor called ${unknown.join(" or ")}.`);
const names = options.args.length > 0 ? options.args : ALL.filter(name => LEFT_OUT[name] === undefined);
const say = (text: string): void => void process.stderr.write(`${text}\n`);
/** Under the same limits on both sides. */
const argvOf = (name: string): readonly string[] => [
  "/usr/bin/prlimit",
  ...LIMITS,
  STRESS_PROGRAM,
  `--${name}`,
  "1",
  `--${name}-ops`,
  `${OPS[name] ?? USUAL_OPS}`,
  "--verify",
  "--timeout",
  `${SECONDS[name] ?? USUAL_SECONDS}`,
  "--seed",
  "1",
];

async function run(names: readonly string[]): Promise<readonly Row[]> {
  if (names.length === 0) return [];
  const image = await debianOrNull();
  if (!image) process.exit(125);
  const mount = await stressMount(say);
  const native = only === "guest" ? new Map<string, Outcome>() : await nativeOutcomes({ image, mount, names, argvOf });
  const done: Row[] = [];
  const progress = new Progress("stressors", names.length);
  for (const [index, name] of names.entries()) {
    const guest = only === "native" ? undefined : runStressorInGuest({ image, mount, name, argv: argvOf(name), mostSeconds: Number(seconds) });
    const row: Row = { name, ...(native.has(name) ? { native: native.get(name)! } : {}), ...(guest ? { guest } : {}) };
    done.push(row);
    if (keep) appendFileSync(keep, `${JSON.stringify(row)}\n`);
    if (!json) say(`${name}: ${[row.native && `natively ${row.native.verdict}`, guest && `here ${guest.verdict}`].filter(Boolean).join(", ")}${textOf(row)}`);
    progress.at(index + 1);
  }
  progress.end();
  return done;
}
const kept: readonly Row[] =
  keep && existsSync(keep)
    ? readFileSync(keep, "utf8")
        .trim()
        .split("\n")
        .filter(Boolean)
        .map(line => JSON.parse(line))
    : [];
const isKept = new Set(kept.map(({ name }) => name));
const rows = [...kept, ...(await run(names.filter(name => !isKept.has(name))))].toSorted((a, b) => (a.name < b.name ? -1 : 1));
/** Of one that differs. */
function textOf({ native: there, guest: here }: Row): string {
  const shown = here && here.verdict !== (there?.verdict ?? "passed") ? here.reasons : [];
  return shown.map(reason => `\n    ${reason.split("\n").slice(0, 8).join("\n    ")}`).join("");
}
const count = (of: (row: Row) => string | undefined, verdict: string): number => rows.filter(row => of(row) === verdict).length;
const figures = {
  stressors: rows.length,
  nativelyPassed: count(row => row.native?.verdict, "passed"),
  herePassed: count(row => row.guest?.verdict, "passed"),
  differ: rows.filter(row => row.native && row.guest && row.native.verdict !== row.guest.verdict).length,
  engineFailed: count(row => row.guest?.verdict, "engine failed"),
};
if (json) process.stdout.write(`${JSON.stringify({ ...figures, rows })}\n`);
else for (const [name, value] of Object.entries(figures)) process.stdout.write(`${name}: ${value}\n`);
if (write) writeFileSync(join(import.meta.dirname, "../../docs/stress-ng.md"), stressPage(rows));
process.exitCode = figures.engineFailed > 0 ? 1 : 0;
