// prctl, arch_prctl and the other calls by which a task says things about itself.
import type { Draft } from "immer";
import { LAST_CAPABILITY } from "../../abi/constants/capabilities.ts";
import { archOptions, prctlOptions } from "../../abi/constants/prctl-options.ts";
import { seccompModes } from "../../abi/constants/seccomp.ts";
import { LAST_SIGNAL } from "../../abi/constants/signals.ts";
import { type Bytes, bigOf, type Raw, uint64 } from "../../abi/memory-view.ts";
import type { Kernel } from "../kernel.ts";
import { binary, bytesOf } from "../objects/binary-string.ts";
import { can } from "../objects/credentials.ts";
import { processOf, taskOf } from "../objects/tasks.ts";
import { type Call, type Calls, done, fail, OK, type Outcome } from "../service.ts";
import type { Process, Task } from "../state/proc-table.ts";
import { setFilter, setStrictMode } from "./proc-table-seccomp.ts";
import { moveVectors } from "./proc-table-vectors.ts";

interface Subject {
  readonly kernel: Kernel;
  readonly task: Draft<Task>;
  readonly process: Draft<Process>;
  /** The second argument: what its option's type makes of it. */
  readonly value: unknown;
  /** The third, where it is a filter. */
  readonly program: () => Bytes | null;
  /** The third to the fifth. */
  readonly rest: readonly number[];
}
type Answer = Outcome<{ arg2: unknown }>;
const answer = (value: number, arg2?: unknown): Answer => done(value, { arg2 });
const isUnused = ({ rest }: Subject): boolean => rest.every(one => one === 0);
const NAME_BYTES = 16;
const TIMER_SLACK_NANOS = 50_000;
/** PR_TIMING_STATISTICAL: the only one there is. */
const STATISTICAL_TIMING = 0;
const ambient = { PR_CAP_AMBIENT_IS_SET: 1, PR_CAP_AMBIENT_RAISE: 2, PR_CAP_AMBIENT_LOWER: 3, PR_CAP_AMBIENT_CLEAR_ALL: 4 } as const;
const bit = (capability: number): bigint => 1n << BigInt(capability);
const isCapability = (value: unknown): value is number => typeof value === "number" && value >= 0 && value <= LAST_CAPABILITY;

