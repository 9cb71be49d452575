// A task's registers as debuggers, core files and signal frames have them: struct user_regs_struct, struct sigcontext, and FXSAVE's or XSAVE's area (ptrace(2), core(5), sigreturn(2)).
import { SOFTWARE_AT } from "./abi/structs/ptrace.ts";
import { SAVED_REGISTERS } from "./abi/structs/signal-frame.ts";
import { FXSAVE_BYTES, fromFxsave, putFxsave, toFxsave } from "./cpu/fxsave.ts";
import { offsetOf, type RegisterFile, toUserRegs, view } from "./cpu/register-file.ts";
import { restore, save, toSignalArea, XCR0, XSAVE_BYTES } from "./cpu/xsave.ts";

export function generalOf(file: RegisterFile, originalRax: bigint): Uint8Array {
  const words = toUserRegs(file, originalRax);
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength).slice();
}
export function vectorsOf(file: RegisterFile, hasXsave: boolean): Uint8Array {
  const vectors = hasXsave ? new Uint8Array(XSAVE_BYTES) : toFxsave(file);
  if (hasXsave) {
    save(file, vectors, XCR0, {});
    new DataView(vectors.buffer).setUint32(SOFTWARE_AT, XCR0, true);
  }
  return vectors;
}
/** FXSAVE's area leaves the upper halves of the vectors as they are. The area must be one that `isRestorable`. */
export function putVectors(file: RegisterFile, vectors: Readonly<Uint8Array>): void {
  if (vectors.length === XSAVE_BYTES) restore(file, vectors, XCR0);
  else fromFxsave(file, vectors);
}

const savedPlaces = SAVED_REGISTERS.map(offsetOf);
/** The general registers as struct sigcontext has them: words for one signal after another, to be stored at once. */
const saved = new Uint8Array(8 * SAVED_REGISTERS.length);
const savedView = new DataView(saved.buffer);
export function savedOf(file: RegisterFile): Uint8Array {
  const from = view(file);
  for (let i = 0; i < savedPlaces.length; i++) copyWord(from, savedPlaces[i]!, savedView, 8 * i);
  return saved;
}
const legacyArea = new Uint8Array(FXSAVE_BYTES);
const legacyView = new DataView(legacyArea.buffer);
/** The vectors of a signal's frame; likewise. */
export function framedVectors(file: RegisterFile, hasXsave: boolean): Uint8Array {
  if (hasXsave) return toSignalArea(file);
  putFxsave(file, legacyArea, legacyView);
  return legacyArea;
}
/** All but the flags, which are the last. */
export function putSaved(file: RegisterFile, registers: DataView): void {
  const to = view(file);
  for (let i = 0; i < savedPlaces.length - 1; i++) copyWord(registers, 8 * i, to, savedPlaces[i]!);
}
function copyWord(from: DataView, at: number, to: DataView, toAt: number): void {
  to.setInt32(toAt, from.getInt32(at, true), true);
  to.setInt32(toAt + 4, from.getInt32(at + 4, true), true);
}
