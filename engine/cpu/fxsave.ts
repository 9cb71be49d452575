// FXSAVE's 512 bytes (Intel SDM vol. 1, 10.5.1): x87, MXCSR and XMM registers as one area, for the instruction itself and for signal frames.
import { copyBytes } from "../memory/copy-bytes.ts";
import { fileOffset, type RegisterFile, view as viewOf } from "./register-file.ts";
import { FloatUnit } from "./x87-unit.ts";

export const FXSAVE_BYTES = 512;
/** All of MXCSR's bits that this processor knows. */
export const MXCSR_MASK = 0xffff;
/** The pointers of x87 are not kept, and zero. */
export const fxsaveAt = { control: 0, status: 2, tag: 4, opcode: 6, pointers: 8, mxcsr: 24, mxcsrMask: 28, x87: 32, xmm: 160 } as const;
export const X87_BYTES = 10;
const XMM_BYTES = 16;
const VECTOR_STRIDE = 32;

/** Where x87's registers lie in the area, ST(0) first, and in the file. */
export function eachStackRegister({ top }: FloatUnit, visit: (place: number, physical: number) => void): void {
  for (let i = 0; i < 8; i++) visit(fxsaveAt.x87 + 16 * i, fileOffset.x87 + 16 * ((top + i) & 7));
}
export function toFxsave(file: RegisterFile): Uint8Array {
  const area = new Uint8Array(FXSAVE_BYTES);
  putFxsave(file, area, new DataView(area.buffer));
  return area;
}
/** Into an area that is zero where FXSAVE writes nothing. */
export function putFxsave(file: RegisterFile, area: Uint8Array, view: DataView): void {
  const unit = new FloatUnit(file);
  area[fxsaveAt.tag] = file[fileOffset.x87Tag]!;
  copyBytes(file, fileOffset.x87Opcode, 2, area, fxsaveAt.opcode);
  copyBytes(file, fileOffset.mxcsr, 4, area, fxsaveAt.mxcsr);
  view.setUint16(fxsaveAt.control, unit.control, true);
  view.setUint16(fxsaveAt.status, unit.status, true);
  view.setUint32(fxsaveAt.mxcsrMask, MXCSR_MASK, true);
  eachStackRegister(unit, (place, physical) => copyBytes(file, physical, X87_BYTES, area, place));
  const from = viewOf(file);
  for (let n = 0; n < 16; n++) copyVector(from, fileOffset.vectors + VECTOR_STRIDE * n, view, fxsaveAt.xmm + XMM_BYTES * n);
}
/** Sixteen bytes, word by word: a signal copies 64 of these. */
export function copyVector(from: DataView, at: number, to: DataView, toAt: number): void {
  for (let i = 0; i < 16; i += 4) to.setInt32(toAt + i, from.getInt32(at + i, true), true);
}
/** Bits of MXCSR that do not exist are dropped. */
export function fromFxsave(file: RegisterFile, area: Readonly<Uint8Array>): void {
  const unit = new FloatUnit(file);
  const view = new DataView(area.buffer, area.byteOffset);
  unit.control = view.getUint16(fxsaveAt.control, true);
  unit.status = view.getUint16(fxsaveAt.status, true);
  file[fileOffset.x87Tag] = area[fxsaveAt.tag]!;
  copyBytes(area, fxsaveAt.opcode, 2, file, fileOffset.x87Opcode);
  copyBytes(area, fxsaveAt.mxcsr, 2, file, fileOffset.mxcsr);
  eachStackRegister(unit, (place, physical) => copyBytes(area, place, X87_BYTES, file, physical));
  const to = viewOf(file);
  for (let n = 0; n < 16; n++) copyVector(view, fxsaveAt.xmm + XMM_BYTES * n, to, fileOffset.vectors + VECTOR_STRIDE * n);
}
