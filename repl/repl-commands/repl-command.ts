// One command of the REPL: a row from which dispatch, help and completion are made.
import type { Workbench } from "../model/workbench.ts";
import type { CommandTable } from "./command-table.ts";

/** What an argument is, for completion. */
export type ArgumentKind = "command" | "call" | "path" | "timeline" | "position" | "errno" | "info" | "filter" | "pane" | "register";

export interface ReplCommand {
  readonly name: string;
  readonly aliases?: readonly string[];
  /** As help shows them, `[POS]`. */
  readonly arguments?: string;
  readonly completes?: ArgumentKind;
  readonly summary: string;
  /** More lines for `help NAME`. */
  readonly details?: string;
  /** An empty line does not do it again. */
  readonly isOnce?: boolean;
  run(bench: Workbench, argument: string, table: CommandTable): void | Promise<void>;
}
export interface CommandGroup {
  readonly title: string;
  readonly rows: readonly ReplCommand[];
}
