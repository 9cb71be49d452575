// The guest's random bytes: xoshiro128** (Blackman and Vigna), seeded by the boot parameters.
import type { Kernel } from "../kernel.ts";

const rotated = (word: number, by: number): number => (word << by) | (word >>> (32 - by));

export function randomBytes(kernel: Kernel, count: number): Uint8Array {
  let [a, b, c, d] = kernel.system.random;
  const bytes = new Uint8Array(count);
  for (let at = 0; at < count; at += 4) {
    const word = Math.imul(rotated(Math.imul(b, 5), 7), 9);
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotated(d, 11);
    for (let i = 0; i < 4 && at + i < count; i++) bytes[at + i] = word >>> (8 * i);
  }
  kernel.system.random = [a, b, c, d];
  return bytes;
}
