// Epoll instances (epoll(7)). A file that changes wakes a channel; the items that listen to it are put on their instance's list of what may be ready, so that waiting looks at those alone,
// however many files an instance has. An instance is itself a file that can be watched.
import type { Draft } from "immer";
import { EPOLL_PRIVATE, EPOLLET, EPOLLONESHOT } from "../../abi/constants/epoll.ts";
import { POLLIN, POLLOUT, POLLPRI, POLLRDHUP, POLLRDNORM, POLLWRNORM } from "../../abi/constants/poll-events.ts";
import type { EpollEvent } from "../../abi/structs/epoll-event.ts";
import type { Kernel } from "../kernel.ts";
import type { EpollItem } from "../state/poll.ts";
import type { Task } from "../state/proc-table.ts";
import { fileKinds, type Readiness } from "./file-kinds.ts";
import { ALWAYS, epollOf, keyOf, markReady, removeItem, unlisten } from "./watching.ts";

const READING = POLLIN | POLLRDNORM | POLLPRI | POLLRDHUP;
const WRITING = POLLOUT | POLLWRNORM;

export function createEpoll(kernel: Kernel): number {
  const id = kernel.poll.nextId++;
  kernel.poll.epolls.set(id, { id, items: new Map(), ready: [] });
  return id;
}
export function destroyEpoll(kernel: Kernel, id: number): void {
  for (const item of [...epollOf(kernel, id).items.values()]) removeItem(kernel, item);
  kernel.poll.epolls.delete(id);
}

export function itemOf(kernel: Kernel, epoll: number, fd: number, openFile: number): Draft<EpollItem> | undefined {
  const id = epollOf(kernel, epoll).items.get(keyOf(fd, openFile));
  return id === undefined ? undefined : kernel.poll.items.get(id);
}
function readinessOf(kernel: Kernel, task: Draft<Task>, openFile: number): Readiness {
  const open = kernel.vfs.openFiles[openFile]!;
  return fileKinds[open.kind].poll(kernel, open, task);
}
/** A channel that tells only of reading or only of writing is listened to only where that is asked for; but where it is all that the file has, it tells of errors and ends. */
function wanted(channels: readonly string[], events: number): string[] {
  const asked = channels.filter(channel => {
    if (channel.endsWith(":write")) return (events & WRITING) !== 0 || (events & READING) === 0;
    return !channel.endsWith(":read") || (events & READING) !== 0 || (events & WRITING) === 0;
  });
  return asked.length > 0 ? asked : [...channels];
}

export function addItem(kernel: Kernel, task: Draft<Task>, epoll: number, target: { readonly fd: number; readonly openFile: number }, event: EpollEvent): void {
  const { poll } = kernel;
  const id = poll.nextId++;
  const { fd, openFile } = target;
  poll.items.set(id, { id, epoll, fd, openFile, events: 0, data: 0n, channels: [], isReady: false });
  epollOf(kernel, epoll).items.set(keyOf(fd, openFile), id);
  poll.watching.set(openFile, [...(poll.watching.get(openFile) ?? []), id]);
  changeItem(kernel, task, poll.items.get(id)!, event);
}
/** Other events and data; where the file is ready for them, that counts as news. */
export function changeItem(kernel: Kernel, task: Draft<Task>, item: Draft<EpollItem>, { events, data }: EpollEvent): void {
  unlisten(kernel, item);
  item.events = events | ALWAYS;
  item.data = data;
  const { mask, channels } = readinessOf(kernel, task, item.openFile);
  item.channels = wanted(channels, events);
  const { watchers } = kernel.poll;
  for (const channel of item.channels) watchers.set(channel, [...(watchers.get(channel) ?? []), item.id]);
  if ((mask & item.events) !== 0) markReady(kernel, item.id);
}
/** At most `most` events that hold now. What is reported stays on the list where it is level-triggered, behind the others. */
export function takeEvents(kernel: Kernel, task: Draft<Task>, id: number, most: number): readonly EpollEvent[] {
  const epoll = epollOf(kernel, id);
  const found: EpollEvent[] = [];
  const again: number[] = [];
  const list = epoll.ready;
  let at = 0;
  for (; at < list.length && found.length < most; at++) {
    const item = kernel.poll.items.get(list[at]!)!;
    const events = readinessOf(kernel, task, item.openFile).mask & item.events;
    item.isReady = false;
    if (events === 0) continue;
    found.push({ events, data: item.data });
    if ((item.events & EPOLLONESHOT) !== 0) item.events &= EPOLL_PRIVATE;
    else if ((item.events & EPOLLET) === 0) {
      item.isReady = true;
      again.push(item.id);
    }
  }
  epoll.ready = [...list.slice(at), ...again];
  return found;
}
/** Whether anything of it is ready; what is not leaves the list. */
export function hasReady(kernel: Kernel, task: Draft<Task>, id: number): boolean {
  const epoll = epollOf(kernel, id);
  while (epoll.ready.length > 0) {
    const item = kernel.poll.items.get(epoll.ready[0]!)!;
    if ((readinessOf(kernel, task, item.openFile).mask & item.events) !== 0) return true;
    item.isReady = false;
    epoll.ready.shift();
  }
  return false;
}
/** How many instances lie in one another below this one; a circle answers more than there may be. */
export function depthOf(kernel: Kernel, id: number, most: number): number {
  if (most === 0) return 1;
  let deepest = 0;
  for (const item of epollOf(kernel, id).items.values()) {
    const open = kernel.vfs.openFiles[kernel.poll.items.get(item)!.openFile]!;
    if (open.kind === "epoll") deepest = Math.max(deepest, depthOf(kernel, open.object, most - 1));
  }
  return deepest + 1;
}
