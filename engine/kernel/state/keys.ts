// The state of keys that the kernel keeps for programs (keyrings(7)).
import type { Bytes } from "../../abi/memory-view.ts";

export interface Key {
  readonly serial: number;
  /** user, logon or keyring. */
  readonly type: string;
  readonly description: string;
  readonly uid: number;
  readonly gid: number;
  /** For the possessor, the owner, the group and others: a byte each, from the highest. */
  readonly permissions: number;
  readonly payload: Bytes;
  /** A keyring's, in the order they were linked. */
  readonly links: readonly number[];
  /** CLOCK_MONOTONIC; `null`: never. */
  readonly expiresNanos: number | null;
  readonly isRevoked: boolean;
}
export interface KeysState {
  readonly keys: ReadonlyMap<number, Key>;
  readonly nextSerial: number;
  /** Each user's own keyring and session keyring. */
  readonly users: ReadonlyMap<number, { readonly user: number; readonly session: number }>;
}
