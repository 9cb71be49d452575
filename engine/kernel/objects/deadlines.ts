// When waiting tasks give up and timers expire: a list sorted by moment, so that the earliest is found at once.
import type { Kernel } from "../kernel.ts";
import type { Deadline } from "../state/time.ts";
import { NEVER } from "./clock.ts";

export const addDeadline = (kernel: Kernel, tid: number, nanos: number): void => insert(kernel, { nanos, tid, timer: 0 });
export const addTimerDeadline = (kernel: Kernel, timer: number, nanos: number): void => insert(kernel, { nanos, tid: 0, timer });
export const removeDeadline = (kernel: Kernel, tid: number): void => remove(kernel, one => one.tid === tid && one.timer === 0);
export const removeTimerDeadline = (kernel: Kernel, timer: number): void => remove(kernel, one => one.timer === timer);

function insert(kernel: Kernel, deadline: Deadline): void {
  if (deadline.nanos >= NEVER) return;
  kernel.disturb();
  const { deadlines } = kernel.time;
  let [low, high] = [0, deadlines.length];
  // Behind those of the same moment: who came first is served first.
  while (low < high) {
    const middle = (low + high) >> 1;
    if (deadlines[middle]!.nanos <= deadline.nanos) low = middle + 1;
    else high = middle;
  }
  deadlines.splice(low, 0, deadline);
}
function remove(kernel: Kernel, isMeant: (one: Deadline) => boolean): void {
  const { deadlines } = kernel.time;
  const at = deadlines.findIndex(isMeant);
  if (at < 0) return;
  kernel.disturb();
  deadlines.splice(at, 1);
}
