// Where runs stop, and which events are shown.
import { Failure } from "../failure.ts";
import { evaluate } from "../inspection/registers.ts";
import { parseFilter } from "../model/event-filter.ts";
import type { Workbench } from "../model/workbench.ts";
import type { CommandGroup } from "./repl-command.ts";

const FILTER_WORDS =
  "Words that must all hold: calls (openat,read, %file, !futex, /regex/), kinds (signal, exit, fault, input, switch, boot), SIGINT, signal SIGINT, pid 3, errno=ENOENT, failed, /text of the line/.";

function add(bench: Workbench, argument: string, isTemporary: boolean): void {
  if (argument.trim() === "") throw new Failure("Say at what to stop: break openat, break signal SIGINT, break exit.", 2);
  const { number, filter } = bench.breakpoints.add(parseFilter(argument), isTemporary);
  bench.print(`Breakpoint ${number} at ${filter.text}.`);
}
const WATCHED_BYTES = 8;
const hexWord = (bytes: Uint8Array | undefined): string => (bytes ? `0x${Buffer.from(bytes).readBigUInt64LE().toString(16)}` : "unreadable");

export const stopping: CommandGroup = {
  title: "Stopping and filtering",
  rows: [
    {
      name: "break",
      aliases: ["b"],
      arguments: "FILTER",
      completes: "filter",
      summary: "stop after events that match: break openat, break signal SIGINT",
      details: FILTER_WORDS,
      isOnce: true,
      run: (bench, argument) => add(bench, argument, false),
    },
    {
      name: "tbreak",
      aliases: ["tb"],
      arguments: "FILTER",
      completes: "filter",
      summary: "the same, once",
      isOnce: true,
      run: (bench, argument) => add(bench, argument, true),
    },
    {
      name: "delete",
      aliases: ["d"],
      arguments: "[N]",
      summary: "remove breakpoint N, or all",
      isOnce: true,
      run(bench, argument) {
        const text = argument.trim();
        if (text === "") bench.breakpoints.clear();
        else if (!bench.breakpoints.remove(Number(text))) throw new Failure(`There is no breakpoint ${text}.`, 2);
        bench.print(text === "" ? "All breakpoints are removed." : `Breakpoint ${text} is removed.`);
      },
    },
    {
      name: "watch",
      arguments: "[-l] ADDRESS",
      summary: "run until the eight bytes there are different after an event",
      details: "Memory is compared after each event, not after each instruction; back and stepi then find the store.",
      async run(bench, argument) {
        const tid = bench.selectedTask;
        if (tid === undefined) throw new Failure("No task is selected whose memory could be watched.");
        if (!bench.guest.isAtEnd) throw new Failure("Watching needs execution: use it at the end of a timeline, or fork here first.");
        const read = (): Uint8Array | undefined => bench.guest.read(tid, address, WATCHED_BYTES);
        const address = Number(evaluate(argument.replace(/^-l\s+/, ""), bench.guest.registers(tid), (at, length) => bench.guest.read(tid, at, length)));
        const before = hexWord(read());
        const stop = await bench.run({ waits: true, isWanted: () => hexWord(read()) !== before });
        bench.tell(stop);
        if (stop.kind === "found") bench.print(`0x${address.toString(16)}: ${before} became ${hexWord(read())}`);
      },
    },
    {
      name: "trace",
      aliases: ["filter"],
      arguments: "[-e FILTER]",
      completes: "filter",
      summary: "show only events that match; without words: all",
      details: FILTER_WORDS,
      isOnce: true,
      run(bench, argument) {
        bench.filter = parseFilter(argument.replaceAll(/(^|\s)-e\s+/g, " "));
        bench.show("events");
      },
    },
  ],
};
