// Which events one wants to see: conditions that must all hold. Knows calls by number; names are engine/abi's.
import { filter, type MonoTypeOperatorFunction } from "rxjs";
import type { Bytes, EventKind, KernelEvent } from "./kernel-event.ts";
import type { SequencedEvent } from "./stream.ts";

export interface EventQuery {
  readonly kinds?: readonly EventKind[];
  readonly tasks?: readonly number[];
  /** System call numbers; events that are of no call do not match. */
  readonly calls?: readonly number[];
  /** Calls that failed with one of these. */
  readonly errnos?: readonly string[];
  /** Calls that read a string or buffer in which this occurs. */
  readonly path?: string;
  readonly seq?: { readonly from?: number; readonly to?: number };
}
export type EventPredicate = (event: KernelEvent, seq: number) => boolean;

const conditions: { readonly [C in keyof Required<EventQuery>]: (wanted: Required<EventQuery>[C]) => EventPredicate } = {
  kinds(wanted) {
    const kinds = new Set(wanted);
    return event => kinds.has(event.kind);
  },
  tasks(wanted) {
    const tasks = new Set(wanted);
    return event => "task" in event && tasks.has(event.task);
  },
  calls(wanted) {
    const calls = new Set(wanted);
    return event => (event.kind === "syscall" || event.kind === "resume") && calls.has(event.number);
  },
  errnos(wanted) {
    const errnos = new Set(wanted);
    return event => "result" in event && event.result.kind === "fail" && errnos.has(event.result.errno);
  },
  path(wanted) {
    const sought = new TextEncoder().encode(wanted);
    return event => event.kind === "syscall" && event.reads.some(bytes => bytes !== null && contains(bytes, sought));
  },
  seq:
    ({ from = 0, to = Infinity }) =>
    (_, seq) =>
      seq >= from && seq < to,
};

export function matching(query: EventQuery): EventPredicate {
  const parts = Object.entries(query).flatMap(([name, wanted]) =>
    wanted === undefined ? [] : [(conditions[name as keyof EventQuery] as (wanted: unknown) => EventPredicate)(wanted)],
  );
  return (event, seq) => parts.every(holds => holds(event, seq));
}
/** The same for `events$`. */
export function where(query: EventQuery): MonoTypeOperatorFunction<SequencedEvent> {
  const holds = matching(query);
  return filter(({ event, seq }) => holds(event, seq));
}

function contains(bytes: Bytes, sought: Uint8Array): boolean {
  if (sought.length === 0) return true;
  for (let at = bytes.indexOf(sought[0]!); at >= 0 && at + sought.length <= bytes.length; at = bytes.indexOf(sought[0]!, at + 1)) {
    let length = 1;
    while (length < sought.length && bytes[at + length] === sought[length]) length++;
    if (length === sought.length) return true;
  }
  return false;
}
