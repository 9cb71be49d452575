// Every verb of the command line. Rows are loaded when their verb is used, so that `trace` never loads the REPL.
import { endWithReader, execute, type Rows } from "./command-line.ts";

const rows: Rows = {
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

export function main(argv: readonly string[]): Promise<void> {
  endWithReader();
  return execute(argv, rows);
}
