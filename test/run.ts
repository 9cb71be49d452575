// Runs every test file in a process of its own, two at a time, and closes with a count. A file that runs no test fails.
import { spawn } from "node:child_process";
import { existsSync, globSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, relative } from "node:path";

const root = join(import.meta.dirname, "..");
/** A file that takes longer hangs. */
const MOST_SECONDS = 600;
const wanted = process.argv.slice(2);
const files = globSync("test/**/*.test.{ts,tsx}", { cwd: root })
  .toSorted()
  .filter(file => wanted.length === 0 || wanted.some(word => file.includes(word)));

interface Outcome {
  readonly file: string;
  readonly passed: number;
  readonly total: number;
  readonly skipped: number;
  readonly isGood: boolean;
}
/** Programs of the host that a file's first line asks for and that are not there: compilers, to make guests and to run them on the real processor. */
function missingFor(text: string): readonly string[] {
  const wanted = /^\/\/ needs: (.+)$/m.exec(text)?.[1]?.split(" ") ?? [];
  const folders = (process.env.PATH ?? "").split(":");
  return wanted.filter(tool => !folders.some(folder => existsSync(join(folder, tool))));
}

function runFile(file: string): Promise<Outcome> {
  return new Promise(resolve => {
    const missing = missingFor(readFileSync(join(root, file), "utf8"));
    if (missing.length > 0) {
      process.stdout.write(`skip ${relative("test", file)}: it compares with the real processor, and this host has no ${missing.join(" and no ")}\n`);
      resolve({ file, passed: 0, total: 0, skipped: 1, isGood: true });
      return;
    }
    if (!/\.run\(\)/.test(readFileSync(join(root, file), "utf8"))) {
      process.stdout.write(`\n${file}: no suite calls run(), so nothing in it is tested\n`);
      resolve({ file, passed: 0, total: 0, skipped: 0, isGood: false });
      return;
    }
    const started = performance.now();
    const child = spawn(process.execPath, ["--import", "tsx", join(root, file)], {
      cwd: root,
      env: { ...process.env, FORCE_COLOR: "0", NODE_NO_WARNINGS: "1" },
    });
    let text = "";
    child.stdout.on("data", chunk => {
      text += chunk;
    });
    child.stderr.on("data", chunk => {
      text += chunk;
    });
    const timer = setTimeout(() => {
      text += `\nstill running after ${MOST_SECONDS} s: ended\n`;
      child.kill("SIGKILL");
    }, MOST_SECONDS * 1000);
    child.on("close", code => {
      clearTimeout(timer);
      const count = (label: string) => [...text.matchAll(new RegExp(`${label}:\\s+(\\d+)`, "g"))].reduce((sum, match) => sum + Number(match[1]), 0);
      const [total, passed, skipped] = [count("Total"), count("Passed"), count("Skipped")];
      const isGood = code === 0 && total > 0 && passed === total;
      process.stdout.write(
        `${isGood ? "ok  " : "FAIL"} ${relative("test", file)} (${passed}/${total}, ${((performance.now() - started) / 1000).toFixed(1)} s)\n`,
      );
      if (!isGood) process.stdout.write(`${text}\n`);
      resolve({ file, passed, total, skipped, isGood });
    });
  });
}

const outcomes: Outcome[] = [];
const queue = [...files];
await Promise.all(
  Array.from({ length: Math.min(2, availableParallelism()) }, async () => {
    for (let file = queue.shift(); file; file = queue.shift()) outcomes.push(await runFile(file));
  }),
);
const sum = (pick: (outcome: Outcome) => number) => outcomes.reduce((total, outcome) => total + pick(outcome), 0);
const failed = sum(o => o.total - o.passed) + outcomes.filter(o => !o.isGood && o.total === o.passed).length;
const bad = outcomes.filter(outcome => !outcome.isGood);
if (bad.length > 0) process.stdout.write(`\nfailed: ${bad.map(outcome => outcome.file).join(", ")}\n`);
process.stdout.write(`${sum(o => o.passed)} passed, ${failed} failed, ${sum(o => o.skipped)} skipped\n`);
process.exitCode = files.length > 0 && bad.length === 0 ? 0 : 1;
