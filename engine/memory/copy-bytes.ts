// Copying between arrays of bytes, where there are mostly few.

/** Up to so many bytes are copied one by one: a view, and the library's way to copy, take as long as a hundred of them. */
const FEW_BYTES = 64;
export function copyBytes(from: Readonly<Uint8Array>, at: number, length: number, to: Uint8Array, toAt: number): void {
  if (length > FEW_BYTES) to.set(from.subarray(at, at + length), toAt);
  else for (let i = 0; i < length; i++) to[toAt + i] = from[at + i]!;
}
