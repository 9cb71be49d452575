// Signals of Linux x86-64 (signal(7)): numbers, default actions, the flags of sigaction(2) and the codes of siginfo_t.

export const signals = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGILL: 4,
  SIGTRAP: 5,
  SIGABRT: 6,
  SIGBUS: 7,
  SIGFPE: 8,
  SIGKILL: 9,
  SIGUSR1: 10,
  SIGSEGV: 11,
  SIGUSR2: 12,
  SIGPIPE: 13,
  SIGALRM: 14,
  SIGTERM: 15,
  SIGSTKFLT: 16,
  SIGCHLD: 17,
  SIGCONT: 18,
  SIGSTOP: 19,
  SIGTSTP: 20,
  SIGTTIN: 21,
  SIGTTOU: 22,
  SIGURG: 23,
  SIGXCPU: 24,
  SIGXFSZ: 25,
  SIGVTALRM: 26,
  SIGPROF: 27,
  SIGWINCH: 28,
  SIGIO: 29,
  SIGPWR: 30,
  SIGSYS: 31,
} as const;
export type SignalName = keyof typeof signals;

/** Signals from here on are queued, each with its value (signal(7), "Real-time signals"). */
export const SIGRTMIN = 32;
export const LAST_SIGNAL = 64;

const names = new Map<number, string>(Object.entries(signals).map(([name, number]) => [number, name]));
/** As strace shows it: SIGINT, SIGRT_5, or the number. */
export const signalName = (signal: number): string =>
  names.get(signal) ?? (signal === SIGRTMIN ? "SIGRTMIN" : signal > SIGRTMIN && signal <= LAST_SIGNAL ? `SIGRT_${signal - SIGRTMIN}` : String(signal));

const BITS: readonly bigint[] = Array.from({ length: 64 }, (_, i) => 1n << BigInt(i));
export const bitOf = (signal: number): bigint => BITS[signal - 1] ?? 0n;
export const maskOf = (...list: readonly SignalName[]): bigint => list.reduce((mask, name) => mask | bitOf(signals[name]), 0n);
export const hasSignal = (mask: bigint, signal: number): boolean => (mask & bitOf(signal)) !== 0n;

/** Neither blocked, ignored nor handled. */
export const UNBLOCKABLE = maskOf("SIGKILL", "SIGSTOP");
export const STOP_SIGNALS = maskOf("SIGSTOP", "SIGTSTP", "SIGTTIN", "SIGTTOU");
export const IGNORED_BY_DEFAULT = maskOf("SIGCONT", "SIGCHLD", "SIGWINCH", "SIGURG");
export const CORE_SIGNALS = maskOf("SIGQUIT", "SIGILL", "SIGTRAP", "SIGABRT", "SIGFPE", "SIGSEGV", "SIGBUS", "SIGSYS", "SIGXCPU", "SIGXFSZ");
/** Raised by what the task itself does: they go before all others. */
export const SYNCHRONOUS = maskOf("SIGSEGV", "SIGBUS", "SIGILL", "SIGTRAP", "SIGFPE", "SIGSYS");

export const SIG_DFL = 0;
export const SIG_IGN = 1;

export const actionFlags = {
  SA_NOCLDSTOP: 1,
  SA_NOCLDWAIT: 2,
  SA_SIGINFO: 4,
  SA_EXPOSE_TAGBITS: 0x800,
  SA_RESTORER: 0x0400_0000,
  SA_ONSTACK: 0x0800_0000,
  SA_RESTART: 0x1000_0000,
  SA_NODEFER: 0x4000_0000,
  SA_RESETHAND: 0x8000_0000,
} as const;

/** si_code, where it does not depend on the signal. */
export const originCodes = { SI_USER: 0, SI_KERNEL: 0x80, SI_QUEUE: -1, SI_TIMER: -2, SI_MESGQ: -3, SI_ASYNCIO: -4, SI_SIGIO: -5, SI_TKILL: -6 } as const;
export const childCodes = { CLD_EXITED: 1, CLD_KILLED: 2, CLD_DUMPED: 3, CLD_TRAPPED: 4, CLD_STOPPED: 5, CLD_CONTINUED: 6 } as const;
export const trapCodes = { TRAP_BRKPT: 1, TRAP_TRACE: 2 } as const;
const faultCodes: Readonly<Record<number, readonly string[]>> = {
  [signals.SIGILL]: ["ILL_ILLOPC", "ILL_ILLOPN", "ILL_ILLADR", "ILL_ILLTRP", "ILL_PRVOPC", "ILL_PRVREG", "ILL_COPROC", "ILL_BADSTK"],
  [signals.SIGFPE]: ["FPE_INTDIV", "FPE_INTOVF", "FPE_FLTDIV", "FPE_FLTOVF", "FPE_FLTUND", "FPE_FLTRES", "FPE_FLTINV", "FPE_FLTSUB"],
  [signals.SIGSEGV]: ["SEGV_MAPERR", "SEGV_ACCERR", "SEGV_BNDERR", "SEGV_PKUERR"],
  [signals.SIGBUS]: ["BUS_ADRALN", "BUS_ADRERR", "BUS_OBJERR"],
  [signals.SIGTRAP]: Object.keys(trapCodes),
  [signals.SIGSYS]: ["SYS_SECCOMP"],
};
export const isFault = (signal: number, code: number): boolean => code > 0 && code < originCodes.SI_KERNEL && signal in faultCodes;
export function codeName(signal: number, code: number): string {
  const general = Object.entries(originCodes).find(([, n]) => n === code)?.[0];
  if (general !== undefined) return general;
  if (signal === signals.SIGCHLD) return Object.entries(childCodes).find(([, n]) => n === code)?.[0] ?? String(code);
  return faultCodes[signal]?.[code - 1] ?? String(code);
}

/** The first argument of rt_sigprocmask(2). */
export const maskChanges = { SIG_BLOCK: 0, SIG_UNBLOCK: 1, SIG_SETMASK: 2 } as const;

/** A set as strace shows it: `[INT CHLD]`, or `~[KILL STOP]` where most are in it. */
export function formatSet(mask: bigint): string {
  const members: string[] = [];
  const others: string[] = [];
  for (let signal = 1; signal <= LAST_SIGNAL; signal++) (hasSignal(mask, signal) ? members : others).push(signalName(signal).replace(/^SIG/, ""));
  return members.length > 32 ? `~[${others.join(" ")}]` : `[${members.join(" ")}]`;
}
