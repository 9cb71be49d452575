// needs: gcc
// Each guest program prints here what it prints natively, byte for byte, and ends with the same status.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { runGuest } from "../headless.ts";
import { ASKING_FOR_ROOT, compileGuest, guestNames, NEEDING_XSAVE } from "./compiled-guests.ts";

/** GUEST=text picks guests. */
const wanted = guestNames().filter(name => name.includes(process.env.GUEST ?? ""));

function native(path: string): { readonly output: string; readonly status: number | string | null } {
  const folder = mkdtempSync(join(tmpdir(), "chronix-native-"));
  try {
    const { stdout, status, signal } = spawnSync(path, { cwd: folder, encoding: "latin1", env: { PATH: "/bin" }, timeout: 60_000 });
    return { output: stdout, status: signal ?? status };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
/** Linux would give core files to a program, or other names (core(5)). */
const hasCoreFiles = readFileSync("/proc/sys/kernel/core_pattern", "utf8") === "core\n";
/** What a guest says natively where the kernel lacks what it is about (check.h). */
const NOT_COMPARED = "not compared: ";
for (const name of wanted) {
  if (process.getuid?.() !== 0 && ASKING_FOR_ROOT.includes(name)) {
    console.log(`${name} is not compared: it asks for what only root may.`);
    continue;
  }
  if (name === "core-files" && !hasCoreFiles) {
    console.log("core-files is not compared: this host puts core files elsewhere than into the working directory (core_pattern).");
    continue;
  }
  test(name, () => {
    const { path, image, argv } = compileGuest(name);
    const run = runGuest({ image, argv, mostTicks: 2_000_000_000, ...(NEEDING_XSAVE.includes(name) ? { cpu: "x86-64-v3" as const } : {}) });
    const output = Buffer.from(run.stdout).toString("latin1");
    let expected = native(path);
    if (expected.output.startsWith(NOT_COMPARED)) {
      console.log(`${name} is ${expected.output.trim()}`);
      assert.is(run.status === undefined ? undefined : run.status >> 8, 0);
      return;
    }
    // A busy host lets the threads of a native run come later than they would: then it says otherwise than it does at rest.
    for (let tries = 1; tries < 10 && expected.output !== output; tries++) expected = native(path);
    assert.is(output, expected.output, Buffer.from(run.stderr).toString("latin1") + run.notes.join("\n"));
    assert.is(run.status === undefined ? undefined : run.status >> 8, expected.status);
    run.machine.assertTree();
  });
}
test.run();
