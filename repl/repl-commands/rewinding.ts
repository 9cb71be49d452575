// Back in time, and to any place in it.
import type { KernelEvent } from "../../events/kernel-event.ts";
import { formatPosition } from "../../events/position.ts";
import { Failure } from "../failure.ts";
import { taskOf } from "../model/event-text.ts";
import { grouped } from "../model/moments.ts";
import type { Workbench } from "../model/workbench.ts";
import type { CommandGroup } from "./repl-command.ts";
import { countOf } from "./running.ts";

/** The first position: the boot event has happened, nothing was executed. */
const FIRST = 1;

export async function goTo(bench: Workbench, text: string): Promise<void> {
  if (text.trim() === "") throw new Failure("Say where to: goto 812, goto 812+3091, goto 50%, goto HEAD~3.", 2);
  await bench.goto(bench.moment(text));
  bench.print(where(bench));
}
/** Where we are, and what comes next. */
export function where(bench: Workbench): string {
  const { guest, here } = bench;
  const next = guest.event(guest.position.seq);
  return `${formatPosition(here)} of ${guest.length}${next ? `, before ${bench.describe(guest.position.seq)}` : ", now"}`;
}
/** To after the last event before this one that is wanted. */
async function searchBack(bench: Workbench, isWanted: (event: KernelEvent) => boolean): Promise<number | undefined> {
  const { guest } = bench;
  for (let seq = guest.position.seq - 2; seq >= 0; seq--) {
    const event = guest.event(seq);
    if (!event || !isWanted(event)) continue;
    await bench.goto({ seq: seq + 1, plus: 0 });
    return seq;
  }
  return undefined;
}
async function toBeginning(bench: Workbench): Promise<void> {
  await bench.goto({ seq: Math.min(FIRST, bench.guest.length), plus: 0 });
  bench.print("The beginning of history.");
}
async function stepBack(bench: Workbench, count: number, isWanted: (event: KernelEvent) => boolean): Promise<void> {
  for (let i = 0; i < count; i++) {
    const found = await searchBack(bench, isWanted);
    if (found === undefined) return toBeginning(bench);
    bench.print(bench.describe(found));
  }
}
/** One instruction before this position: also where the last thing that happened is an event. */
function instructionBefore(bench: Workbench): { seq: number; plus: number } {
  const { guest } = bench;
  const wanted = guest.position.tick - 1;
  let { seq } = guest.position;
  while (seq > FIRST && guest.event(seq - 1)!.tick > wanted) seq--;
  return { seq, plus: Math.max(0, wanted - guest.event(seq - 1)!.tick) };
}

export const rewinding: CommandGroup = {
  title: "Back, and anywhere",
  rows: [
    {
      name: "goto",
      aliases: ["jump", "tt", "travel"],
      arguments: "POS",
      completes: "position",
      summary: "to a position: 812, 812+3091, 50%, @{812}, HEAD~3, +5, start, end, a tag",
      isOnce: true,
      run: goTo,
    },
    {
      name: "back",
      arguments: "[N]",
      summary: "N events earlier",
      run: (bench, argument) => bench.goto({ seq: Math.max(0, bench.guest.position.seq - countOf(argument)), plus: 0 }),
    },
    {
      name: "reverse-step",
      aliases: ["rs"],
      arguments: "[N]",
      summary: "to before the last event",
      run: (bench, argument) => stepBack(bench, countOf(argument), () => true),
    },
    {
      name: "reverse-next",
      aliases: ["rn"],
      arguments: "[N]",
      summary: "the same, for the selected task",
      run(bench, argument) {
        const tid = bench.selectedTask;
        return stepBack(bench, countOf(argument), event => taskOf(event) === tid);
      },
    },
    {
      name: "reverse-stepi",
      aliases: ["rsi"],
      arguments: "[N]",
      summary: "one instruction back",
      async run(bench, argument) {
        for (let i = 0; i < countOf(argument); i++) await bench.goto(instructionBefore(bench));
      },
    },
    {
      name: "reverse-continue",
      aliases: ["rc"],
      summary: "back to the last breakpoint, or the beginning",
      async run(bench) {
        const found = await searchBack(bench, event => bench.breakpoints.at(event) !== undefined);
        if (found === undefined) return toBeginning(bench);
        bench.print(`Breakpoint ${bench.breakpoints.at(bench.guest.event(found)!)!.number}. ${bench.describe(found)}`);
      },
    },
    {
      name: "restart",
      aliases: ["run"],
      arguments: "[N]",
      summary: "to checkpoint N, to event N with run N, or to the beginning",
      async run(bench, argument) {
        if (argument.trim() === "") return toBeginning(bench);
        const mark = bench.timelines.checkpoints[countOf(argument) - 1];
        if (!mark) throw new Failure(`There is no checkpoint ${argument.trim()}; make one with checkpoint.`, 2);
        await bench.checkout(mark.timeline.name);
        await bench.goto(mark.position);
        bench.print(where(bench));
      },
    },
    {
      name: "checkpoint",
      summary: "remember this position for restart N",
      isOnce: true,
      run(bench) {
        bench.timelines.checkpoints.push({ timeline: bench.guest, position: bench.here });
        bench.print(`Checkpoint ${bench.timelines.checkpoints.length} at ${bench.guest.name} ${formatPosition(bench.here)}.`);
        bench.changed();
      },
    },
    { name: "when", summary: "this position", run: bench => bench.print(where(bench)) },
    { name: "when-ticks", summary: "instructions since boot", run: bench => bench.print(grouped(bench.guest.position.tick)) },
  ],
};
