// /proc from a small kernel: which nodes there are, what they contain, who may look.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { proc } from "../../../engine/kernel/kinds/proc.ts";
import { binary, bytesOf } from "../../../engine/kernel/objects/binary-string.ts";
import { bootProcess } from "../../../engine/kernel/objects/first-process.ts";
import { openFileOf } from "../../../engine/kernel/objects/open-files.ts";
import { contentNow, procTree, writeProc } from "../../../engine/kernel/objects/proc-tree.ts";
import { bootFiles } from "../../../engine/kernel/objects/root-files.ts";
import { createFirstContext, openStandardFiles } from "../../../engine/kernel/objects/standard-files.ts";
import { taskOf } from "../../../engine/kernel/objects/tasks.ts";
import { createTerminal } from "../../../engine/kernel/objects/terminals.ts";
import { PARAMETERS, quietKernel } from "../tty/quiet-kernel.ts";

function booted() {
  const kernel = quietKernel();
  bootFiles(kernel, { name: "none", entries: [], buffer: new Uint8Array(0) } as never, []);
  createTerminal(kernel, 0, { columns: 80, rows: 24 });
  bootProcess(kernel, PARAMETERS, { files: openStandardFiles(kernel, PARAMETERS), fsContext: createFirstContext(kernel, "/") });
  const task = taskOf(kernel, 2);
  task.name = "sh";
  const read = (path: string): string => {
    const opened = procTree.open(kernel, task, path, 0);
    return "errno" in opened ? opened.errno : binary(contentNow(kernel, task, { path, ...opened })!);
  };
  const list = (path: string): readonly string[] => procTree.list(kernel, task, path).map(entry => entry.name);
  return { kernel, task, read, list };
}

