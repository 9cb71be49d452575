// Priorities of input and output (ioprio_set(2)): a class above bit 13, and its data.
export const ioTargets = { IOPRIO_WHO_PROCESS: 1, IOPRIO_WHO_PGRP: 2, IOPRIO_WHO_USER: 3 } as const;
export const ioClasses = { IOPRIO_CLASS_NONE: 0, IOPRIO_CLASS_RT: 1, IOPRIO_CLASS_BE: 2, IOPRIO_CLASS_IDLE: 3 } as const;
export const IO_CLASS_SHIFT = 13;
const DATA_MASK = (1 << IO_CLASS_SHIFT) - 1;
export const ioClassOf = (priority: number): number => (priority >> IO_CLASS_SHIFT) & 7;
export const ioDataOf = (priority: number): number => priority & DATA_MASK;
/** As strace shows it. */
export function formatIoPriority(priority: number): string {
  const name = Object.entries(ioClasses).find(([, n]) => n === ioClassOf(priority))?.[0] ?? `${ioClassOf(priority)} /* IOPRIO_CLASS_??? */`;
  return `IOPRIO_PRIO_VALUE(${name}, ${ioDataOf(priority)})`;
}
