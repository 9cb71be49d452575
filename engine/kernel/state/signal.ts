// The state of signal handling: what each process does on each signal. What is pending lies with tasks and processes.

/** struct sigaction. `handler` 0 is SIG_DFL, 1 SIG_IGN. */
export interface SignalAction {
  readonly handler: number;
  readonly flags: number;
  readonly restorer: number;
  readonly mask: bigint;
}
/** Indexed by signal number (0 unused); shared with CLONE_SIGHAND. */
export interface HandlerTable {
  readonly users: number;
  readonly actions: readonly SignalAction[];
}
export interface SignalState {
  readonly tables: ReadonlyMap<number, HandlerTable>;
  readonly nextTable: number;
}

export const DEFAULT_ACTION: SignalAction = { handler: 0, flags: 0, restorer: 0, mask: 0n };
export const initialSignal: SignalState = { tables: new Map(), nextTable: 1 };
