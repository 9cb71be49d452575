// Virtual time: integer arithmetic over instructions, calls and skipped idle time. Nothing here reads a host's clock.
import type { Timespec } from "../../abi/structs/timespec.ts";
import type { Kernel } from "../kernel.ts";
import type { Timestamp } from "../state/vfs.ts";

/** An instruction takes a nanosecond, a call two hundred more. */
export const CALL_NANOS = 200;
const SECOND = 1_000_000_000;
/** A moment that never comes; later ones would not be exact. */
export const NEVER = Number.MAX_SAFE_INTEGER;

/** Nanoseconds since boot. */
export const nowNanos = (tick: number, calls: number, skippedNanos: number): number => tick + calls * CALL_NANOS + skippedNanos;

/** CLOCK_REALTIME. Seconds and nanoseconds are kept apart: together they would not be exact. */
export function realtime(kernel: Kernel): Timestamp {
  const { epochSeconds, realtimeOffsetNanos } = kernel.time;
  const nanos = kernel.nowNanos + realtimeOffsetNanos;
  return { seconds: epochSeconds + Math.floor(nanos / SECOND), nanos: nanos % SECOND };
}
export const deadlineAfter = (kernel: Kernel, nanos: number): number => Math.min(kernel.nowNanos + nanos, NEVER);
/** The moment since boot at which CLOCK_REALTIME shows `time`. */
export function deadlineAtRealtime(kernel: Kernel, time: Timespec): number {
  const { epochSeconds, realtimeOffsetNanos } = kernel.time;
  return Math.min((time.tv_sec - epochSeconds) * SECOND + time.tv_nsec - realtimeOffsetNanos, NEVER);
}
/** From now on CLOCK_REALTIME shows `time`. */
export function setRealtime(kernel: Kernel, time: Timespec): void {
  const sinceBoot = kernel.nowNanos;
  const whole = Math.floor(sinceBoot / SECOND);
  const offset = time.tv_nsec - (sinceBoot % SECOND);
  // The offset stays within a second, and not negative.
  kernel.time.epochSeconds = time.tv_sec - whole - (offset < 0 ? 1 : 0);
  kernel.time.realtimeOffsetNanos = offset < 0 ? offset + SECOND : offset;
}
