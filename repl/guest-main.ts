// The verbs that run a guest, in a bundle of their own: how long they take to begin is part of every run.
import { execute } from "./command-line.ts";
import { record } from "./commands/record.ts";
import { run } from "./commands/run.ts";

const rows = { run: async () => run, record: async () => record };
export const main = (argv: readonly string[]): Promise<void> => execute(argv, rows);
