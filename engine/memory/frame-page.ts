// A page of a snapshot, as its frame holds it. A class, since a getter in an object is made anew with each: a microsecond, of the six that a page costs a keyframe.
import type { Frames } from "./frames.ts";
import type { PageCache } from "./page-cache.ts";
import type { MemorySnapshot, SnapshotPage, StoredPage } from "./snapshot.ts";

class FramePage implements StoredPage {
  readonly identity: number;
  readonly places: StoredPage["places"];
  readonly piece: StoredPage["piece"];
  readonly shared: StoredPage["shared"];
  readonly #frames: Frames;
  readonly #frame: number;

  constructor(frames: Frames, frame: number, places: StoredPage["places"], piece: StoredPage["piece"], shared?: StoredPage["shared"]) {
    this.identity = frames.identity(frame);
    this.places = places;
    this.piece = piece;
    this.shared = shared;
    this.#frames = frames;
    this.#frame = frame;
  }
  get bytes(): Uint8Array {
    return this.#frames.view(this.#frame);
  }
}

/** Of a snapshot, each content once. */
export function* storedPages({ spaces, shared }: MemorySnapshot, frames: Frames, cache: PageCache): Iterable<StoredPage> {
  const places = new Map<number, SnapshotPage[]>();
  for (const pages of spaces.values()) {
    for (const page of pages) {
      const known = places.get(page.frame);
      if (known) known.push(page);
      else places.set(page.frame, [page]);
    }
  }
  for (const at of places.values()) {
    const { frame } = at[0]!;
    yield new FramePage(frames, frame, at, cache.pieceOf(frame));
  }
  for (const { object, index, frame, isDirty, places: at } of shared) yield new FramePage(frames, frame, at, cache.pieceOf(frame), { object, index, isDirty });
}
