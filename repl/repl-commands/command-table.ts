// The commands as a table: how a line finds its row (names and aliases first, then unique prefixes), and the help that is made from the rows.
import { Failure } from "../failure.ts";
import type { CommandGroup, ReplCommand } from "./repl-command.ts";

export interface ParsedCommand {
  readonly row: ReplCommand;
  readonly argument: string;
}
const KEYS = `Keys
  F2…F7 choose a pane, Tab at an empty prompt the next one, Esc the prompt; Ctrl-] leaves the guest's terminal (twice: types it)
  Enter repeats the last command, Tab completes, Ctrl-C interrupts the guest's run, PageUp and PageDown scroll`;

const namesOf = ({ name, aliases = [] }: ReplCommand): readonly string[] => [name, ...aliases];
const usage = (row: ReplCommand): string => `${namesOf(row).join(", ")}${row.arguments ? ` ${row.arguments}` : ""}`;

export class CommandTable {
  readonly groups: readonly CommandGroup[];
  readonly rows: readonly ReplCommand[];

  constructor(groups: readonly CommandGroup[]) {
    this.groups = groups;
    this.rows = groups.flatMap(({ rows }) => rows);
  }
  named(word: string): ReplCommand {
    const exact = this.rows.find(row => namesOf(row).includes(word));
    if (exact) return exact;
    const near = this.rows.filter(row => row.name.startsWith(word));
    if (near.length === 1) return near[0]!;
    if (near.length > 1) throw new Failure(`${word} may be ${near.map(({ name }) => name).join(", ")}; write more of it.`, 2);
    throw new Failure(`There is no command ${word}; help lists them.`, 2);
  }
  /** The word ends where letters do: `x/8gx $rsp`. A position alone goes there. */
  parse(text: string): ParsedCommand {
    const match = /^\s*([a-z][a-z-]*|\?)(.*)$/is.exec(text);
    if (match) return { row: this.named(match[1]!), argument: match[2]!.trim() };
    if (/^\s*[\d@+-]/.test(text)) return { row: this.named("goto"), argument: text.trim() };
    throw new Failure(`${text.trim()} is not a command; help lists them.`, 2);
  }
  help(name: string): string {
    if (name !== "") {
      const row = this.named(name);
      return `${usage(row)}\n  ${row.summary}${row.details ? `\n  ${row.details}` : ""}`;
    }
    const parts = this.groups.map(({ title, rows }) => [title, ...rows.map(row => `  ${usage(row).padEnd(27)} ${row.summary}`)].join("\n"));
    return [...parts, KEYS].join("\n");
  }
}
