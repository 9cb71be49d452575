// Where two timelines part, as text.
import type { KernelEvent } from "../../events/kernel-event.ts";
import type { Divergence } from "../../snapshots/replaying.ts";
import { eventText } from "./event-text.ts";

const told = (event: KernelEvent | undefined): string => (event ? `${"task" in event ? `[pid ${event.task}] ` : ""}${eventText(event)}` : "(has ended)");

export function differenceText(left: string, right: string, difference: Divergence | undefined): string {
  if (!difference) return `${left} and ${right} are the same, event by event.`;
  const { seq, path, expected, actual } = difference;
  const width = Math.max(left.length, right.length);
  return [
    `${left} and ${right} first differ at event ${seq}${path && expected && actual ? `, in ${path}` : ""}:`,
    `- ${left.padEnd(width)}  ${told(expected)}`,
    `+ ${right.padEnd(width)}  ${told(actual)}`,
  ].join("\n");
}
