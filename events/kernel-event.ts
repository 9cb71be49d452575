// What can happen to a machine: the kinds of event, as immutable plain data. How they are stored is events/log; what they do is engine/kernel.

export type Bytes = Readonly<Uint8Array>;
export interface Store {
  readonly address: number;
  readonly bytes: Bytes;
}

/** All that a machine's history depends on, besides its inputs and choices. */
/** What CPUID says that the guest's processor has: a level of the x86-64 psABI. */
export type CpuLevel = "x86-64-v1" | "x86-64-v2" | "x86-64-v3";
export interface BootParameters {
  readonly imageName: string;
  readonly imageDigest: string;
  readonly mounts: readonly { readonly path: string; readonly digest: string; readonly isReadOnly: boolean }[];
  /** Path of the program in the guest, and its vectors. */
  readonly program: string;
  readonly argv: readonly string[];
  readonly environment: readonly string[];
  readonly workingDirectory: string;
  readonly user: { readonly uid: number; readonly gid: number };
  /** What fd 0, 1 and 2 are: the terminal, or a pipe from or to the world. */
  readonly standard: readonly ["terminal" | "pipe", "terminal" | "pipe", "terminal" | "pipe"];
  readonly terminal: { readonly columns: number; readonly rows: number };
  readonly hostname: string;
  /** Seconds since 1970 at boot. */
  readonly epochSeconds: number;
  /** For the guest's random bytes. */
  readonly seed: number;
  /** Makes choices vary; absent: choices are fixed. */
  readonly chaos?: number;
  /** Absent: the first, as in logs that know of no others. */
  readonly cpu?: CpuLevel;
  readonly memoryBytes: number;
  readonly quantumTicks: number;
  /** `host`: where nobody in the machine listens, connect(2) to a loopback address leads out. Absent: the machine is alone. */
  readonly network?: "host";
  /** `live`: files of /proc that show a process's memory show it as it is. Absent: they show what execve was given, as in logs that know of nothing else. */
  readonly memoryFiles?: "live";
}

interface Happening {
  /** Instructions retired since boot when it happened. */
  readonly tick: number;
}
export interface BootEvent extends Happening {
  readonly kind: "boot";
  readonly parameters: BootParameters;
}
/** How a call ended, or that it waits. */
export type CallResult =
  | { readonly kind: "done"; readonly value: number }
  | { readonly kind: "fail"; readonly errno: string }
  | { readonly kind: "block" }
  | { readonly kind: "gone" };
