// The tree of timelines, with git's words.

import { errnoNumber, isErrno } from "../../engine/abi/errno.ts";
import { formatPosition } from "../../events/position.ts";
import { firstDifferentEvent } from "../../snapshots/difference.ts";
import { Failure } from "../failure.ts";
import { differenceText } from "../model/difference-text.ts";
import { parseFilter, signalOf } from "../model/event-filter.ts";
import type { Guest } from "../model/guest.ts";
import { textOf } from "../model/line.ts";
import { timelineLines } from "../model/panes/timeline-pane.ts";
import type { Workbench } from "../model/workbench.ts";
import { dispatchByHand } from "./dispatch.ts";
import type { CommandGroup } from "./repl-command.ts";

function find(bench: Workbench, name: string): Guest {
  if (name === "" || name === "HEAD") return bench.guest;
  const found = bench.timelines.find(name);
  if (!found) throw new Failure(`There is no timeline ${name}; there are ${bench.timelines.all.map(one => one.name).join(", ")}.`, 2);
  return found;
}
async function fork(bench: Workbench, argument: string): Promise<void> {
  const name = argument.trim();
  const made = await bench.fork([], name || undefined);
  bench.print(`${made.name} leaves ${made.parent?.name ?? "its parent"} at ${formatPosition(bench.here)}; continue runs on from here, otherwise.`);
}
/** Bytes as typed, with C's escapes; a line end is added unless the text ends in \c. */
export function inputBytes(text: string): Uint8Array {
  const isOpen = text.endsWith("\\c");
  const escapes: Readonly<Record<string, string>> = { n: "\r", r: "\r", t: "\t", e: "\x1b", "\\": "\\" };
  const plain = (isOpen ? text.slice(0, -2) : text).replaceAll(/\\(x[\da-fA-F]{2}|.)/g, (whole, code: string) =>
    code.startsWith("x") ? String.fromCharCode(Number.parseInt(code.slice(1), 16)) : (escapes[code] ?? whole),
  );
  return Buffer.from(isOpen ? plain : `${plain}\r`, "utf8");
}

export const branching: CommandGroup = {
  title: "Timelines",
  rows: [
    { name: "fork", arguments: "[NAME]", summary: "a new timeline from here; the parent is never changed", isOnce: true, run: fork },
    {
      name: "branch",
      arguments: "[NAME]",
      summary: "list the timelines, or fork one of that name",
      isOnce: true,
      run(bench, argument) {
        if (argument.trim() !== "") return fork(bench, argument);
        bench.print(bench.timelines.all.map(one => `${one === bench.guest ? "*" : " "} ${one.name}`).join("\n"));
      },
    },
    {
      name: "checkout",
      aliases: ["co"],
      arguments: "NAME",
      completes: "timeline",
      summary: "go to another timeline",
      isOnce: true,
      async run(bench, argument) {
        await bench.checkout(argument.trim());
        bench.print(`${bench.guest.name} at ${formatPosition(bench.here)} of ${bench.guest.length}.`);
      },
    },
    {
      name: "log",
      arguments: "[--graph]",
      summary: "the tree of timelines",
      run: bench => bench.print(timelineLines(bench, bench.columns).map(textOf).join("\n")),
    },
    {
      name: "diff",
      arguments: "[A..B]",
      completes: "timeline",
      summary: "the first event in which two timelines differ",
      run(bench, argument) {
        const [a = "", b = ""] = argument.trim().includes("..") ? argument.trim().split("..") : [argument.trim() || (bench.guest.parent?.name ?? ""), ""];
        const [left, right] = [find(bench, a), find(bench, b)];
        if (left === right) throw new Failure("Name two timelines: diff main..fork-1.", 2);
        bench.print(differenceText(left.name, right.name, firstDifferentEvent(left, right)));
      },
    },
    {
      name: "tag",
      arguments: "[NAME]",
      summary: "name this position, or list names",
      isOnce: true,
      run(bench, argument) {
        const name = argument.trim();
        if (name !== "") bench.timelines.tag(name, { timeline: bench.guest, position: bench.here });
        bench.print(
          [...bench.timelines.tags].map(([tag, { timeline, position }]) => `${tag}  ${timeline.name} ${formatPosition(position)}`).join("\n") ||
            "There are no tags.",
        );
        bench.changed();
      },
    },
    {
      name: "inject",
      arguments: "CALL ERRNO",
      completes: "call",
      summary: "fork here; the next such call fails with that error",
      isOnce: true,
      async run(bench, argument) {
        const [call = "", errno = ""] = argument.trim().split(/\s+/);
        if (!isErrno(errno.toUpperCase()) || errnoNumber(errno.toUpperCase()) === 0) throw new Failure("Write inject CALL ERRNO, as inject openat ENOENT.", 2);
        const { test } = parseFilter(call);
        const { guest } = bench;
        let seq = guest.position.seq;
        for (; seq < guest.length; seq++) {
          const event = guest.event(seq)!;
          if (event.kind === "syscall" && test(event)) break;
        }
        if (seq >= guest.length) throw new Failure(`No ${call} is recorded after ${guest.position.seq}; go back to before the one that should fail.`);
        await bench.goto({ seq, plus: 0 });
        const made = await bench.fork([{ kind: "inject", seq, errno: errno.toUpperCase() }]);
        bench.print(`${made.name} leaves ${guest.name} at ${seq}:`);
        // At once: an event that came between would take the number of the call that is to fail.
        bench.tell(await bench.run({ isWanted: event => event.kind === "syscall" }));
      },
    },
    {
      name: "input",
      arguments: "TEXT",
      summary: "type TEXT and Enter in the guest's terminal (\\c at the end: no Enter)",
      isOnce: true,
      run(bench, argument) {
        bench.type(inputBytes(argument));
      },
    },
    {
      name: "signal",
      arguments: "SIGNAL",
      summary: "send a signal to the first process",
      isOnce: true,
      async run(bench, argument) {
        if (!bench.guest.isAtEnd || bench.guest.isSealed) throw new Failure("This is the past: fork first, or goto end.");
        bench.guest.input({ source: "signal", signal: signalOf(argument.trim()) });
        if (bench.isRunning) bench.wake();
        bench.changed();
      },
    },
    {
      name: "dispatch",
      arguments: "NR|NAME ARGS…",
      completes: "call",
      summary: 'perform one call by hand on a copy of the state: dispatch openat -100 "/etc/passwd" 0',
      details: "Arguments are numbers, constants are not known by name; a text in quotes stands for a pointer to it. Nothing of it stays.",
      isOnce: true,
      run: (bench, argument) => bench.print(dispatchByHand(bench, argument)),
    },
  ],
};
