// What files of /proc/PID show that are memory of the process as it is at each read: cmdline, environ and mem, and what is open in the same way, auxv (fs/proc/base.c). It is looked at when a call's arguments are decoded.
import { type Bytes, joined } from "../../abi/memory-view.ts";
import type { Space } from "../state/vmm.ts";

/** As many of the bytes as can be had, from the address on. */
export type Look = (address: number, length: number) => Bytes;
export interface Looks {
  /** Of private memory without a file alone, where it may be read. */
  readonly anonymous: Look;
  /** Of all that is mapped, whatever its permissions say. */
  readonly forced: Look;
}
export type Shown = (space: Space, looks: Looks, offset: number, count: number) => Bytes;
const NOTHING = new Uint8Array(0);
const PAGE = 4096;

/** A program that writes another title over its arguments may go on into its environment: then they no longer end in a zero, and the title ends at its own (get_mm_cmdline). */
export const commandLineShown: Shown = (
  { argumentRange: [start, end], environmentRange: [environment, environmentEnd] },
  { anonymous: look },
  offset,
  count,
) => {
  if (environmentEnd === 0 || start >= end) return NOTHING;
  const isContinued = environment === end && environmentEnd >= environment;
  const wanted = Math.min(count, (isContinued ? environmentEnd : end) - start - offset);
  if (wanted <= 0) return NOTHING;
  if ((look(end - 1, 1)[0] ?? 0) !== 0) return titleShown(look, start).slice(offset, offset + wanted);
  const length = Math.min(wanted, end - start - offset);
  return length > 0 ? look(start + offset, length) : NOTHING;
};
/** Up to its zero, which belongs to it; a page at most. */
function titleShown(look: Look, start: number): Bytes {
  const page = look(start, PAGE);
  const zero = page.indexOf(0);
  return zero < 0 ? page : page.subarray(0, zero + 1);
}
/** Page by page; where one of them is not there, what came before is not told (environ_read). */
export const environmentShown: Shown = ({ environmentRange: [start, end] }, { anonymous: look }, offset, count) => {
  if (end === 0) return NOTHING;
  const wanted = Math.min(count, end - start - offset);
  const parts: Bytes[] = [];
  for (let done = 0; done < wanted; ) {
    const part = look(start + offset + done, Math.min(PAGE, wanted - done));
    if (part.length === 0) return NOTHING;
    parts.push(part);
    done += part.length;
  }
  return joined(parts);
};
export const memoryItself: Shown = (_, { forced }, offset, count) => forced(offset, count);
/** The kernel's own copy, whatever the program writes over the one on its stack. */
export const auxiliaryVectorShown: Shown = ({ auxiliaryVector }, _, offset, count) => auxiliaryVector.slice(offset, offset + count);
