// A task's registers as debuggers and core files have them: struct user_regs_struct, and FXSAVE's or XSAVE's area (ptrace(2), core(5)).
import { SOFTWARE_AT } from "./abi/structs/ptrace.ts";
import { fromFxsave, toFxsave } from "./cpu/fxsave.ts";
import { type RegisterFile, toUserRegs } from "./cpu/register-file.ts";
import { restore, save, XCR0, XSAVE_BYTES } from "./cpu/xsave.ts";

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
