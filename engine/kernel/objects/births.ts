// The birth of tasks: fork(2), vfork(2), clone(2) and clone3(2) are one thing with different flags.
import type { Draft } from "immer";
import { cloneFlags } from "../../abi/constants/clone-flags.ts";
import { resources } from "../../abi/constants/resource-limits.ts";
import { policies } from "../../abi/constants/scheduling-policies.ts";
import { signals } from "../../abi/constants/signals.ts";
import type { Raw } from "../../abi/memory-view.ts";
import type { Kernel } from "../kernel.ts";
import type { Process, Task } from "../state/proc-table.ts";
import { can } from "./credentials.ts";
import { copyContext, shareContext } from "./fs-contexts.ts";
import { clearedHandlers, copyHandlers, shareHandlers } from "./handler-tables.ts";
import { threadRing } from "./keyrings.ts";
import { copyTable, shareTable } from "./open-files.ts";
import { plainCredentials } from "./paths.ts";
import { enqueue, leaveRunQueue } from "./scheduling.ts";
import { forkSpace, shareSpace } from "./spaces.ts";
import { allocatePid, processesWhere, processOf, taskOf } from "./tasks.ts";

export interface BirthRequest {
  readonly flags: number;
  /** Above the 32 bits of `flags`: only clone3 asks for it. */
  readonly clearsHandlers: boolean;
  readonly exitSignal: number;
  /** The child's stack pointer; 0: the parent's. */
  readonly stack: Raw;
  readonly parentTid: number;
  readonly childTid: number;
  readonly threadPointer: Raw;
  /** CLONE_PIDFD: where the child's descriptor is told. */
  readonly descriptorAt: number;
  /** The number that it shall have; without it, the next. */
  readonly tid?: number;
}
export const FORK: BirthRequest = {
  flags: 0,
  clearsHandlers: false,
  exitSignal: signals.SIGCHLD,
  stack: 0,
  parentTid: 0,
  childTid: 0,
  threadPointer: 0,
  descriptorAt: 0,
};

/** Whether there may be one more task (fork(2), EAGAIN). */
export function hasRoomForTask(kernel: Kernel, process: Draft<Process>): boolean {
  if (kernel.procTable.tasks.size >= kernel.system.limits.tasks) return false;
  const { credentials } = process;
  const [soft] = process.limits[resources.RLIMIT_NPROC]!;
  if (soft === Number.POSITIVE_INFINITY || credentials.ruid === 0 || can(credentials, "CAP_SYS_RESOURCE") || can(credentials, "CAP_SYS_ADMIN")) return true;
  return processesWhere(kernel, one => one.credentials.ruid === credentials.ruid).reduce((sum, one) => sum + one.tasks.length, 0) < soft;
}

