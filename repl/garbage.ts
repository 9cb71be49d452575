// How much garbage V8 lets lie before it collects the whole of its heap. Left to itself that is one and a half times what lives, or more, and with it go buffers and compiled code, which lie outside the heap:
// of mixed work for minutes most of what a process had resident was that. A run of moments is not to collect at all, so it begins with a run that has become long.
import { setFlagsFromString } from "node:v8";

/** Of what lives. At 50 a collection comes every ten seconds or so. */
const GROWTH_PERCENT = 50;
const LONG_MILLISECONDS = 8000;

let isBounded = false;
function set(percent: number): void {
  setFlagsFromString(`--heap-growing-percent=${percent}`);
}
/** To be called now and then. */
export function boundGarbage(after = LONG_MILLISECONDS): void {
  // Not `performance`, which loads modules of Node's when it is first named.
  if (isBounded || process.uptime() * 1000 < after) return;
  isBounded = true;
  set(GROWTH_PERCENT);
}
export function unboundGarbage(): void {
  if (isBounded) set(0);
  isBounded = false;
}
/** With V8's switches as they were at first: what it made under others it refuses. */
export function asAtFirst<T>(act: () => T): T {
  if (!isBounded) return act();
  set(0);
  try {
    return act();
  } finally {
    set(GROWTH_PERCENT);
  }
}
