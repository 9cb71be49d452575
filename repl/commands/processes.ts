// chronix ps: the processes of a recording, as rr lists them; with --at, those that live at a position.

import { Strings } from "../../engine/abi/argument.ts";
import { noOtherMemory } from "../../engine/abi/memory-view.ts";
import { syscallByNumber } from "../../engine/abi/syscalls.ts";
import type { KernelEvent } from "../../events/kernel-event.ts";
import { processRows, processText } from "../inspection/processes.ts";
import { Recordings } from "../recordings.ts";
import { printRows } from "../table.ts";
import { exitStatusOf } from "../wait-status.ts";
import type { CommandRow } from "./command-row.ts";
import { type LookOptions, lookAt, withLookOptions } from "./looking.ts";

interface ProcessSummary {
  readonly pid: number;
  readonly ppid: number;
  exit: number | undefined;
  cmd: string;
}
const CREATORS: ReadonlySet<string> = new Set(["clone", "clone3", "fork", "vfork"]);
const CLONE_THREAD = 0x1_0000;

/** Every process that was, from the events alone. */
export function processesOf(events: Iterable<KernelEvent>): readonly ProcessSummary[] {
  const found = new Map<number, ProcessSummary>();
  for (const event of events) {
    if (event.kind === "exit") {
      const one = found.get(event.task);
      if (one) one.exit = exitStatusOf(event.status);
      continue;
    }
    if (event.kind !== "syscall") continue;
    if (found.size === 0) found.set(event.task, { pid: event.task, ppid: 0, exit: undefined, cmd: "" });
    const name = syscallByNumber(event.number)?.[0] ?? "";
    const isThread = name === "clone" && (Number(event.raws[0]) & CLONE_THREAD) !== 0;
    if (CREATORS.has(name) && !isThread && event.result.kind === "done" && event.result.value > 0)
      found.set(event.result.value, { pid: event.result.value, ppid: event.task, exit: undefined, cmd: found.get(event.task)?.cmd ?? "" });
    if (name === "execve" && event.result.kind === "gone") {
      const one = found.get(event.task);
      if (one) one.cmd = argvOf(event);
    }
  }
  return [...found.values()];
}
/** What execve read: the path, then each pointer and string of argv. */
function argvOf({ reads }: Extract<KernelEvent, { kind: "syscall" }>): string {
  let at = 1;
  const words = Strings.decode(1, { read: () => reads[at++] ?? new Uint8Array(8), readString: () => reads[at++] ?? new Uint8Array(0), ...noOtherMemory }, {});
  return words.map(word => Buffer.from(word).toString("utf8")).join(" ");
}

export const ps: CommandRow = {
  name: "ps",
  declare(command) {
    withLookOptions(command.summary("the processes of a recording"))
      .argument("[log]", "a recording (default: the latest)")
      .action((log: string | undefined, options: LookOptions) => {
        if (options.at !== undefined) {
          const rows = lookAt({ ...options, ...(log === undefined ? {} : { log }) }, ({ state }) => processRows(state));
          process.stdout.write(options.json ? `${JSON.stringify(rows)}\n` : `${processText(rows)}\n`);
          return;
        }
        const recordings = new Recordings();
        const { tree, timeline } = recordings.timeline(recordings.find(log ?? options.log));
        const history = tree.history(timeline);
        const rows = processesOf(eventsOf(history));
        const boot = history.event(0);
        if (rows[0] && rows[0].cmd === "" && boot?.kind === "boot") rows[0].cmd = boot.parameters.argv.join(" ");
        printRows(
          rows.map(row => ({ ...row })),
          options.json ?? false,
          ["pid", "ppid", "exit", "cmd"],
        );
      });
  },
};
export function* eventsOf(
  history: { readonly length: number; event(seq: number): KernelEvent | undefined },
  from = 0,
  to = history.length,
): Iterable<KernelEvent> {
  for (let seq = from; seq < to; seq++) {
    const event = history.event(seq);
    if (event) yield event;
  }
}
