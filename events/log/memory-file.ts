// A log in memory, which can be read while it is written: for sessions that keep nothing.
import type { LogSink } from "./sink.ts";
import type { LogSource } from "./source.ts";

export class MemoryFile implements LogSink, LogSource {
  #bytes: Uint8Array;
  #size: number;

  /** With what is in it already; those bytes stay as they are. */
  constructor(bytes: Uint8Array = new Uint8Array(0)) {
    this.#bytes = bytes;
    this.#size = bytes.length;
  }
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#size);
  }
  get size(): number {
    return this.#size;
  }
  write(bytes: Uint8Array): void {
    const size = this.#size + bytes.length;
    if (size > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(size, 2 * this.#bytes.length, 2 ** 16));
      larger.set(this.#bytes.subarray(0, this.#size));
      this.#bytes = larger;
    }
    this.#bytes.set(bytes, this.#size);
    this.#size = size;
  }
  read(offset: number, length: number): Uint8Array {
    return this.#bytes.slice(offset, Math.min(offset + length, this.#size));
  }
  close(): void {}
}
