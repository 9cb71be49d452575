// Frames of MAP_SHARED objects, by object and index: they live until the object is dropped, and what was written to them is known.

import type { Frames } from "./frames.ts";
import { FRAME_IS_CLEAN } from "./layout.ts";

interface Owner {
  readonly object: number;
  readonly index: number;
}

export class SharedPages {
  readonly #frames: Frames;
  readonly #objects = new Map<number, Map<number, number>>();
  readonly #owners = new Map<number, Owner>();
  readonly #dirty = new Map<number, Set<number>>();

  constructor(frames: Frames) {
    this.#frames = frames;
  }
  get(object: number, index: number): number | undefined {
    return this.#objects.get(object)?.get(index);
  }
  /** Of the object's pages those from `first` on, in order: looks at no more than there are, or are asked for. */
  within(object: number, first: number, count: number): readonly { readonly index: number; readonly frame: number }[] {
    const pages = this.#objects.get(object) ?? new Map<number, number>();
    const indexes =
      pages.size < count ? [...pages.keys()].filter(index => index >= first && index < first + count) : Array.from({ length: count }, (_, at) => first + at);
    return indexes
      .sort((a, b) => a - b)
      .flatMap(index => {
        const frame = pages.get(index);
        return frame === undefined ? [] : [{ index, frame }];
      });
  }
  /** Takes over the caller's reference to the frame. */
  add(object: number, index: number, frame: number): void {
    const pages = this.#objects.get(object) ?? new Map<number, number>();
    this.#objects.set(object, pages);
    pages.set(index, frame);
    this.#owners.set(frame, { object, index });
    this.#frames.set(frame, FRAME_IS_CLEAN);
  }
  owner(frame: number): Owner | undefined {
    return this.#owners.get(frame);
  }
  markWritten(frame: number): void {
    this.#frames.clear(frame, FRAME_IS_CLEAN);
    const owner = this.#owners.get(frame);
    if (!owner) return;
    const dirty = this.#dirty.get(owner.object) ?? new Set();
    this.#dirty.set(owner.object, dirty.add(owner.index));
  }
  hasDirty(object: number): boolean {
    return (this.#dirty.get(object)?.size ?? 0) > 0;
  }
  /** The indexes written since the last call, in order. */
  takeDirty(object: number): number[] {
    const indexes = [...(this.#dirty.get(object) ?? [])].sort((a, b) => a - b);
    this.#dirty.delete(object);
    for (const index of indexes) this.#frames.set(this.get(object, index)!, FRAME_IS_CLEAN);
    return indexes;
  }
  isDirty(frame: number): boolean {
    return !this.#frames.has(frame, FRAME_IS_CLEAN);
  }
  drop(object: number): void {
    for (const frame of this.#objects.get(object)?.values() ?? []) {
      this.#owners.delete(frame);
      this.#frames.drop(frame);
    }
    this.#objects.delete(object);
    this.#dirty.delete(object);
  }
  /** The pages from `first` on are no more. */
  trim(object: number, first: number): void {
    const pages = this.#objects.get(object);
    for (const [index, frame] of [...(pages ?? [])]) {
      if (index < first) continue;
      pages!.delete(index);
      this.#dirty.get(object)?.delete(index);
      this.#owners.delete(frame);
      this.#frames.drop(frame);
    }
  }
  dropAll(): void {
    for (const object of [...this.#objects.keys()]) this.drop(object);
  }
  *all(): Iterable<Owner & { readonly frame: number }> {
    for (const [frame, owner] of this.#owners) yield { ...owner, frame };
  }
}
