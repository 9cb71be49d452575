// Parses the command line. Rows are loaded when their verb is used, so that `run` never loads the REPL.
import { Command, CommanderError } from "commander";
import type { CommandRow } from "./commands/command-row.ts";
import { Failure, isSpoken, OWN_ERROR } from "./failure.ts";

const rows: Readonly<Record<string, () => Promise<CommandRow>>> = {
  run: async () => (await import("./commands/run.ts")).run,
};

export async function main(argv: readonly string[]): Promise<void> {
  const program = new Command("chronix")
    .description("Runs real Linux x86-64 programs, records every system call, and goes back to any of them.")
    .exitOverride()
    .enablePositionalOptions();
  try {
    const wanted = rows[argv[2] ?? ""];
    for (const [name, load] of Object.entries(rows)) {
      if (wanted && name !== argv[2]) continue;
      const row = await load();
      row.declare(program.command(name).passThroughOptions().helpOption("--help", "show this help"));
    }
    await program.parseAsync([...argv]);
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
    else if (isSpoken(error)) {
      process.stderr.write(`chronix: ${error.message}\n`);
      process.exitCode = error instanceof Failure ? error.status : OWN_ERROR;
    } else throw error;
  }
}
