// A log in memory that is read while it is written: for sessions that keep nothing.
import type { LogSink } from "./sink.ts";
import type { LogSource } from "./source.ts";

export class MemoryFile implements LogSink, LogSource {
  #bytes = new Uint8Array(2 ** 16);
  #size = 0;

  get size(): number {
    return this.#size;
  }
  write(bytes: Uint8Array): void {
    const size = this.#size + bytes.length;
    if (size > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(size, 2 * this.#bytes.length));
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