/** Makes the task; answers its number. There must be room. */
export function bear(kernel: Kernel, parentTid: number, request: BirthRequest): number {
  const { procTable } = kernel;
  const has = (flag: number): boolean => (request.flags & flag) !== 0;
  const parent = taskOf(kernel, parentTid);
  const tid = request.tid ?? allocatePid(kernel);
  const isThread = has(cloneFlags.CLONE_THREAD);
  const sharesMemory = has(cloneFlags.CLONE_VM);
  const isLent = has(cloneFlags.CLONE_VFORK);

  const space = sharesMemory ? shareSpace(kernel, parent.space) : forkSpace(kernel, parent.space);
  const threadPointers = has(cloneFlags.CLONE_SETTLS) ? { fs: request.threadPointer, gs: parent.threadPointers.gs } : { ...parent.threadPointers };
  const child: Task = {
    tid,
    pid: isThread ? parent.pid : tid,
    state: "ready",
    due: "run",
    waiting: null,
    name: parent.name,
    space,
    files: has(cloneFlags.CLONE_FILES) ? shareTable(kernel, parent.files) : copyTable(kernel, parent.files),
    fsContext: has(cloneFlags.CLONE_FS) ? shareContext(kernel, parent.fsContext) : copyContext(kernel, parent.fsContext),
    handlers: handlersFor(kernel, parent, request),
    blocked: parent.blocked,
    savedMask: null,
    pending: [],
    // sigaltstack(2): kept by fork and vfork, not where memory is shared otherwise.
    alternateStack: sharesMemory && !isLent ? { ...NO_STACK } : { ...parent.alternateStack },
    clearTid: has(cloneFlags.CLONE_CHILD_CLEARTID) ? request.childTid : 0,
    robustList: 0,
    rseq: sharesMemory || !parent.rseq ? null : { ...parent.rseq },
    restart: null,
    restartBlock: null,
    lender: isLent ? parentTid : 0,
    threadPointers,
    niceness: parent.scheduling.resetsOnFork ? Math.max(0, parent.niceness) : parent.niceness,
    scheduling: parent.scheduling.resetsOnFork
      ? { ...parent.scheduling, policy: policies.SCHED_OTHER, priority: 0, resetsOnFork: false }
      : { ...parent.scheduling },
    ...(parent.memoryPolicy ? { memoryPolicy: { ...parent.memoryPolicy } } : {}),
    ...(parent.ioPriority === undefined ? {} : { ioPriority: parent.ioPriority }),
    ...(parent.login ? { login: { ...parent.login } } : {}),
    ...(parent.seccomp ? { seccomp: { mode: parent.seccomp.mode, filters: [...parent.seccomp.filters] } } : {}),
    ...(parent.landlock === undefined ? {} : { landlock: parent.landlock }),
    hasNoNewPrivileges: parent.hasNoNewPrivileges,
    ticks: 0,
    calls: 0,
  };
  procTable.tasks.set(tid, child as Draft<Task>);
  if (isThread && parent.threadKeyring !== undefined) procTable.tasks.get(tid)!.threadKeyring = threadRing(kernel, plainCredentials(kernel, parent));
  if (isThread) processOf(kernel, parent.pid).tasks.push(tid);
  else addProcess(kernel, parent, tid, request);

  kernel.effect({
    kind: "copyRegisters",
    from: parentTid,
    to: tid,
    set: { rax: 0, ...(Number(request.stack) === 0 ? {} : { rsp: request.stack }), ...(has(cloneFlags.CLONE_SETTLS) ? { fsBase: request.threadPointer } : {}) },
  });
  // Not writable: Linux goes on without a word (kernel/fork.c, kernel_clone).
  if (has(cloneFlags.CLONE_PARENT_SETTID)) storeTid(kernel, parent.space, request.parentTid, tid);
  if (has(cloneFlags.CLONE_CHILD_SETTID)) storeTid(kernel, space, request.childTid, tid);
  enqueue(kernel, tid);
  if (isLent) {
    parent.state = "lent";
    leaveRunQueue(kernel, parentTid);
  }
  return tid;
}
const NO_STACK = { address: 0, size: 0, flags: 0 };

function handlersFor(kernel: Kernel, parent: Draft<Task>, request: BirthRequest): number {
  if (request.flags & cloneFlags.CLONE_SIGHAND) return shareHandlers(kernel, parent.handlers);
  return (request.clearsHandlers ? clearedHandlers : copyHandlers)(kernel, parent.handlers);
}
function storeTid(kernel: Kernel, space: number, address: number, tid: number): void {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, tid, true);
  kernel.effect({ kind: "write", space, store: { address, bytes } });
}

function addProcess(kernel: Kernel, parentTask: Draft<Task>, pid: number, request: BirthRequest): void {
  const { procTable } = kernel;
  const creator = processOf(kernel, parentTask.pid);
  const isSibling = (request.flags & cloneFlags.CLONE_PARENT) !== 0;
  const parent = isSibling ? processOf(kernel, creator.parent) : creator;
  const { credentials } = creator;
  const child: Process = {
    pid,
    parent: parent.pid,
    children: [],
    group: creator.group,
    session: creator.session,
    tasks: [pid],
    credentials: { ...credentials, groups: [...credentials.groups], capabilities: { ...credentials.capabilities } },
    pending: [],
    limits: creator.limits.map(([soft, hard]) => [soft, hard]),
    exitSignal: isSibling ? creator.exitSignal : request.exitSignal,
    exitStatus: null,
    isStopped: false,
    stopSignal: null,
    hasContinued: false,
    hasExecuted: false,
    executable: { ...creator.executable },
    startNanos: kernel.nowNanos,
    ticks: 0,
    calls: 0,
    childTicks: 0,
    childCalls: 0,
    terminal: creator.terminal,
    isSubreaper: false,
    isDumpable: creator.isDumpable,
    parentDeathSignal: 0,
    personality: creator.personality,
    ...(isSibling || parentTask.tid === parentTask.pid ? {} : { maker: parentTask.tid }),
    ...(creator.sessionKeyring === undefined ? {} : { sessionKeyring: creator.sessionKeyring }),
  };
  procTable.processes.set(pid, child as Draft<Process>);
  parent.children.push(pid);
}
