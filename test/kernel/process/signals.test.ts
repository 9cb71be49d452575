// Sending, masking, queueing and taking signals, and what becomes of calls that they interrupt.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { actionFlags, bitOf, signals } from "../../../engine/abi/constants/signals.ts";
import { postFault } from "../../../engine/kernel/objects/signal-delivery.ts";
import { FIRST, ProcessSession } from "./session.ts";

const test = suite("signals");
const { SIGUSR1, SIGUSR2, SIGCHLD, SIGSEGV, SIGKILL, SIGTERM, SIGALRM, SIGINT } = signals;
const RT = 34;
const HANDLER = 0x40_1000;

function withHandler(session: ProcessSession, tid: number, signum: number, sa_flags = 0, sa_mask = 0n): void {
  assert.is(session.call(tid, "rt_sigaction", { signum, act: { sa_handler: HANDLER, sa_flags, sa_restorer: 0x40_2000, sa_mask }, sigsetsize: 8 }), 0);
}
const block = (session: ProcessSession, tid: number, mask: bigint): unknown => session.call(tid, "rt_sigprocmask", { how: 2, set: mask, sigsetsize: 8 });
/** A child of the first process, which is told apart from it by its number. */
function withChild(): ProcessSession {
  const session = new ProcessSession();
  session.call(FIRST, "fork");
  return session;
}

test("a handler's frame tells who sent what, and which mask comes back", () => {
  const session = withChild();
  withHandler(session, FIRST, SIGUSR1, actionFlags.SA_SIGINFO, bitOf(SIGUSR2));
  block(session, FIRST, bitOf(SIGTERM));
  session.call(3, "kill", { pid: FIRST, sig: SIGUSR1 });
  const { frame } = session.frames[0]!;
  assert.equal(frame.info, { signal: SIGUSR1, code: 0, errno: 0, pid: 3, uid: 0, status: 0, value: 0 });
  assert.is(frame.handler, HANDLER);
  assert.is(frame.oldMask, bitOf(SIGTERM));
  assert.is(session.task(FIRST).blocked, bitOf(SIGTERM) | bitOf(SIGUSR1) | bitOf(SIGUSR2));
});
test("SA_NODEFER does not block, SA_RESETHAND handles once", () => {
  const session = withChild();
  withHandler(session, 3, SIGUSR1, actionFlags.SA_NODEFER | actionFlags.SA_RESETHAND);
  session.call(FIRST, "kill", { pid: 3, sig: SIGUSR1 });
  assert.equal(session.handled(3), [SIGUSR1]);
  assert.is(session.task(3).blocked, 0n);
  session.call(FIRST, "kill", { pid: 3, sig: SIGUSR1 });
  assert.is(session.call(FIRST, "wait4", { pid: -1, options: 0 }), 3);
  assert.is(session.out(FIRST, "wstatus"), SIGUSR1);
});
test("standard signals are pending once, real-time ones each in order, lower numbers first", () => {
  const session = withChild();
  for (const signum of [SIGUSR1, SIGUSR2, RT, RT + 1]) withHandler(session, 3, signum, actionFlags.SA_NODEFER);
  const all = [SIGUSR1, SIGUSR2, RT, RT + 1].reduce((mask, signal) => mask | bitOf(signal), 0n);
  block(session, 3, all);
  for (const value of [1, 2])
    session.call(FIRST, "rt_sigqueueinfo", { tgid: 3, sig: RT + 1, info: { signal: 0, code: -1, errno: 0, pid: 2, uid: 0, status: 0, value } });
  for (const sig of [RT, SIGUSR2, SIGUSR1, SIGUSR1]) session.call(FIRST, "kill", { pid: 3, sig });
  session.call(3, "rt_sigpending", { sigsetsize: 8 });
  assert.is(session.out(3, "set"), all);
  block(session, 3, 0n);
  assert.equal(
    session.frames.map(({ frame }) => frame.info.value),
    [0, 0, 0, 1, 2],
  );
  assert.equal(session.handled(3), [SIGUSR1, SIGUSR2, RT, RT + 1, RT + 1]);
});
test("ignored signals vanish, but not while they are blocked; becoming ignored discards", () => {
  const session = withChild();
  block(session, 3, bitOf(SIGCHLD) | bitOf(SIGUSR1));
  session.call(FIRST, "kill", { pid: 3, sig: SIGCHLD });
  session.call(FIRST, "kill", { pid: 3, sig: SIGUSR1 });
  session.call(3, "rt_sigpending", { sigsetsize: 8 });
  assert.is(session.out(3, "set"), bitOf(SIGCHLD) | bitOf(SIGUSR1));
  session.call(3, "rt_sigaction", { signum: SIGUSR1, act: { sa_handler: 1, sa_flags: 0, sa_restorer: 0, sa_mask: 0n }, sigsetsize: 8 });
  block(session, 3, 0n);
  assert.is(session.state(3), "ready");
  assert.equal(session.task(3).pending, []);
  assert.equal(session.process(3)!.pending, []);
});
test("rt_sigaction refuses SIGKILL, and takes the unblockable out of masks", () => {
  const session = new ProcessSession();
  const act = { sa_handler: HANDLER, sa_flags: 0x7fff_ffff, sa_restorer: 0, sa_mask: -1n & (2n ** 64n - 1n) };
  assert.is(session.call(FIRST, "rt_sigaction", { signum: SIGKILL, act, sigsetsize: 8 }), "EINVAL");
  assert.is(session.call(FIRST, "rt_sigaction", { signum: SIGKILL, act: null, sigsetsize: 8 }), 0);
  assert.is(session.call(FIRST, "rt_sigaction", { signum: 65, act, sigsetsize: 8 }), "EINVAL");
  assert.is(session.call(FIRST, "rt_sigaction", { signum: SIGUSR1, act, sigsetsize: 4 }), "EINVAL");
  session.call(FIRST, "rt_sigaction", { signum: SIGUSR1, act, sigsetsize: 8 });
  session.call(FIRST, "rt_sigaction", { signum: SIGUSR1, act: null, sigsetsize: 8 });
  const { sa_mask, sa_flags } = session.out(FIRST, "oldact");
  assert.is(sa_mask & (bitOf(9) | bitOf(19)), 0n);
  assert.is(sa_flags, 0x5c00_0807);
});
test("kill asks for the target first, then for a signal, then for permission", () => {
  const session = withChild();
  session.call(FIRST, "fork");
  session.call(3, "setresuid", { ruid: 1000, euid: 1000, suid: 1000 });
  assert.is(session.call(3, "kill", { pid: 99, sig: 99 }), "ESRCH");
  assert.is(session.call(3, "kill", { pid: 4, sig: 99 }), "EINVAL");
  assert.is(session.call(3, "kill", { pid: 4, sig: 0 }), "EPERM");
  assert.is(session.call(3, "kill", { pid: 4, sig: signals.SIGCONT }), 0);
  assert.is(session.call(3, "kill", { pid: -77, sig: 0 }), "ESRCH");
  assert.is(session.call(3, "kill", { pid: 0, sig: 0 }), 0);
  assert.is(session.call(4, "tgkill", { tgid: 3, tid: 4, sig: 0 }), "ESRCH");
  assert.is(session.call(4, "tkill", { tid: 0, sig: 0 }), "EINVAL");
  assert.is(session.call(4, "rt_sigqueueinfo", { tgid: 3, sig: 10, info: { signal: 0, code: 0, errno: 0, pid: 1, uid: 0, status: 0, value: 0 } }), "EPERM");
});
test("kill -1 spares init and the sender; init is immune", () => {
  const session = withChild();
  session.call(3, "fork");
  assert.is(session.call(3, "kill", { pid: 1, sig: SIGKILL }), 0);
  session.call(3, "kill", { pid: -1, sig: SIGKILL });
  assert.is(session.state(3), "ready");
  assert.is(session.process(FIRST)!.exitStatus, SIGKILL);
  assert.is(session.process(1)!.exitStatus, null);
});

