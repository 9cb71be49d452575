// What shmctl(2), semctl(2) and msgctl(2) tell of all objects together: limits, how much is in use, and each object by its place. Places are identifiers here: none is used twice.
import { type msginfo, type seminfo, type shmInUse, type shmLimits, structureCommands } from "../../abi/structs/ipc.ts";
import type { Kernel } from "../kernel.ts";

type Value<F extends { get(...args: any): unknown }> = ReturnType<F["get"]>;
const highest = (all: ReadonlyMap<number, unknown>): number => Math.max(0, ...all.keys());
export interface Told {
  /** The highest place that is in use, 0 where none is. */
  readonly value: number;
  readonly told: unknown;
}
/** ULONG_MAX less 2^24. */
const UNLIMITED = (1n << 64n) - 1n - (1n << 24n);
const PAGE = 4096;
/** `null`: the command asks for none of this. */
export function segmentInformation({ ipc }: Kernel, cmd: number): Told | null {
  const value = highest(ipc.segments);
  if (cmd === structureCommands.IPC_INFO) {
    const told: Value<typeof shmLimits> = { shmmax: UNLIMITED, shmmin: 1, shmmni: 4096, shmseg: 4096, shmall: UNLIMITED, _u: [] };
    return { value, told };
  }
  if (cmd !== structureCommands.SHM_INFO) return null;
  const pages = [...ipc.segments.values()].reduce((sum, { size }) => sum + Math.ceil(size / PAGE), 0);
  const told: Value<typeof shmInUse> = { used_ids: ipc.segments.size, shm_tot: pages, shm_rss: pages, shm_swp: 0, swap_attempts: 0, swap_successes: 0 };
  return { value, told };
}
const [SETS, PER_SET, PER_CALL, MOST] = [32_000, 32_000, 500, 32_767];
export function semaphoreInformation({ ipc }: Kernel, cmd: number): Told | null {
  if (cmd !== structureCommands.IPC_INFO && cmd !== structureCommands.SEM_INFO) return null;
  const isInUse = cmd === structureCommands.SEM_INFO;
  const all = SETS * PER_SET;
  const count = [...ipc.semaphores.values()].reduce((sum, { values }) => sum + values.length, 0);
  const told: Value<typeof seminfo> = {
    ...{ semmap: all, semmni: SETS, semmns: all, semmnu: all, semmsl: PER_SET, semopm: PER_CALL, semume: PER_CALL, semvmx: MOST },
    ...(isInUse ? { semusz: ipc.semaphores.size, semaem: count } : { semusz: 20, semaem: MOST }),
  };
  return { value: highest(ipc.semaphores), told };
}
const [QUEUES, QUEUE_BYTES, MESSAGE_BYTES] = [32_000, 16_384, 8192];
export function queueInformation({ ipc }: Kernel, cmd: number): Told | null {
  if (cmd !== structureCommands.IPC_INFO && cmd !== structureCommands.MSG_INFO) return null;
  const queues = [...ipc.queues.values()];
  const limits = { msgmax: MESSAGE_BYTES, msgmnb: QUEUE_BYTES, msgmni: QUEUES, msgssz: 16, msgseg: 0xffff };
  const told: Value<typeof msginfo> =
    cmd === structureCommands.IPC_INFO
      ? { ...limits, msgpool: (QUEUES * QUEUE_BYTES) / 1024, msgmap: QUEUE_BYTES, msgtql: QUEUE_BYTES }
      : {
          ...limits,
          msgpool: queues.length,
          msgmap: queues.reduce((sum, { messages }) => sum + messages.length, 0),
          msgtql: queues.reduce((sum, { bytes }) => sum + bytes, 0),
        };
  return { value: highest(ipc.queues), told };
}
