// chronix dump: the events themselves, all that is kept of each.
import type { KernelEvent } from "../../events/kernel-event.ts";
import { parsePosition } from "../../events/position.ts";
import { UsageFailure } from "../failure.ts";
import { eventText, taskOf } from "../model/event-text.ts";
import { Recordings } from "../recordings.ts";
import type { CommandRow } from "./command-row.ts";

interface Options {
  readonly json?: boolean;
}
const asJson = (seq: number, event: KernelEvent): string =>
  JSON.stringify({ seq, ...event }, (_, value: unknown) =>
    value instanceof Uint8Array ? { base64: Buffer.from(value).toString("base64") } : typeof value === "bigint" ? value.toString() : value,
  );
const asText = (seq: number, event: KernelEvent): string => {
  const task = taskOf(event);
  return `${String(seq).padStart(8)} ${String(event.tick).padStart(12)} ${task === undefined ? "     " : String(task).padStart(5)} ${event.kind.padEnd(9)} ${eventText(event)}`;
};
/** `812`, `800-900`, nothing: all. */
function rangeOf(text: string | undefined, length: number): readonly [from: number, to: number] {
  if (text === undefined) return [0, length];
  const [first, last] = text.split("-").map(parsePosition);
  if (!first || (text.includes("-") && !last)) throw new UsageFailure(`${text} is no range of events; write 812 or 800-900.`);
  return [first.seq, Math.min(length, (last?.seq ?? first.seq) + 1)];
}
export const dump: CommandRow = {
  name: "dump",
  declare(command) {
    command
      .summary("the events of a recording, with ticks")
      .argument("[log]", "a recording (default: the latest)")
      .argument("[events]", "812 or 800-900")
      .option("--json", "one JSON object a line, with everything the log keeps")
      .action((log: string | undefined, events: string | undefined, { json }: Options) => {
        const isRange = log !== undefined && events === undefined && /^\d+(-\d+)?$/.test(log);
        const recordings = new Recordings();
        const { tree, timeline } = recordings.timeline(recordings.find(isRange ? undefined : log));
        const history = tree.history(timeline);
        const [from, to] = rangeOf(isRange ? log : events, history.length);
        const show = json ? asJson : asText;
        for (let seq = from; seq < to; seq++) process.stdout.write(`${show(seq, history.event(seq)!)}\n`);
      });
  },
};
