// A page of a snapshot, as its frame holds it. A class, since a getter in an object is made anew with each: a microsecond, of the six that a page costs a keyframe.
import type { Frames } from "./frames.ts";
import type { StoredPage } from "./snapshot.ts";

export class FramePage implements StoredPage {
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
