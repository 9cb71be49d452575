// The processes that are there at boot: init, which never runs, and the user's program as its child.

import type { Draft } from "immer";
import type { BootParameters } from "../../../events/kernel-event.ts";
import { NR_OPEN, RESOURCE_COUNT, resources } from "../../abi/constants/resource-limits.ts";
import { policies } from "../../abi/constants/scheduling-policies.ts";
import { signals } from "../../abi/constants/signals.ts";
import type { Kernel } from "../kernel.ts";
import type { Process, Task } from "../state/proc-table.ts";
import { initialCredentials } from "./credentials.ts";
import { createHandlers } from "./handler-tables.ts";
import { enqueue } from "./scheduling.ts";
import { allocatePid, FIRST_PROCESS, INIT_PROCESS } from "./tasks.ts";

/** What the first task needs of the other services' objects: a descriptor table, a place in the file system. */
export interface FirstHoldings {
  readonly files: number;
  readonly fsContext: number;
}
const WORLD_TERMINAL = 0;
const { POSITIVE_INFINITY: UNLIMITED } = Number;

/** Makes init and the first process. Its program is loaded by objects/programs.ts, which gives it a memory and a name. */
export function bootProcess(kernel: Kernel, parameters: BootParameters, holdings: FirstHoldings): void {
  const { procTable } = kernel;
  const { uid, gid } = parameters.user;
  const hasTerminal = parameters.standard[0] === "terminal";
  const { tasks: mostTasks } = kernel.system.limits;
  const init: Process = {
    ...blank(mostTasks),
    pid: allocatePid(kernel),
    parent: 0,
    children: [FIRST_PROCESS],
    group: INIT_PROCESS,
    session: INIT_PROCESS,
    tasks: [],
    credentials: initialCredentials(0, 0),
  };
  const first: Process = {
    ...blank(mostTasks),
    pid: allocatePid(kernel),
    parent: INIT_PROCESS,
    group: FIRST_PROCESS,
    session: FIRST_PROCESS,
    tasks: [FIRST_PROCESS],
    credentials: initialCredentials(uid, gid),
    terminal: hasTerminal ? WORLD_TERMINAL : null,
  };
  for (const process of [init, first]) procTable.processes.set(process.pid, process as Draft<Process>);
  const task: Task = {
    tid: FIRST_PROCESS,
    pid: FIRST_PROCESS,
    state: "ready",
    due: "run",
    waiting: null,
    name: "",
    space: 0,
    ...holdings,
    handlers: createHandlers(kernel),
    blocked: 0n,
    savedMask: null,
    pending: [],
    alternateStack: { address: 0, size: 0, flags: 0 },
    clearTid: 0,
    robustList: 0,
    rseq: null,
    restart: null,
    restartBlock: null,
    lender: 0,
    threadPointers: { fs: 0, gs: 0 },
    niceness: 0,
    scheduling: { policy: policies.SCHED_OTHER, priority: 0, resetsOnFork: false },
    hasNoNewPrivileges: false,
    ticks: 0,
    calls: 0,
  };
  procTable.tasks.set(FIRST_PROCESS, task as Draft<Task>);
  enqueue(kernel, FIRST_PROCESS);
  const terminal = hasTerminal ? kernel.tty.terminals.get(WORLD_TERMINAL) : undefined;
  if (terminal) {
    terminal.session = FIRST_PROCESS;
    terminal.foreground = FIRST_PROCESS;
  }
}

/** Anew each time: what is put into a draft is changed in place from then on. */
const blank = (mostTasks: number) => ({
  children: [],
  pending: [],
  exitSignal: signals.SIGCHLD,
  exitStatus: null,
  isStopped: false,
  stopSignal: null,
  hasContinued: false,
  hasExecuted: false,
  executable: { path: "", inode: 0 },
  startNanos: 0,
  ticks: 0,
  calls: 0,
  childTicks: 0,
  childCalls: 0,
  isSubreaper: false,
  isDumpable: true,
  parentDeathSignal: 0,
  personality: 0,
  terminal: null,
  limits: initialLimits(mostTasks),
});

/** As Debian gives them (limits.conf(5), systemd-system.conf(5)). */
function initialLimits(tasks: number): Process["limits"] {
  const limits: (readonly [number, number])[] = Array.from({ length: RESOURCE_COUNT }, () => [UNLIMITED, UNLIMITED]);
  limits[resources.RLIMIT_STACK] = [8 << 20, UNLIMITED];
  limits[resources.RLIMIT_CORE] = [0, UNLIMITED];
  limits[resources.RLIMIT_NPROC] = [tasks, tasks];
  limits[resources.RLIMIT_NOFILE] = [1024, NR_OPEN];
  limits[resources.RLIMIT_MEMLOCK] = [8 << 20, 8 << 20];
  limits[resources.RLIMIT_SIGPENDING] = [tasks, tasks];
  limits[resources.RLIMIT_MSGQUEUE] = [819_200, 819_200];
  limits[resources.RLIMIT_NICE] = [0, 0];
  limits[resources.RLIMIT_RTPRIO] = [0, 0];
  return limits;
}
