// BusyBox on real input, in Chronix and under QEMU's user mode: npm run bench:busybox [-- --rounds N --json]
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { busyboxCases, writeBusybox, writeInput } from "./busybox-cases.ts";
import { medianTiming, UNCOUNTED_RUNS } from "./report.ts";
import { CHRONIX } from "./runners.ts";
import { measure, type Run, type Timing } from "./stopwatch.ts";

const { values } = parseArgs({ options: { rounds: { type: "string", default: "3" }, json: { type: "boolean", default: false } } });
const folder = mkdtempSync(join(tmpdir(), "chronix-busybox-"));
try {
  const input = join(folder, "input");
  mkdirSync(input);
  writeInput(input);
  const busybox = join(folder, "busybox");
  if (!writeBusybox(busybox)) throw new Error('There is no image of BusyBox: "chronix image pull busybox" fetches it.');
  // What is printed is long: both are measured with its checksum. Folders are read in another order here and there.
  const inFolder = (command: readonly string[]) => [
    "bash",
    "-c",
    'cd "$1" && shift && "$@" | if [ "$0" = tree ]; then sort; else cat; fi | cksum',
    command.includes("tree") ? "tree" : "bash",
    input,
    ...command,
  ];
  const runners = {
    qemu: (words: readonly string[]) => ["qemu-x86_64-static", busybox, ...words],
    run: (words: readonly string[]) => [...CHRONIX, "run", "--mount", `${input}:/input:ro`, "--cwd", "/input", "busybox", ...words],
  };
  const rows = busyboxCases.map(([name, words]) => {
    process.stderr.write(`${name}\n`);
    const runs: Record<keyof typeof runners, Run[]> = { qemu: [], run: [] };
    const [first] = Array.from({ length: UNCOUNTED_RUNS }, () => measure(inFolder(runners.run(words))));
    for (let round = 0; round < Number(values.rounds); round++)
      for (const runner of ["qemu", "run"] as const) runs[runner].push(measure(inFolder(runners[runner](words))));
    const lines = new Set(Object.values(runs).flatMap(all => all.map(run => (run.kind === "ran" ? run.line : run.reason))));
    if (lines.size !== 1) throw new Error(`${name} ended in more ways than one: ${[...lines].join(" | ")}`);
    return { name, first: medianTiming([first!])!, qemu: medianTiming(runs.qemu)!, run: medianTiming(runs.run)! };
  });
  const ratio = ({ qemu, run }: { readonly qemu: Timing; readonly run: Timing }) => run.wallMillis / qemu.wallMillis;
  const mean = Math.exp(rows.reduce((sum, row) => sum + Math.log(ratio(row)), 0) / rows.length);
  if (values.json) console.log(JSON.stringify({ rows, mean }, null, 2));
  else {
    console.log("| what | QEMU ms | first run ms | run ms | run/QEMU |\n| --- | --- | --- | --- | --- |");
    for (const row of rows)
      console.log(
        `| ${row.name} | ${row.qemu.wallMillis.toFixed(0)} | ${row.first.wallMillis.toFixed(0)} | ${row.run.wallMillis.toFixed(0)} | ${ratio(row).toFixed(2)} |`,
      );
    console.log(`\nGeometric mean: ${mean.toFixed(2)}`);
  }
} finally {
  rmSync(folder, { recursive: true });
}
