// The XSAVE area (SDM vol. 1, 13.4): FXSAVE's 512 bytes, a header, and the upper halves of the vectors, in the standard format and the compact one, which are the same here.
import { extendedVectors } from "../abi/structs/signal-frame.ts";
import { copyBytes } from "../memory/copy-bytes.ts";
import { copyVector, eachStackRegister, putFxsave, toFxsave, X87_BYTES } from "./fxsave.ts";
import { fileOffset, type RegisterFile, view as viewOf } from "./register-file.ts";
import { INITIAL_CONTROL } from "./x87/state.ts";
import { FloatUnit } from "./x87-unit.ts";

export const XSAVE_BYTES = 832;
/** Without the component of AVX. */
export const LEGACY_BYTES = 576;
/** x87, SSE, AVX: the only value that XCR0 has. */
export const XCR0 = 7;
const [X87, SSE] = [1, 2];
export const AVX = 4;
/** What an instruction with this request touches. */
export const areaBytes = (requested: number): number => (requested & AVX ? XSAVE_BYTES : LEGACY_BYTES);
const at = { mxcsr: 24, mxcsrMask: 28, x87: 32, xmm: 160, state: 512, compaction: 520, reserved: 528, headerEnd: 576, upper: 576 } as const;
const INITIAL_MXCSR = 0x1f80;
const VECTOR_BYTES = 32;
function isZero(view: DataView, from: number, to: number): boolean {
  for (let at = from; at < to; at += 4) if (view.getInt32(at, true) !== 0) return false;
  return true;
}
const eachVector = (visit: (n: number, low: number) => void): void => {
  for (let n = 0; n < 16; n++) visit(n, fileOffset.vectors + VECTOR_BYTES * n);
};

/** XINUSE: the components that are not as they are at first. MXCSR is SSE's, but not counted. */
export function inUse(file: RegisterFile): number {
  const unit = new FloatUnit(file);
  const words = viewOf(file);
  const isX87 = unit.control !== INITIAL_CONTROL || unit.status !== 0 || unit.valid !== 0 || !isZero(words, fileOffset.x87, fileOffset.vectors);
  let used = isX87 ? X87 : 0;
  eachVector((_, low) => {
    if (!(used & SSE) && !isZero(words, low, low + 16)) used |= SSE;
    if (!(used & AVX) && !isZero(words, low + 16, low + 32)) used |= AVX;
  });
  return used;
}
export interface Saving {
  /** XSAVEC, XSAVEOPT: what is as at first is not written. */
  readonly isSparse?: boolean;
  readonly isCompact?: boolean;
}
export function save(file: RegisterFile, area: Uint8Array, requested: number, { isSparse = false, isCompact = false }: Saving): void {
  const wanted = requested & XCR0;
  const view = new DataView(area.buffer, area.byteOffset);
  const legacy = toFxsave(file);
  const mxcsr = viewOf(file).getUint16(fileOffset.mxcsr, true);
  const used = inUse(file) | (isSparse && mxcsr !== INITIAL_MXCSR ? SSE : 0);
  const written = isSparse ? wanted & used : wanted;
  if (written & X87) {
    area.set(legacy.subarray(0, at.mxcsr), 0);
    area.set(legacy.subarray(at.x87, at.xmm), at.x87);
  }
  if ((isCompact ? written & SSE : wanted & (SSE | AVX)) !== 0) area.set(legacy.subarray(at.mxcsr, at.x87), at.mxcsr);
  if (written & SSE) area.set(legacy.subarray(at.xmm, at.xmm + 256), at.xmm);
  if (written & AVX) eachVector((n, low) => copyBytes(file, low + 16, 16, area, at.upper + 16 * n));
  if (isCompact) {
    // The rest of the header stays as it is.
    [wanted & used, 0, wanted, 0x8000_0000].forEach((word, i) => {
      view.setUint32(at.state + 4 * i, word, true);
    });
  } else view.setUint32(at.state, (view.getUint32(at.state, true) & ~wanted) | (wanted & used), true);
}
const { size: SIGNAL_BYTES, states, stateSize, magicAt, magic, endMagic } = extendedVectors;
const signalArea = new Uint8Array(SIGNAL_BYTES);
const signalView = new DataView(signalArea.buffer);
[magic, SIGNAL_BYTES, states, 0, stateSize].forEach((word, i) => {
  signalView.setUint32(magicAt + 4 * i, word, true);
});
signalView.setUint32(stateSize, endMagic, true);
/** The area of a signal frame: with the words of the kernel that say that it is one of XSAVE. It is the same each time, for who stores it at once. */
export function toSignalArea(file: RegisterFile): Uint8Array {
  const from = viewOf(file);
  putFxsave(file, signalArea, signalView);
  eachVector((n, low) => copyVector(from, low + 16, signalView, at.upper + 16 * n));
  signalView.setUint32(at.state, inUse(file), true);
  return signalArea;
}
/** What is requested and not in the area becomes as it is at first. */
export function restore(file: RegisterFile, area: Readonly<Uint8Array>, requested: number): "general" | undefined {
  const wanted = requested & XCR0;
  const view = new DataView(area.buffer, area.byteOffset);
  const state = view.getUint32(at.state, true);
  const compaction = view.getUint32(at.compaction, true);
  const top = view.getUint32(at.compaction + 4, true);
  const isCompact = top >>> 31 === 1;
  const isReservedClear = view.getUint32(at.state + 4, true) === 0 && isZero(view, at.reserved, isCompact ? at.headerEnd : at.reserved + 8);
  const isKnown =
    (state & ~XCR0) === 0 && (isCompact ? top === 0x8000_0000 && (compaction & ~XCR0) === 0 && (state & ~compaction) === 0 : compaction === 0 && top === 0);
  if (!isReservedClear || !isKnown) return "general";
  const loadsMxcsr = isCompact ? (wanted & state & SSE) !== 0 : (wanted & (SSE | AVX)) !== 0;
  if (loadsMxcsr && view.getUint16(at.mxcsr + 2, true) !== 0) return "general";
  const target = viewOf(file);
  if (loadsMxcsr) target.setUint16(fileOffset.mxcsr, view.getUint16(at.mxcsr, true), true);
  else if (isCompact && wanted & SSE) target.setUint16(fileOffset.mxcsr, INITIAL_MXCSR, true);
  if (wanted & X87) restoreX87(file, area, (state & X87) !== 0);
  const copy = (component: number, from: number, offset: number) => {
    if (wanted & component)
      eachVector((n, low) => {
        if (state & component) copyVector(view, from + 16 * n, target, low + offset);
        else file.fill(0, low + offset, low + offset + 16);
      });
  };
  copy(SSE, at.xmm, 0);
  copy(AVX, at.upper, 16);
  return undefined;
}
function restoreX87(file: RegisterFile, area: Readonly<Uint8Array>, isThere: boolean): void {
  const unit = new FloatUnit(file);
  if (!isThere) {
    unit.initialise();
    file.fill(0, fileOffset.x87Opcode, fileOffset.x87Opcode + 2);
    file.fill(0, fileOffset.x87, fileOffset.vectors);
    return;
  }
  const view = new DataView(area.buffer, area.byteOffset);
  unit.control = view.getUint16(0, true);
  unit.status = view.getUint16(2, true);
  unit.valid = area[4]!;
  copyBytes(area, 6, 2, file, fileOffset.x87Opcode);
  eachStackRegister(unit, (place, physical) => copyBytes(area, place, X87_BYTES, file, physical));
}
