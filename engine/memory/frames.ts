// Page frames: counted references, so that a frame with one holder may be written and any other is copied first.
import { FRAME_HAS_CODE, FRAME_REFERENCES, layout, PAGE_BYTES } from "./layout.ts";
import type { LinearMemory } from "./linear-memory.ts";

/** From 0 on: arrays by it are dense. */
const numberOf = (frame: number): number => (frame - layout.heap) >>> 12;

export class Frames {
  readonly #memory: LinearMemory;
  readonly #most: number;
  #used = 0;
  /** By frame number: which content this is. Changes whenever the content may have. */
  readonly #identities: number[] = [];
  #lastIdentity = 0;
  /** By frame number: how many of its references are snapshots', who never write. */
  readonly #frozen: number[] = [];
  /** Told when a frame that holds decoded code is written or freed. */
  onCodeGone: (frame: number) => void = () => {};
  /** Gives back what is kept only for speed. */
  onShortage: () => void = () => {};

  constructor(memory: LinearMemory, most: number) {
    this.#memory = memory;
    this.#most = most;
  }
  get used(): number {
    return this.#used;
  }
  identity(frame: number): number {
    return this.#identities[numberOf(frame)]!;
  }

  /** A frame with one reference, its content undefined. */
  allocate(): number | undefined {
    if (this.#used >= this.#most) this.onShortage();
    const frame = this.#used < this.#most ? this.#memory.allocate(1) : undefined;
    if (frame === undefined) return undefined;
    this.#used++;
    this.#memory.words[this.#word(frame)] = 1;
    this.#identities[numberOf(frame)] = ++this.#lastIdentity;
    return frame;
  }
  fill(bytes: Uint8Array | undefined): number | undefined {
    const frame = this.allocate();
    if (frame === undefined) return undefined;
    const length = bytes ? Math.min(bytes.length, PAGE_BYTES) : 0;
    if (bytes) this.#memory.bytes.set(length < bytes.length ? bytes.subarray(0, length) : bytes, frame);
    if (length < PAGE_BYTES) this.#memory.bytes.fill(0, frame + length, frame + PAGE_BYTES);
    return frame;
  }
  copy(source: number): number | undefined {
    const frame = this.allocate();
    if (frame !== undefined) this.#memory.bytes.copyWithin(frame, source, source + PAGE_BYTES);
    return frame;
  }
  bytes(frame: number): Uint8Array {
    return this.#memory.bytes.slice(frame, frame + PAGE_BYTES);
  }
  /** No copy: to be read before the memory is next used. */
  view(frame: number): Uint8Array {
    return this.#memory.bytes.subarray(frame, frame + PAGE_BYTES);
  }

  references(frame: number): number {
    return this.#memory.words[this.#word(frame)]! & FRAME_REFERENCES;
  }
  hold(frame: number): void {
    this.#memory.words[this.#word(frame)]!++;
  }
  holdForSnapshot(frame: number): void {
    this.hold(frame);
    this.#frozen[numberOf(frame)] = (this.#frozen[numberOf(frame)] ?? 0) + 1;
  }
  dropForSnapshot(frame: number): void {
    this.#frozen[numberOf(frame)]!--;
    this.drop(frame);
  }
  drop(frame: number): void {
    const left = --this.#memory.words[this.#word(frame)]! & FRAME_REFERENCES;
    // Who is left may write it from now on, without anybody being told.
    if (left === 1 && !this.#frozen[numberOf(frame)]) this.#identities[numberOf(frame)] = ++this.#lastIdentity;
    if (left !== 0) return;
    this.dropCode(frame);
    this.#used--;
    this.#memory.free(frame, 1);
  }

  has(frame: number, flag: number): boolean {
    return (this.#memory.words[this.#word(frame)]! & flag) !== 0;
  }
  set(frame: number, flag: number): void {
    this.#memory.words[this.#word(frame)]! |= flag;
  }
  clear(frame: number, flag: number): void {
    this.#memory.words[this.#word(frame)]! &= ~flag;
  }
  dropCode(frame: number): void {
    if (!this.has(frame, FRAME_HAS_CODE)) return;
    this.clear(frame, FRAME_HAS_CODE);
    this.onCodeGone(frame);
  }
  #word(frame: number): number {
    return (layout.frameWords >>> 2) + (frame >>> 12);
  }
}
