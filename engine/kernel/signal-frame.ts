// Entering a signal handler and leaving it: the frame on the guest's stack, exactly as Linux lays it out (arch/x86/kernel/signal_64.c). Pure: registers and a request in, stores and registers out.
import { actionFlags, signals } from "../abi/constants/signals.ts";
import { errnoNumber } from "../abi/errno.ts";
import { decodeField, encodeField } from "../abi/field.ts";
import { type Bytes, bigOf, type Raw, type Store } from "../abi/memory-view.ts";
import { stackFlags } from "../abi/structs/sigaction.ts";
import { frameOffsets, SAVED_REGISTERS, type SavedRegister, savedRegisters, signalFrame, VECTORS_SIZE } from "../abi/structs/signal-frame.ts";
import type { RegisterName, RegisterValues } from "./kernel.ts";
import type { FrameRequest } from "./objects/signal-delivery.ts";

export interface FrameRegisters {
  get(name: RegisterName): Raw;
  /** FXSAVE's area of 512 bytes, or XSAVE's. */
  readonly vectors: Bytes;
}
export interface BuiltFrame {
  readonly stores: readonly Store[];
  readonly set: RegisterValues;
}

/** System V ABI, 3.2.2: leaf functions use it without telling. */
const RED_ZONE = 128;
const SYSCALL_BYTES = 2n;
/** UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS: SS is saved, and restored. */
const UC_FLAGS = 6;
const UC_FP_XSTATE = 1;
const USER_CS = 0x33;
const USER_SS = 0x2b;
/** Trap, direction and resume flags: a handler begins without (signal_64.c, setup_rt_frame). */
const CLEARED_FLAGS = 0x1_0500n;
/** Flags that rt_sigreturn may change (FIX_EFLAGS). */
const RESTORED_FLAGS = 0x4_0dd5n | 0x1_0000n;
/** The exception behind a fault's signal, where one number fits (Intel SDM vol. 3, 6.3.1). */
const TRAPS: Readonly<Record<number, number>> = { [signals.SIGFPE]: 0, [signals.SIGTRAP]: 3, [signals.SIGILL]: 6, [signals.SIGSEGV]: 14, [signals.SIGBUS]: 14 };
/** A page fault from user mode. */
const USER_FAULT = 4;
const STACK_FAULT = 12;
const GENERAL_PROTECTION = 13;

type Stack = FrameRequest["alternateStack"];
/** SS_AUTODISARM: the stack counts as left as soon as a handler runs on it. */
const isOn = ({ address, size, flags }: Stack, at: bigint): boolean =>
  ((flags >>> 0) & stackFlags.SS_AUTODISARM) === 0 && at > BigInt(address) && at - BigInt(address) <= BigInt(size);
const roundDown = (at: bigint, to: bigint): bigint => at - (at % to);

/** `null` where the alternate stack is too small: the task gets SIGSEGV instead. */
export function buildSignalFrame(registers: FrameRegisters, request: FrameRequest): BuiltFrame | null {
  const { alternateStack, info, restart } = request;
  const interrupted = (name: RegisterName): bigint => {
    if (restart?.kind === "interrupted" && name === "rax") return BigInt.asUintN(64, BigInt(-errnoNumber("EINTR")));
    if (restart?.kind === "again" && name === "rax") return BigInt(restart.number);
    return bigOf(registers.get(name)) - (restart?.kind === "again" && name === "rip" ? SYSCALL_BYTES : 0n);
  };
  const stackPointer = interrupted("rsp");
  const isEntering = (request.flags & actionFlags.SA_ONSTACK) !== 0 && alternateStack.size > 0 && !isOn(alternateStack, stackPointer);
  const isAlternate = isEntering || isOn(alternateStack, stackPointer);
  const top = isEntering ? BigInt(alternateStack.address) + BigInt(alternateStack.size) : stackPointer - BigInt(RED_ZONE);
  const vectorsAt = roundDown(top - BigInt(registers.vectors.length), 64n);
  // On entry the stack is as after a call: 8 below a multiple of 16.
  const frameAt = roundDown(vectorsAt - BigInt(signalFrame.size), 16n) - 8n;
  if (isAlternate && alternateStack.size > 0 && frameAt <= BigInt(alternateStack.address)) return null;

  const isFault = info.code > 0 && info.signal in TRAPS;
  const isProtection = isFault && info.code === 0x80;
  const frame = encodeField(signalFrame, {
    pretcode: request.restorer,
    uc: {
      uc_flags: registers.vectors.length > VECTORS_SIZE ? UC_FLAGS | UC_FP_XSTATE : UC_FLAGS,
      uc_link: 0,
      uc_stack: { ss_sp: alternateStack.address, ss_flags: alternateStack.flags, ss_size: alternateStack.size },
      uc_mcontext: {
        registers: SAVED_REGISTERS.map(interrupted),
        cs: USER_CS,
        gs: 0,
        fs: 0,
        ss: USER_SS,
        err: isFault && !isProtection && TRAPS[info.signal] === 14 ? USER_FAULT : 0,
        trapno: isProtection ? (info.signal === signals.SIGBUS ? STACK_FAULT : GENERAL_PROTECTION) : isFault ? TRAPS[info.signal]! : 0,
        oldmask: request.oldMask,
        cr2: isFault && TRAPS[info.signal] === 14 ? Number(info.value) : 0,
        fpstate: Number(vectorsAt),
        _reserved: [],
      },
      uc_sigmask: request.oldMask,
    },
    info,
  });
  const offset = (by: number): Raw => Number(frameAt) + by;
  return {
    stores: [
      { address: Number(vectorsAt), bytes: registers.vectors },
      { address: Number(frameAt), bytes: frame },
    ],
    set: {
      rdi: info.signal,
      rsi: offset(signalFrame.offsets.info),
      rdx: offset(signalFrame.offsets.uc),
      rax: 0,
      rsp: offset(0),
      rip: request.handler,
      rflags: interrupted("rflags") & ~CLEARED_FLAGS,
    },
  };
}
/** The registers of a frame, for rt_sigreturn. `flags` are those of now: a program may not change all of them. */
export function parseSignalFrame(frame: Bytes, flags: Raw): RegisterValues {
  const registers = decodeField(savedRegisters, frame, frameOffsets.registers);
  const values: Partial<Record<SavedRegister, bigint>> = {};
  for (let i = 0; i < registers.length; i++) values[SAVED_REGISTERS[i]!] = registers[i]!;
  values.rflags = (values.rflags! & RESTORED_FLAGS) | (bigOf(flags) & ~RESTORED_FLAGS);
  return values;
}
