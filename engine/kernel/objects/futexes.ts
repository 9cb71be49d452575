// Futexes (futex(2)): who waits on which word of memory. Words in shared mappings are the same one in every process.
import type { Kernel } from "../kernel.ts";
import type { Task } from "../state/proc-table.ts";
import { findArea } from "./spaces.ts";
import { leaveChannels, wakeTask } from "./waiting.ts";

export const ANY_BITS = 0xffff_ffff;
/** What a waiting task keeps: which wakers it listens to. */
export interface FutexMemo {
  readonly bitset: number;
}

/** The channel of a futex: an address of one address space, or a place in what several have mapped. */
export function futexChannel(kernel: Kernel, task: Pick<Task, "space">, address: number): string {
  const space = kernel.vmm.spaces.get(task.space);
  const area = space && findArea(space, address);
  if (area?.isShared && area.backing.kind === "object") return `futex:object:${area.backing.object}:${area.backing.firstPage * 4096 + address - area.start}`;
  if (area?.isShared && area.backing.kind === "file") return `futex:inode:${area.backing.inode}:${area.backing.offset + address - area.start}`;
  return `futex:${task.space}:${address}`;
}

function waitersOf(kernel: Kernel, channel: string, bitset: number): readonly number[] {
  const waiters = kernel.procTable.waiters.get(channel) ?? [];
  return waiters.filter(tid => (((kernel.procTable.tasks.get(tid)?.waiting?.memo as FutexMemo | null)?.bitset ?? ANY_BITS) & bitset) !== 0);
}
/** Wakes at most `count` waiters, the longest waiting first. Answers how many. */
export function wakeFutex(kernel: Kernel, task: Pick<Task, "space">, address: number, count: number, bitset: number = ANY_BITS): number {
  const woken = waitersOf(kernel, futexChannel(kernel, task, address), bitset).slice(0, count);
  for (const tid of woken) wakeTask(kernel, tid, "resume");
  return woken.length;
}
/** Moves at most `count` waiters to another futex. Answers how many. */
export function requeueFutex(kernel: Kernel, from: string, to: string, count: number): number {
  const moved = waitersOf(kernel, from, ANY_BITS).slice(0, count);
  for (const tid of moved) {
    const task = kernel.procTable.tasks.get(tid)!;
    leaveChannels(kernel, task);
    task.waiting!.channels = [to];
    kernel.procTable.waiters.set(to, [...(kernel.procTable.waiters.get(to) ?? []), tid]);
  }
  return moved.length;
}
