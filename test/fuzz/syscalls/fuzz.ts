// `npm run fuzz:syscalls -- --seconds N --seed S`: seed after seed until the time is up. A failure is made smaller and printed with the line that repeats it.
// The script runs it without the right to write files, to read outside the sources or to start programs, so that whatever touches the host fails.
import { getHeapStatistics } from "node:v8";
import { Command } from "commander";
import { Progress } from "../../../repl/progress.ts";
import { CALL_COUNT } from "./table.ts";
import { type Outcome, type Trial, tryCalls } from "./trial.ts";

const MIB = 2 ** 20;
const options = new Command("fuzz:syscalls")
  .option("--seconds <n>", "how long", "30")
  .option("--seed <n>", "the first; the same seed and size, the same calls", "1")
  .option("--runs <n>", "seeds at most")
  .option("--calls <n>", "until so many system calls were made")
  .option("--size <generations,workers,calls>", "of one run", "4,3,2000")
  .option("--repeat <n>", "each n-th seed is recorded a second time", "4")
  .option("--most-memory <MiB>", "a process that grows beyond has failed", "3000")
  .option("--answers", "how often each call was made and served")
  .option("--json", "figures as JSON")
  .parse()
  .opts<{ seconds: string; seed: string; runs?: string; calls?: string; size: string; repeat: string; mostMemory: string; answers?: true; json?: true }>();

const [generations = 4, workers = 3, calls = 2000] = options.size.split(",").map(Number);
const say = (text: string): void => void (options.json || process.stdout.write(`${text}\n`));
const started = performance.now();
const secondsSoFar = (): number => (performance.now() - started) / 1000;
const progress = new Progress("fuzzing", Number(options.seconds));
const totals = { runs: 0, calls: 0, events: 0, repeated: 0, endedEarly: 0, peakMemory: 0 };
const answers = new Map<string, number>();
const failures: { readonly line: string; readonly text: string }[] = [];

function failureOf(trial: Trial): string | undefined {
  try {
    tryCalls(trial);
    return undefined;
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}
/** Fewer generations and calls, as long as it still fails. */
function shrunk(trial: Trial, text: string): { readonly trial: Trial; readonly text: string } {
  let best = { trial, text };
  for (let left = 8; left > 0; left--) {
    const { size } = best.trial;
    const smaller = size.generations > 1 ? { ...size, generations: 1 } : { ...size, calls: Math.floor(size.calls * 0.6) };
    if (smaller.calls < 10) break;
    const found = failureOf({ ...best.trial, size: smaller });
    if (found === undefined) break;
    best = { trial: { ...best.trial, size: smaller }, text: found };
  }
  return best;
}
function add(outcome: Outcome, isRepeated: boolean): void {
  totals.calls += outcome.calls;
  totals.events += outcome.events;
  if (isRepeated) totals.repeated++;
  if (outcome.status !== 0) totals.endedEarly++;
  for (const [key, count] of outcome.answers) answers.set(key, (answers.get(key) ?? 0) + count);
}
function fail(trial: Trial, text: string): void {
  const { size, seed, isRepeated } = trial;
  const line = `npm run fuzz:syscalls -- --runs 1 --seed ${seed} --size ${size.generations},${size.workers},${size.calls} --repeat ${isRepeated ? 1 : 0}`;
  failures.push({ line, text });
  say(`\nseed ${seed} fails: ${text}\n${line}`);
}

const isOver = (): boolean =>
  secondsSoFar() >= Number(options.seconds) || totals.runs >= Number(options.runs ?? Infinity) || totals.calls >= Number(options.calls ?? Infinity);
for (let seed = Number(options.seed); !isOver(); seed++) {
  const every = Number(options.repeat);
  const trial: Trial = { seed, size: { generations, workers, calls }, isRepeated: every > 0 && totals.runs % every === 0 };
  totals.runs++;
  try {
    add(tryCalls(trial), trial.isRepeated);
  } catch (error) {
    const least = shrunk(trial, error instanceof Error ? (error.stack ?? error.message) : String(error));
    fail(least.trial, least.text);
  }
  const memory = process.memoryUsage.rss() / MIB;
  totals.peakMemory = Math.max(totals.peakMemory, Math.round(memory));
  if (memory > Number(options.mostMemory)) {
    fail(trial, `The process has grown to ${Math.round(memory)} MiB, of them ${Math.round(getHeapStatistics().used_heap_size / MIB)} of objects.`);
    break;
  }
  progress.at(Math.min(Number(options.seconds), Math.floor(secondsSoFar())));
}
progress.end();

const served = new Map<string, [calls: number, good: number]>();
for (const [key, count] of answers) {
  const [name = "", result = ""] = key.split(" ");
  const [all, good] = served.get(name) ?? [0, 0];
  served.set(name, [all + count, good + (/^[a-z]/.test(result) ? count : 0)]);
}
const figures = {
  ...totals,
  seconds: Number(secondsSoFar().toFixed(1)),
  callsMet: served.size,
  callsInTable: CALL_COUNT,
  callsThatSucceeded: [...served.values()].filter(([, good]) => good > 0).length,
  answersMet: answers.size,
  failures: failures.length,
};
if (options.json)
  process.stdout.write(`${JSON.stringify({ ...figures, failed: failures, ...(options.answers ? { answers: Object.fromEntries(answers) } : {}) })}\n`);
else {
  if (options.answers) for (const [name, [all, good]] of [...served].toSorted()) say(`${name}: ${all} calls, ${good} served`);
  for (const [name, value] of Object.entries(figures)) say(`${name}: ${value.toLocaleString("en")}`);
}
process.exitCode = failures.length > 0 ? 1 : 0;
