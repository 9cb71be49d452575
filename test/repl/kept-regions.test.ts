// needs: gcc
// Compiled regions that a run of the built command leaves to those after it.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { BARE, compile } from "../cpu/guests.ts";

const root = join(import.meta.dirname, "../..");
// Beside guest-images/, where the bundle looks for the embedded image.
const dist = mkdtempSync(join(root, "built-"));
const home = mkdtempSync(join(tmpdir(), "chronix-regions-"));
const folder = join(home, "code/regions");
const { path: program, native } = compile("../../bench/programs/sha256.c");
/** Enough for its loop to be compiled. */
const [WORK, MOST_RUNS] = ["6", 8];

function chronix(...words: readonly string[]): string {
  return chronixEndingWith(0, ...words);
}
function chronixEndingWith(expected: number, ...words: readonly string[]): string {
  const { stdout, stderr, status } = spawnSync(process.execPath, [join(dist, "cli.js"), ...words], {
    env: { ...process.env, CHRONIX_HOME: home },
    input: "",
    encoding: "utf8",
  });
  assert.is(status, expected, stderr);
  return stdout;
}
const run = (): string => chronix("run", program, WORK);
const file = (): string => {
  const [name, ...others] = readdirSync(folder);
  assert.equal(others, []);
  return join(folder, name!);
};

const kept = suite("compiled regions that are kept");
kept.before(() => {
  assert.is(native.status, 0);
  execFileSync(process.execPath, [join(root, "build.ts"), dist], { cwd: root });
});
kept.after(() => {
  rmSync(dist, { recursive: true });
  rmSync(home, { recursive: true });
});
const expected = execFileSync(program, [WORK], { encoding: "utf8" });
kept("the runs after a first one keep what they compile besides, until there is nothing", () => {
  let before: Buffer | undefined;
  for (let i = 0; i < MOST_RUNS; i++) {
    assert.is(run(), expected);
    const after = readFileSync(file());
    if (before?.equals(after)) return;
    before = after;
  }
  assert.unreachable(`the file is another after each of ${MOST_RUNS} runs`);
});
kept("a recording and its replay use them, and agree", () => {
  const log = join(home, "one.clog");
  assert.is(chronix("record", "-o", log, program, WORK), expected);
  assert.match(chronix("replay", log), /identical/);
});
kept("a damaged file is made anew", () => {
  const whole = readFileSync(file());
  writeFileSync(file(), Buffer.from(whole).fill(0x55, whole.length >> 1));
  assert.is(run(), expected);
  assert.not.equal(readFileSync(file()).subarray(-100), Buffer.alloc(100, 0x55));
});
kept("one that was cut short too", () => {
  writeFileSync(file(), readFileSync(file()).subarray(0, 100));
  assert.is(run(), expected);
  assert.ok(statSync(file()).size > 1000);
});
/** A run left its traces, and a process that makes of them what later runs put. */
async function gathered(): Promise<string> {
  const [work, result] = ["gatherings", "gathered"].map(name => join(home, "code", name)) as [string, string];
  for (let waited = 0; waited < 60_000 && !(existsSync(result) && readdirSync(work).length === 0); waited += 50) await setTimeout(50);
  const [name, ...others] = readdirSync(result);
  assert.equal(others, []);
  return join(result, name!);
}
/** Of the interpreter's, those that a program has been seen to need: the third part of the file, by the lengths at its beginning. */
function coldFunctions(): number {
  const name = readdirSync(join(home, "code")).find(file => file.startsWith("interpreter.wasm-"))!;
  return (readFileSync(join(home, "code", name)).readUInt32LE(16) - 1) / 2;
}
kept("what runs interpreted is compiled by a process of its own, and put by those after them", async () => {
  const wide = compile("wide.c", ...BARE);
  const { output, status } = wide.native;
  const runWide = (...words: readonly string[]) => assert.is(chronixEndingWith(status!, ...words, wide.path), output);
  rmSync(join(home, "code"), { recursive: true });
  for (let i = 0; i < MOST_RUNS && !existsSync(join(home, "code/gatherings")); i++) runWide("run");
  const path = await gathered();
  assert.ok(coldFunctions() > 0, "no rare instruction's function is kept");
  const whole = readFileSync(path);
  runWide("run");
  const log = join(home, "wide.clog");
  runWide("record", "-o", log);
  assert.match(chronixEndingWith(status!, "replay", log), /identical/);
  // Damaged, it is as if it were not there.
  for (const damaged of [Buffer.from(whole).fill(0x55, 200, whole.length >> 1), whole.subarray(0, whole.length >> 1)]) {
    writeFileSync(path, damaged);
    runWide("run");
  }
});
kept.run();
