// Where those that leave a funnel (func.ts) on the same way come together, some at a time, before all of them do. It changes nothing of what is done.
// For a block that P others lead to, V8's optimising compiler keeps P places for each value that was made since their paths parted: for a region of 860 ways out 92 MB, which glibc's arenas go on
// having resident (measured). A few at a time their paths parted lately.

export interface Convergence {
  readonly outer: Convergence | undefined;
  /** Of the block that those who leave go to the end of. */
  readonly depth: number;
  readonly inner: Convergence[];
  /** The ways of those that leave within it, but not within an inner one. Known when all other code has been made. */
  readonly leaving: (() => number)[];
  /** On which they come together here. */
  way?: number;
}
/** Fewer go on by themselves. With 8 V8's code is 2% smaller, and each goes through one place more. */
const MANY = 16;

export function convergenceWithin(outer: Convergence | undefined, depth: number): Convergence {
  const convergence: Convergence = { outer, depth, inner: [], leaving: [] };
  outer?.inner.push(convergence);
  return convergence;
}
/** Decides who comes together where: of the way that most leave on within it a convergence makes one, if they are many. Answers how many are left on each way. */
export function converge(convergence: Convergence): Map<number, number> {
  const counts = new Map<number, number>();
  const add = (way: number, count: number): void => void counts.set(way, (counts.get(way) ?? 0) + count);
  for (const way of convergence.leaving) add(way(), 1);
  for (const inner of convergence.inner) for (const [way, count] of converge(inner)) add(way, count);
  if (!convergence.outer) return counts;
  const [most] = [...counts].sort(([, a], [, b]) => b - a);
  if (most && most[1] >= MANY) {
    convergence.way = most[0];
    counts.set(convergence.way, 1);
  }
  return counts;
}
/** Where to go from within a convergence, to leave on this way: the next one where others come together on it, or the outermost, which is the funnel. */
export function nextOn(way: number, from: Convergence): Convergence {
  let to = from;
  while (to.outer && to.way !== way) to = to.outer;
  return to;
}
