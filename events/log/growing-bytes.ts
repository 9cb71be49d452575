// Bytes that are put one after another into room that grows. `bytes` and `view` change when it does: whoever keeps one asks again after `reserve`.
const FIRST_BYTES = 2 ** 12;
/** Below this a loop takes less than the call. */
const FEW_BYTES = 16;

export class GrowingBytes {
  bytes = new Uint8Array(FIRST_BYTES);
  view = new DataView(this.bytes.buffer);
  /** How many there are. */
  length = 0;

  /** Room for so many more. */
  reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(this.length + count, 2 * this.bytes.length));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
    this.view = new DataView(larger.buffer);
  }
  append(more: Readonly<Uint8Array>): void {
    this.reserve(more.length);
    if (more.length <= FEW_BYTES) for (let i = 0; i < more.length; i++) this.bytes[this.length + i] = more[i]!;
    else this.bytes.set(more, this.length);
    this.length += more.length;
  }
  /** Everything, and starts anew; valid until more is put. */
  takeAll(): Uint8Array {
    const all = this.bytes.subarray(0, this.length);
    this.length = 0;
    return all;
  }
}
