// Futexes whose word names their owner: priority inheritance and robust lists (futex(2), FUTEX_LOCK_PI; get_robust_list(2)). Priorities change nothing here: who waited longest is next.
import type { HeldWord } from "../../../events/kernel-event.ts";
import type { Kernel } from "../kernel.ts";
import { futexChannel, futexWaiters, wakeChannel } from "./futexes.ts";
import { taskOf } from "./tasks.ts";
import { wakeTask } from "./waiting.ts";

export const FUTEX_WAITERS = 0x8000_0000;
export const FUTEX_OWNER_DIED = 0x4000_0000;
export const FUTEX_TID_MASK = 0x3fff_ffff;
export const ownerOf = (word: number): number => word & FUTEX_TID_MASK;

/** Those who wait to own it are apart from those who wait for the word. */
export const ownerChannel = (channel: string): string => `${channel}:owner`;
/** Hands the futex to who waited longest for it; answers the word, `null` where nobody waits. */
export function handOver(kernel: Kernel, channel: string): number | null {
  const [next] = futexWaiters(kernel, ownerChannel(channel), 1);
  if (next === undefined) return null;
  wakeTask(kernel, next, "resume");
  return (next | FUTEX_WAITERS) >>> 0;
}
export function storeWord(kernel: Kernel, space: number, address: number, value: number): void {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  kernel.effect({ kind: "write", space, store: { address, bytes } });
}

/** The `abandon` event (kernel/futex/core.c, handle_futex_death). */
export function abandonFutexes(kernel: Kernel, tid: number, words: readonly HeldWord[]): void {
  const { space } = taskOf(kernel, tid);
  for (const { address, value, isInheriting, isPending } of words) {
    const channel = futexChannel(kernel, { space }, address);
    // It had given it up, or not taken it yet, but may not have woken who waits.
    if (isPending && !isInheriting && value === 0) wakeChannel(kernel, channel, 1);
    if (ownerOf(value) !== tid) continue;
    const next = isInheriting ? handOver(kernel, channel) : null;
    storeWord(kernel, space, address, ((next ?? value & FUTEX_WAITERS) | FUTEX_OWNER_DIED) >>> 0);
    if (!isInheriting && (value & FUTEX_WAITERS) !== 0) wakeChannel(kernel, channel, 1);
  }
}
