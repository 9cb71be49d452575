// Frames of immutable pieces, found by the identity of the piece: processes that map one file share its frames and their decoded code.
import type { Frames } from "./frames.ts";

export class PageCache {
  readonly #frames: Frames;
  readonly #cached = new Map<Uint8Array, number>();
  /** What each frame was filled from. */
  readonly #pieces = new Map<number, Uint8Array>();
  #limit = 8192;

  constructor(frames: Frames) {
    this.#frames = frames;
  }
  get size(): number {
    return this.#cached.size;
  }
  /** A frame with one more reference, for the caller. */
  hold(bytes: Uint8Array): number | undefined {
    let frame = this.#cached.get(bytes);
    if (frame === undefined) {
      if (this.#cached.size >= this.#limit) {
        this.dropUnused();
        this.#limit = Math.max(8192, this.#cached.size * 2);
      }
      frame = this.#frames.fill(bytes);
      if (frame === undefined) return undefined;
      this.#cached.set(bytes, frame);
      this.#pieces.set(frame, bytes);
    }
    this.#frames.hold(frame);
    return frame;
  }
  has(frame: number): boolean {
    return this.#pieces.has(frame);
  }
  /** What the frame was filled from. */
  pieceOf(frame: number): Uint8Array | undefined {
    return this.#pieces.get(frame);
  }
  dropUnused(): void {
    for (const [bytes, frame] of this.#cached) {
      if (this.#frames.references(frame) > 1) continue;
      this.#cached.delete(bytes);
      this.#pieces.delete(frame);
      this.#frames.drop(frame);
    }
  }
}
