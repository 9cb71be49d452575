// The verbs that run a guest, in a bundle of their own: how long they take to begin is part of every run.
import { endWithReader, execute } from "./command-line.ts";
import { record } from "./commands/record.ts";
import { run } from "./commands/run.ts";

const rows = { run: async () => run, record: async () => record };
export function main(argv: readonly string[]): Promise<void> {
  if (argv.includes("--help")) endWithReader();
  return execute(argv, rows);
}
