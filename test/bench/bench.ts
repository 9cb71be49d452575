// Compares Chronix with the processor itself, QEMU's user mode and strace: npm run bench -- [--only NAME,NAME] [--rounds N] [--quick] [--json] [--write]
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { FileSource } from "../../events/log/file-source.ts";
import { LogReader } from "../../events/log/reader.ts";
import { builtProgram } from "./built-program.ts";
import { writeBusybox } from "./busybox-cases.ts";
import { type Program, programs } from "./program-table.ts";
import { medianTiming, page, type Report, type Row, type Start, sentences, table, UNCOUNTED_RUNS } from "./report.ts";
import { type Runner, type RunnerName, runnersHere } from "./runners.ts";
import { measure, type Run } from "./stopwatch.ts";

const PAGE = join(import.meta.dirname, "../../docs/benchmarks.md");

interface Plan {
  readonly rounds: number;
  readonly isQuick: boolean;
  readonly runners: readonly Runner[];
  readonly log: string;
}
function compare(program: Program, { rounds, isQuick, runners, log }: Plan): Row {
  const work = isQuick ? program.quickWork : program.work;
  const path = builtProgram(program);
  const fitting = runners.filter(({ fits }) => fits(program));
  const runs = new Map<RunnerName, Run[]>(fitting.map(({ name }) => [name, []]));
  let instructions: number | undefined;
  const chronix = runners.find(({ name }) => name === "run")!;
  const uncounted = Array.from({ length: UNCOUNTED_RUNS }, () => measure(chronix.command(path, [String(work)])));
  const first = medianTiming(uncounted.slice(0, 1));
  for (let round = 0; round < rounds; round++)
    for (const { name, command } of fitting) {
      const seen = runs.get(name)!;
      // What could not be run once is not tried again.
      if (seen.at(-1)?.kind === "none") continue;
      seen.push(measure(command(path, [String(work)])));
      if (name === "record") instructions ??= ticksIn(log);
    }
  const missing = [...runs].flatMap(([name, seen]) => seen.flatMap(run => (run.kind === "none" ? [[name, run.reason] as const] : [])));
  const medians = [...runs].flatMap(([name, seen]) => [[name, medianTiming(seen)] as const].filter(([, timing]) => timing !== undefined));
  checkLines(program, runs);
  return {
    program,
    work,
    medians: Object.fromEntries(medians),
    missing: Object.fromEntries(missing),
    ...(first && { first }),
    ...(instructions !== undefined && { instructions }),
  };
}

function checkLines({ name }: Program, runs: ReadonlyMap<RunnerName, readonly Run[]>): void {
  const lines = [...runs].flatMap(([runner, seen]) => seen.flatMap(run => (run.kind === "ran" ? [[runner, run.line] as const] : [])));
  const wrong = lines.find(([, line]) => line !== lines[0]?.[1] || line === "");
  if (wrong) throw new Error(`${name} printed "${wrong[1]}" under ${wrong[0]} and "${lines[0]?.[1]}" under ${lines[0]?.[0]}.`);
}

function ticksIn(log: string): number | undefined {
  if (!existsSync(log)) return undefined;
  const reader = new LogReader(new FileSource(log));
  try {
    return reader.end?.tick;
  } finally {
    reader.close();
  }
}

/** The same program of many processes: started by a shell inside one Chronix, and from this host under QEMU. */
const PROCESSES = 300;
const loopOf = (command: string): string => `i=0; while [ $i -lt ${PROCESSES} ]; do ${command}; i=$((i+1)); done`;

function compareStart(rounds: number, runners: readonly Runner[], folder: string): Start {
  const chronix = runners.find(({ name }) => name === "run")!;
  const qemu = runners.find(({ name }) => name === "qemu");
  const [ours, nodes, loops, qemuLoops]: [Run[], Run[], Run[], Run[]] = [[], [], [], []];
  for (let round = 0; round < Math.max(5, rounds); round++) {
    ours.push(measure(chronix.command("busybox", ["true"])));
    nodes.push(measure([process.execPath, "-e", "0"]));
  }
  const busybox = join(folder, "busybox");
  const hasBusybox = writeBusybox(busybox);
  for (let round = 0; hasBusybox && round < rounds; round++) {
    loops.push(measure(chronix.command("busybox", ["sh", "-c", loopOf("busybox true")])));
    if (qemu) qemuLoops.push(measure(["bash", "-c", loopOf(qemu.command('"$0"', ["true"]).join(" ")), busybox]));
  }
  const [busyboxTrue, node, processes, qemuProcesses] = [ours, nodes, loops, qemuLoops].map(medianTiming);
  return { ...(busyboxTrue && { busyboxTrue }), ...(node && { node }), ...(processes && { processes }), ...(qemuProcesses && { qemuProcesses }) };
}

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    rounds: { type: "string", default: "3" },
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
  },
});
const names = values.only?.split(",") ?? programs.map(({ name }) => name);
const unknown = names.find(name => !programs.some(program => program.name === name));
if (unknown !== undefined) throw new Error(`There is no program ${unknown}; there are ${programs.map(({ name }) => name).join(", ")}.`);
const rounds = Number(values.rounds);
if (!(Number.isInteger(rounds) && rounds > 0)) throw new Error(`--rounds ${values.rounds}: give a whole number above 0.`);

const folder = mkdtempSync(join(tmpdir(), "chronix-bench-"));
try {
  const log = join(folder, "bench.log");
  const plan: Plan = { rounds, isQuick: values.quick, runners: runnersHere(log), log };
  const start = compareStart(rounds, plan.runners, folder);
  const rows: Row[] = [];
  for (const program of programs.filter(({ name }) => names.includes(name))) {
    process.stderr.write(`${program.name}\n`);
    rows.push(compare(program, plan));
  }
  const host = { processor: cpus()[0]?.model.trim() ?? "an unknown processor", node: process.versions.node };
  const report: Report = { host, rounds, isQuick: values.quick, start, rows };
  process.stdout.write(values.json ? `${JSON.stringify(report, null, 2)}\n` : `${[...sentences(report), "", table(report)].join("\n")}\n`);
  if (values.write) writeFileSync(PAGE, page(report));
} finally {
  rmSync(folder, { recursive: true });
}
