// Entering a signal handler and leaving it: the frame on the guest's stack, exactly as Linux lays it out (arch/x86/kernel/signal_64.c). Pure: registers and a request in, stores and registers out.
import { actionFlags, signals } from "../abi/constants/signals.ts";
import { errnoNumber } from "../abi/errno.ts";
import { u64 } from "../abi/field.ts";
import type { Bytes, Store } from "../abi/memory-view.ts";
import { stackFlags } from "../abi/structs/sigaction.ts";
import { frameOffsets, SAVED_REGISTERS, type SavedRegister, signalFrame, VECTORS_SIZE } from "../abi/structs/signal-frame.ts";
import type { RegisterValues } from "./kernel.ts";
import type { FrameRequest } from "./objects/signal-delivery.ts";

export interface FrameRegisters {
  /** In struct sigcontext's order. */
  readonly general: Bytes;
  /** FXSAVE's area of 512 bytes, or XSAVE's. */
  readonly vectors: Bytes;
}
export interface BuiltFrame {
  /** To be stored before the next frame is built: their bytes are the same each time. */
  readonly stores: readonly Store[];
  readonly set: RegisterValues;
}

/** System V ABI, 3.2.2: leaf functions use it without telling. */
const RED_ZONE = 128;
const SYSCALL_BYTES = 2;
/** UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS: SS is saved, and restored. */
const UC_FLAGS = 6;
const UC_FP_XSTATE = 1;
const USER_CS = 0x33;
const USER_SS = 0x2b;
/** Trap, direction and resume flags: a handler begins without (signal_64.c, setup_rt_frame). */
const CLEARED_FLAGS = 0x1_0500;
/** Flags that rt_sigreturn may change (FIX_EFLAGS). */
const RESTORED_FLAGS = 0x4_0dd5 | 0x1_0000;
/** The exception behind a fault's signal, where one number fits (Intel SDM vol. 3, 6.3.1). */
const TRAPS: Readonly<Record<number, number>> = { [signals.SIGFPE]: 0, [signals.SIGTRAP]: 3, [signals.SIGILL]: 6, [signals.SIGSEGV]: 14, [signals.SIGBUS]: 14 };
/** A page fault from user mode. */
const USER_FAULT = 4;
const STACK_FAULT = 12;
const GENERAL_PROTECTION = 13;

type Stack = FrameRequest["alternateStack"];
/** SS_AUTODISARM: the stack counts as left as soon as a handler runs on it. Addresses beyond 2^53 are rounded, and nobody's. */
const isOn = ({ address, size, flags }: Stack, at: number): boolean => ((flags >>> 0) & stackFlags.SS_AUTODISARM) === 0 && at > address && at - address <= size;
const roundDown = (at: number, to: number): number => at - (at % to);

const placeOf = (name: SavedRegister): number => frameOffsets.registers + 8 * SAVED_REGISTERS.indexOf(name);
const [RSP, RIP, RAX, RFLAGS] = [placeOf("rsp"), placeOf("rip"), placeOf("rax"), placeOf("rflags")];
const frame = new Uint8Array(signalFrame.size);
const view = new DataView(frame.buffer);

/** `null` where the alternate stack is too small: the task gets SIGSEGV instead. */
export function buildSignalFrame({ general, vectors }: FrameRegisters, request: FrameRequest): BuiltFrame | null {
  const { alternateStack, info, restart } = request;
  frame.set(general, frameOffsets.registers);
  const stackPointer = u64.get(view, RSP);
  const isEntering = (request.flags & actionFlags.SA_ONSTACK) !== 0 && alternateStack.size > 0 && !isOn(alternateStack, stackPointer);
  const isAlternate = isEntering || isOn(alternateStack, stackPointer);
  const top = isEntering ? alternateStack.address + alternateStack.size : stackPointer - RED_ZONE;
  const vectorsAt = roundDown(top - vectors.length, 64);
  // On entry the stack is as after a call: 8 below a multiple of 16.
  const frameAt = roundDown(vectorsAt - signalFrame.size, 16) - 8;
  if (isAlternate && alternateStack.size > 0 && frameAt <= alternateStack.address) return null;

  const isFault = info.code > 0 && info.signal in TRAPS;
  const isProtection = isFault && info.code === 0x80;
  signalFrame.put(view, 0, {
    pretcode: request.restorer,
    uc: {
      uc_flags: vectors.length > VECTORS_SIZE ? UC_FLAGS | UC_FP_XSTATE : UC_FLAGS,
      uc_link: 0,
      uc_stack: { ss_sp: alternateStack.address, ss_flags: alternateStack.flags, ss_size: alternateStack.size },
      uc_mcontext: {
        // They stand there already.
        registers: [],
        cs: USER_CS,
        gs: 0,
        fs: 0,
        ss: USER_SS,
        err: isFault && !isProtection && TRAPS[info.signal] === 14 ? USER_FAULT : 0,
        trapno: isProtection ? (info.signal === signals.SIGBUS ? STACK_FAULT : GENERAL_PROTECTION) : isFault ? TRAPS[info.signal]! : 0,
        oldmask: request.oldMask,
        cr2: isFault && TRAPS[info.signal] === 14 ? Number(info.value) : 0,
        fpstate: vectorsAt,
        _reserved: [],
      },
      uc_sigmask: request.oldMask,
    },
    info,
  });
  if (restart?.kind === "interrupted") u64.put(view, RAX, -errnoNumber("EINTR"));
  if (restart?.kind === "again") {
    u64.put(view, RAX, restart.number);
    view.setBigUint64(RIP, view.getBigUint64(RIP, true) - BigInt(SYSCALL_BYTES), true);
  }
  return {
    stores: [
      { address: vectorsAt, bytes: vectors },
      { address: frameAt, bytes: frame },
    ],
    set: {
      rdi: info.signal,
      rsi: frameAt + signalFrame.offsets.info,
      rdx: frameAt + signalFrame.offsets.uc,
      rax: 0,
      rsp: frameAt,
      rip: request.handler,
      rflags: (view.getUint32(RFLAGS, true) & ~CLEARED_FLAGS) >>> 0,
    },
  };
}
/** The flags after rt_sigreturn, of the low word: those of a frame as far as a program may change them, the others as they are now. */
export const restoredFlags = (saved: number, now: number): number => ((saved & RESTORED_FLAGS) | (now & ~RESTORED_FLAGS)) >>> 0;
