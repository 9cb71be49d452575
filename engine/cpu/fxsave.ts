// FXSAVE's 512 bytes (Intel SDM vol. 1, 10.5.1): x87, MXCSR and XMM registers as one area, for the instruction itself and for signal frames.
import { fileOffset, type RegisterFile } from "./register-file.ts";
import { FloatUnit } from "./x87-unit.ts";

export const FXSAVE_BYTES = 512;
/** The rest stays as it is in memory. */
export const FXSAVE_WRITTEN = 416;
/** All of MXCSR's bits that this processor knows. */
const MXCSR_MASK = 0xffff;
const at = { control: 0, status: 2, tag: 4, opcode: 6, mxcsr: 24, mxcsrMask: 28, x87: 32, xmm: 160 } as const;
const XMM_BYTES = 16;
const VECTOR_STRIDE = 32;

export function toFxsave(file: RegisterFile): Uint8Array {
  const area = new Uint8Array(FXSAVE_BYTES);
  const unit = new FloatUnit(file);
  area[at.tag] = file[fileOffset.x87Tag]!;
  area.set(file.subarray(fileOffset.x87Opcode, fileOffset.x87Opcode + 2), at.opcode);
  area.set(file.subarray(fileOffset.mxcsr, fileOffset.mxcsr + 4), at.mxcsr);
  const view = new DataView(area.buffer);
  view.setUint16(at.control, unit.control, true);
  view.setUint16(at.status, unit.status, true);
  view.setUint32(at.mxcsrMask, MXCSR_MASK, true);
  // ST(0) first.
  for (let place = 0; place < 8; place++) {
    const { mantissa, signExponent } = unit.read(place);
    view.setBigUint64(at.x87 + 16 * place, mantissa, true);
    view.setUint16(at.x87 + 16 * place + 8, signExponent, true);
  }
  for (let n = 0; n < 16; n++)
    area.set(file.subarray(fileOffset.vectors + VECTOR_STRIDE * n, fileOffset.vectors + VECTOR_STRIDE * n + XMM_BYTES), at.xmm + XMM_BYTES * n);
  return area;
}
/** Bits of MXCSR that do not exist are dropped. */
export function fromFxsave(file: RegisterFile, area: Readonly<Uint8Array>): void {
  const unit = new FloatUnit(file);
  const view = new DataView(area.buffer, area.byteOffset);
  unit.control = view.getUint16(at.control, true);
  unit.status = view.getUint16(at.status, true);
  file[fileOffset.x87Tag] = area[at.tag]!;
  file.set(area.subarray(at.opcode, at.opcode + 2), fileOffset.x87Opcode);
  file.set(area.subarray(at.mxcsr, at.mxcsr + 2), fileOffset.mxcsr);
  for (let place = 0; place < 8; place++)
    unit.put(place, { mantissa: view.getBigUint64(at.x87 + 16 * place, true), signExponent: view.getUint16(at.x87 + 16 * place + 8, true) });
  for (let n = 0; n < 16; n++) file.set(area.subarray(at.xmm + XMM_BYTES * n, at.xmm + XMM_BYTES * (n + 1)), fileOffset.vectors + VECTOR_STRIDE * n);
}
