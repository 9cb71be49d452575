// Birth, end and waiting: fork, vfork, threads, zombies, orphans.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { cloneFlags } from "../../../engine/abi/constants/clone-flags.ts";
import { signals } from "../../../engine/abi/constants/signals.ts";
import { waitOptions } from "../../../engine/abi/constants/wait-options.ts";
import { FIRST, ProcessSession } from "./session.ts";

const test = suite("family");
const ANY = { pid: -1, options: 0 };
const THREAD = cloneFlags.CLONE_VM | cloneFlags.CLONE_FS | cloneFlags.CLONE_FILES | cloneFlags.CLONE_SIGHAND | cloneFlags.CLONE_THREAD;
const NO_CLONE = { stack: 0, parent_tid: 0, child_tid: 0, tls: 0 };

test("a child is numbered next, copies registers with RAX 0, and is waited for", () => {
  const session = new ProcessSession();
  assert.is(session.call(FIRST, "fork"), 3);
  assert.equal(
    session.effects.filter(effect => effect.kind === "copyRegisters"),
    [{ kind: "copyRegisters", from: 2, to: 3, set: { rax: 0 } }],
  );
  assert.is(session.call(3, "getppid"), FIRST);
  assert.is(session.call(FIRST, "wait4", ANY), "blocked");
  assert.is(session.call(3, "exit_group", { status: 0x107 }), "gone");
  assert.is(session.result(FIRST), 3);
  assert.is(session.out(FIRST, "wstatus"), 7 << 8);
  assert.is(session.process(3), undefined);
  assert.is(session.call(FIRST, "wait4", ANY), "ECHILD");
});
test("WNOHANG tells of nothing, a zombie is told once, WNOWAIT leaves it", () => {
  const session = new ProcessSession();
  session.call(FIRST, "fork");
  assert.is(session.call(FIRST, "wait4", { pid: -1, options: waitOptions.WNOHANG }), 0);
  assert.is(session.out(FIRST, "wstatus"), undefined);
  session.call(3, "exit_group", { status: 1 });
  assert.is(session.state(3), "dead");
  const kept = { idtype: 0, id: 0, options: waitOptions.WEXITED | waitOptions.WNOWAIT };
  assert.is(session.call(FIRST, "waitid", kept), 0);
  assert.equal(session.out(FIRST, "infop"), { signal: 17, code: 1, errno: 0, pid: 3, uid: 0, status: 1, value: 0 });
  assert.is(session.call(FIRST, "wait4", { pid: 4, options: 0 }), "ECHILD");
  assert.is(session.call(FIRST, "wait4", { pid: 0, options: 0 }), 3);
});
test("waiting refuses what makes no sense", () => {
  const session = new ProcessSession();
  assert.is(session.call(FIRST, "wait4", { pid: -1, options: 0x100 }), "EINVAL");
  assert.is(session.call(FIRST, "wait4", { pid: -0x8000_0000, options: 0 }), "ESRCH");
  assert.is(session.call(FIRST, "waitid", { idtype: 0, id: 0, options: 0 }), "EINVAL");
  assert.is(session.call(FIRST, "waitid", { idtype: 7, id: 0, options: 4 }), "EINVAL");
});
test("a parent that ignores SIGCHLD has no zombies, and waits until there are no children", () => {
  const session = new ProcessSession();
  session.call(FIRST, "rt_sigaction", { signum: signals.SIGCHLD, act: { sa_handler: 1, sa_flags: 0, sa_restorer: 0, sa_mask: 0n }, sigsetsize: 8 });
  session.call(FIRST, "fork");
  session.call(FIRST, "fork");
  assert.is(session.call(FIRST, "wait4", ANY), "blocked");
  session.call(3, "exit_group", { status: 0 });
  assert.is(session.process(3), undefined);
  assert.is(session.result(FIRST), "blocked");
  session.call(4, "exit_group", { status: 0 });
  assert.is(session.result(FIRST), "ECHILD");
});
test("orphans go to init, which forgets them; zombies among them at once", () => {
  const session = new ProcessSession();
  session.call(FIRST, "fork");
  session.call(3, "fork");
  session.call(3, "fork");
  session.call(4, "exit_group", { status: 0 });
  session.call(3, "exit_group", { status: 0 });
  assert.is(session.process(4), undefined);
  assert.is(session.call(5, "getppid"), 1);
  session.call(5, "exit_group", { status: 0 });
  assert.is(session.process(5), undefined);
  assert.equal(session.process(1)!.children, [FIRST]);
});
test("a subreaper takes orphans in, and parents' deaths are announced", () => {
  const session = new ProcessSession();
  session.call(FIRST, "prctl", { option: 36, arg2: 1, arg3: 0, arg4: 0, arg5: 0 });
  session.call(FIRST, "fork");
  session.call(3, "fork");
  session.call(4, "rt_sigaction", { signum: 10, act: { sa_handler: 0x4000, sa_flags: 0, sa_restorer: 0, sa_mask: 0n }, sigsetsize: 8 });
  session.call(4, "prctl", { option: 1, arg2: 10, arg3: 0, arg4: 0, arg5: 0 });
  session.call(3, "exit_group", { status: 0 });
  assert.is(session.call(4, "getppid"), FIRST);
  assert.equal(session.handled(4), [10]);
});
test("vfork lends the parent's memory until the child ends", () => {
  const session = new ProcessSession();
  assert.is(session.call(FIRST, "vfork"), 3);
  assert.is(session.state(FIRST), "lent");
  assert.is(session.task(3).space, session.task(FIRST).space);
  session.call(3, "kill", { pid: FIRST, sig: signals.SIGUSR1 });
  assert.is(session.state(FIRST), "lent");
  session.call(3, "exit_group", { status: 0 });
  assert.is(session.store.current.procTable.processes.get(FIRST)!.exitStatus, signals.SIGUSR1);
});
test("the machine halts with the first process's status", () => {
  const session = new ProcessSession();
  session.call(FIRST, "exit_group", { status: 3 });
  assert.equal(session.effects.slice(-2), [
    { kind: "dropTask", task: FIRST, status: 0x300, isLast: true },
    { kind: "halt", status: 0x300 },
  ]);
});
test("threads share a process; the last one ends it, exit_group all", () => {
  const session = new ProcessSession();
  session.call(FIRST, "fork");
  assert.is(session.call(3, "clone", { ...NO_CLONE, flags: THREAD, stack: 0x7000 }), 4);
  assert.is(session.call(4, "getpid"), 3);
  assert.is(session.call(4, "gettid"), 4);
  session.call(3, "exit", { status: 0 });
  assert.is(session.state(3), "dead");
  assert.is(session.process(3)!.exitStatus, null);
  assert.is(session.call(4, "clone", { ...NO_CLONE, flags: THREAD, stack: 0x8000 }), 5);
  session.call(5, "exit_group", { status: 9 });
  assert.is(session.state(4), "none");
  assert.is(session.call(FIRST, "wait4", ANY), 3);
  assert.is(session.out(FIRST, "wstatus"), 9 << 8);
  assert.equal([...session.store.current.procTable.tasks.keys()], [FIRST]);
  assert.is(session.store.current.signal.tables.size, 1);
  assert.is(session.store.current.vmm.spaces.size, 1);
  assert.is(session.store.current.vfs.tables.size, 1);
});
test("a thread's end clears its word and wakes who joins it", () => {
  const session = new ProcessSession();
  const flags = THREAD | cloneFlags.CLONE_CHILD_CLEARTID | cloneFlags.CLONE_PARENT_SETTID | cloneFlags.CLONE_SETTLS;
  session.call(FIRST, "clone", { flags, stack: 0x7000, parent_tid: 0x100, child_tid: 0x200, tls: 0x300 });
  const wait = { uaddr: { address: 0x200, value: 3 }, futex_op: 0, val: 3, timeout: { time: null, count: 0 }, uaddr2: { address: 0, value: null }, val3: 0 };
  assert.is(session.call(FIRST, "futex", wait, [0x200]), "blocked");
  session.call(3, "exit", { status: 0 });
  assert.is(session.result(FIRST), 0);
  const { space } = session.task(FIRST);
  assert.equal(
    session.effects.filter(effect => effect.kind === "write"),
    [
      { kind: "write", space, store: { address: 0x100, bytes: new Uint8Array([3, 0, 0, 0]) } },
      { kind: "write", space, store: { address: 0x200, bytes: new Uint8Array(4) } },
    ],
  );
});
test("clone refuses contradictions", () => {
  const session = new ProcessSession();
  for (const flags of [cloneFlags.CLONE_THREAD, cloneFlags.CLONE_SIGHAND, cloneFlags.CLONE_PARENT | 17, cloneFlags.CLONE_NEWPID | 17]) {
    assert.is(session.call(FIRST, "clone", { ...NO_CLONE, flags }), "EINVAL");
  }
});
test("a guest that forks without end meets its limits", () => {
  const session = new ProcessSession();
  session.call(FIRST, "setrlimit", { resource: 6, rlim: { rlim_cur: 5, rlim_max: 5 } });
  session.call(FIRST, "fork");
  session.call(3, "setuid", { uid: 1000 });
  const results = Array.from({ length: 6 }, () => session.call(3, "fork"));
  assert.equal(results, [4, 5, 6, 7, "EAGAIN", "EAGAIN"]);
  let made = 0;
  while (session.call(FIRST, "fork") !== "EAGAIN") made++;
  assert.is(made + 6, session.store.current.system.limits.tasks);
});
test("numbers recur after pid_max, from 300", () => {
  const session = new ProcessSession();
  session.kernel.procTable.nextPid = 32_767;
  assert.equal([session.call(FIRST, "fork"), session.call(FIRST, "fork"), session.call(FIRST, "fork")], [32_767, 300, 301]);
});

test.run();
