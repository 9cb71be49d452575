// What rt_sigreturn(2) finds on the stack: the frame whose first word the handler's return has taken already, and the vectors it points to.
import type { Arg } from "../argument.ts";
import { formatSet } from "../constants/signals.ts";
import { errnoByNumber, errnoText } from "../errno.ts";
import { decodeField, u64 } from "../field.ts";
import { type Bytes, type GuestReader, orNull, uint64 } from "../memory-view.ts";
import { sigset } from "../structs/sigaction.ts";
import { extendedVectors, frameOffsets, SAVED_REGISTERS, savedRegisters, signalFrame, VECTORS_SIZE } from "../structs/signal-frame.ts";

export interface SavedFrame {
  readonly frame: Bytes;
  /** FXSAVE's area; `null` where the frame has none. */
  readonly vectors: Bytes | null;
}
const WORD = 8;
export const maskOfFrame = (frame: Bytes): bigint => decodeField(sigset, frame, frameOffsets.mask);
/** FXSAVE's area, or where its last bytes tell of more, XSAVE's. */
function readVectors(memory: GuestReader, at: number): Bytes {
  const area = memory.read(at, VECTORS_SIZE);
  const magic = new DataView(area.buffer, area.byteOffset).getUint32(extendedVectors.magicAt, true);
  return magic === extendedVectors.magic ? memory.read(at, extendedVectors.size) : area;
}
/** `null` where it cannot be read: that is no EFAULT, but SIGSEGV. */
export const SignalFrame: Arg<SavedFrame | null> = {
  label: "signal frame",
  decode(raw, memory) {
    return orNull(() => {
      const frame = memory.read(uint64(raw) - WORD, signalFrame.size);
      const fpstate = decodeField(u64, frame, frameOffsets.vectors);
      return { frame, vectors: fpstate === 0 ? null : readVectors(memory, fpstate) };
    });
  },
  /** The call returns what the interrupted code had in RAX. */
  returned(raw, view) {
    const saved = SignalFrame.decode(raw, view.before, view.raws);
    if (!saved) return undefined;
    const rax = BigInt.asIntN(64, BigInt(decodeField(savedRegisters, saved.frame, frameOffsets.registers)[SAVED_REGISTERS.indexOf("rax")]!));
    const errno = rax < 0n && rax > -4096n ? errnoByNumber(-Number(rax)) : undefined;
    return errno ? `-1 ${errno} (${errnoText(errno)})` : String(rax);
  },
  format(raw, view) {
    const saved = SignalFrame.decode(raw, view.before, view.raws);
    return saved ? `{mask=${formatSet(maskOfFrame(saved.frame))}}` : `0x${uint64(raw).toString(16)}`;
  },
};
