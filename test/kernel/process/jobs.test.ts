// Job control as a shell does it: stopping, continuing, waiting for both, orphaned groups, sessions.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { signals } from "../../../engine/abi/constants/signals.ts";
import { waitOptions } from "../../../engine/abi/constants/wait-options.ts";
import { FIRST, ProcessSession } from "./session.ts";

const test = suite("jobs");
const { SIGTSTP, SIGSTOP, SIGCONT, SIGCHLD, SIGHUP, SIGKILL, SIGTERM } = signals;
const HANDLER = 0x40_1000;
const ANY = { pid: -1, options: waitOptions.WUNTRACED | waitOptions.WCONTINUED };
const handle = (session: ProcessSession, tid: number, signum: number, sa_flags = 0): unknown =>
  session.call(tid, "rt_sigaction", { signum, act: { sa_handler: HANDLER, sa_flags, sa_restorer: 0, sa_mask: 0n }, sigsetsize: 8 });
/** The first process is the shell; 3 is its job, in a group of its own. */
function withJob(): ProcessSession {
  const session = new ProcessSession();
  session.call(FIRST, "fork");
  assert.is(session.call(FIRST, "setpgid", { pid: 3, pgid: 3 }), 0);
  return session;
}

test("a job is stopped, seen stopped once, continued and seen so", () => {
  const session = withJob();
  handle(session, FIRST, SIGCHLD);
  session.call(3, "pause");
  session.call(FIRST, "kill", { pid: -3, sig: SIGTSTP });
  assert.is(session.state(3), "stopped");
  assert.equal([session.frames[0]!.frame.info.code, session.frames[0]!.frame.info.status], [5, SIGTSTP]);
  assert.is(session.call(FIRST, "wait4", ANY), 3);
  assert.is(session.out(FIRST, "wstatus"), (SIGTSTP << 8) | 0x7f);
  assert.is(session.call(FIRST, "wait4", { ...ANY, options: ANY.options | waitOptions.WNOHANG }), 0);
  session.call(FIRST, "kill", { pid: -3, sig: SIGCONT });
  assert.is(session.result(3), "again");
  assert.is(session.call(FIRST, "wait4", ANY), 3);
  assert.is(session.out(FIRST, "wstatus"), 0xffff);
});
test("waiting for a stop needs WUNTRACED", () => {
  const session = withJob();
  assert.is(session.call(FIRST, "wait4", { pid: -1, options: 0 }), "blocked");
  session.call(3, "kill", { pid: 3, sig: SIGSTOP });
  assert.is(session.state(3), "stopped");
  assert.is(session.result(FIRST), "blocked");
});
test("SIGCHLD of stops is not sent to SA_NOCLDSTOP, but waiting sees them", () => {
  const session = withJob();
  handle(session, FIRST, SIGCHLD, 1);
  session.call(FIRST, "kill", { pid: 3, sig: SIGSTOP });
  assert.equal(session.handled(FIRST), []);
  assert.is(session.call(FIRST, "wait4", ANY), 3);
});
test("while stopped only SIGKILL acts; others wait for SIGCONT", () => {
  const session = withJob();
  session.call(FIRST, "kill", { pid: 3, sig: SIGSTOP });
  session.call(FIRST, "kill", { pid: 3, sig: SIGTERM });
  assert.is(session.state(3), "stopped");
  session.call(FIRST, "kill", { pid: 3, sig: SIGCONT });
  assert.is(session.process(3)!.exitStatus, SIGTERM);
  session.call(FIRST, "fork");
  session.call(FIRST, "kill", { pid: 4, sig: SIGSTOP });
  session.call(FIRST, "kill", { pid: 4, sig: SIGKILL });
  assert.is(session.process(4)!.exitStatus, SIGKILL);
});
test("SIGCONT undoes a stop that is pending, and a stop an earlier SIGCONT", () => {
  const session = withJob();
  const mask = (1n << BigInt(SIGTSTP - 1)) | (1n << BigInt(SIGCONT - 1));
  handle(session, 3, SIGCONT);
  session.call(3, "rt_sigprocmask", { how: 0, set: mask, sigsetsize: 8 });
  session.call(FIRST, "kill", { pid: 3, sig: SIGTSTP });
  session.call(FIRST, "kill", { pid: 3, sig: SIGCONT });
  session.call(3, "rt_sigpending", { sigsetsize: 8 });
  assert.is(session.out(3, "set"), 1n << BigInt(SIGCONT - 1));
  session.call(FIRST, "kill", { pid: 3, sig: SIGTSTP });
  session.call(3, "rt_sigpending", { sigsetsize: 8 });
  assert.is(session.out(3, "set"), 1n << BigInt(SIGTSTP - 1));
});
test("a handler of SIGCONT runs after the stop, and decides whether the interrupted call ends", () => {
  const session = withJob();
  handle(session, 3, SIGCONT);
  session.call(3, "wait4", { pid: -1, options: 0 });
  assert.is(session.result(3), "ECHILD");
  session.call(3, "pause");
  session.call(FIRST, "kill", { pid: 3, sig: SIGSTOP });
  session.call(FIRST, "kill", { pid: 3, sig: SIGCONT });
  assert.equal(session.handled(3), [SIGCONT]);
  assert.is(session.result(3), "EINTR");
});
test("a stopped sleep goes on with what is left: restart_syscall", () => {
  const session = withJob();
  session.call(3, "nanosleep", { req: { tv_sec: 10, tv_nsec: 0 }, rem: 0 });
  session.pass(1_000_000_000);
  session.call(FIRST, "kill", { pid: 3, sig: SIGSTOP });
  session.pass(2_000_000_000);
  session.call(FIRST, "kill", { pid: 3, sig: SIGCONT });
  const restarts = session.effects.filter(effect => effect.kind === "restartCall");
  assert.equal(restarts, [{ kind: "restartCall", task: 3, number: 219 }]);
  assert.is(session.call(3, "restart_syscall"), "blocked");
  session.pass(6_990_000_000);
  assert.is(session.result(3), "blocked");
  session.pass(20_000_000);
  assert.is(session.result(3), 0);
});
test("SIGTSTP does not stop an orphaned group, SIGSTOP does", () => {
  const session = new ProcessSession();
  session.call(FIRST, "kill", { pid: FIRST, sig: SIGTSTP });
  assert.is(session.state(FIRST), "ready");
  session.call(FIRST, "kill", { pid: FIRST, sig: SIGSTOP });
  assert.is(session.state(FIRST), "stopped");
});
test("a stopped group that is orphaned is hung up and continued", () => {
  const session = withJob();
  session.call(3, "fork");
  session.call(3, "setpgid", { pid: 4, pgid: 4 });
  handle(session, 4, SIGHUP);
  session.call(3, "kill", { pid: 4, sig: SIGSTOP });
  assert.is(session.state(4), "stopped");
  session.call(3, "exit_group", { status: 0 });
  assert.is(session.state(4), "ready");
  assert.equal(session.handled(4), [SIGHUP]);
});
test("groups and sessions are joined and founded as setpgid and setsid allow", () => {
  const session = withJob();
  session.call(FIRST, "fork");
  assert.is(session.call(FIRST, "setpgid", { pid: 4, pgid: 3 }), 0);
  assert.is(session.call(4, "getpgrp"), 3);
  assert.is(session.call(4, "getpgid", { pid: 0 }), 3);
  assert.is(session.call(FIRST, "setpgid", { pid: 4, pgid: 77 }), "EPERM");
  assert.is(session.call(4, "setpgid", { pid: 3, pgid: 0 }), "ESRCH");
  assert.is(session.call(4, "setpgid", { pid: 0, pgid: -1 }), "EINVAL");
  assert.is(session.call(FIRST, "setpgid", { pid: 0, pgid: 3 }), "EPERM");
  assert.is(session.call(3, "setsid"), "EPERM");
  assert.is(session.call(4, "setsid"), 4);
  assert.is(session.call(FIRST, "getsid", { pid: 4 }), 4);
  assert.is(session.call(FIRST, "setpgid", { pid: 4, pgid: 4 }), "EPERM");
  assert.is(session.call(FIRST, "getsid", { pid: 99 }), "ESRCH");
});

test.run();
