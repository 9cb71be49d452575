// Names in Linux are bytes without an encoding. In state they are strings whose characters are those bytes: comparable, usable as keys.
import type { Bytes } from "../../abi/memory-view.ts";

export function binary(bytes: Bytes): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 4096) text += String.fromCharCode(...bytes.subarray(at, at + 4096));
  return text;
}
export function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}
/** The bytes of ordinary text, such as a host's argument, as a binary string. */
export const binaryOfText = (text: string): string => binary(new TextEncoder().encode(text));
