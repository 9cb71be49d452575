// Parses the command line. Rows are loaded when their verb is used, so that `run` never loads the REPL.
import { Command, CommanderError } from "commander";
import type { CommandRow } from "./commands/command-row.ts";
import { tellFailure } from "./failure.ts";

const rows: Readonly<Record<string, () => Promise<CommandRow>>> = {
  run: async () => (await import("./commands/run.ts")).run,
  record: async () => (await import("./commands/record.ts")).record,
  replay: async () => (await import("./commands/replay.ts")).replay,
  repl: async () => (await import("./commands/repl.ts")).repl,
  trace: async () => (await import("./commands/trace.ts")).trace,
  fork: async () => (await import("./commands/fork.ts")).fork,
  log: async () => (await import("./commands/timelines.ts")).log,
  branch: async () => (await import("./commands/timelines.ts")).branch,
  tag: async () => (await import("./commands/timelines.ts")).tag,
  goto: async () => (await import("./commands/timelines.ts")).goto,
  diff: async () => (await import("./commands/timelines.ts")).diff,
  ls: async () => (await import("./commands/listing.ts")).ls,
  ps: async () => (await import("./commands/processes.ts")).ps,
  compare: async () => (await import("./commands/compare.ts")).compare,
  dump: async () => (await import("./commands/dump.ts")).dump,
  cat: async () => (await import("./commands/looking.ts")).cat,
  fds: async () => (await import("./commands/looking.ts")).fds,
  maps: async () => (await import("./commands/looking.ts")).maps,
  rm: async () => (await import("./commands/listing.ts")).rm,
  traceinfo: async () => (await import("./commands/listing.ts")).traceinfo,
  syscalls: async () => (await import("./commands/syscalls.ts")).syscalls,
  tour: async () => (await import("./commands/tour.ts")).tour,
  image: async () => (await import("./commands/image.ts")).image,
};

export async function main(argv: readonly string[]): Promise<void> {
  // `chronix trace | head`: nobody reads on.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit(0);
  });
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
