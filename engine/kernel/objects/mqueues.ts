// POSIX message queues: known by name until they are unlinked, alive while somebody has them open (mq_overview(7)).
import type { Draft } from "immer";
import type { Kernel } from "../kernel.ts";
import type { Mqueue } from "../state/ipc.ts";

export const receiveChannel = (id: number): string => `mqueue:${id}:read`;
export const sendChannel = (id: number): string => `mqueue:${id}:write`;
export function mqueueOf(kernel: Kernel, id: number): Draft<Mqueue> {
  const queue = kernel.ipc.mqueues.get(id);
  if (!queue) throw new Error(`Message queue ${id} is referred to but does not exist.`);
  return queue;
}
export const mqueueNamed = (kernel: Kernel, name: string): Draft<Mqueue> | undefined =>
  [...kernel.ipc.mqueues.values()].find(queue => queue.name === name && !queue.isUnlinked);
/** One open file less; an unlinked queue goes with the last. */
export function closeMqueue(kernel: Kernel, id: number): void {
  const queue = mqueueOf(kernel, id);
  queue.opens--;
  dropUnused(kernel, queue);
}
export function dropUnused(kernel: Kernel, { id, opens, isUnlinked }: Draft<Mqueue>): void {
  if (opens === 0 && isUnlinked) kernel.ipc.mqueues.delete(id);
}
