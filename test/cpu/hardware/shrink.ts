// Makes a failing case simpler while it still fails in the same way: registers back to what they start as, memory to zeros.
import { fileOffset } from "../../../engine/cpu/register-file.ts";
import { defaultFile } from "./case-text.ts";
import { fields } from "./comparison.ts";
import { type Batch, PAGE } from "./exchange.ts";
import type { Failure, Rig } from "./rig.ts";

export function shrink(rig: Rig, failure: Failure): Failure {
  const wanted = failure.differences.map(({ what }) => what.split(" ")[0]);
  let best = failure;
  const attempt = (change: (batch: Batch) => void): boolean => {
    const batch = { ...best.batch, files: best.batch.files.slice(), arena: best.batch.arena.slice() };
    change(batch);
    const differences = rig.differences(batch);
    if (!differences.some(({ what }) => wanted.includes(what.split(" ")[0]))) return false;
    best = { ...best, batch, differences };
    return true;
  };
  const start = defaultFile(failure.batch.codeAt);
  clear(best.batch.arena.length, 0, PAGE);
  for (const [from, to] of [
    [fileOffset.x87Control, fileOffset.vectors],
    [fileOffset.vectors, start.length],
  ] as const)
    attempt(({ files }) => files.set(start.subarray(from, to), from));
  for (const { at, bytes } of fields) {
    if (at === fileOffset.rip || at === fileOffset.rflags) continue;
    const isDefault = () => Buffer.compare(best.batch.files.subarray(at, at + bytes), start.subarray(at, at + bytes)) === 0;
    if (isDefault() || attempt(({ files }) => files.set(start.subarray(at, at + bytes), at))) continue;
    for (let lane = bytes >= 16 ? bytes - 4 : bytes - 1; lane >= 0; lane -= bytes >= 16 ? 4 : 1) {
      const width = bytes >= 16 ? 4 : 1;
      if (best.batch.files.subarray(at + lane, at + lane + width).some(byte => byte !== 0)) attempt(({ files }) => files.fill(0, at + lane, at + lane + width));
    }
  }
  const flags = fileOffset.rflags;
  for (const bit of [0x800, 0x400, 0x80, 0x40, 0x10, 4, 1])
    attempt(({ files }) => {
      const view = new DataView(files.buffer, files.byteOffset);
      view.setUint32(flags, view.getUint32(flags, true) & ~bit, true);
    });
  return best;

  /** Zeros in pieces, and in pieces of those that must stay. */
  function clear(length: number, offset: number, piece: number): void {
    if (attempt(({ arena }) => arena.fill(0, offset, offset + length)) || piece < 8) return;
    for (let at = offset; at < offset + length; at += piece)
      if (best.batch.arena.subarray(at, at + piece).some(byte => byte !== 0)) clear(piece, at, piece >> 3);
  }
}
