// BusyBox on real input, in Chronix and under QEMU's user mode: npm run bench:busybox [-- --rounds N --json]
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { BUSYBOX, ImageStore } from "../../guest-images/image-store.ts";
import { randomOf } from "../events/sample-events.ts";
import { medianTiming } from "./report.ts";
import { CHRONIX } from "./runners.ts";
import { measure, type Run, type Timing } from "./stopwatch.ts";

const MIB = 2 ** 20;
/** Of BusyBox, in the folder of the input. None starts another program: that would run natively under QEMU. */
const CASES: readonly (readonly [name: string, words: readonly string[]])[] = [
  ["gzip of 20 MiB", ["gzip", "-c", "text"]],
  ["gunzip of 20 MiB", ["gunzip", "-c", "text.gz"]],
  ["sha256sum of 20 MiB", ["sha256sum", "text"]],
  ["sort of 200,000 lines", ["sort", "lines"]],
  ["awk over 200,000 lines", ["awk", "{ count[$2]++; sum += $1 } END { for (word in count) n++; print n, sum, NR }", "lines"]],
  ["a shell's loop of 200,000 rounds", ["sh", "-c", "i=0; sum=0; while [ $i -lt 200000 ]; do i=$((i + 1)); sum=$((sum + i % 7)); done; echo $sum"]],
  ["find over 4,000 files", ["find", "tree", "-type", "f", "-name", "*7*", "-size", "-3"]],
  ["grep over 4,000 files", ["grep", "-r", "-c", "-e", "abc[d-f]*z", "tree"]],
];

/** The same bytes each time. */
function writeInput(folder: string): void {
  const random = randomOf(1);
  const word = (): string => Array.from({ length: 2 + random(8) }, () => String.fromCharCode(97 + random(26))).join("");
  const words = Array.from({ length: 5000 }, word);
  const text = (bytes: number): string => {
    let out = "";
    while (out.length < bytes) out += `${words[random(random(words.length) + 1)]}${random(12) === 0 ? "\n" : " "}`;
    return out.slice(0, bytes);
  };
  writeFileSync(join(folder, "text"), text(20 * MIB));
  execFileSync("gzip", ["-k", "-n", join(folder, "text")]);
  writeFileSync(join(folder, "lines"), Array.from({ length: 200_000 }, () => `${random(1_000_000)} ${words[random(words.length)]} ${word()}\n`).join(""));
  for (let i = 0; i < 4000; i++) {
    const at = join(folder, "tree", `d${i % 50}`, `e${i % 7}`);
    mkdirSync(at, { recursive: true });
    writeFileSync(join(at, `file${i}`), text(500 + random(3000)));
  }
}

const { values } = parseArgs({ options: { rounds: { type: "string", default: "3" }, json: { type: "boolean", default: false } } });
const folder = mkdtempSync(join(tmpdir(), "chronix-busybox-"));
try {
  const input = join(folder, "input");
  mkdirSync(input);
  writeInput(input);
  const busybox = join(folder, "busybox");
  const content = new ImageStore().open(BUSYBOX).entries.find(({ path }) => path === "/bin/busybox")!.content;
  writeFileSync(busybox, content!, { mode: 0o755 });
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
  const rows = CASES.map(([name, words]) => {
    process.stderr.write(`${name}\n`);
    const runs: Record<keyof typeof runners, Run[]> = { qemu: [], run: [] };
    for (let round = 0; round < Number(values.rounds); round++)
      for (const runner of ["qemu", "run"] as const) runs[runner].push(measure(inFolder(runners[runner](words))));
    const lines = new Set(Object.values(runs).flatMap(all => all.map(run => (run.kind === "ran" ? run.line : run.reason))));
    if (lines.size !== 1) throw new Error(`${name} ended in more ways than one: ${[...lines].join(" | ")}`);
    return { name, qemu: medianTiming(runs.qemu)!, run: medianTiming(runs.run)! };
  });
  const ratio = ({ qemu, run }: { readonly qemu: Timing; readonly run: Timing }) => run.wallMillis / qemu.wallMillis;
  const mean = Math.exp(rows.reduce((sum, row) => sum + Math.log(ratio(row)), 0) / rows.length);
  if (values.json) console.log(JSON.stringify({ rows, mean }, null, 2));
  else {
    console.log("| what | QEMU ms | run ms | run/QEMU |\n| --- | --- | --- | --- |");
    for (const row of rows) console.log(`| ${row.name} | ${row.qemu.wallMillis.toFixed(0)} | ${row.run.wallMillis.toFixed(0)} | ${ratio(row).toFixed(2)} |`);
    console.log(`\nGeometric mean: ${mean.toFixed(2)}`);
  }
} finally {
  rmSync(folder, { recursive: true });
}
