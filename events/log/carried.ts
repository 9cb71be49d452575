// The bytes that the events of one block carry, one after another: put in while writing, taken out while reading.
import { type ByteSink, type ByteSource, MalformedRow } from "../codec.ts";
import type { Bytes } from "../kernel-event.ts";
import { GrowingBytes } from "./growing-bytes.ts";

export class CarriedBuffer extends GrowingBytes implements ByteSink {
  put(bytes: Bytes): number {
    this.append(bytes);
    return bytes.length;
  }
}
export class CarriedSource implements ByteSource {
  readonly #bytes: Uint8Array;
  #at = 0;
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }
  /** How many have been taken. */
  get at(): number {
    return this.#at;
  }
  /** A copy, and plain: an event's bytes lie in no buffer that others see. What a file is read into may be a Buffer, whose `slice` copies nothing. */
  take(length: number): Uint8Array {
    const [at, left] = [this.#at, this.#bytes.length - this.#at];
    if (length > left) throw new MalformedRow(`${length} carried bytes are expected, and ${left} are left`);
    this.#at = at + length;
    return new Uint8Array(this.#bytes.subarray(at, at + length));
  }
}