test("a waiting call is restarted, or ends with EINTR, as the handler's SA_RESTART says", () => {
  const session = withChild();
  withHandler(session, FIRST, SIGUSR1, actionFlags.SA_RESTART | actionFlags.SA_NODEFER);
  withHandler(session, FIRST, SIGUSR2);
  session.call(FIRST, "wait4", { pid: -1, options: 0 });
  session.call(3, "kill", { pid: FIRST, sig: SIGUSR1 });
  assert.is(session.result(FIRST), "again");
  session.call(FIRST, "wait4", { pid: -1, options: 0 });
  session.call(3, "kill", { pid: FIRST, sig: SIGUSR2 });
  assert.is(session.result(FIRST), "EINTR");
  assert.equal(session.handled(FIRST), [SIGUSR1, SIGUSR2]);
});
test("pause and sigsuspend end with a handler, and only then; the old mask is the frame's", () => {
  const session = withChild();
  withHandler(session, FIRST, SIGUSR1, actionFlags.SA_RESTART);
  block(session, FIRST, bitOf(SIGUSR1));
  session.call(3, "kill", { pid: FIRST, sig: SIGUSR1 });
  assert.equal(session.handled(FIRST), []);
  assert.is(session.call(FIRST, "rt_sigsuspend", { mask: bitOf(SIGUSR2), sigsetsize: 8 }), "EINTR");
  assert.is(session.frames[0]!.frame.oldMask, bitOf(SIGUSR1));
  assert.is(session.task(FIRST).blocked, bitOf(SIGUSR1) | bitOf(SIGUSR2));
  session.handled(FIRST);
  block(session, FIRST, 0n);
  assert.is(session.call(FIRST, "pause"), "blocked");
  // Ignored by default: pause goes on.
  session.call(3, "kill", { pid: FIRST, sig: SIGCHLD });
  assert.is(session.result(FIRST), "blocked");
  session.call(3, "kill", { pid: FIRST, sig: SIGUSR1 });
  assert.is(session.result(FIRST), "EINTR");
});
test("rt_sigtimedwait takes a blocked signal, gives up in time, and is interrupted by others", () => {
  const session = withChild();
  block(session, FIRST, bitOf(SIGUSR1));
  const wait = { set: bitOf(SIGUSR1), timeout: { tv_sec: 1, tv_nsec: 0 }, sigsetsize: 8 };
  assert.is(session.call(FIRST, "rt_sigtimedwait", wait), "blocked");
  session.call(3, "kill", { pid: FIRST, sig: SIGUSR1 });
  assert.is(session.result(FIRST), SIGUSR1);
  assert.is(session.out(FIRST, "info").pid, 3);
  assert.is(session.call(FIRST, "rt_sigtimedwait", { ...wait, timeout: { tv_sec: 0, tv_nsec: 0 } }), "EAGAIN");
  session.call(FIRST, "rt_sigtimedwait", wait);
  session.pass(2_000_000_000);
  assert.is(session.result(FIRST), "EAGAIN");
  withHandler(session, FIRST, SIGINT);
  session.call(FIRST, "rt_sigtimedwait", wait);
  session.call(3, "kill", { pid: FIRST, sig: SIGINT });
  assert.is(session.result(FIRST), "EINTR");
});
test("a fault that is blocked or ignored ends the process; handled, it tells the address", () => {
  const session = withChild();
  withHandler(session, FIRST, SIGSEGV);
  postFault(session.kernel, FIRST, { signal: SIGSEGV, code: 1, address: 0x1234 });
  session.settle();
  assert.equal([session.frames[0]!.frame.info.code, session.frames[0]!.frame.info.value], [1, 0x1234]);
  withHandler(session, 3, SIGSEGV);
  block(session, 3, bitOf(SIGSEGV));
  postFault(session.kernel, 3, { signal: SIGSEGV, code: 1, address: 0 });
  session.settle();
  assert.is(session.process(3)!.exitStatus, SIGSEGV);
});
test("a signal of the process goes to a thread that does not block it", () => {
  const session = new ProcessSession();
  const THREAD = 0x1_0f00;
  session.call(FIRST, "clone", { flags: THREAD, stack: 0x7000, parent_tid: 0, child_tid: 0, tls: 0 });
  withHandler(session, FIRST, SIGUSR1);
  block(session, FIRST, bitOf(SIGUSR1));
  session.call(3, "pause");
  session.call(FIRST, "kill", { pid: FIRST, sig: SIGUSR1 });
  assert.equal(session.handled(3), [SIGUSR1]);
  assert.is(session.result(3), "EINTR");
  // Both block it now; whoever unblocks it first takes the next one.
  session.call(FIRST, "kill", { pid: FIRST, sig: SIGUSR1 });
  block(session, 3, 0n);
  assert.equal(session.handled(3), [SIGUSR1]);
  session.call(FIRST, "tgkill", { tgid: FIRST, tid: FIRST, sig: SIGUSR1 });
  assert.equal(session.handled(3), []);
  block(session, FIRST, 0n);
  assert.equal(session.handled(FIRST), [SIGUSR1]);
});
test("SIGCHLD tells how the child ended", () => {
  const session = withChild();
  withHandler(session, FIRST, SIGCHLD);
  session.call(3, "exit_group", { status: 5 });
  assert.equal(session.frames[0]!.frame.info, { signal: SIGCHLD, code: 1, errno: 0, pid: 3, uid: 0, status: 5, value: 0 });
});
test("SIGALRM comes when the alarm is due, and again where there is an interval", () => {
  const session = withChild();
  withHandler(session, FIRST, SIGALRM, actionFlags.SA_NODEFER);
  assert.is(session.call(FIRST, "alarm", { seconds: 10 }), 0);
  session.pass(4_600_000_000);
  assert.is(session.call(FIRST, "alarm", { seconds: 2 }), 5);
  session.pass(1_900_000_000);
  assert.equal(session.handled(FIRST), []);
  session.pass(200_000_000);
  assert.equal(session.handled(FIRST), [SIGALRM]);
  const every = { it_interval: { tv_sec: 0, tv_usec: 100_000 }, it_value: { tv_sec: 0, tv_usec: 50_000 } };
  session.call(FIRST, "setitimer", { which: 0, new_value: every });
  session.pass(275_000_000);
  assert.equal(session.handled(FIRST), [SIGALRM, SIGALRM, SIGALRM]);
  session.call(FIRST, "getitimer", { which: 0 });
  assert.equal(session.out(FIRST, "curr_value").it_interval, { tv_sec: 0, tv_usec: 100_000 });
});

test.run();
