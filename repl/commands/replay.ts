// chronix replay: execute a recording again and check every event.
import type { KernelEvent } from "../../events/kernel-event.ts";
import { parsePosition } from "../../events/position.ts";
import type { Divergence } from "../../snapshots/replaying.ts";
import { DivergenceFound, type Session } from "../../snapshots/session.ts";
import { outputToHost } from "../driver.ts";
import { Failure, OWN_ERROR } from "../failure.ts";
import { eventText } from "../model/event-text.ts";
import { grouped } from "../model/moments.ts";
import { note } from "../note.ts";
import { Progress } from "../progress.ts";
import { Recordings } from "../recordings.ts";
import { exitStatusOf } from "../wait-status.ts";
import type { CommandRow } from "./command-row.ts";

interface Options {
  readonly goto?: string;
  readonly quiet?: boolean;
  readonly json?: boolean;
}
/** Events checked between two looks at the progress. */
const STRIDE = 5000;
const told = (event: KernelEvent | undefined): string => (event ? eventText(event) : "nothing more");

export const divergenceText = ({ seq, path, expected, actual }: Divergence): string =>
  `diverged at ${seq}, in ${path}:\n  recorded: ${told(expected)}\n  now:      ${told(actual)}`;

/** Executes up to `end`, from where the session stands. */
export function replayTo(session: Session, end: number): Divergence | undefined {
  const progress = new Progress("replaying", end);
  try {
    while (session.position.seq < end) {
      const { seq } = session.position;
      session.run({ seq: Math.min(end, seq + STRIDE), tick: 0 });
      if (session.position.seq === seq) throw new Failure(`The replay stands still at event ${seq} of ${end}.`);
      progress.at(session.position.seq);
    }
    return undefined;
  } catch (error) {
    if (error instanceof DivergenceFound) return error.divergence;
    throw error;
  } finally {
    progress.end();
  }
}

export const replay: CommandRow = {
  name: "replay",
  declare(command) {
    command
      .summary("execute a recording again and check every event")
      .argument("[log]", "a recording (default: the latest)")
      .option("-g, --goto <POS>", "only up to this position")
      .option("-q, --quiet", "do not show the guest's output")
      .option("--json", "the result as JSON")
      .action((log: string | undefined, options: Options) => {
        const recordings = new Recordings();
        const recording = recordings.find(log);
        const session = recordings.open(recording, { note });
        const wanted = options.goto === undefined ? undefined : parsePosition(options.goto);
        if (options.goto !== undefined && !wanted) throw new Failure(`${options.goto} is no position; write an event's number, as 812 or 812+3091.`, 2);
        const end = Math.min(wanted?.seq ?? session.length, session.length);
        const divergence = replayTo(session, end);
        if (!divergence && wanted) session.goto({ seq: end, plus: wanted.plus });
        if (!options.quiet && !options.json) showOutput(session.screen);
        report(session, divergence, options);
        const { damage } = session.timeline.log;
        if (damage) note(damage);
        process.exitCode = divergence ? OWN_ERROR : exitStatusOf(session.status ?? 0);
      });
  },
};
/** Ends with a line's end, so that the verdict has a line of its own. */
function showOutput(bytes: Uint8Array): void {
  outputToHost("stdout", bytes);
  if (bytes.length > 0 && bytes.at(-1) !== 10) outputToHost("stdout", Buffer.from("\n"));
}
function report(session: Session, divergence: Divergence | undefined, { json }: Options): void {
  const { seq, tick } = session.position;
  if (json) {
    const result = divergence ? { result: "diverged", seq: divergence.seq, path: divergence.path } : { result: "identical", events: seq, instructions: tick };
    process.stdout.write(`${JSON.stringify(result)}\n`);
  } else process.stdout.write(divergence ? `${divergenceText(divergence)}\n` : `identical: ${grouped(seq)} events, ${grouped(tick)} instructions\n`);
}
