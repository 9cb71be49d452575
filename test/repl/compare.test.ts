// chronix compare: traces taken apart and aligned, what is no difference and what is one; and a program run both ways, where this host lets it.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { demoImage } from "../../guest-images/demo.ts";
import { compareTasks } from "../../repl/compare/alignment.ts";
import { runInGuest } from "../../repl/compare/guest-run.ts";
import { runNatively } from "../../repl/compare/native-run.ts";
import { stepsOf } from "../../repl/compare/steps.ts";
import { Failure } from "../../repl/failure.ts";
import { bootSource } from "../../snapshots/boot-source.ts";

const test = suite("compare");
const compared = (native: string, here: string) => compareTasks(stepsOf(native.trim().split("\n"))!, stepsOf(here.trim().split("\n"))!);
const firstOf = (native: string, here: string) => {
  const [first] = compared(native, here).differences;
  return first && [first.task, first.native?.text, first.here?.text];
};

test("addresses, process numbers, times and the order of tasks are no differences", () => {
  const native = `
91 execve("/bin/x", ["/bin/x"], 0x7ffe8feb9b70 /* 3 vars */) = 0
91 brk(NULL)                        = 0x555fb9cc0000
91 mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7fb04947f000
91 clone(child_stack=NULL, flags=CLONE_CHILD_SETTID|SIGCHLD, child_tidptr=0x7f7315e66e50) = 95
91 wait4(95,  <unfinished ...>
95 getppid()                        = 91
95 newfstatat(1, "", {st_mode=S_IFIFO|0600, st_size=0, ...}, AT_EMPTY_PATH) = 0
95 exit_group(3)                    = ?
95 +++ exited with 3 +++
91 <... wait4 resumed>[{WIFEXITED(s) && WEXITSTATUS(s) == 3}], 0, NULL) = 95
91 --- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=95, si_uid=0, si_status=3, si_utime=0, si_stime=0} ---
91 kill(95, SIGTERM)                = -1 ESRCH (No such process)
91 +++ exited with 0 +++`;
  const here = `
2 execve("/bin/x", ["/bin/x"], [/* 3 vars */]) = 0
2 brk(NULL)                               = 0x555555576000
2 clone(child_stack=NULL, flags=SIGCHLD|CLONE_CHILD_SETTID, child_tidptr=0x7ffff7de4490) = 3
3 gettimeofday({tv_sec=1704067200, tv_usec=192}, NULL) = 0
3 getppid()                               = 2
3 newfstatat(1, "", {st_mode=S_IFIFO|0600, st_size=0, ...}, AT_EMPTY_PATH) = 0
3 exit_group(3)                           = ?
3 +++ exited with 3 +++
2 --- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=3, si_uid=0, si_status=3, si_utime=0, si_stime=0} ---
2 wait4(3, [{WIFEXITED(s) && WEXITSTATUS(s) == 3}], 0, NULL) = 3
2 kill(3, SIGTERM)                        = -1 ESRCH (No such process)
2 +++ exited with 0 +++`;
  assert.equal(compared(native, here).differences, []);
  assert.is(compared(native, here).tasks, 2);
});

test("an errno, a call left out, other bytes and another end are differences", () => {
  const differing: readonly (readonly [native: string, here: string])[] = [
    ['1 openat(AT_FDCWD, "/x", O_RDONLY) = 3', '1 openat(AT_FDCWD, "/x", O_RDONLY) = -1 ENOSYS (Function not implemented)'],
    ["1 getuid() = 0", "1 getgid() = 0"],
    ['1 read(3, "ab", 2) = 2', '1 read(3, "ac", 2) = 2'],
    ["1 close(3) = 0", "1 close(4) = 0"],
    ["1 +++ exited with 0 +++", "1 +++ killed by SIGSEGV +++"],
    ["1 --- SIGPIPE {si_signo=SIGPIPE, si_code=SI_USER, si_pid=1, si_uid=0} ---", "1 close(3) = 0"],
  ];
  for (const [native, here] of differing) assert.equal(firstOf(native, here), ["first", native.slice(2), here.slice(2)]);
  assert.equal(firstOf("1 getuid() = 0\n1 close(3) = 0", "1 getuid() = 0"), ["first", "close(3) = 0", undefined]);
});

test("what is read from /proc is each kernel's own, from elsewhere it is not", () => {
  const trace = (path: string, text: string) => `1 openat(AT_FDCWD, "${path}", O_RDONLY) = 3\n1 read(3, "${text}", 9) = ${text.length}\n1 close(3) = 0`;
  assert.is(firstOf(trace("/proc/stat", "abc"), trace("/proc/stat", "defg")), undefined);
  assert.ok(firstOf(trace("/etc/stat", "abc"), trace("/etc/stat", "defg")));
});

test("a child's difference is told with whose it is, the earliest of all first", () => {
  const trace = (result: string, last: string) => `1 fork() = 5\n5 close(9) = ${result}\n1 close(8) = ${last}`;
  const { differences } = compared(trace("0", "0"), trace("-1 EBADF (Bad file descriptor)", "-1 EBADF (Bad file descriptor)"));
  assert.equal(
    differences.map(({ task }) => task),
    ["first.1", "first"],
  );
});

test("a program does natively and here the same, step by step", () => {
  const image = demoImage();
  const request = bootSource({ image, argv: ["/bin/pipeline"] });
  try {
    const native = runNatively(request);
    const here = runInGuest(request);
    assert.ok(native.stdout.length > 0);
    assert.equal(Buffer.from(here.stdout), Buffer.from(native.stdout));
    const { differences, tasks } = compareTasks(stepsOf(native.trace)!, stepsOf(here.trace)!);
    assert.equal(differences, []);
    assert.ok(tasks > 1);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    console.log(`The native half is skipped: ${error.message}`);
  }
});

test.run();
