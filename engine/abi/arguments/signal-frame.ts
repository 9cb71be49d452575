// What rt_sigreturn(2) finds on the stack: the frame whose first word the handler's return has taken already, and the vectors it points to.
import type { Arg } from "../argument.ts";
import { formatSet } from "../constants/signals.ts";
import { decodeField } from "../field.ts";
import { type Bytes, uint64 } from "../memory-view.ts";
import { signalFrame, ucontext, VECTORS_SIZE } from "../structs/signal-frame.ts";

export interface SavedFrame {
  readonly frame: Bytes;
  /** FXSAVE's area; `null` where the frame has none. */
  readonly vectors: Bytes | null;
}
const WORD = 8;
export const maskOfFrame = (frame: Bytes): bigint => decodeField(ucontext, frame, signalFrame.offsets.uc).uc_sigmask;
export const SignalFrame: Arg<SavedFrame> = {
  label: "signal frame",
  decode(raw, memory) {
    const frame = memory.read(uint64(raw) - WORD, signalFrame.size);
    const { fpstate } = decodeField(ucontext, frame, signalFrame.offsets.uc).uc_mcontext;
    return { frame, vectors: fpstate === 0 ? null : memory.read(fpstate, VECTORS_SIZE) };
  },
  format(raw, view) {
    try {
      return `{mask=${formatSet(maskOfFrame(SignalFrame.decode(raw, view.before, view.raws).frame))}}`;
    } catch {
      return `0x${uint64(raw).toString(16)}`;
    }
  },
};
