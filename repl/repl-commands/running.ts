// Forward in time.
import { Failure } from "../failure.ts";
import { parseFilter } from "../model/event-filter.ts";
import { taskOf } from "../model/event-text.ts";
import type { Workbench } from "../model/workbench.ts";
import type { CommandGroup } from "./repl-command.ts";

export function countOf(argument: string): number {
  const text = argument.trim();
  if (text !== "" && !/^\d+$/.test(text)) throw new Failure(`${text} is not a count.`, 2);
  return text === "" ? 1 : Number(text);
}
/** The next `count` events that are wanted, each told. */
async function stepEvents(bench: Workbench, count: number, isWanted: (seq: number) => boolean): Promise<void> {
  for (let i = 0; i < count; i++) {
    const stop = await bench.run({ isWanted: (_, seq) => isWanted(seq) });
    if (stop.kind === "found") bench.print(bench.describe(stop.seq));
    else {
      bench.tell(stop);
      return;
    }
  }
}
async function stepInstructions(bench: Workbench, count: number): Promise<void> {
  await bench.halt();
  bench.remember();
  const { guest } = bench;
  const { seq, tick } = guest.position;
  if (guest.isAtEnd) guest.run({ seq, tick: tick + count });
  else guest.goto(laterBy(bench, count));
  bench.changed();
}
/** The position `count` instructions later in what is recorded. */
function laterBy(bench: Workbench, count: number): { seq: number; plus: number } {
  const { guest } = bench;
  const wanted = guest.position.tick + count;
  let { seq } = guest.position;
  for (let next = guest.event(seq); next && next.tick <= wanted && seq < guest.length; next = guest.event(seq)) seq++;
  return { seq, plus: wanted - (guest.event(seq - 1)?.tick ?? 0) };
}

export const running: CommandGroup = {
  title: "Forward",
  rows: [
    {
      name: "continue",
      aliases: ["c", "fg"],
      summary: "run on until a breakpoint or the end; Ctrl-C interrupts",
      details: "In the past it stops at the end of what is recorded; from there it runs live, and waits for what you type in the guest's terminal.",
      run: bench => bench.continue(),
    },
    {
      name: "step",
      aliases: ["s"],
      arguments: "[N]",
      summary: "to after the next event",
      run: (bench, argument) => stepEvents(bench, countOf(argument), () => true),
    },
    {
      name: "next",
      aliases: ["n"],
      arguments: "[N]",
      summary: "to after the next event of the selected task",
      run(bench, argument) {
        const tid = bench.selectedTask;
        return stepEvents(bench, countOf(argument), seq => taskOf(bench.guest.event(seq)!) === tid);
      },
    },
    {
      name: "stepi",
      aliases: ["si"],
      arguments: "[N]",
      summary: "execute one instruction",
      run: (bench, argument) => stepInstructions(bench, countOf(argument)),
    },
    {
      name: "finish",
      summary: "until the call that the selected task waits in returns",
      async run(bench) {
        const tid = bench.selectedTask;
        bench.tell(await bench.run({ waits: true, isWanted: event => taskOf(event) === tid && "result" in event && event.result.kind !== "block" }));
      },
    },
    {
      name: "until",
      aliases: ["advance"],
      arguments: "FILTER",
      completes: "filter",
      summary: "run to the next event that matches",
      async run(bench, argument) {
        const { test } = parseFilter(argument);
        bench.tell(await bench.run({ waits: true, isWanted: test }));
      },
    },
    {
      name: "forward",
      arguments: "[N]",
      summary: "N events later in what is recorded",
      run(bench, argument) {
        const { guest } = bench;
        return bench.goto({ seq: Math.min(guest.length, guest.position.seq + countOf(argument)), plus: 0 });
      },
    },
    { name: "interrupt", summary: "stop the run (also Ctrl-C)", isOnce: true, run: bench => bench.interrupt() },
  ],
};
