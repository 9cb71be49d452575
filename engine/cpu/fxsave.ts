// FXSAVE's 512 bytes (Intel SDM vol. 1, 10.5.1): x87, MXCSR and XMM registers as one area, for the instruction itself and for signal frames.
import { fileOffset, type RegisterFile } from "./register-file.ts";

export const FXSAVE_BYTES = 512;
/** All of MXCSR's bits that this processor knows. */
const MXCSR_MASK = 0xffff;
const at = { control: 0, status: 2, tag: 4, opcode: 6, mxcsr: 24, mxcsrMask: 28, x87: 32, xmm: 160 } as const;
const XMM_BYTES = 16;
const VECTOR_STRIDE = 32;

export function toFxsave(file: RegisterFile): Uint8Array {
  const area = new Uint8Array(FXSAVE_BYTES);
  area.set(file.subarray(fileOffset.x87Control, fileOffset.x87Control + 4), at.control);
  area[at.tag] = file[fileOffset.x87Tag]!;
  area.set(file.subarray(fileOffset.x87Opcode, fileOffset.x87Opcode + 2), at.opcode);
  area.set(file.subarray(fileOffset.mxcsr, fileOffset.mxcsr + 4), at.mxcsr);
  new DataView(area.buffer).setUint32(at.mxcsrMask, MXCSR_MASK, true);
  for (let n = 0; n < 8; n++) area.set(file.subarray(fileOffset.x87 + 16 * n, fileOffset.x87 + 16 * n + 10), at.x87 + 16 * n);
  for (let n = 0; n < 16; n++)
    area.set(file.subarray(fileOffset.vectors + VECTOR_STRIDE * n, fileOffset.vectors + VECTOR_STRIDE * n + XMM_BYTES), at.xmm + XMM_BYTES * n);
  return area;
}
/** Bits of MXCSR that do not exist are dropped. */
export function fromFxsave(file: RegisterFile, area: Readonly<Uint8Array>): void {
  file.set(area.subarray(at.control, at.control + 4), fileOffset.x87Control);
  file[fileOffset.x87Tag] = area[at.tag]!;
  file.set(area.subarray(at.opcode, at.opcode + 2), fileOffset.x87Opcode);
  file.set(area.subarray(at.mxcsr, at.mxcsr + 2), fileOffset.mxcsr);
  for (let n = 0; n < 8; n++) file.set(area.subarray(at.x87 + 16 * n, at.x87 + 16 * n + 10), fileOffset.x87 + 16 * n);
  for (let n = 0; n < 16; n++) file.set(area.subarray(at.xmm + XMM_BYTES * n, at.xmm + XMM_BYTES * (n + 1)), fileOffset.vectors + VECTOR_STRIDE * n);
}
