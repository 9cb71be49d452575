// Who is told when a watched file changes: the side of epoll that every change of a file reaches. What an instance does with it is epolls.ts.
import type { Draft } from "immer";
import { EPOLL_PRIVATE, EPOLLEXCLUSIVE } from "../../abi/constants/epoll.ts";
import { POLLERR, POLLHUP } from "../../abi/constants/poll-events.ts";
import type { Kernel } from "../kernel.ts";
import type { Epoll, EpollItem } from "../state/poll.ts";
import { isAwaited, wake, wakeTask } from "./waiting.ts";

/** Whoever waits in epoll_wait, and whoever polls the instance itself. */
export const waitChannel = (epoll: number): string => `epoll:${epoll}`;
export const pollChannel = (epoll: number): string => `epoll:${epoll}:read`;
export const ALWAYS = POLLERR | POLLHUP;

export function epollOf(kernel: Kernel, id: number): Draft<Epoll> {
  const epoll = kernel.poll.epolls.get(id);
  if (!epoll) throw new Error(`Epoll instance ${id} is referred to but does not exist.`);
  return epoll;
}
export const keyOf = (fd: number, openFile: number): string => `${fd}:${openFile}`;
/** No channel leads to the item any more. */
export function unlisten(kernel: Kernel, item: Draft<EpollItem>): void {
  const { watchers } = kernel.poll;
  for (const channel of item.channels) {
    const left = (watchers.get(channel) ?? []).filter(other => other !== item.id);
    if (left.length > 0) watchers.set(channel, left);
    else watchers.delete(channel);
  }
}
export function removeItem(kernel: Kernel, id: number): void {
  const { poll } = kernel;
  const item = poll.items.get(id)!;
  unlisten(kernel, item);
  const epoll = epollOf(kernel, item.epoll);
  epoll.items.delete(keyOf(item.fd, item.openFile));
  if (item.isReady) epoll.ready = epoll.ready.filter(other => other !== id);
  const left = (poll.watching.get(item.openFile) ?? []).filter(other => other !== id);
  if (left.length > 0) poll.watching.set(item.openFile, left);
  else poll.watching.delete(item.openFile);
  poll.items.delete(id);
}
/** The open file is closed for good: it leaves every instance (epoll(7), question 6). */
export function forgetOpenFile(kernel: Kernel, openFile: number): void {
  for (const id of [...(kernel.poll.watching.get(openFile) ?? [])]) removeItem(kernel, id);
}

const hasEvents = ({ events }: Draft<EpollItem>): boolean => (events & ~(EPOLL_PRIVATE | ALWAYS)) !== 0;
/** The item may be ready; answers whether somebody waits who learns of it. */
export function markReady(kernel: Kernel, id: number): boolean {
  const item = kernel.poll.items.get(id)!;
  if (!hasEvents(item)) return false;
  const epoll = epollOf(kernel, item.epoll);
  if (!item.isReady) {
    item.isReady = true;
    epoll.ready.push(id);
  }
  wake(kernel, pollChannel(epoll.id));
  return wakeWaiter(kernel, epoll.id);
}
/** Somebody waits for one of the items to be ready: in epoll_wait, or for the instance itself. */
export const areWatched = (kernel: Kernel, watchers: readonly number[]): boolean =>
  watchers.some(id => {
    const item = kernel.poll.items.get(id)!;
    return hasEvents(item) && [waitChannel(item.epoll), pollChannel(item.epoll)].some(channel => isAwaited(kernel, channel));
  });
/** One who waits is enough: where something is left, it wakes the next. */
export function wakeWaiter(kernel: Kernel, epoll: number): boolean {
  const tid = kernel.procTable.waiters.get(waitChannel(epoll))?.[0];
  if (tid === undefined) return false;
  wakeTask(kernel, tid, "resume");
  return true;
}
/** A channel was woken. Of the items that share a file exclusively, those up to the first that somebody waits for are told (EPOLLEXCLUSIVE). */
export function tellWatchers(kernel: Kernel, watchers: readonly number[]): void {
  const { items } = kernel.poll;
  const exclusive: number[] = [];
  for (const id of [...watchers]) {
    if ((items.get(id)!.events & EPOLLEXCLUSIVE) !== 0) exclusive.push(id);
    else markReady(kernel, id);
  }
  for (const id of exclusive) if (markReady(kernel, id)) break;
}
