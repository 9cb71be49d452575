// Which process a descriptor stands for. Numbers recur, so a process is known by when it began, too.
import type { Draft } from "immer";
import { O_CLOEXEC, O_RDWR } from "../../abi/constants/open-flags.ts";
import type { Kernel } from "../kernel.ts";
import type { PlainOutcome } from "../service.ts";
import type { Process, Task } from "../state/proc-table.ts";
import type { OpenFile } from "../state/vfs.ts";
import { openAnonymous } from "./anonymous-files.ts";
import { openFileOf } from "./open-files.ts";
import { processOf } from "./tasks.ts";

export function processOfDescriptor(kernel: Kernel, object: number): Draft<Process> | null {
  const { pid, startNanos } = kernel.poll.processes.get(object)!;
  const process = kernel.procTable.processes.get(pid);
  return process?.startNanos === startNanos ? process : null;
}
export function openProcess(kernel: Kernel, task: Draft<Task>, pid: number, flags: number): PlainOutcome {
  return openAnonymous(kernel, task, "pidfd", O_RDWR | O_CLOEXEC | flags, () => {
    const id = kernel.poll.nextId++;
    kernel.poll.processes.set(id, { pid, startNanos: processOf(kernel, pid).startNanos });
    return id;
  });
}
/** The process's open file, `null` where the descriptor is no process's. */
export function processFile(kernel: Kernel, task: Draft<Task>, fd: number): Draft<OpenFile> | null {
  const open = openFileOf(kernel, task, fd);
  return open?.kind === "pidfd" ? open : null;
}
/** The process that the descriptor stands for, or why there is none. */
export function processNamedBy(kernel: Kernel, task: Draft<Task>, fd: number): Draft<Process> | "EBADF" | "ESRCH" {
  const open = processFile(kernel, task, fd);
  return open ? (processOfDescriptor(kernel, open.object) ?? "ESRCH") : "EBADF";
}
/** The same for a signal, for which a process's folder in /proc will do as well (pidfd_send_signal(2)). */
export function processToSignal(kernel: Kernel, task: Draft<Task>, fd: number): Draft<Process> | "EBADF" | "ESRCH" {
  const open = openFileOf(kernel, task, fd);
  if (open?.kind !== "proc-directory" || !/^\d+$/.test(open.virtual?.path ?? "")) return processNamedBy(kernel, task, fd);
  return kernel.procTable.processes.get(Number(open.virtual?.path)) ?? "ESRCH";
}
