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
  const length = Math.min(count, queue.length);
  queue.length -= length;
  const only = buffers.length === 1 ? buffers[0]! : undefined;
  if (only?.length === length) {
    // An emptied list would be given more room than it needs by the next push.
    queue.buffers = [];
    return only as Uint8Array;
  }
  const first = takePart(buffers, length);
  if (first.length === length) return first;
  const taken = new Uint8Array(length);
  taken.set(first);
  for (let at = first.length; at < length; ) {
    const part = takePart(buffers, length - at);
    taken.set(part, at);
    at += part.length;
  }
  return taken;
}
/** The first buffer, or as much of it as is wanted. */
function takePart(buffers: Draft<ByteQueue>["buffers"], most: number): Uint8Array {
  const first = buffers[0] as Uint8Array;
  if (first.length > most) {
    buffers[0] = first.subarray(most);
    return first.subarray(0, most);
  }
  buffers.shift();
  return first;
}
