// Real programs natively and in Chronix: npm run check:programs -- [NAME…] [--json] [--write] [--once] [--timeout SECONDS]. Exit status 1 where one differs.
// --once records without a second recording; --write puts the results into docs/programs.md. Needs root on Linux x86-64, and the built command line.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Outcome } from "../corpus/corpus.ts";
import { withNativeRoot } from "../corpus/native-root.ts";
import { debianOrNull } from "../debian/image.ts";
import { writePage } from "./page.ts";
import { type ProgramCase, programs } from "./program-table.ts";
import { natively, type Recorded, type Replayed, recorded, replayed, type Timed } from "./runners.ts";

export interface Difference {
  readonly what: "output" | "replay" | "second recording" | "failure";
  readonly text: string;
}
export interface Result {
  readonly name: string;
  readonly what: string;
  readonly differences: readonly Difference[];
  /** There was no second recording. */
  readonly isOnce: boolean;
  readonly native?: Timed;
  readonly record?: Omit<Recorded, "outcome">;
  readonly replay?: Replayed;
}

function mistake(sentence: string): never {
  process.stderr.write(`${sentence}\n`);
  process.exit(2);
}

/** The first line that differs, with its stream. */
function outputDifference(native: Outcome, here: Outcome): Difference[] {
  const found: string[] = [];
  if (native.status !== here.status) found.push(`status ${native.status} natively, ${here.status} here`);
  for (const stream of ["stdout", "stderr"] as const) {
    if (native[stream] === here[stream]) continue;
    const [left, right] = [native[stream].split("\n"), here[stream].split("\n")];
    const at = left.findIndex((line, index) => line !== right[index]);
    const index = at < 0 ? left.length : at;
    found.push(`${stream}, line ${index + 1}: natively ${JSON.stringify(left[index] ?? null)}, here ${JSON.stringify(right[index] ?? null)}`);
  }
  return found.map(text => ({ what: "output", text }));
}

async function check(program: ProgramCase, run: Run): Promise<Result> {
  const { name, what } = program;
  const place = mkdtempSync(join(tmpdir(), "chronix-programs-"));
  const say = (step: string) => process.stderr.write(`${name}: ${step}\n`);
  try {
    const [folder, home] = [join(place, "case"), join(place, "data")];
    for (const path of [folder, home]) mkdirSync(path);
    for (const [file, put] of Object.entries(program.files)) put(join(folder, file));
    say("natively");
    const native = await run.natively(program, folder);
    say("recording");
    const { outcome, ...record } = await recorded(program, folder, { home, name: "first" }, run.timeoutMillis);
    keep(run.keep, name, { native: native.outcome, here: outcome });
    const differences = outputDifference(native.outcome, outcome);
    say(`replaying ${Math.round(record.instructions / 1e6)} million instructions${run.isOnce ? "" : ", and recording again beside it"}`);
    const [replay, again] = await Promise.all([
      replayed({ home, name: "first" }, run.timeoutMillis),
      run.isOnce ? record : recorded(program, folder, { home, name: "second" }, run.timeoutMillis),
    ]);
    if (replay.verdict !== "identical") differences.push({ what: "replay", text: replay.verdict });
    if (again.digest !== record.digest) differences.push({ what: "second recording", text: `digest ${again.digest}, not ${record.digest}` });
    return { name, what, differences, isOnce: run.isOnce, native: { millis: native.millis }, record, replay };
  } catch (error) {
    return { name, what, differences: [{ what: "failure", text: (error as Error).message }], isOnce: run.isOnce };
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}
/** Both outcomes as files, for whoever looks for a difference. */
function keep(folder: string | undefined, name: string, outcomes: Readonly<Record<string, Outcome>>): void {
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  for (const [side, outcome] of Object.entries(outcomes))
    for (const stream of ["stdout", "stderr"] as const) writeFileSync(join(folder, `${name}.${side}.${stream}`), outcome[stream], "latin1");
}

interface Run {
  readonly natively: (program: ProgramCase, folder: string) => ReturnType<typeof natively>;
  readonly timeoutMillis: number;
  readonly isOnce: boolean;
  readonly keep: string | undefined;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    once: { type: "boolean", default: false },
    keep: { type: "string" },
    timeout: { type: "string", default: "7200" },
  },
});
const unknown = positionals.find(name => !programs.some(program => program.name === name));
if (unknown !== undefined) mistake(`There is no program ${unknown}; there are ${programs.map(({ name }) => name).join(", ")}.`);
const timeoutMillis = Number(values.timeout) * 1000;
if (!(timeoutMillis > 0)) mistake(`--timeout ${values.timeout}: give seconds above 0.`);
if (process.getuid?.() !== 0) mistake("This compares with native runs in a chroot, which needs root on Linux: run it as root.");
const image = await debianOrNull();
if (!image) process.exit(2);

const wanted = programs.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
const results: Result[] = [];
await withNativeRoot(image, async root => {
  const run: Run = {
    natively: (program, folder) => natively(root, image, program, folder, timeoutMillis),
    timeoutMillis,
    isOnce: values.once,
    keep: values.keep,
  };
  for (const [index, program] of wanted.entries()) {
    const result = await check(program, run);
    results.push(result);
    const verdict = result.differences.length === 0 ? "same" : result.differences.map(({ what, text }) => `${what}: ${text}`).join("\n  ");
    process.stderr.write(`${program.name}: ${verdict} (${index + 1} of ${wanted.length})\n${(result.record?.notes ?? []).map(note => `  ${note}\n`).join("")}`);
    if (values.write) writePage([result]);
  }
});
const differing = results.filter(({ differences }) => differences.length > 0);
process.stdout.write(values.json ? `${JSON.stringify(results, null, 2)}\n` : `${results.length - differing.length} of ${results.length} the same\n`);
process.exitCode = differing.length === 0 ? 0 : 1;
