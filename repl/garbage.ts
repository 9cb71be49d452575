// How much garbage V8 lets lie before it collects it. Left to itself that is one and a half times what lives, or more, and with it go buffers and compiled code, which lie outside the heap;
// and its young generation grows to two halves of 64 MiB that stay resident. Of mixed work for minutes most of what a process had resident was that. What it has emptied it keeps for itself, too,
// but where a collection is to save memory, as one is when there is little to do. A run of moments is asked for none of it.
import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";

/** Of what lives. At 50 a collection comes every ten seconds or so. */
const GROWTH_PERCENT = 50;
const LONG_MILLISECONDS = 8000;
/** Both halves of the young generation. Mixed work takes no longer than with four times as much. */
const MOST_YOUNG_BYTES = 2 ** 25;
/** Mixed work has come to that by then, and to twice as much a second after its start or a little later. */
const YOUNG_MILLISECONDS = 500;
/** By how much V8 multiplies the young generation when so much of it lives. */
const DOUBLED = 2;
const AS_IT_IS = 1;
/** For so long of each minute collections save memory: of mixed work that is one or two, and each takes some milliseconds more than others. */
const SAVING_MILLISECONDS = 12_000;
const MINUTE = 60_000;

interface Switches {
  readonly percent: number;
  readonly young: number;
  readonly isSaving: boolean;
}
const atFirst: Switches = { percent: 0, young: DOUBLED, isSaving: false };
let switches = atFirst;

function set({ percent, young, isSaving }: Switches): void {
  setFlagsFromString(`--heap-growing-percent=${percent} --semi-space-growth-factor=${young} --${isSaving ? "" : "no-"}optimize-for-size`);
}
function change(to: Switches): void {
  if (to.percent === switches.percent && to.young === switches.young && to.isSaving === switches.isSaving) return;
  switches = to;
  set(to);
}
/** To be called now and then, with how long the process has been there. */
export function boundGarbage(milliseconds = sinceStart()): void {
  if (milliseconds < YOUNG_MILLISECONDS) return;
  const isLong = milliseconds >= LONG_MILLISECONDS;
  change({
    percent: isLong ? GROWTH_PERCENT : atFirst.percent,
    // Before the next look it may be doubled twice. V8 takes some of it back where there is little to collect for a while; then it may grow again.
    young: youngBytes() * DOUBLED * DOUBLED <= MOST_YOUNG_BYTES ? DOUBLED : AS_IT_IS,
    isSaving: isLong && milliseconds % MINUTE < SAVING_MILLISECONDS,
  });
}
export function unboundGarbage(): void {
  change(atFirst);
}
// Not `performance`, which loads modules of Node's when it is first named.
const sinceStart = (): number => process.uptime() * 1000;
function youngBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space")?.space_size ?? 0;
}
/** With V8's switches as they were at first: what it made under others it refuses. */
export function asAtFirst<T>(act: () => T): T {
  if (switches === atFirst) return act();
  set(atFirst);
  try {
    return act();
  } finally {
    set(switches);
  }
}
