// Tables of signal handlers: made, shared between threads, copied for children, reset by execve.
import type { Draft } from "immer";
import { LAST_SIGNAL, SIG_IGN } from "../../abi/constants/signals.ts";
import type { Kernel } from "../kernel.ts";
import type { Task } from "../state/proc-table.ts";
import { DEFAULT_ACTION, type SignalAction } from "../state/signal.ts";

const freshActions = (kept: (signal: number) => SignalAction = () => DEFAULT_ACTION): SignalAction[] =>
  Array.from({ length: LAST_SIGNAL + 1 }, (_, signal) => ({ ...kept(signal) }));

export function createHandlers(kernel: Kernel, actions: SignalAction[] = freshActions()): number {
  const { signal } = kernel;
  const id = signal.nextTable++;
  signal.tables.set(id, { users: 1, actions });
  return id;
}
export function shareHandlers(kernel: Kernel, id: number): number {
  kernel.signal.tables.get(id)!.users++;
  return id;
}
export const copyHandlers = (kernel: Kernel, id: number): number =>
  createHandlers(
    kernel,
    kernel.signal.tables.get(id)!.actions.map(action => ({ ...action })),
  );
export function releaseHandlers(kernel: Kernel, id: number): void {
  const table = kernel.signal.tables.get(id);
  if (table && --table.users === 0) kernel.signal.tables.delete(id);
}
/** execve: handlers are gone with the program they were in; what was ignored stays so. Linux keeps SA_ flags of neither. */
export function resetHandlers(kernel: Kernel, task: Draft<Task>): void {
  const { actions } = kernel.signal.tables.get(task.handlers)!;
  const fresh = freshActions(signal => (actions[signal]!.handler === SIG_IGN ? { ...DEFAULT_ACTION, handler: SIG_IGN } : DEFAULT_ACTION));
  releaseHandlers(kernel, task.handlers);
  task.handlers = createHandlers(kernel, fresh);
}
/** CLONE_CLEAR_SIGHAND: nothing handled; ignored signals stay ignored. */
export const clearedHandlers = (kernel: Kernel, id: number): number => {
  const { actions } = kernel.signal.tables.get(id)!;
  return createHandlers(
    kernel,
    freshActions(signal => (actions[signal]!.handler === SIG_IGN ? actions[signal]! : DEFAULT_ACTION)),
  );
};
