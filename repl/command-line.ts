// Parses the command line, and turns failures into one sentence and an exit status.
import { Command, CommanderError } from "commander";
import type { CommandRow } from "./commands/command-row.ts";
import { tellFailure } from "./failure.ts";

/** By verb: its row, loaded when it is needed. */
export type Rows = Readonly<Record<string, () => Promise<CommandRow>>>;

/** `chronix trace | head`: nobody reads on. To ask for standard output takes Node 5 ms and more, so a verb that writes to it by itself does without. */
export function endWithReader(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit(0);
  });
}
export async function execute(argv: readonly string[], rows: Rows): Promise<void> {
  const program = new Command("chronix")
    .description("Runs real Linux x86-64 programs, records every system call, and goes back to any of them.")
    .exitOverride()
    .enablePositionalOptions();
  try {
    const wanted = rows[argv[2] ?? ""];
    for (const [name, load] of Object.entries(rows)) {
      if (wanted && name !== argv[2]) continue;
      const row = await load();
      row.declare(program.command(name).helpOption("--help", "show this help"));
    }
    await program.parseAsync([...argv]);
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
    else tellFailure(error);
  }
}
