// Secure computing (seccomp(2)): which calls a task may make, and what becomes of those that it may not (kernel/seccomp.c).
import type { Draft } from "immer";
import type { CallResult, Store } from "../../../events/kernel-event.ts";
import { INSTRUCTION_BYTES } from "../../abi/arguments/bpf-program.ts";
import { ptraceOptions } from "../../abi/constants/ptrace.ts";
import { AUDIT_ARCH_X86_64, seccompActions, seccompModes } from "../../abi/constants/seccomp.ts";
import { bitOf, hasSignal, SIG_DFL, SIG_IGN, signals } from "../../abi/constants/signals.ts";
import { killedStatus } from "../../abi/constants/wait-options.ts";
import { errnoByNumber, isErrno } from "../../abi/errno.ts";
import type { Bytes } from "../../abi/memory-view.ts";
import { syscallByNumber } from "../../abi/syscalls.ts";
import type { Kernel } from "../kernel.ts";
import type { Task } from "../state/proc-table.ts";
import { runBpf } from "./bpf.ts";
import { exitTask } from "./exits.ts";
import { demandAttention, put, setMask } from "./pending.ts";
import { handlersOf, liveTasks, processOf, taskOf } from "./tasks.ts";

/** struct seccomp_data: number, architecture, where it was called, and six arguments. */
export const DATA_BYTES = 64;
const POINTER_AT = 8;
const STRICTLY_ALLOWED: readonly (string | undefined)[] = ["read", "write", "exit", "rt_sigreturn"];
const ACTION = 0xffff_0000;
const MOST_ERRNO = 4095;
/** SYS_SECCOMP, the only code of SIGSYS. */
const SYS_SECCOMP = 1;

export type Verdict =
  | { readonly kind: "allow" }
  | { readonly kind: "answer"; readonly result: CallResult }
  /** The tracer is asked. */
  | { readonly kind: "trace"; readonly message: number }
  | { readonly kind: "trap"; readonly data: number; readonly isFatal: boolean }
  /** The thread ends with this signal. */
  | { readonly kind: "end"; readonly signal: number };
const ALLOW: Verdict = { kind: "allow" };

/** Every filter is asked, the latest first; of their answers the most severe counts, and of equal ones the first. */
function answerOf(filters: readonly Bytes[], data: Bytes): number {
  let found: number = seccompActions.ALLOW;
  for (const filter of filters) {
    const answer = runBpf(filter, data);
    if ((answer & ACTION) < (found & ACTION)) found = answer;
  }
  return found >>> 0;
}
function negative(errno: number): CallResult {
  const number = Math.min(errno, MOST_ERRNO);
  const name = errnoByNumber(number);
  return name && isErrno(name) && number < 512 ? { kind: "fail", errno: name } : { kind: "done", value: 0 - number };
}
/** What is to become of the call. Changes nothing. */
export function verdictOn(kernel: Kernel, tid: number, number: number, data: Bytes | undefined): Verdict {
  const task = taskOf(kernel, tid);
  const { seccomp } = task;
  if (!seccomp) return ALLOW;
  if (seccomp.mode === seccompModes.STRICT) return STRICTLY_ALLOWED.includes(syscallByNumber(number)?.[0]) ? ALLOW : { kind: "end", signal: signals.SIGKILL };
  if (!data) throw new Error(`Task ${tid} has filters, but its call ${number} at tick ${kernel.tick} came without what they look at.`);
  const answer = answerOf(seccomp.filters as readonly Bytes[], data);
  const [action, detail] = [(answer & ACTION) >>> 0, answer & 0xffff];
  if (action === seccompActions.ALLOW || action === seccompActions.LOG) return ALLOW;
  if (action === seccompActions.ERRNO) return { kind: "answer", result: negative(detail) };
  if (action === seccompActions.TRAP) return { kind: "trap", data: detail, isFatal: false };
  if (action === seccompActions.TRACE && task.trace && (task.trace.options & ptraceOptions.PTRACE_O_TRACESECCOMP) !== 0)
    return task.tracedCall?.stage === "checked" ? ALLOW : { kind: "trace", message: detail };
  // Nobody traces, and nobody listens.
  if (action === seccompActions.TRACE || action === seccompActions.USER_NOTIF) return { kind: "answer", result: { kind: "fail", errno: "ENOSYS" } };
  const isLast = liveTasks(kernel, processOf(kernel, task.pid)).length === 1;
  return action === seccompActions.KILL_THREAD && !isLast ? { kind: "end", signal: signals.SIGSYS } : { kind: "trap", data: detail, isFatal: true };
}

