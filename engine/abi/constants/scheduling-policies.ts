// Scheduling policies and the ranges of their priorities (sched(7)), and whose niceness getpriority(2) asks for.

export const policies = { SCHED_OTHER: 0, SCHED_FIFO: 1, SCHED_RR: 2, SCHED_BATCH: 3, SCHED_IDLE: 5, SCHED_DEADLINE: 6 } as const;
export const SCHED_RESET_ON_FORK = 0x4000_0000;
/** Lowest and highest static priority, by policy. */
export const priorityRanges: Readonly<Record<number, readonly [number, number]>> = {
  [policies.SCHED_OTHER]: [0, 0],
  [policies.SCHED_FIFO]: [1, 99],
  [policies.SCHED_RR]: [1, 99],
  [policies.SCHED_BATCH]: [0, 0],
  [policies.SCHED_IDLE]: [0, 0],
  [policies.SCHED_DEADLINE]: [0, 0],
};
export const priorityOf = { PRIO_PROCESS: 0, PRIO_PGRP: 1, PRIO_USER: 2 } as const;
