// The first event in which two timelines differ, and how.
import { firstDifference } from "../../events/equality.ts";
import type { KernelEvent } from "../../events/kernel-event.ts";
import { eventText } from "./event-text.ts";

export interface EventList {
  readonly name: string;
  readonly length: number;
  event(seq: number): KernelEvent | undefined;
}
export interface TimelineDifference {
  readonly seq: number;
  /** Where in the event, as `result.value`; empty where one timeline ends. */
  readonly path: string;
  readonly left: KernelEvent | undefined;
  readonly right: KernelEvent | undefined;
}
/** `from`: both are known to be the same up to there. */
export function timelineDifference(left: EventList, right: EventList, from = 0): TimelineDifference | undefined {
  for (let seq = from; seq < Math.max(left.length, right.length); seq++) {
    const [a, b] = [left.event(seq), right.event(seq)];
    const path = a && b ? firstDifference(a, b) : "";
    if (path !== undefined) return { seq, path, left: a, right: b };
  }
  return undefined;
}
const told = (event: KernelEvent | undefined): string => (event ? `${"task" in event ? `[pid ${event.task}] ` : ""}${eventText(event)}` : "(has ended)");
export function differenceText(left: EventList, right: EventList, difference: TimelineDifference | undefined): string {
  if (!difference) return `${left.name} and ${right.name} are the same: ${left.length} events.`;
  const { seq, path } = difference;
  const width = Math.max(left.name.length, right.name.length);
  return [
    `${left.name} and ${right.name} first differ at event ${seq}${path ? `, in ${path}` : ""}:`,
    `- ${left.name.padEnd(width)}  ${told(difference.left)}`,
    `+ ${right.name.padEnd(width)}  ${told(difference.right)}`,
  ].join("\n");
}
