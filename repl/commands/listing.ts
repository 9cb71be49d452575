// chronix ls, rm and traceinfo: the store of recordings. With --at, ls looks into the guest instead.
import { fileText, listFolder } from "../inspection/files.ts";
import { Recordings } from "../recordings.ts";
import { printRows } from "../table.ts";
import type { CommandRow } from "./command-row.ts";
import { type LookOptions, lookAt, withLookOptions } from "./looking.ts";

const dateOf = (millis: number): string => new Date(millis).toISOString().slice(0, 19).replace("T", " ");

export const ls: CommandRow = {
  name: "ls",
  declare(command) {
    withLookOptions(command.summary("list recordings; with --at: a folder of the guest at a position"))
      .argument("[path]", "with --at: the guest's folder")
      .action((path: string | undefined, options: LookOptions) => {
        if (options.at !== undefined || path !== undefined) {
          const rows = lookAt(options, look => listFolder(look, path ?? "."));
          process.stdout.write(options.json ? `${JSON.stringify(rows)}\n` : `${fileText(rows)}\n`);
          return;
        }
        const rows = new Recordings().list().map(({ name, bytes, modifiedMillis }) => ({ name, bytes, recorded: dateOf(modifiedMillis) }));
        printRows(rows, options.json ?? false);
      });
  },
};
export const rm: CommandRow = {
  name: "rm",
  declare(command) {
    command
      .summary("remove recordings")
      .argument("<log...>", "recordings")
      .action((logs: string[]) => {
        const recordings = new Recordings();
        for (const recording of logs.map(log => recordings.find(log))) recordings.remove(recording);
      });
  },
};
export const traceinfo: CommandRow = {
  name: "traceinfo",
  declare(command) {
    command
      .summary("tell what a recording is made of, as JSON")
      .argument("[log]", "a recording (default: the latest)")
      .option("--json", "JSON, as without it")
      .action((log: string | undefined) => {
        const recordings = new Recordings();
        const recording = recordings.find(log);
        const { timeline, tree } = recordings.timeline(recording);
        const history = tree.history(timeline);
        const boot = history.event(0);
        const last = history.event(history.length - 1);
        const { image, origin } = timeline.log.header;
        process.stdout.write(
          `${JSON.stringify(
            {
              name: recording.name,
              path: recording.path,
              bytes: recording.bytes,
              image,
              parameters: boot?.kind === "boot" ? boot.parameters : null,
              events: history.length,
              firstEvent: timeline.log.firstSeq,
              instructions: last?.tick ?? 0,
              keyframes: timeline.log.keyframes.length,
              digest: timeline.log.digest(),
              isComplete: timeline.log.end !== undefined,
              damage: timeline.log.damage ?? null,
              ...(origin ? { forkOf: timeline.parent?.name ?? null, forkedAt: origin.position.seq, changes: origin.changes } : {}),
            },
            null,
            2,
          )}\n`,
        );
      });
  },
};
