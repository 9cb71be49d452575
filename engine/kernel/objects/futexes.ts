// Futexes (futex(2)): who waits on which word of memory. Words in shared mappings are the same one in every process.
import type { Kernel } from "../kernel.ts";
import type { Task } from "../state/proc-table.ts";
import { keptNames } from "./channel-names.ts";
import { findArea } from "./spaces.ts";
import { joinChannel, leaveChannel, wakeTask } from "./waiting.ts";

export const ANY_BITS = 0xffff_ffff;
/** What a waiting task keeps. */
export interface FutexMemo {
  /** Which wakers it listens to. */
  readonly bitset: number;
  /** FUTEX_WAIT_REQUEUE_PI: the lock it will be moved to. */
  readonly target?: string;
  /** futex_waitv: which of its futexes woke it. */
  readonly woken?: string;
}

/** The channel of a futex: an address of one address space, or a place in what several have mapped. */
export function futexChannel(kernel: Kernel, task: Pick<Task, "space">, address: number): string {
  const space = kernel.vmm.spaces.get(task.space);
  const area = space && findArea(space, address);
  if (area?.isShared && area.backing.kind === "object") return `futex:object:${area.backing.object}:${area.backing.firstPage * 4096 + address - area.start}`;
  if (area?.isShared && area.backing.kind === "file") return `futex:inode:${area.backing.inode}:${area.backing.offset + address - area.start}`;
  return privateName(address, task.space);
}
const privateName = keptNames((address, space) => `futex:${space}:${address}`);

const memoOf = (kernel: Kernel, tid: number): FutexMemo | null => (kernel.procTable.tasks.get(tid)?.waiting?.memo ?? null) as FutexMemo | null;
/** Who waits there and listens to the bits, the longest waiting first; at most `count`. */
export function futexWaiters(kernel: Kernel, channel: string, count: number, bitset: number = ANY_BITS): readonly number[] {
  const found: number[] = [];
  for (const tid of kernel.procTable.waiters.get(channel) ?? []) {
    if (found.length >= count) break;
    if (((memoOf(kernel, tid)?.bitset ?? ANY_BITS) & bitset) !== 0) found.push(tid);
  }
  return found;
}
/** Wakes at most `count` waiters. Answers how many. */
export function wakeChannel(kernel: Kernel, channel: string, count: number, bitset: number = ANY_BITS): number {
  const woken = futexWaiters(kernel, channel, count, bitset);
  for (const tid of woken) {
    const { waiting } = kernel.procTable.tasks.get(tid)!;
    if (waiting && waiting.channels.length > 1) waiting.memo = { ...(waiting.memo as FutexMemo), woken: channel };
    wakeTask(kernel, tid, "resume");
  }
  return woken.length;
}
export const wakeFutex = (kernel: Kernel, task: Pick<Task, "space">, address: number, count: number, bitset: number = ANY_BITS): number =>
  wakeChannel(kernel, futexChannel(kernel, task, address), count, bitset);
/** Moves at most `count` waiters to another futex. Answers how many. */
export function requeueFutex(kernel: Kernel, from: string, to: string, count: number): number {
  const moved = futexWaiters(kernel, from, count);
  for (const tid of moved) {
    const task = kernel.procTable.tasks.get(tid)!;
    leaveChannel(kernel, tid, from);
    task.waiting!.channels = task.waiting!.channels.map(channel => (channel === from ? to : channel));
    joinChannel(kernel, tid, to);
  }
  return moved.length;
}