const GONE: CallResult = { kind: "gone" };
const NO_STORES: readonly Store[] = [];
/** The verdict takes effect; `null`: the call is made. */
export function enforce(
  kernel: Kernel,
  tid: number,
  number: number,
  data: Bytes | undefined,
): { readonly result: CallResult; readonly stores: readonly Store[] } | null {
  const verdict = verdictOn(kernel, tid, number, data);
  if (verdict.kind === "allow") return null;
  if (verdict.kind === "trace") throw new Error(`Task ${tid} makes call ${number} at tick ${kernel.tick}, but its tracer has not been asked.`);
  if (verdict.kind === "answer") return { result: verdict.result, stores: NO_STORES };
  if (verdict.kind === "end") exitTask(kernel, tid, killedStatus(verdict.signal));
  else postSystemSignal(kernel, tid, number, verdict.data, pointerOf(data), verdict.isFatal);
  // The number stays in RAX, as if the call had not been made.
  return { result: GONE, stores: NO_STORES };
}
const pointerOf = (data: Bytes | undefined): number =>
  data ? Number(new DataView(data.buffer, data.byteOffset, data.length).getBigUint64(POINTER_AT, true)) : 0;
/** kernel/signal.c, force_sig_seccomp: blocked or ignored it ends the process, as does one that is meant to. */
function postSystemSignal(kernel: Kernel, tid: number, number: number, reason: number, pointer: number, isFatal: boolean): void {
  const task = taskOf(kernel, tid);
  const action = handlersOf(kernel, processOf(kernel, task.pid)).actions[signals.SIGSYS]!;
  const isBlocked = hasSignal(task.blocked, signals.SIGSYS);
  if (isBlocked || isFatal || action.handler === SIG_IGN) action.handler = SIG_DFL;
  if (isBlocked) setMask(kernel, task, task.blocked & ~bitOf(signals.SIGSYS));
  put(task, { signal: signals.SIGSYS, code: SYS_SECCOMP, errno: reason, pid: 0, uid: AUDIT_ARCH_X86_64, status: number, value: pointer });
  demandAttention(kernel, tid);
}

/** Another mode than the one that a task has is refused: it can only become stricter. */
export const mayAssign = (task: Draft<Task>, mode: number): boolean => !task.seccomp || task.seccomp.mode === mode;
export function setStrict(kernel: Kernel, task: Draft<Task>): void {
  task.seccomp = { mode: seccompModes.STRICT, filters: [] };
  kernel.disturb();
}
/** MAX_INSNS_PER_PATH, each filter counting for four more than it has. */
const MOST_INSTRUCTIONS = 32_768;
const PENALTY = 4;
export function hasRoomForFilter(task: Draft<Task>, filter: Bytes): boolean {
  const cost = (one: Bytes): number => one.length / INSTRUCTION_BYTES;
  return (task.seccomp?.filters ?? []).reduce((sum, one) => sum + cost(one as Bytes) + PENALTY, cost(filter)) <= MOST_INSTRUCTIONS;
}
export function addFilter(kernel: Kernel, task: Draft<Task>, filter: Bytes): void {
  task.seccomp = { mode: seccompModes.FILTER, filters: [filter as Uint8Array, ...(task.seccomp?.filters ?? [])] };
  kernel.disturb();
}
const isSame = (one: Bytes, other: Bytes | undefined): boolean => one.length === other?.length && one.every((byte, i) => byte === other[i]);
/** A thread whose filters are none of this one's beginnings could not be brought to the same. */
export function thwarter(kernel: Kernel, task: Draft<Task>): number | null {
  const own = task.seccomp?.filters ?? [];
  const isBeginning = (other: Draft<Task>): boolean => {
    if (!other.seccomp) return true;
    const theirs = other.seccomp.filters;
    return (
      other.seccomp.mode === seccompModes.FILTER &&
      theirs.every((filter, i) => isSame(filter as Bytes, own[own.length - theirs.length + i] as Bytes | undefined))
    );
  };
  return liveTasks(kernel, processOf(kernel, task.pid)).find(other => other.tid !== task.tid && !isBeginning(other))?.tid ?? null;
}
/** SECCOMP_FILTER_FLAG_TSYNC: the other threads of the process get what this one has. */
export function synchronise(kernel: Kernel, task: Draft<Task>): void {
  for (const other of liveTasks(kernel, processOf(kernel, task.pid))) {
    if (other.tid === task.tid) continue;
    other.seccomp = { mode: seccompModes.FILTER, filters: [...task.seccomp!.filters] };
    if (task.hasNoNewPrivileges) other.hasNoNewPrivileges = true;
  }
}
