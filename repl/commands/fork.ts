// chronix fork: another timeline from a position of a recording, with something changed.

import { outputToHost } from "../driver.ts";
import { UsageFailure } from "../failure.ts";
import { environmentChange, injectionsOf, inputChange, runFork } from "../forking.ts";
import { INJECTION_FORM, INJECTION_SUMMARY } from "../guest-option-rows.ts";
import { parseMoment } from "../model/moments.ts";
import { note } from "../note.ts";
import { Recordings } from "../recordings.ts";
import { exitStatusOf } from "../wait-status.ts";
import type { CommandRow } from "./command-row.ts";

interface Options {
  readonly at?: string;
  readonly inject: readonly string[];
  readonly env: readonly string[];
  readonly input?: string;
  readonly seed?: string;
  readonly output?: string;
  readonly json?: boolean;
}
const collect = (value: string, list: readonly string[]): readonly string[] => [...list, value];

export const fork: CommandRow = {
  name: "fork",
  declare(command) {
    command
      .summary("another timeline from a position, with something changed; it runs on with the inputs of the recording")
      .argument("[log]", "a recording (default: the latest)")
      .option("--at <POS>", "where it leaves: 812, 50%, end (with --env and --seed: the boot)")
      .option(`--inject <${INJECTION_FORM}>`, `${INJECTION_SUMMARY}; counted from there on, over all processes`, collect, [])
      .option("--env <NAME=VALUE>", "boot with another variable (NAME: without it)", collect, [])
      .option("--seed <N>", "boot with other random bytes")
      .option("--input <TEXT>", "in place of the next recorded input (\\n, \\r, \\t)")
      .option("-o, --output <NAME>", "name of the new recording")
      .option("--json", "what came out, as JSON")
      .action((log: string | undefined, options: Options) => {
        const recordings = new Recordings();
        const recording = recordings.find(log);
        const parent = recordings.open(recording, { note });
        const isNewBoot = options.env.length > 0 || options.seed !== undefined;
        if (isNewBoot && options.at !== undefined) throw new UsageFailure("--env and --seed change the boot: --at is not possible with them.");
        const at = isNewBoot ? { seq: 0, plus: 0 } : parseMoment(options.at ?? "end", { position: { seq: parent.length, plus: 0 }, length: parent.length });
        const injections = options.inject.length > 0 ? injectionsOf(options.inject, parent, { from: at.seq, at: at.seq }) : undefined;
        const changes = [
          ...(injections ? [injections.change] : []),
          ...options.env.map(environmentChange),
          ...(options.seed === undefined ? [] : [{ kind: "seed" as const, seed: Number(options.seed) }]),
          ...(options.input === undefined ? [] : [inputChange(options.input, parent, at.seq)]),
        ];
        if (!isNewBoot) parent.goto(at);
        const path = options.output === undefined ? recordings.forkPaths(recording.path)("fork") : recordings.pathFor(options.output);
        const child = parent.fork(changes, {
          path,
          output: options.json ? () => {} : outputToHost,
          now: Date.now,
          ...(injections ? { inject: injections.inject } : {}),
        });
        const status = runFork(child);
        if (options.json)
          process.stdout.write(
            `${JSON.stringify({ path, forkedAt: child.forkedAt, events: child.length, status: status === undefined ? null : exitStatusOf(status) })}\n`,
          );
        else note(`${path}: leaves ${recording.name} at ${child.forkedAt}, ${child.length} events${status === undefined ? ", waits for more input" : ""}.`);
        child.close();
        process.exitCode = status === undefined ? 0 : exitStatusOf(status);
      });
  },
};
