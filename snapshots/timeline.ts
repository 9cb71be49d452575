// The tree of timelines that a set of logs makes: a fork's log names where it leaves its parent, by the digest of what came before. Reads logs; keeps none of its own.
import type { Change, Origin } from "../events/log/header.ts";
import type { LogReader } from "../events/log/reader.ts";
import type { Position } from "../events/position.ts";
import { LogHistory } from "./history.ts";

export interface Timeline {
  readonly name: string;
  readonly log: LogReader;
  /** Absent for a root, and for a fork whose parent's log is not there. */
  readonly parent?: Timeline;
  readonly fork?: Position;
  readonly changes: readonly Change[];
  readonly children: readonly Timeline[];
}
interface Growing extends Timeline {
  parent?: Growing;
  readonly children: Growing[];
}
/** The boot event at least: else all roots would look alike before their first event. */
const sharedPart = (seq: number): number => Math.max(1, seq);

/** For the header of a log that forks from this one. A position in the parent's own past is the grandparent's. */
export function originOf(timeline: Timeline, position: Position, changes: readonly Change[]): Origin {
  let parent = timeline;
  while (parent.parent && position.seq < parent.log.firstSeq) parent = parent.parent;
  return { parentDigest: parent.log.digest(sharedPart(position.seq)), position, changes };
}

export class TimelineTree {
  readonly timelines: ReadonlyMap<string, Timeline>;
  readonly #histories = new Map<Timeline, LogHistory>();

  constructor(logs: Iterable<readonly [name: string, log: LogReader]>) {
    const all: Growing[] = [...logs].map(([name, log]) => {
      const { origin } = log.header;
      return { name, log, changes: origin?.changes ?? [], children: [], ...(origin ? { fork: origin.position } : {}) };
    });
    for (const child of all) {
      const parent = parentOf(child, all);
      if (!parent) continue;
      child.parent = parent;
      parent.children.push(child);
    }
    this.timelines = new Map(all.map(timeline => [timeline.name, timeline]));
  }
  /** Those without a parent. */
  get roots(): readonly Timeline[] {
    return [...this.timelines.values()].filter(({ parent }) => !parent);
  }
  /** Throws `LogDamage` where a parent's log is missing. */
  history(timeline: Timeline): LogHistory {
    let history = this.#histories.get(timeline);
    if (!history) {
      history = new LogHistory(timeline.log, timeline.parent && this.history(timeline.parent));
      this.#histories.set(timeline, history);
    }
    return history;
  }
  /** The last position that two timelines share; absent where they have different roots. */
  meeting(a: Timeline, b: Timeline): Position | undefined {
    const left = new Map<Timeline, Position>();
    let position: Position = { seq: Number.POSITIVE_INFINITY, tick: Number.POSITIVE_INFINITY };
    for (let at: Timeline | undefined = a; at; at = at.parent) {
      left.set(at, position);
      position = earlier(position, at.fork ?? position);
    }
    position = { seq: Number.POSITIVE_INFINITY, tick: Number.POSITIVE_INFINITY };
    for (let at: Timeline | undefined = b; at; at = at.parent) {
      const other = left.get(at);
      if (other) {
        const shared = earlier(other, position);
        return shared.seq === Number.POSITIVE_INFINITY ? { seq: at.log.length, tick: at.log.event(at.log.length - 1)?.tick ?? 0 } : shared;
      }
      position = earlier(position, at.fork ?? position);
    }
    return undefined;
  }
}
const earlier = (a: Position, b: Position): Position => (a.seq < b.seq || (a.seq === b.seq && a.tick <= b.tick) ? a : b);

/** Any log with the right past will do. A fork never descends from itself, since a digest cannot contain itself. */
function parentOf({ log }: Growing, all: readonly Growing[]): Growing | undefined {
  const { origin } = log.header;
  if (!origin) return undefined;
  const seq = sharedPart(origin.position.seq);
  return all.find(
    ({ log: other }) => other !== log && other.firstSeq <= origin.position.seq && other.length >= seq && other.digest(seq) === origin.parentDigest,
  );
}
