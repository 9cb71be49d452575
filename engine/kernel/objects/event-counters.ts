// Event counters (eventfd(2)) as the kernel itself counts on them.
import type { Kernel } from "../kernel.ts";
import { wake } from "./waiting.ts";

export const counterReadChannel = (id: number): string => `eventfd:${id}:read`;
export const MOST_COUNTED = (1n << 64n) - 2n;
/** One more, where there is room for it. */
export function signalCounter(kernel: Kernel, id: number): void {
  const counter = kernel.poll.counters.get(id);
  if (!counter) return;
  if (counter.count < MOST_COUNTED) counter.count += 1n;
  wake(kernel, counterReadChannel(id));
}
