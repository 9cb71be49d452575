// The state of processes and their tasks (threads).
import type { Bytes, Raw } from "../../abi/memory-view.ts";
import type { SignalInfo } from "../../abi/structs/siginfo.ts";
import type { BinaryString } from "./vfs.ts";
import type { MemoryPolicy } from "./vmm.ts";

/** A signal on its way, with what siginfo_t tells (sigaction(2)). */
export type { SignalInfo };

/** A call that waits, kept as data: it is presented again when a channel is woken, at the deadline, or when a signal interrupts. */
export interface Waiting {
  readonly number: number;
  readonly raws: readonly Raw[];
  readonly reads: readonly (Bytes | null)[];
  readonly unwritable: readonly number[];
  readonly holes?: readonly number[];
  readonly channels: readonly string[];
  readonly deadlineNanos: number | null;
  /** What the reducer wants to find again: plain data (an absolute deadline, how much is written already). */
  readonly memo: unknown;
}
/** What is due for a ready task before it executes again: nothing, or its call presented again. */
export type Due = "run" | "resume" | "interrupt" | "timeout";

/** How often the processor went to another task: because this one waited, or because its turn ended (getrusage(2)). */
export interface Switches {
  readonly voluntary: number;
  readonly involuntary: number;
}
/** A traced task stands still until its tracer lets it go on (ptrace(2), "Stopped states"). */
export interface TraceStop {
  /**
   * call: before a call is made. filter: before it, because a seccomp filter asks. left: after one. signal: a signal is about to be delivered. group: its process is stopped, or the tracer interrupts.
   * event: within a call. ending: before it ends. handler: a handler is entered in steps.
   */
  readonly kind: "call" | "filter" | "left" | "signal" | "group" | "event" | "ending" | "handler";
  /** What wait(2) tells: a signal, and above it the event. */
  readonly code: number;
  /** PTRACE_GETSIGINFO; `null`: a group-stop of a task that was not seized. */
  readonly info: SignalInfo | null;
  /** The tracer has waited for it. */
  readonly isReported: boolean;
  /** PTRACE_LISTEN. */
  readonly isListening: boolean;
}
export interface Trace {
  /** The thread that traces. */
  readonly tracer: number;
  /** PTRACE_SEIZE. */
  readonly isSeized: boolean;
  readonly options: number;
  /** PTRACE_GETEVENTMSG. */
  readonly message: number;
  readonly stop: TraceStop | null;
  /** How it was let go on: to the next call, by one instruction, or to a call that is not made (PTRACE_SYSEMU). */
  readonly stopsAtCalls: boolean;
  readonly isStepping: boolean;
  readonly isEmulating: boolean;
  /** It is to stop as soon as it can: its process is stopped or goes on, or the tracer wants it so (JOBCTL_TRAP_STOP, JOBCTL_TRAP_NOTIFY). */
  readonly isTrapDue: boolean;
}
/** The call that a traced task is in, or has made last. */
export interface TracedCall {
  /** orig_rax: the tracer may change it. */
  readonly number: Raw;
  /** entered: stopped before it. checked: its seccomp filters have asked the tracer. skipped: it is not to be made. running: it is made. returned: it has its result, and is to be left. made: it is over. */
  readonly stage: "entered" | "checked" | "skipped" | "running" | "returned" | "made";
  /** Its result, where a stop within it hides that. */
  readonly value?: number;
  /** What vfork(2) has made. */
  readonly child?: number;
  /** The task's own ticks when it was over: more of them, and the task is in no call any more. */
  readonly ticks: number;
}
export interface Task {
  readonly tid: number;
  /** Its process: the thread group's id. */
  readonly pid: number;
  /** ready: in the run queue. stopped: by job control. traced: for its tracer. lent: has lent its memory to a vfork child. dead: a zombie, or a leader that ended before its threads. */
  readonly state: "ready" | "waiting" | "stopped" | "traced" | "lent" | "dead";
  readonly due: Due;
  readonly waiting: Waiting | null;
  /** comm: at most 15 bytes. */
  readonly name: BinaryString;
  readonly space: number;
  readonly files: number;
  readonly fsContext: number;
  readonly handlers: number;
  /** The signal mask: bit n-1 for signal n. */
  readonly blocked: bigint;
  /** Mask to be put back after the handler of a signal that ended sigsuspend, ppoll or pselect. */
  readonly savedMask: bigint | null;
  readonly pending: readonly SignalInfo[];
  readonly alternateStack: { readonly address: number; readonly size: number; readonly flags: number };
  /** set_tid_address, CLONE_CHILD_CLEARTID: 0 where none. */
  readonly clearTid: number;
  readonly robustList: number;
  /** What rseq(2) registered. */
  readonly rseq: { readonly address: number; readonly length: number; readonly signature: number } | null;
  /** Errno that ends a wait and is turned by signal delivery into EINTR or a restart (ERESTARTSYS…). */
  readonly restart: { readonly number: number; readonly errno: string } | null;
  /** What restart_syscall goes on with: a sleep to an absolute moment, and where the rest is told. */
  readonly restartBlock: { readonly clock: number; readonly deadlineNanos: number; readonly remainder: number } | null;
  /** A vfork child: the task that waits for it to execute or end; else 0. */
  readonly lender: number;
  /** Bases of FS and GS as the kernel set them. */
  readonly threadPointers: { readonly fs: Raw; readonly gs: Raw };
  readonly niceness: number;
  readonly scheduling: { readonly policy: number; readonly priority: number; readonly resetsOnFork: boolean };
  /** Absent: none yet. */
  readonly switches?: Switches;
  /** keyrings(7): its own, and where request_key(2) puts what it finds. */
  readonly threadKeyring?: number;
  readonly requestKeyring?: number;
  /** set_mempolicy(2); absent: the default. */
  readonly memoryPolicy?: MemoryPolicy;
  /** ioprio_set(2): as it was set. */
  readonly ioPriority?: number;
  /** As whom somebody logged in, and how many had before (pam_loginuid(8)); absent: nobody did. */
  readonly login?: { readonly uid: number; readonly session: number };
  /** seccomp(2): its mode, and its filters as programs, the latest first. */
  readonly seccomp?: { readonly mode: number; readonly filters: readonly Bytes[] };
  /** fanotify(7): how many questions of its call have been answered, which groups have allowed the next one, and what it waits for. */
  readonly permission?: { readonly passed: number; readonly groups: readonly number[]; readonly pending: number | null; readonly hasCreated?: true };
  /** landlock(7): the domain that it is in. */
  readonly landlock?: number;
  readonly hasNoNewPrivileges: boolean;
  /** Its CPU time, as its process's. */
  readonly ticks: number;
  readonly calls: number;
  /** ptrace(2). Absent: nobody traces it. */
  readonly trace?: Trace;
  readonly tracedCall?: TracedCall;
  /** The signal that its tracer lets through. */
  readonly delivering?: SignalInfo;
  /** The status with which it ends once its tracer lets it (PTRACE_O_TRACEEXIT). */
  readonly ending?: number;
  /** Of a thread that has ended and whose tracer has not waited for that: wait(2)'s status. */
  readonly endStatus?: number;
}
/** Capability sets (capabilities(7)), a bit for each capability. */
export interface CapabilitySets {
  readonly effective: bigint;
  readonly permitted: bigint;
  readonly inheritable: bigint;
  readonly bounding: bigint;
}
export interface Credentials {
  readonly ruid: number;
  readonly euid: number;
  readonly suid: number;
  readonly fsuid: number;
  readonly rgid: number;
  readonly egid: number;
  readonly sgid: number;
  readonly fsgid: number;
  readonly groups: readonly number[];
  readonly capabilities: CapabilitySets;
  /** PR_SET_KEEPCAPS. */
  readonly keepsCapabilities: boolean;
}
export interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly children: readonly number[];
  readonly group: number;
  readonly session: number;
  readonly tasks: readonly number[];
  readonly credentials: Credentials;
  /** Pending for the process as a whole. */
  readonly pending: readonly SignalInfo[];
  /** Soft and hard, by RLIMIT_ number; Infinity for RLIM_INFINITY. */
  readonly limits: readonly (readonly [soft: number, hard: number])[];
  readonly exitSignal: number;
  /** wait(2)'s status: set while it is a zombie. */
  readonly exitStatus: number | null;
  readonly isStopped: boolean;
  /** The signal that stopped it, until a parent has waited for that. */
  readonly stopSignal: number | null;
  /** The same, for as long as it is stopped. */
  readonly stoppedBy?: number;
  /** The thread that made it, where that is not its parent's first. */
  readonly maker?: number;
  /** Has continued, and no parent has waited for that yet. */
  readonly hasContinued: boolean;
  readonly hasExecuted: boolean;
  /** Path of the executable and its inode, for /proc/PID/exe. */
  readonly executable: { readonly path: BinaryString; readonly inode: number };
  readonly startNanos: number;
  /** Its CPU time: instructions, and calls made, up to when it was last charged (objects/scheduling.ts). */
  readonly ticks: number;
  readonly calls: number;
  /** The same of children it has waited for. */
  readonly childTicks: number;
  readonly childCalls: number;
  readonly terminal: number | null;
  readonly isSubreaper: boolean;
  readonly isDumpable: boolean;
  readonly parentDeathSignal: number;
  readonly personality: number;
  /** Of all its tasks, and of children it has waited for. */
  readonly switches?: Switches;
  readonly childSwitches?: Switches;
  readonly processKeyring?: number;
  readonly sessionKeyring?: number;
  /** A core file is written: its status will say so. */
  readonly hasDumpedCore?: true;
  /** What it has registered for with membarrier(2). */
  readonly barriers?: number;
  /** Set by writing to /proc/PID/oom_score_adj; a child starts with its parent's. */
  readonly oomScoreAdjustment?: number;
}
export interface ProcTableState {
  readonly tasks: ReadonlyMap<number, Task>;
  readonly processes: ReadonlyMap<number, Process>;
  readonly nextPid: number;
  /** Tasks that are traced, in the order in which that began. Absent: none ever was. */
  readonly traced?: readonly number[];
  /** Tasks with a signal to act upon before they execute on (Linux's TIF_SIGPENDING). */
  readonly attention: readonly number[];
  /** Up to where CPU time is charged: the instructions and calls after it belong to the running task. */
  readonly chargedTicks: number;
  readonly chargedCalls: number;
  /** Ready tasks in the order they will run; the first is running. */
  readonly runQueue: readonly number[];
  /** When the scheduler last gave the processor to another task at the end of a turn. */
  readonly switchedAtTick: number;
  /** Who waits on what, in the order they came. */
  readonly waiters: ReadonlyMap<string, readonly number[]>;
}

/** pid_max, and where numbering begins again after it. */
export const PID_MAX = 32_768;
export const FIRST_RECYCLED_PID = 300;

export const initialProcTable: ProcTableState = {
  tasks: new Map(),
  processes: new Map(),
  nextPid: 1,
  attention: [],
  chargedTicks: 0,
  chargedCalls: 0,
  runQueue: [],
  switchedAtTick: 0,
  waiters: new Map(),
};
