// One system call performed by hand: its reducer on a copy of the state that is dropped afterwards.

import type { Row } from "../../engine/abi/row.ts";
import { syscallByNumber, syscalls } from "../../engine/abi/syscalls.ts";
import { callText } from "../../engine/abi/trace-text.ts";
import { planOf } from "../../engine/kernel/call-plan.ts";
import { KernelStore } from "../../engine/kernel/store.ts";
import { reduce } from "../../engine/kernel/transitions.ts";
import { Failure } from "../failure.ts";
import type { Workbench } from "../model/workbench.ts";

/** Where arguments that are texts, and buffers to be filled, are said to lie. */
const FIRST_ADDRESS = 0x1000_0000;
const ADDRESS_STEP = 0x10_0000;

const rows: Readonly<Record<string, Row>> = syscalls;
function rowOf(word: string): readonly [name: string, row: Row] {
  const found = /^\d+$/.test(word) ? syscallByNumber(Number(word)) : rows[word] && ([word, rows[word]] as const);
  if (!found) throw new Failure(`There is no system call ${word}.`, 2);
  return found;
}
/** `"text"` with JSON's escapes, or a number in any base. */
function argumentOf(word: string): Uint8Array | number {
  if (word.startsWith('"')) {
    try {
      return Buffer.from(JSON.parse(word) as string, "utf8");
    } catch {
      throw new Failure(`${word} is not a text in quotes.`, 2);
    }
  }
  const value = Number(/^0[0-7]+$/.test(word) ? `0o${word}` : word.replace(/^-(0x)/, "$1"));
  if (!Number.isFinite(value)) throw new Failure(`${word} is neither a number nor a text in quotes.`, 2);
  return word.startsWith("-0x") ? -value : value;
}

export function dispatchByHand(bench: Workbench, argument: string): string {
  const [word, ...words] = argument.trim().match(/"(?:[^"\\]|\\.)*"|\S+/g) ?? [];
  if (!word) throw new Failure("Write dispatch NR ARGS…, as dispatch getpid.", 2);
  const [, row] = rowOf(word);
  const task = bench.selectedTask;
  if (task === undefined) throw new Failure("No process is left that could make a call.");
  const given = words.map(argumentOf);
  const texts = given.filter(one => typeof one !== "number");
  const raws = planOf(row.number)!.parameters.map((_, i) => {
    const one = given[i] ?? 0;
    return typeof one === "number" ? one : FIRST_ADDRESS + i * ADDRESS_STEP;
  });
  const intent = { kind: "syscall" as const, tick: bench.guest.position.tick, task, number: row.number, raws, reads: texts };
  const { answer } = reduce(new KernelStore(bench.guest.state, bench.guest.contents), intent);
  if (!answer) throw new Error("A call was reduced without an answer.");
  return `${callText({ ...intent, ...answer })}\n(on a copy of the state: the timeline is as it was)`;
}
