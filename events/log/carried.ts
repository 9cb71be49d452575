// The bytes that the events of one block carry, one after another: put in while writing, taken out while reading.
import { type ByteSink, type ByteSource, MalformedRow } from "../codec.ts";
import type { Bytes } from "../kernel-event.ts";

export class CarriedBuffer implements ByteSink, ByteSource {
  #buffer: Uint8Array;
  #end: number;
  #read = 0;
  constructor(bytes?: Uint8Array) {
    this.#buffer = bytes ?? new Uint8Array(2 ** 12);
    this.#end = bytes?.length ?? 0;
  }
  get length(): number {
    return this.#end;
  }
  put(bytes: Bytes): number {
    const end = this.#end + bytes.length;
    if (end > this.#buffer.length) this.#grow(end);
    this.#buffer.set(bytes, this.#end);
    this.#end = end;
    return bytes.length;
  }
  /** Everything, and starts anew; valid until the next `put`. */
  takeAll(): Uint8Array {
    const all = this.#buffer.subarray(0, this.#end);
    this.#end = 0;
    return all;
  }
  /** A copy: an event's bytes lie in no buffer that others see. */
  take(length: number): Uint8Array {
    const at = this.#read;
    if (at + length > this.#end) throw new MalformedRow(`${length} carried bytes are expected, and ${this.#end - at} are left`);
    this.#read = at + length;
    return new Uint8Array(this.#buffer.subarray(at, at + length));
  }
  #grow(end: number): void {
    const larger = new Uint8Array(Math.max(end, 2 * this.#buffer.length));
    larger.set(this.#buffer.subarray(0, this.#end));
    this.#buffer = larger;
  }
}
