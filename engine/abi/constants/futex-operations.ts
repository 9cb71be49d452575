// The operations of futex(2). The flags are bits beside the operation.

export const futexOperations = {
  FUTEX_WAIT: 0,
  FUTEX_WAKE: 1,
  FUTEX_REQUEUE: 3,
  FUTEX_CMP_REQUEUE: 4,
  FUTEX_WAKE_OP: 5,
  FUTEX_LOCK_PI: 6,
  FUTEX_UNLOCK_PI: 7,
  FUTEX_TRYLOCK_PI: 8,
  FUTEX_WAIT_BITSET: 9,
  FUTEX_WAKE_BITSET: 10,
  FUTEX_WAIT_REQUEUE_PI: 11,
  FUTEX_CMP_REQUEUE_PI: 12,
  FUTEX_LOCK_PI2: 13,
} as const;
export const FUTEX_PRIVATE_FLAG = 128;
export const FUTEX_CLOCK_REALTIME = 256;
export const FUTEX_COMMAND_MASK = 0x7f;
export const futexCommand = (operation: number): number => operation & FUTEX_COMMAND_MASK;
export const formatFutexOperation = (operation: number): string => {
  const name = Object.entries(futexOperations).find(([, n]) => n === futexCommand(operation))?.[0] ?? `0x${operation.toString(16)}`;
  return `${name}${operation & FUTEX_PRIVATE_FLAG ? "_PRIVATE" : ""}${operation & FUTEX_CLOCK_REALTIME ? "|FUTEX_CLOCK_REALTIME" : ""}`;
};