interface CallHappening extends Happening {
  readonly task: number;
  readonly number: number;
  readonly result: CallResult;
  readonly stores: readonly Store[];
}
export interface SyscallEvent extends CallHappening {
  readonly kind: "syscall";
  /** The argument registers that the call has, in order. */
  readonly raws: readonly (number | bigint)[];
  /** What decoding read of guest memory, in order; `null` where it was not readable. */
  readonly reads: readonly (Bytes | null)[];
  /** Out-arguments (by index) whose memory is not writable in full. */
  readonly unwritable?: readonly number[];
  /** Where it is not: pairs of addresses, from and to. Absent: nowhere is it. */
  readonly holes?: readonly number[];
  /** What the task's seccomp filters look at (struct seccomp_data), where it has any. */
  readonly filtered?: Bytes;
  /** An errno that was injected instead of performing the call. */
  readonly injected?: string;
}
/** A call that waited is presented again, because what it waits for changed, a deadline passed, or a signal interrupts it. */
export interface ResumeEvent extends CallHappening {
  readonly kind: "resume";
  readonly isInterrupted: boolean;
}
/** A signal reaches a task: its handler is entered, or its default action taken. */
export interface SignalEvent extends Happening {
  readonly kind: "signal";
  readonly task: number;
  readonly signal: number;
  readonly code: number;
  readonly action: "handle" | "ignore" | "terminate" | "core" | "stop" | "continue";
  /** Who sent it or what it tells, where that is not all zero: as in siginfo_t (sigaction(2)); `value` is a fault's address or what was queued. */
  readonly origin?: { readonly pid: number; readonly uid: number; readonly status: number; readonly value: number | bigint };
}
/** An exception of the processor, or a handler's frame that cannot be stored; it becomes a signal. */
export interface FaultEvent extends Happening {
  readonly kind: "fault";
  readonly task: number;
  readonly signal: number;
  readonly code: number;
  readonly address: number;
  /** Its handler is not asked: the frame that could not be stored was its own. */
  readonly isFinal?: true;
}
/** The scheduler takes the processor from one task and gives it to another (not because the first waits). */
export interface SwitchEvent extends Happening {
  readonly kind: "switch";
  readonly task: number;
}
/** Timers due at this moment expire. */
export interface TimerEvent extends Happening {
  readonly kind: "timer";
}
/** Every task sleeps: the clock jumps. */
export interface IdleEvent extends Happening {
  readonly kind: "idle";
  readonly nanos: number;
}
/** A page of a file mapped MAP_SHARED, as the guest has stored into it, becomes the file's content. */
export interface WritebackEvent extends Happening {
  readonly kind: "writeback";
  readonly inode: number;
  /** The page's number in the file. */
  readonly index: number;
  readonly bytes: Bytes;
}
/** A word of memory that a thread's robust list names (get_robust_list(2)). */
export interface HeldWord {
  readonly address: number;
  readonly value: number;
  /** A priority-inheriting futex. */
  readonly isInheriting: boolean;
  /** The one that the thread was taking or giving up. */
  readonly isPending: boolean;
}
/** A task is about to end and still holds futexes: whoever waits for them learns that their owner died. */
export interface AbandonEvent extends Happening {
  readonly kind: "abandon";
  readonly task: number;
  readonly words: readonly HeldWord[];
}
/** A signal is about to end the process with a core file (core(5)): what the file has of registers and memory. */
export interface DumpEvent extends Happening {
  readonly kind: "dump";
  readonly task: number;
  /** The task that takes the signal first. `general`: struct user_regs_struct; `vectors`: as FXSAVE or XSAVE lays them out. */
  readonly threads: readonly { readonly tid: number; readonly general: Bytes; readonly vectors: Bytes }[];
  /** Pages, of 4 KiB, that differ from what they were mapped from, by address. */
  readonly pages: readonly Store[];
}
/** A task that another traces stops for its tracer, or takes up again what it was at when it stopped (ptrace(2)). */
export interface TrapEvent extends Happening {
  readonly kind: "trap";
  readonly task: number;
  /**
   * call: before the call of that number. filter: the same, because a seccomp filter asks the tracer and tells it `message`. signal: about to take one. group: its process is stopped, or the tracer wants it.
   * handler: it enters a handler in steps. rest: no stop, but what was left of a call, or of its end.
   */
  readonly at: "call" | "filter" | "signal" | "group" | "handler" | "rest";
  readonly number?: number;
  readonly message?: number;
}
/** Something comes from outside. */
export type Input =
  | { readonly source: "terminal"; readonly bytes: Bytes }
  | { readonly source: "hangup" }
  | { readonly source: "size"; readonly columns: number; readonly rows: number }
  /** Bytes for the pipe that is standard input; none: its end. */
  | { readonly source: "stdin"; readonly bytes: Bytes | null }
  /** Nobody reads the pipe that is standard output or error any more. */
  | { readonly source: "closed"; readonly to: "stdout" | "stderr" }
  /** A signal for the first process, as from a host's kill. */
  | { readonly source: "signal"; readonly signal: number }
  /** A client outside wants to connect to a port of the machine. It names the link: a connection that leads outside. */
  | { readonly source: "incoming"; readonly link: number; readonly port: number }
  /** What a guest has dialled outside answers. */
  | { readonly source: "dialled"; readonly link: number }
  | { readonly source: "refused"; readonly link: number; readonly errno: string }
  /** Bytes over a link; none: the other end sends no more. */
  | { readonly source: "link"; readonly link: number; readonly bytes: Bytes | null }
  /** The other end has broken the link off. */
  | { readonly source: "reset"; readonly link: number }
  /** The other end has taken so many bytes of those sent: there is room for as many again. */
  | { readonly source: "taken"; readonly link: number; readonly count: number };
export interface InputEvent extends Happening {
  readonly kind: "input";
  readonly input: Input;
}
/** A process is no more: +++ exited with N +++, +++ killed by SIG +++. `status` is wait(2)'s. */
export interface ExitEvent extends Happening {
  readonly kind: "exit";
  readonly task: number;
  readonly status: number;
}

export type KernelEvent =
  | BootEvent
  | SyscallEvent
  | ResumeEvent
  | SignalEvent
  | FaultEvent
  | SwitchEvent
  | TimerEvent
  | IdleEvent
  | WritebackEvent
  | AbandonEvent
  | DumpEvent
  | TrapEvent
  | InputEvent
  | ExitEvent;
export type EventKind = KernelEvent["kind"];
