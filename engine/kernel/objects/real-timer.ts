// ITIMER_REAL stands still from its expiry until SIGALRM is taken (kernel/signal.c, dequeue_signal): where that is ignored, for good.
import { intervalTimers } from "../../abi/constants/clocks.ts";
import type { Kernel } from "../kernel.ts";

/** SIGALRM is taken from the process's queue, whoever sent it: the timer goes on. */
export function continueRealTimer(kernel: Kernel, pid: number): void {
  const { time } = kernel;
  const still = time.timers.find(timer => timer.pid === pid && timer.which === intervalTimers.ITIMER_REAL && timer.isStill);
  if (!still) return;
  const { expiresNanos, intervalNanos } = still;
  const missed = 1 + Math.floor((kernel.nowNanos - expiresNanos) / intervalNanos);
  kernel.disturb();
  time.timers = time.timers.map(timer => (timer === still ? { ...timer, expiresNanos: expiresNanos + missed * intervalNanos, isStill: false } : timer));
}
