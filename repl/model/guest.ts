// What the REPL needs of one timeline and its machine: the face of a session (snapshots/session.ts), so that views and commands can be tried on a scripted one.
import type { KernelState } from "../../engine/kernel/state/kernel-state.ts";
import type { StoredContents } from "../../engine/loader/image.ts";
import type { Bound, RunStop } from "../../engine/machine.ts";
import type { Input, KernelEvent } from "../../events/kernel-event.ts";
import type { Change } from "../../events/log/header.ts";
import type { Position, PositionText } from "../../events/position.ts";

export interface Published {
  readonly seq: number;
  readonly event: KernelEvent;
}
/** The part of an RxJS observable that is needed here. */
export interface EventStream {
  subscribe(observer: (published: Published) => void): { unsubscribe(): void };
}

export interface Guest {
  readonly name: string;
  readonly parent?: Guest | undefined;
  /** The event before which it leaves its parent. */
  readonly forkedAt?: number | undefined;
  readonly position: Position;
  /** Events recorded. */
  readonly length: number;
  /** How far it has ever run, with the instructions after the last event. */
  readonly end: Position;
  readonly isAtEnd: boolean;
  /** Nothing can be added: a log that was opened. */
  readonly isSealed: boolean;
  /** The first process's wait status, once it has ended. */
  readonly status: number | undefined;
  event(seq: number): KernelEvent | undefined;
  /** Executes. At the end of what is recorded this is live and recorded; before it, replayed and checked. */
  run(bound: Bound): RunStop;
  goto(position: PositionText): void;
  /** A new timeline from here; this one is never changed. */
  fork(changes: readonly Change[], options?: { readonly name?: string; readonly path?: string }): Guest;
  /** Only at the end. */
  input(input: Input): void;
  /** The clock jumps while everybody sleeps; only at the end. */
  skip(nanos: number): void;
  readonly state: KernelState;
  /** What the image's files hold, for reading them out of the state. */
  readonly contents: StoredContents;
  registers(tid: number): Uint8Array | undefined;
  read(tid: number, address: number, length: number): Uint8Array | undefined;
  /** Told of every event as it happens, before `run` goes on. */
  readonly events$: EventStream;
  /** All that the terminal has been sent up to this position. */
  readonly screen: Uint8Array;
  /** Writes what is pending to the log. */
  flush?(): void;
  /** Lets the log go. */
  close?(): void;
}
