// The state of processes and their tasks (threads).
import type { Bytes, Raw } from "../../abi/memory-view.ts";
import type { BinaryString } from "./vfs.ts";

/** A signal on its way, with what siginfo_t tells (sigaction(2)). */
export interface SignalInfo {
  readonly signal: number;
  readonly code: number;
  readonly errno: number;
  readonly pid: number;
  readonly uid: number;
  readonly status: number;
  /** si_addr of faults, si_value of queued signals. */
  readonly value: number;
}

/** A call that waits, kept as data: it is presented again when a channel is woken, at the deadline, or when a signal interrupts. */
export interface Waiting {
  readonly number: number;
  readonly raws: readonly Raw[];
  readonly reads: readonly (Bytes | null)[];
  readonly unwritable: readonly number[];
  readonly channels: readonly string[];
  readonly deadlineNanos: number | null;
  /** What the reducer wants to find again: plain data (an absolute deadline, how much is written already). */
  readonly memo: unknown;
}
/** What is due for a ready task before it executes again: nothing, or its call presented again. */
export type Due = "run" | "resume" | "interrupt" | "timeout";

export interface Task {
  readonly tid: number;
  /** Its process: the thread group's id. */
  readonly pid: number;
  /** ready: in the run queue. stopped: by job control. */
  readonly state: "ready" | "waiting" | "stopped" | "dead";
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
  /** Errno that ends a wait and is turned by signal delivery into EINTR or a restart (ERESTARTSYS…). */
  readonly restart: { readonly number: number; readonly errno: string } | null;
  readonly niceness: number;
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
  /** Set while a zombie, or stopped or continued and not yet waited for: wait(2)'s status. */
  readonly exitStatus: number | null;
  readonly stopStatus: number | null;
  readonly hasContinued: boolean;
  readonly hasExecuted: boolean;
  /** Path of the executable and its inode, for /proc/PID/exe. */
  readonly executable: { readonly path: BinaryString; readonly inode: number };
  readonly startNanos: number;
  /** CPU time of itself and of waited-for children, in ticks, and how many calls it made. */
  readonly ticks: number;
  readonly childTicks: number;
  readonly terminal: number | null;
  readonly isSubreaper: boolean;
  readonly isDumpable: boolean;
  readonly parentDeathSignal: number;
  readonly personality: number;
}
export interface ProcTableState {
  readonly tasks: ReadonlyMap<number, Task>;
  readonly processes: ReadonlyMap<number, Process>;
  readonly nextPid: number;
  /** Ready tasks in the order they will run; the first is running. */
  readonly runQueue: readonly number[];
  /** When the scheduler last gave the processor to another task at the end of a turn. */
  readonly switchedAtTick: number;
  /** Who waits on what, in the order they came. */
  readonly waiters: ReadonlyMap<string, readonly number[]>;
}
