// needs: gcc
// A folder that is mounted for a run: its files are read when the guest wants them, and soon to the end; what the host does to them afterwards is not seen.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as pass } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { compileGuest } from "../kernel/compiled-guests.ts";

const root = join(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "chronix-mounted-"));
const guest = compileGuest("reads-when-told").path;
/** Longer than a run lets its folders wait, and reads the first of them. */
const LATER_MILLISECONDS = 3500;

const mounted = suite("a mounted folder");
mounted.after(() => rmSync(folder, { recursive: true }));
mounted("holds what it held when the run began", async () => {
  mkdirSync(join(folder, "data"));
  for (const name of ["first", "second"]) writeFileSync(join(folder, "data", name), `${name} before`);
  const mounts = ["--mount", `${folder}/data:/data`, "--mount", `${dirname(guest)}:/bin`];
  const words = [
    "--import",
    "tsx",
    join(root, "repl/cli.ts"),
    "run",
    "--image",
    "demo",
    ...mounts,
    guest.replace(dirname(guest), "/bin"),
    "/data/first",
    "/data/second",
  ];
  const child = spawn(process.execPath, words, { cwd: root, env: { ...process.env, CHRONIX_HOME: folder }, stdio: ["pipe", "pipe", "inherit"] });
  const lines: string[] = [];
  child.stdout!.setEncoding("utf8").on("data", (more: string) => lines.push(...more.split("\n").filter(line => /before|after/.test(line))));
  const has = async (count: number) => {
    while (lines.length < count && child.exitCode === null) await pass(20);
  };
  child.stdin!.write("x");
  await has(1);
  await pass(LATER_MILLISECONDS);
  for (const name of ["first", "second"]) writeFileSync(join(folder, "data", name), "after");
  child.stdin!.end("x");
  await has(2);
  assert.equal(lines, ["first before", "second before"]);
});
mounted.run();
