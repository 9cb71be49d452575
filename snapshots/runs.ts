// Where a long list, or a map, goes on as another one does.

/** Fewer items in a row are not worth naming. */
const LEAST_RUN = 8;

/** A list's items, or a map's keys and values in turns. */
export interface LongList {
  readonly items: readonly unknown[];
  /** What the other has in the place of each. */
  readonly bases: readonly unknown[];
  /** 2 for a map: a key and its value are one. */
  readonly width: 1 | 2;
  /** Where the other has the item, or the pair, of this index. */
  place(index: number): number | undefined;
}
export interface Run {
  readonly start: number;
  /** Where it starts in the other. */
  readonly place: number;
  readonly length: number;
}

/** `bases`: what `base` has beside each item. */
export function longList(list: readonly unknown[], base: readonly unknown[], bases: readonly unknown[]): LongList {
  return { items: list, bases, width: 1, place: index => (index < base.length ? index : undefined) };
}
export function longMap(map: ReadonlyMap<unknown, unknown>, base: ReadonlyMap<unknown, unknown>): LongList {
  const items = pairsOf(map);
  const places = new Map([...base.keys()].map((key, place) => [key, place]));
  return { items, bases: items.map((_, at) => (at % 2 === 1 ? base.get(items[at - 1]) : undefined)), width: 2, place: index => places.get(items[2 * index]) };
}
export function pairsOf(map: ReadonlyMap<unknown, unknown>): readonly unknown[] {
  const pairs: unknown[] = [];
  for (const [key, value] of map) pairs.push(key, value);
  return pairs;
}

export function runsOf({ items, bases, width, place }: LongList): readonly Run[] {
  const runs: Run[] = [];
  let run: Run | undefined;
  const end = (): void => {
    if (run && run.length >= LEAST_RUN) runs.push(run);
    run = undefined;
  };
  for (let index = 0; index * width < items.length; index++) {
    const at = index * width + width - 1;
    const here = Object.is(items[at], bases[at]) ? place(index) : undefined;
    if (here === undefined) end();
    else if (run && here === run.place + run.length) run = { ...run, length: run.length + 1 };
    else {
      end();
      run = { start: index, place: here, length: 1 };
    }
  }
  end();
  return runs;
}
