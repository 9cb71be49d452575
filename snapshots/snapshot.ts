// A moment of a machine, whole, and what this folder needs of the memory that made it.
import type { KernelState } from "../engine/kernel/state/kernel-state.ts";
import type { Position } from "../events/position.ts";

/** `M` is the memory's own snapshot: tables and frames that it holds until they are released. */
export interface Snapshot<M> {
  readonly position: Position;
  readonly state: KernelState;
  readonly registers: ReadonlyMap<number, Uint8Array>;
  readonly memory: M;
}
export interface StoredPage {
  /** Pages with one identity have one content, at any time. */
  readonly identity: number;
  /** Read only where the identity is new, before the memory is next used: whoever keeps them copies. */
  readonly bytes: Uint8Array;
  /** The immutable value that it was filled from, where nobody has written it since. */
  readonly piece?: Uint8Array | undefined;
  readonly places: readonly { readonly space: number; readonly page: number; readonly flags: number }[];
  readonly shared?: { readonly object: number; readonly index: number; readonly isDirty: boolean } | undefined;
}
export interface SnapshotMemory<M> {
  /** How many pages there are now whose content may be new. */
  readonly changeablePages: number;
  pages(memory: M): Iterable<StoredPage>;
  /** `bytes` shorter than a page end in zeros. `spaces` names those that have no page too. */
  load(pages: Iterable<StoredPage>, spaces: Iterable<number>): M;
  release(memory: M): void;
}
