// Processes of a kernel state as rows: what ps, the process pane and completion show.
import { signalName } from "../../engine/abi/constants/signals.ts";
import type { KernelState } from "../../engine/kernel/state/kernel-state.ts";
import type { Process, Task } from "../../engine/kernel/state/proc-table.ts";
import { callNameOf } from "../model/event-text.ts";

export interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  readonly depth: number;
  /** As ps shows it: R runs or is ready, S sleeps, T stopped, Z zombie, D lent its memory to a vfork child. */
  readonly state: string;
  /** What it waits in. */
  readonly call: string | undefined;
  readonly command: string;
  readonly tasks: readonly number[];
  readonly ticks: number;
}

const letters: Readonly<Record<Task["state"], string>> = { ready: "R", waiting: "S", stopped: "T", traced: "t", lent: "D", dead: "Z" };
export const taskOfState = (state: KernelState, tid: number): Task | undefined => state.procTable.tasks.get(tid);

/** argv, or the name in brackets where nothing is left of it. */
function commandOf(state: KernelState, process: Process, leader: Task | undefined): string {
  const space = leader && state.vmm.spaces.get(leader.space);
  const argv = space && process.exitStatus === null ? Buffer.from(space.arguments).toString("utf8").split("\0").filter(Boolean).join(" ") : "";
  return argv || `[${leader?.name ?? (process.executable.path || "init")}]`;
}
function rowOf(state: KernelState, process: Process, depth: number): ProcessRow {
  const leader = state.procTable.tasks.get(process.pid) ?? state.procTable.tasks.get(process.tasks[0] ?? -1);
  return {
    pid: process.pid,
    parent: process.parent,
    group: process.group,
    session: process.session,
    depth,
    state: process.exitStatus !== null ? "Z" : process.isStopped ? "T" : leader ? letters[leader.state] : "S",
    call: leader?.waiting ? callNameOf(leader.waiting.number) : undefined,
    command: commandOf(state, process, leader),
    tasks: process.tasks,
    ticks: process.ticks,
  };
}
/** Parents before children. */
export function processRows(state: KernelState): readonly ProcessRow[] {
  const { processes } = state.procTable;
  const below = (process: Process, depth: number): readonly ProcessRow[] => [
    rowOf(state, process, depth),
    ...process.children.flatMap(pid => (processes.has(pid) ? below(processes.get(pid)!, depth + 1) : [])),
  ];
  return [...processes.values()].filter(({ parent }) => !processes.has(parent)).flatMap(process => below(process, 0));
}
export function processText(rows: readonly ProcessRow[]): string {
  const head = "  PID  PPID  PGID   SID S WAITS IN         COMMAND";
  return [
    head,
    ...rows.map(
      ({ pid, parent, group, session, state, call = "", depth, command }) =>
        `${[pid, parent, group, session].map(id => String(id).padStart(5)).join(" ")} ${state} ${call.padEnd(16)} ${"  ".repeat(depth)}${command}`,
    ),
  ].join("\n");
}
/** Signals as a list without SIG: `INT CHLD`. */
export const signalWords = (list: readonly number[]): string => (list.length === 0 ? "none" : list.map(one => signalName(one).replace(/^SIG/, "")).join(" "));
