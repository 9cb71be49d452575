// The state of System V's shared memory, semaphores and message queues (sysvipc(7)).
import type { Bytes } from "../../abi/memory-view.ts";

export interface IpcPermissions {
  readonly key: number;
  readonly uid: number;
  readonly gid: number;
  readonly cuid: number;
  readonly cgid: number;
  readonly mode: number;
}
export interface Segment extends IpcPermissions {
  readonly id: number;
  readonly size: number;
  /** By which its pages are found. */
  readonly object: number;
  readonly creator: number;
  readonly lastUser: number;
  readonly attachedSeconds: number;
  readonly detachedSeconds: number;
  readonly changedSeconds: number;
  /** IPC_RMID: gone with its last mapping. */
  readonly isRemoved: boolean;
}
export interface SemaphoreSet extends IpcPermissions {
  readonly id: number;
  readonly values: readonly number[];
  /** Who changed each last. */
  readonly users: readonly number[];
  readonly operatedSeconds: number;
  readonly changedSeconds: number;
}
export interface QueuedMessage {
  readonly type: number;
  readonly bytes: Bytes;
}
export interface MessageQueue extends IpcPermissions {
  readonly id: number;
  readonly messages: readonly QueuedMessage[];
  readonly bytes: number;
  readonly mostBytes: number;
  readonly lastSender: number;
  readonly lastReceiver: number;
  readonly sentSeconds: number;
  readonly receivedSeconds: number;
  readonly changedSeconds: number;
}
/** What a process's end undoes (semop(2), SEM_UNDO): by set, for each semaphore. */
export interface Undo {
  readonly set: number;
  readonly index: number;
  readonly by: number;
}
/** A POSIX message queue; of its messages `type` is the priority, and the highest comes first. */
export interface Mqueue extends IpcPermissions {
  readonly id: number;
  readonly name: string;
  readonly messages: readonly QueuedMessage[];
  readonly bytes: number;
  readonly mostMessages: number;
  readonly mostSize: number;
  readonly opens: number;
  readonly isUnlinked: boolean;
  /** Who is told, once, of a message that comes into the empty queue (mq_notify(3)). */
  readonly notification?: MqueueNotification;
}
export interface MqueueNotification {
  /** The process, and when it began: a later one may have its number. */
  readonly pid: number;
  readonly startNanos: number;
  /** 0: nobody is told, but nobody else can register either. */
  readonly signal: number;
  readonly value: bigint;
  /** SIGEV_THREAD: the open file of a netlink socket, and what it is told. */
  readonly socketFile?: number;
  readonly cookie?: Bytes;
}
export interface IpcState {
  readonly mqueues: ReadonlyMap<number, Mqueue>;
  readonly segments: ReadonlyMap<number, Segment>;
  readonly semaphores: ReadonlyMap<number, SemaphoreSet>;
  readonly queues: ReadonlyMap<number, MessageQueue>;
  readonly undos: ReadonlyMap<number, readonly Undo[]>;
  readonly nextId: number;
}
export const emptyIpc: IpcState = { mqueues: new Map(), segments: new Map(), semaphores: new Map(), queues: new Map(), undos: new Map(), nextId: 0 };
