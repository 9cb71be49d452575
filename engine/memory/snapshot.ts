// A moment of all spaces: tables copied, frames held. Frames of MAP_SHARED objects are copied, since their holders go on writing them.

export interface MemorySnapshot {
  readonly spaces: ReadonlyMap<number, readonly SnapshotPage[]>;
  readonly shared: readonly SharedPage[];
}
export interface SnapshotPage {
  readonly space: number;
  readonly page: number;
  readonly flags: number;
  readonly frame: number;
}
export interface SharedPage {
  readonly object: number;
  readonly index: number;
  /** The live frame's copy. */
  readonly frame: number;
  readonly isDirty: boolean;
  /** Where it is mapped. */
  readonly places: readonly { readonly space: number; readonly page: number; readonly flags: number }[];
}

/** A present page, for codecs. Two pages with one identity have one content, at any time. */
export interface StoredPage {
  readonly identity: number;
  /** The memory's own, until it is next used: whoever keeps them copies. */
  readonly bytes: Uint8Array;
  /** The immutable value that it was filled from, where nobody has written it since. */
  readonly piece?: Uint8Array | undefined;
  readonly places: readonly { readonly space: number; readonly page: number; readonly flags: number }[];
  readonly shared?: { readonly object: number; readonly index: number; readonly isDirty: boolean } | undefined;
}
