// Looking at the machine as it is at this position.
import { Failure } from "../failure.ts";
import { descriptorRows, descriptorText } from "../inspection/descriptors.ts";
import { fileText, type Look, listFolder, readFile } from "../inspection/files.ts";
import { dumpMemory, parseDumpFormat } from "../inspection/memory-dump.ts";
import { mapRows, mapText } from "../inspection/memory-maps.ts";
import { processRows, processText } from "../inspection/processes.ts";
import { evaluate, registerText } from "../inspection/registers.ts";
import { signalReport, signalText } from "../inspection/signals.ts";
import { instructionText, listing } from "../model/disassembly.ts";
import { textOf } from "../model/line.ts";
import { timelineLines } from "../model/panes/timeline-pane.ts";
import type { Workbench } from "../model/workbench.ts";
import type { CommandGroup } from "./repl-command.ts";

const CODE_BYTES = 64;

/** The selected task, or the one that is named. */
function task(bench: Workbench, argument = ""): number {
  const text = argument.trim();
  if (text !== "" && !/^\d+$/.test(text)) throw new Failure(`${text} is not a pid.`, 2);
  const tid = text === "" ? bench.selectedTask : Number(text);
  if (tid === undefined || !bench.guest.state.procTable.tasks.has(tid))
    throw new Failure(text === "" ? "No process is left." : `There is no process ${text} at this position.`, 2);
  return tid;
}
const lookOf = (bench: Workbench): Look => ({ state: bench.guest.state, contents: bench.guest.contents, tick: bench.guest.position.tick, tid: task(bench) });
const reader = (bench: Workbench, tid: number) => (address: number, length: number) => bench.guest.read(tid, address, length);
const addressOf = (bench: Workbench, tid: number, text: string): number => Number(evaluate(text, bench.guest.registers(tid), reader(bench, tid)));
function registers(bench: Workbench): string {
  const file = bench.guest.registers(task(bench));
  if (!file) throw new Failure("The selected task has no registers any more.");
  return registerText(file);
}

/** What `info` can tell, by its first word. */
export const infos: Readonly<Record<string, (bench: Workbench, rest: string) => string>> = {
  proc: bench => processText(processRows(bench.guest.state)),
  fds: (bench, rest) => descriptorText(descriptorRows(bench.guest.state, task(bench, rest))),
  maps: (bench, rest) => mapText(mapRows(bench.guest.state, task(bench, rest))),
  signals: (bench, rest) => signalText(signalReport(bench.guest.state, task(bench, rest))),
  registers,
  timelines: bench => timelineLines(bench, bench.columns).map(textOf).join("\n"),
  breakpoints: bench =>
    bench.breakpoints.list
      .map(({ number, filter, isTemporary, hits }) => `${number}  ${filter.text}${isTemporary ? " (once)" : ""}, hit ${hits} times`)
      .join("\n") || "There are no breakpoints.",
  checkpoints: bench =>
    bench.timelines.checkpoints.map(({ timeline, position }, i) => `${i + 1}  ${timeline.name} ${position.seq}`).join("\n") || "There are no checkpoints.",
};

export const looking: CommandGroup = {
  title: "Looking",
  rows: [
    {
      name: "info",
      aliases: ["i"],
      arguments: Object.keys(infos).join("|"),
      completes: "info",
      summary: "tell about one of these",
      run(bench, argument) {
        const [word = "", ...rest] = argument.trim().split(/\s+/);
        const names = Object.keys(infos).filter(name => name.startsWith(word));
        const name = names.find(one => one === word) ?? (names.length === 1 ? names[0] : undefined);
        if (!name) throw new Failure(`info: write one of ${Object.keys(infos).join(", ")}.`, 2);
        bench.print(infos[name]!(bench, rest.join(" ")));
      },
    },
    { name: "ps", summary: "processes", run: bench => bench.print(infos.proc!(bench, "")) },
    { name: "fds", arguments: "[PID]", summary: "open files", run: (bench, argument) => bench.print(infos.fds!(bench, argument)) },
    { name: "maps", arguments: "[PID]", summary: "memory maps", run: (bench, argument) => bench.print(infos.maps!(bench, argument)) },
    {
      name: "task",
      aliases: ["thread", "inferior"],
      arguments: "[PID]",
      summary: "select a task; without one, the task of the last event",
      isOnce: true,
      run: (bench, argument) => bench.select(argument.trim() === "" ? undefined : task(bench, argument)),
    },
    {
      name: "cat",
      arguments: "PATH",
      completes: "path",
      summary: "a file of the guest as of this position",
      run: (bench, argument) => bench.print(Buffer.from(readFile(lookOf(bench), argument.trim())).toString("utf8")),
    },
    {
      name: "ls",
      arguments: "[PATH]",
      completes: "path",
      summary: "a folder of the guest",
      run: (bench, argument) => bench.print(fileText(listFolder(lookOf(bench), argument.trim() || "."))),
    },
    {
      name: "x",
      arguments: "/FMT ADDRESS",
      completes: "register",
      summary: "memory: x/8gx $rsp, x/s 0x4a2000, x/4i $rip",
      run(bench, argument) {
        const [, format = "", expression = ""] = /^\/(\w*)\s+(.*)$/.exec(argument.trim()) ?? [undefined, "", argument];
        const tid = task(bench);
        const parsed = parseDumpFormat(format);
        const address = addressOf(bench, tid, expression);
        bench.print(parsed.format === "i" ? code(bench, tid, address, parsed.count) : dumpMemory(address, parsed, reader(bench, tid)));
      },
    },
    {
      name: "print",
      aliases: ["p"],
      arguments: "EXPR",
      completes: "register",
      summary: "a register or sum: p $rip, p $rsp+16, p *$rsp",
      run(bench, argument) {
        const tid = task(bench);
        const value = evaluate(argument, bench.guest.registers(tid), reader(bench, tid));
        bench.print(`0x${value.toString(16)}  ${BigInt.asIntN(64, value)}`);
      },
    },
    {
      name: "disassemble",
      arguments: "[ADDRESS]",
      completes: "register",
      summary: "code from $rip or an address on",
      run(bench, argument) {
        const tid = task(bench);
        bench.print(code(bench, tid, addressOf(bench, tid, argument.trim() || "$rip"), 16));
      },
    },
  ],
};
function code(bench: Workbench, tid: number, address: number, count: number): string {
  const bytes = bench.guest.read(tid, address, Math.max(CODE_BYTES, count * 16)) ?? bench.guest.read(tid, address, CODE_BYTES);
  if (!bytes) throw new Failure(`Cannot read memory at 0x${address.toString(16)}.`);
  return listing(bytes, address, count).map(instructionText).join("\n");
}
