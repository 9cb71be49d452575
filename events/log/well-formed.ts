// Checks msgpack before a library decodes it: complete, without extension types, not deep. Decoding checked bytes cannot run code, recurse far or allocate more than a
// small multiple of their length.
import { LogDamage } from "./damage.ts";

const MAX_DEPTH = 64;

type Shape = readonly [kind: "scalar" | "bytes" | "array" | "map", lengthBytes: number, fixed: number];
/** Tokens 0xc0 to 0xdf; those that are absent (0xc1 and all extension types) are refused. */
const tail: Readonly<Record<number, Shape>> = {
  192: ["scalar", 0, 0],
  194: ["scalar", 0, 0],
  195: ["scalar", 0, 0],
  196: ["bytes", 1, 0],
  197: ["bytes", 2, 0],
  198: ["bytes", 4, 0],
  202: ["scalar", 0, 4],
  203: ["scalar", 0, 8],
  204: ["scalar", 0, 1],
  205: ["scalar", 0, 2],
  206: ["scalar", 0, 4],
  207: ["scalar", 0, 8],
  208: ["scalar", 0, 1],
  209: ["scalar", 0, 2],
  210: ["scalar", 0, 4],
  211: ["scalar", 0, 8],
  217: ["bytes", 1, 0],
  218: ["bytes", 2, 0],
  219: ["bytes", 4, 0],
  220: ["array", 2, 0],
  221: ["array", 4, 0],
  222: ["map", 2, 0],
  223: ["map", 4, 0],
};
const shapes: readonly (Shape | undefined)[] = Array.from({ length: 256 }, (_, token): Shape | undefined => {
  if (token < 0x80 || token >= 0xe0) return ["scalar", 0, 0];
  if (token < 0x90) return ["map", 0, token & 15];
  if (token < 0xa0) return ["array", 0, token & 15];
  if (token < 0xc0) return ["bytes", 0, token & 31];
  return tail[token];
});

/** How many values lie in the bytes, one after another. Throws `LogDamage` where they are not plain msgpack. */
export function checkWellFormed(bytes: Uint8Array): number {
  const left: number[] = [];
  let count = 0;
  let at = 0;
  while (at < bytes.length) {
    const shape = shapes[bytes[at++]!];
    if (!shape) throw new LogDamage(`A record holds a type that no log has, at its byte ${at - 1}.`);
    const [kind, lengthBytes, fixed] = shape;
    let length = fixed;
    for (let i = 0; i < lengthBytes; i++) length = length * 256 + (bytes[at++] ?? 0);
    if (kind === "scalar" || kind === "bytes") {
      at += length;
      length = 0;
    } else if (kind === "map") length *= 2;
    if (at + length > bytes.length) throw new LogDamage(`A record ends too early: it says that ${at + length - bytes.length} more bytes follow.`);
    if (length > 0) {
      if (left.length >= MAX_DEPTH) throw new LogDamage(`A record is nested more than ${MAX_DEPTH} deep.`);
      left.push(length);
      continue;
    }
    while (left.length > 0 && --left[left.length - 1]! === 0) left.pop();
    if (left.length === 0) count++;
  }
  if (left.length > 0) throw new LogDamage("A record ends too early: the last list in it is not complete.");
  return count;
}