const options: Readonly<Record<number, (subject: Subject) => Answer>> = {
  [prctlOptions.PR_SET_PDEATHSIG]({ process, value }) {
    const signal = value as number;
    if (signal < 0 || signal > LAST_SIGNAL) return fail("EINVAL");
    process.parentDeathSignal = signal;
    return answer(0);
  },
  [prctlOptions.PR_GET_PDEATHSIG]: ({ process }) => answer(0, process.parentDeathSignal),
  [prctlOptions.PR_GET_DUMPABLE]: ({ process }) => answer(process.isDumpable ? 1 : 0),
  [prctlOptions.PR_SET_DUMPABLE]({ process, value }) {
    if (value !== 0 && value !== 1) return fail("EINVAL");
    process.isDumpable = value === 1;
    return answer(0);
  },
  [prctlOptions.PR_GET_KEEPCAPS]: ({ process }) => answer(process.credentials.keepsCapabilities ? 1 : 0),
  [prctlOptions.PR_SET_KEEPCAPS]({ process, value }) {
    if (value !== 0 && value !== 1) return fail("EINVAL");
    process.credentials.keepsCapabilities = value === 1;
    return answer(0);
  },
  [prctlOptions.PR_GET_TIMING]: () => answer(STATISTICAL_TIMING),
  [prctlOptions.PR_SET_TIMING]: ({ value }) => (value === STATISTICAL_TIMING ? answer(0) : fail("EINVAL")),
  [prctlOptions.PR_SET_NAME]({ task, value }) {
    task.name = binary(value as Bytes);
    return answer(0);
  },
  [prctlOptions.PR_GET_NAME]({ task }) {
    const name = new Uint8Array(NAME_BYTES);
    name.set(bytesOf(task.name));
    return answer(0, name);
  },
  [prctlOptions.PR_GET_SECCOMP]: ({ task }) => answer(task.seccomp?.mode ?? seccompModes.DISABLED),
  [prctlOptions.PR_SET_SECCOMP]({ kernel, task, value, program }) {
    if (value !== seccompModes.STRICT && value !== seccompModes.FILTER) return fail("EINVAL");
    const outcome = value === seccompModes.STRICT ? setStrictMode(kernel, task.tid) : setFilter(kernel, task.tid, 0, program);
    return outcome.kind === "done" ? answer(outcome.value) : outcome;
  },
  [prctlOptions.PR_CAPBSET_READ]: ({ process, value }) =>
    isCapability(value) ? answer((process.credentials.capabilities.bounding & bit(value)) === 0n ? 0 : 1) : fail("EINVAL"),
  [prctlOptions.PR_CAPBSET_DROP]({ process, value }) {
    if (!can(process.credentials, "CAP_SETPCAP")) return fail("EPERM");
    if (!isCapability(value)) return fail("EINVAL");
    process.credentials.capabilities.bounding &= ~bit(value);
    return answer(0);
  },
  [prctlOptions.PR_GET_SECUREBITS]: ({ process }) => answer(process.credentials.keepsCapabilities ? 0x10 : 0),
  [prctlOptions.PR_GET_TIMERSLACK]: () => answer(TIMER_SLACK_NANOS),
  [prctlOptions.PR_SET_MM]: ({ kernel, task, process, value, rest }) => moveVectors(kernel, task, process, value as number, rest),
  [prctlOptions.PR_SET_CHILD_SUBREAPER]({ process, value }) {
    process.isSubreaper = value !== 0;
    return answer(0);
  },
  [prctlOptions.PR_GET_CHILD_SUBREAPER]: ({ process }) => answer(0, process.isSubreaper ? 1 : 0),
  [prctlOptions.PR_SET_NO_NEW_PRIVS](subject) {
    if (subject.value !== 1 || !isUnused(subject)) return fail("EINVAL");
    subject.task.hasNoNewPrivileges = true;
    return answer(0);
  },
  [prctlOptions.PR_GET_NO_NEW_PRIVS]: subject => (subject.value === 0 && isUnused(subject) ? answer(subject.task.hasNoNewPrivileges ? 1 : 0) : fail("EINVAL")),
  [prctlOptions.PR_GET_TID_ADDRESS]: ({ task }) => answer(0, BigInt(task.clearTid)),
  [prctlOptions.PR_CAP_AMBIENT]({ value, rest }) {
    // Nothing is ever raised: that would need file capabilities.
    if (value === ambient.PR_CAP_AMBIENT_CLEAR_ALL) return rest.every(one => one === 0) ? answer(0) : fail("EINVAL");
    if (!isCapability(rest[0])) return fail("EINVAL");
    return value === ambient.PR_CAP_AMBIENT_IS_SET || value === ambient.PR_CAP_AMBIENT_LOWER
      ? answer(0)
      : fail(value === ambient.PR_CAP_AMBIENT_RAISE ? "EPERM" : "EINVAL");
  },
};

/** The end of user addresses: a base above it is not the program's to set. */
const TASK_SIZE_MAX = 0x7fff_ffff_f000n;
function setBase(kernel: Kernel, call: Call<unknown>, register: "fsBase" | "gsBase", value: Raw): Answer {
  if (bigOf(value) >= TASK_SIZE_MAX) return fail("EPERM");
  const task = taskOf(kernel, call.tid);
  task.threadPointers = register === "fsBase" ? { ...task.threadPointers, fs: value } : { ...task.threadPointers, gs: value };
  kernel.effect({ kind: "setRegisters", task: call.tid, set: { [register]: value } });
  return done(0, { arg2: undefined });
}
const archActions: Readonly<Record<number, (kernel: Kernel, call: Call<unknown>, value: unknown) => Outcome<{ addr: unknown }>>> = {
  [archOptions.ARCH_SET_FS]: (kernel, call, value) => withAddress(setBase(kernel, call, "fsBase", value as Raw)),
  [archOptions.ARCH_SET_GS]: (kernel, call, value) => withAddress(setBase(kernel, call, "gsBase", value as Raw)),
  [archOptions.ARCH_GET_FS]: (kernel, call) => done(0, { addr: bigOf(taskOf(kernel, call.tid).threadPointers.fs) }),
  [archOptions.ARCH_GET_GS]: (kernel, call) => done(0, { addr: bigOf(taskOf(kernel, call.tid).threadPointers.gs) }),
};
const withAddress = (outcome: Answer): Outcome<{ addr: unknown }> => (outcome.kind === "done" ? done(outcome.value, { addr: undefined }) : outcome);

