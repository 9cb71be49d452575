// The signal state of a task: what is pending, blocked, ignored and handled.
import { bitOf, LAST_SIGNAL } from "../../engine/abi/constants/signals.ts";
import type { KernelState } from "../../engine/kernel/state/kernel-state.ts";
import { signalWords, taskOfState } from "./processes.ts";

export interface SignalReport {
  readonly pending: readonly number[];
  readonly blocked: readonly number[];
  readonly ignored: readonly number[];
  readonly handled: readonly number[];
}
const SIG_IGN = 1;

export function signalReport(state: KernelState, tid: number): SignalReport {
  const task = taskOfState(state, tid);
  if (!task) return { pending: [], blocked: [], ignored: [], handled: [] };
  const process = state.procTable.processes.get(task.pid);
  const actions = state.signal.tables.get(task.handlers)?.actions ?? [];
  const every = Array.from({ length: LAST_SIGNAL }, (_, i) => i + 1);
  return {
    pending: [...task.pending, ...(process?.pending ?? [])].map(({ signal }) => signal),
    blocked: every.filter(signal => (BigInt(task.blocked) & bitOf(signal)) !== 0n),
    ignored: every.filter(signal => actions[signal]?.handler === SIG_IGN),
    handled: every.filter(signal => (actions[signal]?.handler ?? 0) > SIG_IGN),
  };
}
export const signalText = (report: SignalReport): string =>
  Object.entries(report)
    .map(([name, list]) => `${name.padEnd(8)} ${signalWords(list as readonly number[])}`)
    .join("\n");