test("the root lists its files, links and processes", () => {
  const { list } = booted();
  const names = list("");
  for (const name of ["meminfo", "cpuinfo", "self", "mounts", "sys", "1", "2"]) assert.ok(names.includes(name), name);
  assert.is(new Set(names).size, names.length);
});
test("directories that only hold rows are there, and nothing besides", () => {
  const { kernel, task, list } = booted();
  const kindOf = (path: string): string | undefined => procTree.find(kernel, task, path)?.kind;
  for (const path of ["", "2", "sys", "sys/kernel", "sys/kernel/random", "2/task/2", "2/task/2/net"]) assert.is(kindOf(path), "directory", path);
  for (const path of ["sy", "sys/kern", "constructor", "2/fd/constructor", "2/task/2/task", "2/task/2/task/2/stat"]) assert.is(kindOf(path), undefined, path);
  assert.equal(list("sys"), ["kernel", "fs", "vm", "net", "dev"]);
  assert.ok(list("sys/kernel/random").includes("uuid"));
});
test("a task has what its process has, but for the tasks", () => {
  const { list } = booted();
  assert.equal(list("2/task"), ["2"]);
  assert.equal(
    list("2/task/2"),
    list("2").filter(name => name !== "task"),
  );
});
test("self leads to whoever reads", () => {
  const { kernel, task } = booted();
  assert.equal(procTree.readlink(kernel, task, "self"), { text: "2" });
  assert.equal(procTree.readlink(kernel, task, "thread-self"), { text: "2/task/2" });
});
test("stat has 52 fields, the terminal's number among them", () => {
  const { read } = booted();
  const fields = read("2/stat").trimEnd().split(" ");
  assert.is(fields.length, 52);
  assert.equal(fields.slice(0, 8), ["2", "(sh)", "R", "1", "2", "2", "34816", "2"]);
});
test("the init process has no memory and is shown sleeping", () => {
  const { read } = booted();
  assert.match(read("1/stat"), /^1 \(init\) S 0 /);
  assert.not.match(read("1/status"), /VmSize/);
});
test("status names what ps and top look for", () => {
  const { read } = booted();
  const status = read("self/status") === "ENOENT" ? read("2/status") : "";
  for (const line of ["Name:\tsh", "State:\tR (running)", "Tgid:\t2", "Pid:\t2", "PPid:\t1", "Uid:\t0\t0\t0\t0", "Threads:\t1"])
    assert.ok(status.includes(`${line}\n`), line);
});
test("descriptors are links that lead to what is open", () => {
  const { kernel, task, list } = booted();
  assert.equal(list("2/fd"), ["0", "1", "2"]);
  assert.equal(procTree.readlink(kernel, task, "2/fd/0"), { text: "/dev/pts/0" });
  assert.equal(procTree.follow(kernel, task, "2/fd/0"), { inode: openFileOf(kernel, task, 0)!.inode });
  assert.is(procTree.find(kernel, task, "2/fd/9"), undefined);
  assert.is(procTree.find(kernel, task, "2/fd/0")!.mode, 0o700);
});
test("a process that does not exist is not there", () => {
  const { kernel, task } = booted();
  for (const path of ["77", "77/stat", "02/stat", "PID/stat", "2/task/5"]) assert.is(procTree.find(kernel, task, path), undefined, path);
});
test("another user's memory is not shown", () => {
  const { kernel, task, read } = booted();
  const other = kernel.procTable.processes.get(1)!;
  const own = kernel.procTable.processes.get(2)!;
  own.credentials = {
    ...own.credentials,
    ruid: 1000,
    euid: 1000,
    suid: 1000,
    fsuid: 1000,
    capabilities: { effective: 0n, permitted: 0n, inheritable: 0n, bounding: 0n },
  };
  assert.is(other.credentials.euid, 0);
  assert.is(read("1/maps"), "EACCES");
  assert.equal(procTree.readlink(kernel, task, "1/exe"), { errno: "EACCES" });
  assert.match(read("1/stat"), /^1 /);
});
test("comm and oom_score_adj can be written, most files not", () => {
  const { kernel, task, read } = booted();
  assert.is(writeProc(kernel, task, "2/comm", "a very long name of it\n"), undefined);
  assert.is(read("2/comm"), "a very long nam\n");
  assert.is(writeProc(kernel, task, "2/oom_score_adj", "-17\n"), undefined);
  assert.is(read("2/oom_score_adj"), "-17\n");
  assert.is(writeProc(kernel, task, "2/oom_score_adj", "1001"), "EINVAL");
  assert.is(writeProc(kernel, task, "meminfo", "1"), "EIO");
  assert.is(writeProc(kernel, task, "sys/kernel/hostname", "box\n"), undefined);
  assert.is(kernel.system.hostname, "box");
  assert.equal(procTree.open(kernel, task, "sys/kernel/ostype", 1), { errno: "EACCES" });
});
test("every file can be read, and most tell something", () => {
  const { kernel, task, read, list } = booted();
  let count = 0;
  const visit = (path: string): void => {
    for (const name of list(path)) {
      const child = path === "" ? name : `${path}/${name}`;
      const node = procTree.find(kernel, task, child);
      assert.ok(node, child);
      if (node.kind === "directory") visit(child);
      else if (node.kind === "file") {
        assert.type(read(child), "string");
        assert.not.match(read(child), /undefined|NaN|^E[A-Z]+$/, child);
        count++;
      }
    }
  };
  visit("");
  assert.ok(count > 100);
});
test("mounts name what is mounted where", () => {
  const { read } = booted();
  assert.match(read("2/mounts"), /^overlay \/ overlay rw,relatime 0 0\n/);
  assert.match(read("2/mounts"), /^proc \/proc proc rw,nosuid,nodev,noexec,relatime 0 0$/m);
  assert.match(read("2/mountinfo"), /^21 1 0:\d+ \/ \/ rw,relatime - overlay overlay rw\n/);
});
test("an open file keeps its content until it is read from the beginning again", () => {
  const { kernel, task } = booted();
  const open = { ...openFileOf(kernel, task, 0)!, kind: "proc" as const, offset: 0, virtual: { path: "uptime", content: bytesOf("") } };
  const read = (count: number): string => {
    const result = proc.read(kernel, { task, open, count, offset: null, due: "run", memo: null });
    return result.kind === "done" ? binary(result.value) : "";
  };
  assert.is(read(4), "0.00");
  kernel.nowNanos = 5_000_000_000;
  assert.is(read(100), " 0.00\n");
  open.offset = 0;
  assert.is(read(100), "5.00 0.00\n");
});
test.run();
