// Names in Linux are bytes without an encoding. In state they are strings whose characters are those bytes: comparable, usable as keys.
import type { Bytes } from "../../abi/memory-view.ts";

/** As many as one call takes for arguments everywhere. */
const PIECE = 4096;
/** An array of bytes serves `apply` as it is: spread, it is gone through by an iterator, in six times as long. */
const characters = (bytes: Bytes): string => String.fromCharCode.apply(null, bytes as unknown as number[]);
export function binary(bytes: Bytes): string {
  if (bytes.length <= PIECE) return characters(bytes);
  let text = "";
  for (let at = 0; at < bytes.length; at += PIECE) text += characters(bytes.subarray(at, at + PIECE));
  return text;
}
export function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}
/** The bytes of ordinary text, such as a host's argument, as a binary string. */
export const binaryOfText = (text: string): string => binary(new TextEncoder().encode(text));
