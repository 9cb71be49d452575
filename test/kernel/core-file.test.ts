// needs: gcc gdb
// A core file as a debugger sees it: gdb tells of the one that a guest left here what it tells of the one that Linux writes.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { inodeOf, readContent } from "../../engine/kernel/objects/inodes.ts";
import { KernelStore } from "../../engine/kernel/store.ts";
import type { Image } from "../../engine/loader/image.ts";
import { runGuest } from "../headless.ts";

const folder = mkdtempSync(join(tmpdir(), "chronix-core-"));
const program = join(folder, "crash");
execFileSync("gcc", ["-O1", "-g", "-static", "-pthread", "-fno-omit-frame-pointer", join(import.meta.dirname, "core/crash.c"), "-o", program]);

const owned = { uid: 0, gid: 0, mtimeSeconds: 0 };
function image(): Image {
  const entries = [
    { path: "/", kind: "directory", mode: 0o755, ...owned } as const,
    { path: "/crash", kind: "file", mode: 0o755, ...owned, content: readFileSync(program) } as const,
  ];
  return { name: "crash", digest: "sha256:crash", entries, config: { entrypoint: [], environment: {}, workingDirectory: "/", user: { uid: 0, gid: 0 } } };
}
/** The core file of a guest, as a file of the host. */
function coreOf(cpu: "x86-64-v1" | "x86-64-v3"): string {
  const run = runGuest({ image: image(), argv: ["/crash"], cpu });
  assert.is(run.status, 0);
  const kernel = new KernelStore(run.machine.state, new Map()).at(0);
  const root = kernel.vfs.inodes.find(inode => inode?.entries?.has("core"))!;
  const core = inodeOf(kernel, root.entries!.get("core")!);
  const path = join(folder, `core-${cpu}`);
  writeFileSync(path, readContent(kernel, core, 0, core.size));
  return path;
}
const COMMANDS = [
  "bt",
  "info threads",
  "print origin",
  "print words[0]",
  "print *at",
  "print scale",
  "print $_siginfo.si_signo",
  "print $_siginfo._sifields._sigfault.si_addr",
  "x/2i $pc",
  "info auxv",
  "info registers rip cs ss orig_rax mxcsr",
  "thread 2",
  "bt -3",
];
/** What differs from one run to another: numbers of processes, addresses that are chosen at random. */
const withoutChance = (text: string): string =>
  text
    .replace(/LWP \d+/g, "LWP N")
    .replace(/0x7[0-9a-f]{8,}/g, "0xADDRESS")
    .replace(/(Thread|words\[0\] =|\$2 =) 0x[0-9a-f]+/g, "$1 0xHEAP")
    .replace(/ {2,}/g, " ");
const CHANCE = /\?\?\?|AT_(?!NULL|PHDR|PHENT|PHNUM|PAGESZ|ENTRY|UID|EUID|GID|EGID|SECURE)/;
function debug(core: string): string {
  const { stdout } = spawnSync("gdb", ["-nx", "-batch", ...COMMANDS.flatMap(command => ["-ex", command]), program, core], { encoding: "utf8" });
  return withoutChance(stdout)
    .split("\n")
    .filter(line => !CHANCE.test(line) && !line.startsWith("Core was generated") && !line.startsWith("warning"))
    .join("\n");
}
test("gdb tells the same of it as of Linux's", () => {
  execFileSync(program, { cwd: folder });
  const native = join(folder, "core");
  if (!existsSync(native))
    return void console.log("Core files are not compared: this host puts them elsewhere than into the working directory (core_pattern).");
  const expected = debug(native);
  assert.match(expected, /#0 .*inner .*\n#1 .*outer .*entry=3/);
  for (const cpu of ["x86-64-v1", "x86-64-v3"] as const) assert.is(debug(coreOf(cpu)), expected, cpu);
});
test.run();
