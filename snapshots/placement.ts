// Where keyframes go while recording, and which snapshots are kept in memory while moving about. Named strategies: deterministic, so that two recordings have the same keyframes.
import type { Position } from "../events/position.ts";

export interface Placement {
  readonly name: string;
  /** So many events and instructions after the last one; `pages`: how many a keyframe would have to look at; `stored`: how many contents the last one had to store. */
  isDue(events: number, ticks: number, pages: number, stored: number): boolean;
}
/** After so many events or instructions, whichever comes first. */
export const every = (events: number, ticks: number): Placement => ({
  name: `every ${events} events or ${ticks} instructions`,
  isDue: (passed, spent) => passed >= events || spent >= ticks,
});
export const never: Placement = { name: "never", isDue: () => false };
/**
 * After so much work, that of an event being 1 and that of the instructions beside it up to 8, or after so many instructions.
 * Measured on a shell that writes files and starts children: replaying takes 30 µs an event with its 1,000 instructions, a keyframe 4 ms and 19 KB. From the nearest one to any event it is then some 50 ms at
 * the median. Where calls are all that happens an event takes 4 µs, and as many as make a keyframe due no more than 100 ms. Compiled code retires two to five
 * thousand instructions in a microsecond: so many between two keyframes take half a second or one, of which the 5 to 10 ms that the first ones take, in code that V8 has not compiled, are one part in a hundred.
 * Half as many cost sha256, which computes for less than a second, 4%.
 *
 * A page costs a keyframe 6 µs where it is as the last one had it, which its hash tells, and some 20 where it must be stored: then so many pages want so much more work or so many more instructions.
 * A sort of 16 MB took one and a half times as long recorded as run, for two keyframes.
 *
 * What one keyframe had to store tells what the next will: a database turns over its cache between any two. Each content is 2 KB of log and those 20 µs, a thirtieth of the work asked for it; no keyframe
 * waits for more than four times the usual work on that account, since what is written without end would drive them ever farther apart.
 */
export const afterWork = (most: number, ticks: number): Placement => ({
  name: `after ${most} of work or ${ticks} instructions, or more where there are many pages or many have changed`,
  isDue: (events, spent, pages, stored) =>
    events + Math.min(8 * events, spent / 125) >= Math.max(most, WORK_A_PAGE * pages, Math.min(WORK_A_STORED * stored, 4 * most)) ||
    spent >= Math.max(ticks, TICKS_A_PAGE * pages),
});
const WORK_A_PAGE = 24;
const WORK_A_STORED = 160;
const TICKS_A_PAGE = 800_000;
export const usual: Placement = afterWork(27_000, 2_000_000_000);

/** The work of going from one position to a later one, in events. */
const TICKS_PER_EVENT = 1000;
export const work = (from: Position, to: Position): number => to.seq - from.seq + (to.tick - from.tick) / TICKS_PER_EVENT;

/** Events, and instructions, behind the place one goes to at which snapshots are left: going back then costs little wherever one goes. */
const STEP = 8;
const LEAST_TICKS = 100_000;
/** Positions between `from` and `to` at which to take a snapshot on the way. */
export function waypoints(from: Position, to: Position, tickOf: (seq: number) => number, seqAtTick: (tick: number) => number): readonly Position[] {
  const found: Position[] = [];
  for (let distance = 1; to.seq - distance > from.seq; distance *= STEP) found.push({ seq: to.seq - distance, tick: tickOf(to.seq - distance) });
  for (let distance = LEAST_TICKS; to.tick - distance > from.tick; distance *= STEP) {
    const tick = to.tick - distance;
    found.push({ seq: seqAtTick(tick), tick });
  }
  return found
    .filter(({ seq, tick }) => seq >= from.seq && tick >= from.tick && seq <= to.seq && tick <= to.tick)
    .toSorted((a, b) => a.tick - b.tick || a.seq - b.seq);
}
/** Which of these to give up, so that `most` are left: where two lie close together as seen from `cursor`, the later one. */
export function surplus<P extends { readonly position: Position }>(all: readonly P[], cursor: Position, most: number): readonly P[] {
  const left = all.toSorted((a, b) => a.position.tick - b.position.tick || a.position.seq - b.position.seq);
  const dropped: P[] = [];
  while (left.length > most) {
    let closest = 1;
    let smallest = Number.POSITIVE_INFINITY;
    for (let i = 1; i < left.length; i++) {
      const here = left[i]!.position;
      const gap = work(left[i - 1]!.position, here) / (1 + Math.abs(work(here, cursor)));
      if (gap < smallest) [smallest, closest] = [gap, i];
    }
    dropped.push(...left.splice(closest, 1));
  }
  return dropped;
}