const ROBUST_HEAD_SIZE = 24;
/** membarrier(2): commands are bits; the expedited private ones ask for a registration before. */
const barriers = {
  QUERY: 0,
  GLOBAL: 1,
  GLOBAL_EXPEDITED: 2,
  RSEQ: 128,
  GET_REGISTRATIONS: 512,
  registrations: [4, 16, 64, 256] as readonly number[],
  privileged: { 8: 16, 32: 64, 128: 256 } as Readonly<Record<number, number>>,
  all: 1023,
};
const MEMBARRIER_CMD_FLAG_CPU = 1;
const NO_PERSONALITY_CHANGE = 0xffff_ffff;

type Names = "prctl" | "arch_prctl" | "personality" | "set_tid_address" | "set_robust_list" | "get_robust_list" | "membarrier";
export const controlCalls: Pick<Calls<"procTable">, Names> = {
  prctl(kernel, call) {
    const { option, arg2 } = call.args;
    const act = options[option];
    if (!act) return fail("EINVAL");
    const rest = call.raws.slice(2).map(uint64);
    return act({
      kernel,
      task: taskOf(kernel, call.tid),
      process: processOf(kernel, call.pid),
      value: arg2,
      program: () => call.args.arg3 as Bytes | null,
      rest,
    });
  },
  arch_prctl(kernel, call) {
    const act = archActions[call.args.code];
    return act ? act(kernel, call, call.args.addr) : fail("EINVAL");
  },
  personality(kernel, call) {
    const process = processOf(kernel, call.pid);
    const old = process.personality;
    if (call.args.persona !== NO_PERSONALITY_CHANGE) process.personality = call.args.persona;
    return done(old, {});
  },
  set_tid_address(kernel, call) {
    taskOf(kernel, call.tid).clearTid = call.args.tidptr;
    return done(call.tid, {});
  },
  set_robust_list(kernel, call) {
    if (call.args.len !== ROBUST_HEAD_SIZE) return fail("EINVAL");
    taskOf(kernel, call.tid).robustList = call.args.head;
    return OK;
  },
  get_robust_list(kernel, call) {
    const task = kernel.procTable.tasks.get(call.args.pid || call.tid);
    if (!task) return fail("ESRCH");
    if (task.pid !== call.pid && !can(processOf(kernel, call.pid).credentials, "CAP_SYS_PTRACE")) return fail("EPERM");
    return done(0, { head_ptr: task.robustList, len_ptr: ROBUST_HEAD_SIZE });
  },
  // Tasks take turns on one processor: every switch is a barrier already. What is left is who has registered for what.
  membarrier(kernel, call) {
    const { cmd, flags } = call.args;
    const { RSEQ, QUERY, GET_REGISTRATIONS, registrations, privileged } = barriers;
    if (flags !== 0 && (cmd !== RSEQ || flags !== MEMBARRIER_CMD_FLAG_CPU)) return fail("EINVAL");
    const process = processOf(kernel, call.pid);
    const registered = process.barriers ?? 0;
    if (cmd === QUERY) return done(barriers.all, {});
    if (cmd === GET_REGISTRATIONS) return done(registered, {});
    if (registrations.includes(cmd)) {
      process.barriers = registered | cmd;
      return OK;
    }
    const needed = privileged[cmd];
    if (needed !== undefined) return (registered & needed) !== 0 ? OK : fail("EPERM");
    return cmd === barriers.GLOBAL || cmd === barriers.GLOBAL_EXPEDITED ? OK : fail("EINVAL");
  },
};
