// epoll_ctl(2): operations, and the events that poll(2) does not have.
import { pollEvents } from "./poll-events.ts";

export const epollOperations = { EPOLL_CTL_ADD: 1, EPOLL_CTL_DEL: 2, EPOLL_CTL_MOD: 3 } as const;
export const EPOLLEXCLUSIVE = 1 << 28;
export const EPOLLWAKEUP = 1 << 29;
export const EPOLLONESHOT = 1 << 30;
export const EPOLLET = 1 << 31;
/** What says how to tell, not of what. */
export const EPOLL_PRIVATE = EPOLLEXCLUSIVE | EPOLLWAKEUP | EPOLLONESHOT | EPOLLET;

export const epollEvents: Readonly<Record<string, number>> = {
  ...Object.fromEntries(Object.entries(pollEvents).map(([name, bit]) => [name.replace("POLL", "EPOLL"), bit])),
  EPOLLEXCLUSIVE,
  EPOLLWAKEUP,
  EPOLLONESHOT,
  EPOLLET,
};
