// chronix cat, fds, maps and, in part, ls and ps: the state of a recording at a position.
import type { Command } from "commander";
import { Failure, UsageFailure } from "../failure.ts";
import { descriptorRows, descriptorText } from "../inspection/descriptors.ts";
import { type Look, readFile } from "../inspection/files.ts";
import { mapRows, mapText } from "../inspection/memory-maps.ts";
import { parseMoment } from "../model/moments.ts";
import { Recordings } from "../recordings.ts";
import type { CommandRow } from "./command-row.ts";

export interface LookOptions {
  readonly at?: string;
  readonly log?: string;
  readonly pid?: string;
  readonly json?: boolean;
}
export const withLookOptions = (command: Command): Command =>
  command
    .option("--at <POS>", "the position: 812, 812+3091, 50%, end (default: the end)")
    .option("--log <LOG>", "the recording (default: the latest)")
    .option("--pid <PID>", "the process whose eyes look (default: the first)")
    .option("--json", "rows as JSON");

/** Opens the recording, goes to the position, looks, and leaves everything as it was. */
export function lookAt<T>({ at, log, pid }: LookOptions, see: (look: Look) => T): T {
  const recordings = new Recordings();
  const session = recordings.open(recordings.find(log));
  try {
    session.goto(parseMoment(at ?? "end", { position: { seq: session.length, plus: 0 }, length: session.length }));
    const { state, contents, position } = session;
    const first = [...state.procTable.tasks.keys()][0] ?? -1;
    const tid = pid === undefined ? first : Number(pid);
    if (pid !== undefined && !state.procTable.tasks.has(tid)) throw new UsageFailure(`There is no process ${pid} at ${position.seq}.`);
    return see({ state, contents, tick: position.tick, tid });
  } finally {
    session.close();
  }
}
const mustHaveTask = ({ tid }: Look): number => {
  if (tid < 0) throw new Failure("No process is left at this position; look at an earlier one with --at.");
  return tid;
};

export const cat: CommandRow = {
  name: "cat",
  declare(command) {
    withLookOptions(command.summary("a file of the guest at a position"))
      .argument("<path...>", "files of the guest")
      .action((paths: string[], options: LookOptions) => {
        const contents = lookAt(options, look => paths.map(path => readFile(look, path)));
        for (const content of contents) process.stdout.write(content);
      });
  },
};
export const fds: CommandRow = {
  name: "fds",
  declare(command) {
    withLookOptions(command.summary("open files of a process at a position")).action((options: LookOptions) => {
      const rows = lookAt(options, look => descriptorRows(look.state, mustHaveTask(look)));
      process.stdout.write(options.json ? `${JSON.stringify(rows)}\n` : `${descriptorText(rows)}\n`);
    });
  },
};
export const maps: CommandRow = {
  name: "maps",
  declare(command) {
    withLookOptions(command.summary("memory maps of a process at a position")).action((options: LookOptions) => {
      const rows = lookAt(options, look => mapRows(look.state, mustHaveTask(look)));
      process.stdout.write(options.json ? `${JSON.stringify(rows)}\n` : `${mapText(rows)}\n`);
    });
  },
};
