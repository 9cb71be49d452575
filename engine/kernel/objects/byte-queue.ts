// A queue of bytes as a list of immutable buffers: pipes, and input from the world.
import type { Draft } from "immer";
import type { Bytes } from "../../abi/memory-view.ts";

export interface ByteQueue {
  readonly buffers: readonly Bytes[];
  readonly length: number;
}

/** The first bytes, at most `count`; they are gone from the queue. Not a copy where they lie in one buffer. */
export function takeBytes(queue: Draft<ByteQueue>, count: number): Bytes {
  const { buffers } = queue;
  const first = buffers[0] as Uint8Array;
  const length = Math.min(count, queue.length);
  queue.length -= length;
  if (length <= first.length) {
    if (length < first.length) buffers[0] = first.subarray(length);
    else if (buffers.length === 1) queue.buffers = [];
    else buffers.shift();
    return length < first.length ? first.subarray(0, length) : first;
  }
  const taken = new Uint8Array(length);
  let [used, at] = [0, 0];
  for (let whole = first; at + whole.length <= length; whole = buffers[++used] as Uint8Array) {
    taken.set(whole, at);
    at += whole.length;
    if (at === length) break;
  }
  const rest = buffers.slice(at === length ? used + 1 : used) as Uint8Array[];
  if (at < length) {
    taken.set(rest[0]!.subarray(0, length - at), at);
    rest[0] = rest[0]!.subarray(length - at);
  }
  queue.buffers = rest;
  return taken;
}
