// What a service is: the initial value of its slice of state, and one pure reducer for each call that names it.
import type { Errno } from "../abi/errno.ts";
import type { Bytes, Raw } from "../abi/memory-view.ts";
import type { ServiceName } from "../abi/row.ts";
import type { HandledBy, InsOf, OutsOf, SyscallName } from "../abi/syscalls.ts";
import type { Kernel } from "./kernel.ts";

/** What a call that waits is waiting for: any of the channels, or the deadline. Data, so that a snapshot can be taken while it sleeps. */
export interface Until {
  readonly channels: readonly string[];
  readonly deadlineNanos?: number;
  /** Given back to the reducer when the call is presented again. */
  readonly memo?: unknown;
}
export type Outcome<O> =
  | { readonly kind: "done"; readonly value: number; readonly outs: O }
  | { readonly kind: "fail"; readonly errno: Errno }
  | { readonly kind: "block"; readonly until: Until }
  /** The task does not return from this call: exit, a successful execve (whose registers an effect sets), rt_sigreturn. */
  | { readonly kind: "gone" };

export interface Call<I> {
  readonly tid: number;
  readonly pid: number;
  readonly args: I;
  readonly raws: readonly Raw[];
  /** Why the call is presented: for the first time, because a channel was woken, because its deadline passed, or because a signal interrupts it. */
  readonly due: "run" | "resume" | "timeout" | "interrupt";
  readonly memo: unknown;
  /** Of memory behind an open file: see `Decoded`. */
  readonly shown?: Bytes | undefined;
}

/** `wait` while nothing interrupts; then the errno of signal(7): most calls are restarted (ERESTARTSYS), some only without a handler (ERESTARTNOHAND), some never (EINTR). */
export const wait = (call: Call<unknown>, until: Until, interrupted: Errno = "ERESTARTSYS"): Outcome<never> =>
  call.due === "interrupt" ? { kind: "fail", errno: interrupted } : { kind: "block", until };
export const done = <O>(value: number, outs: O): Outcome<O> => ({ kind: "done", value, outs });
export const fail = (errno: Errno): Outcome<never> => ({ kind: "fail", errno });
/** Of calls without out-arguments. */
export type PlainOutcome = Outcome<Record<never, never>>;
export const OK: PlainOutcome = { kind: "done", value: 0, outs: {} };
export const GONE: Outcome<never> = { kind: "gone" };

export type Reducer<N extends SyscallName> = (kernel: Kernel, call: Call<InsOf<N>>) => Outcome<OutsOf<N>>;
/** Exactly the calls that name the service: a missing, extra or misspelt one does not compile, nor does a forgotten out-argument. */
export type Calls<S extends ServiceName> = { readonly [N in HandledBy<S>]: Reducer<N> };
