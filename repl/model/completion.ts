// What a half-typed command may become.
import { syscalls } from "../../engine/abi/syscalls.ts";
import { listFolder } from "../inspection/files.ts";
import { REGISTERS } from "../inspection/registers.ts";
import type { CommandTable } from "../repl-commands/command-table.ts";
import { infos } from "../repl-commands/looking.ts";
import type { ArgumentKind } from "../repl-commands/repl-command.ts";
import { classNames, signalNames } from "./event-filter.ts";
import { PANE_NAMES } from "./panes/pane.ts";
import type { Workbench } from "./workbench.ts";

export interface Completion {
  /** The text before the cursor as it may go on: as far as all candidates agree. */
  readonly text: string;
  readonly candidates: readonly string[];
}
type Source = (bench: Workbench, word: string, table: CommandTable) => readonly string[];

const sources: { readonly [K in ArgumentKind]: Source } = {
  command: (_, __, table) => table.rows.map(({ name }) => name),
  call: () => Object.keys(syscalls).toSorted(),
  path: (bench, word) => paths(bench, word),
  timeline: bench => bench.timelines.all.map(({ name }) => name),
  position: bench => ["start", "end", "HEAD", ...bench.timelines.tags.keys()],
  errno: () => [],
  info: () => Object.keys(infos),
  filter: () => [...Object.keys(syscalls).toSorted(), ...classNames(), ...signalNames(), "signal", "exit", "fault", "input", "failed"],
  pane: () => PANE_NAMES,
  register: () => REGISTERS.map(name => `$${name}`),
};
function paths(bench: Workbench, word: string): readonly string[] {
  const folder = word.slice(0, word.lastIndexOf("/") + 1);
  const tid = bench.selectedTask;
  if (tid === undefined) return [];
  try {
    const look = { state: bench.guest.state, contents: bench.guest.contents, tick: bench.guest.position.tick, tid };
    return listFolder(look, folder || ".").map(({ name, kind }) => `${folder}${name}${kind === "directory" ? "/" : ""}`);
  } catch {
    return [];
  }
}

export function complete(bench: Workbench, before: string, table: CommandTable): Completion {
  const word = /\S*$/.exec(before)![0];
  const isCommand = before.trimStart() === word;
  const candidates = (isCommand ? sources.command(bench, word, table) : argumentCandidates(bench, before, word, table)).filter(one => one.startsWith(word));
  if (candidates.length === 0) return { text: before, candidates };
  const shared = candidates.reduce(commonStart);
  const end = candidates.length === 1 && !shared.endsWith("/") ? " " : "";
  return { text: before.slice(0, before.length - word.length) + shared + end, candidates: candidates.length === 1 ? [] : candidates };
}
function argumentCandidates(bench: Workbench, before: string, word: string, table: CommandTable): readonly string[] {
  try {
    const { completes } = table.parse(before).row;
    return completes ? sources[completes](bench, word, table) : [];
  } catch {
    return [];
  }
}
function commonStart(a: string, b: string): string {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return a.slice(0, length);
}
