// needs: gcc
// A guest that takes without end meets its limit, with the errno or signal that Linux has for it, and the host's process stays within its own.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { errnoNumber } from "../../engine/abi/errno.ts";
import { FLAGS, toolchain } from "../../guest-images/demo/build.ts";
import { openLog } from "../../snapshots/log-folder.ts";
import type { LimitsRun } from "./limits-run.ts";

const MIB = 2 ** 20;
const MEMORY_BYTES = 128 * MIB;
/** For Node, the interpreter's code, and state: what a machine takes besides the guest's memory. */
const MOST_BESIDES = 400 * MIB;
const ROOT = join(import.meta.dirname, "../..");
const { EAGAIN, ENOMEM, EMFILE, ENFILE, ENOSPC } = {
  EAGAIN: errnoNumber("EAGAIN"),
  ENOMEM: errnoNumber("ENOMEM"),
  EMFILE: errnoNumber("EMFILE"),
  ENFILE: errnoNumber("ENFILE"),
  ENOSPC: errnoNumber("ENOSPC"),
};
const SIGKILL = 9;
const SIGSEGV = 11;

/** By the word that limits.c is given: what it says (a thing, how many of it, the errno), or how it ends. */
const LIMITS: Readonly<Record<string, (run: LimitsRun) => void>> = {
  processes: meets("fork", count => count > 900 && count < 1024, EAGAIN),
  bomb: meets("bomb", count => count === 0, EAGAIN),
  // Memory is handed out when it is touched: the kernel kills who touches the last of it, unless it was foreseen (ENOMEM).
  memory: run => (run.status === SIGKILL ? assert.is(run.output, "") : meets("memory", count => count > 64, ENOMEM)(run)),
  "memory-in-child": meets("child", signal => signal === SIGKILL || signal === 0, 0),
  heap: run => (run.status === SIGKILL ? assert.is(run.output, "") : meets("heap", count => count > 64, ENOMEM)(run)),
  addresses: meets("addresses", count => count > 100 && count < 128, ENOMEM),
  write: meets("write", mebibytes => mebibytes === 64, 0),
  file: meets("file", mebibytes => mebibytes >= 32 && mebibytes <= 128, ENOSPC),
  descriptors: meets("descriptors", count => count === 1021, EMFILE),
  "open-files": meets("open files", count => count > 60_000, ENFILE),
  recursion: meets("recursion", signal => signal === SIGSEGV, 0),
  pipe: meets("pipe", count => count === 65_536, EAGAIN),
};
function meets(thing: string, isCount: (count: number) => boolean, errno: number): (run: LimitsRun) => void {
  return ({ output, status }) => {
    const [, what, count, error] = /([a-z ]+) (-?\d+) (\d+)\n$/.exec(output) ?? [];
    assert.is(what, thing, `${JSON.stringify(output)}, status ${status}`);
    assert.ok(isCount(Number(count)), output);
    assert.is(Number(error), errno, output);
    assert.is(status, 0);
  };
}

const test = suite("limits");
const folder = mkdtempSync(join(tmpdir(), "chronix-limits-"));
const elf = join(folder, "limits.elf");
const hasCompiler = toolchain() !== null;
if (hasCompiler) execFileSync("gcc", [...FLAGS, "-I", join(ROOT, "guest-images/demo"), "-o", elf, join(ROOT, "test/guests/limits.c")], { stdio: "inherit" });
else console.log("No compiler is here to build the guest with: its limits are not tested.");

function run(memoryBytes: number, ...words: readonly string[]): LimitsRun {
  const log = join(folder, `${words[0]}.chronix`);
  const text = execFileSync(process.execPath, [join(import.meta.dirname, "limits-run.ts"), elf, String(memoryBytes), log, ...words], { encoding: "utf8" });
  rmSync(log, { force: true });
  return JSON.parse(text) as LimitsRun;
}
const check = hasCompiler ? test : test.skip;
for (const [word, meetsIts] of Object.entries(LIMITS)) {
  check(word, () => {
    const found = run(MEMORY_BYTES, word);
    meetsIts(found);
    assert.ok(found.peakBytes < MEMORY_BYTES + MOST_BESIDES, `the host's process took ${Math.round(found.peakBytes / MIB)} MiB`);
  });
}
check("a directory of 100,000 entries", () => {
  const found = run(2 ** 30, "directory", "100000");
  meets("directory", count => count === 100_002, 0)(found);
  assert.ok(found.peakBytes < 2 ** 30 + MOST_BESIDES, `the host's process took ${Math.round(found.peakBytes / MIB)} MiB`);
});
check("more entries than there may be", () => {
  const found = run(MEMORY_BYTES, "directory", "100000");
  meets("directory", count => count > 16_000 && count <= 16_384, ENOSPC)(found);
  assert.ok(found.peakBytes < MEMORY_BYTES + MOST_BESIDES, `the host's process took ${Math.round(found.peakBytes / MIB)} MiB`);
});
/** What ulimit -f counts in (sh(1)). */
const BLOCK_BYTES = 512;
check("a log that its disk does not take whole", () => {
  const log = join(folder, "short.chronix");
  const words = [process.execPath, join(import.meta.dirname, "limits-run.ts"), elf, String(MEMORY_BYTES), log, "pipe"];
  const record = (limit: string) => spawnSync("sh", ["-c", `ulimit -f ${limit}; exec "$@"`, "sh", ...words], { encoding: "utf8" });
  assert.is(record("unlimited").status, 0);
  const half = Math.floor(statSync(log).size / BLOCK_BYTES / 2);
  const { status, stderr } = record(String(half));
  assert.is.not(status, 0);
  assert.match(stderr, /LogWriteFailure: .*the file has reached the size that is allowed.*what was recorded before is in it\./);
  const reader = openLog(log);
  assert.is(reader.damage, undefined);
  assert.ok(reader.length > 1000);
  assert.is(reader.event(reader.length - 1)?.kind, "syscall");
  reader.close();
});
test.after(() => rmSync(folder, { recursive: true, force: true }));
test.run();
