// needs: strace
// While a guest makes every system call there is, Chronix itself makes none that names a file, opens a socket or starts a program.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";

const folder = mkdtempSync(join(tmpdir(), "chronix-host-calls-"));
const trace = join(folder, "trace");
/** glibc's allocator asks /proc/sys/vm/overcommit_memory once, when a thread of V8's gives memory of an arena of its own back (malloc/arena.c, shrink_heap): it is to have none. */
const ONE_ARENA = { MALLOC_ARENA_MAX: "1" };
const TRACED = "trace=%file,%network,execve,execveat,fork,vfork,kill,tkill,tgkill,ptrace,mount";

test("nothing of the host is touched", () => {
  const run = ["--seccomp-bpf", "-f", "-qq", "-o", trace, "-e", TRACED, process.execPath, join(import.meta.dirname, "host-calls-run.ts"), "1"];
  const events = Number(execFileSync("strace", run, { encoding: "utf8", env: { ...process.env, ...ONE_ARENA } }));
  assert.ok(events > 2000, `${events} events`);
  const lines = readFileSync(trace, "latin1").split("\n");
  const [begin, end] = ["/chronix-begins", "/chronix-ends"].map(mark => lines.findIndex(line => line.includes(mark)));
  assert.ok(begin! > 0 && end! > begin!, "the tracer saw both marks");
  assert.equal(
    lines.slice(begin! + 1, end).filter(line => !/ (---|\+\+\+) /.test(line)),
    [],
  );
});
test.after(() => rmSync(folder, { recursive: true, force: true }));
test.run();
