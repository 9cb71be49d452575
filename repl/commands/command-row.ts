// One command of the command line: its name, and how it declares itself to the parser.
import type { Command } from "commander";

export interface CommandRow {
  readonly name: string;
  /** Declares arguments, options and the action. */
  declare(command: Command): void;
}
