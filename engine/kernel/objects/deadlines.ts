// When waiting tasks give up: a list sorted by moment, so that the earliest is found at once.
import type { Kernel } from "../kernel.ts";
import { NEVER } from "./clock.ts";

export function addDeadline(kernel: Kernel, tid: number, nanos: number): void {
  if (nanos >= NEVER) return;
  kernel.disturb();
  const { time } = kernel;
  const later = time.deadlines.findIndex(other => other.nanos > nanos);
  time.deadlines = time.deadlines.toSpliced(later < 0 ? time.deadlines.length : later, 0, { nanos, tid });
}
export function removeDeadline(kernel: Kernel, tid: number): void {
  const { time } = kernel;
  if (time.deadlines.length === 0) return;
  kernel.disturb();
  time.deadlines = time.deadlines.filter(one => one.tid !== tid);
}
