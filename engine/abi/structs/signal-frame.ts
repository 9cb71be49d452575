// What lies on the stack while a signal handler runs: struct rt_sigframe with its ucontext and sigcontext (arch/x86/include/uapi/asm/sigcontext.h). One layout for building and for rt_sigreturn.
import { array, bits64, struct, u16, u64 } from "../field.ts";
import { sigset, stack_t } from "./sigaction.ts";
import { siginfo } from "./siginfo.ts";

/** The general registers in the order of struct sigcontext. */
export const SAVED_REGISTERS = [
  "r8",
  "r9",
  "r10",
  "r11",
  "r12",
  "r13",
  "r14",
  "r15",
  "rdi",
  "rsi",
  "rbp",
  "rbx",
  "rdx",
  "rax",
  "rcx",
  "rsp",
  "rip",
  "rflags",
] as const;

export type SavedRegister = (typeof SAVED_REGISTERS)[number];
export const savedRegisters = array(bits64, SAVED_REGISTERS.length);

export const sigcontext = struct({
  registers: savedRegisters,
  cs: u16,
  gs: u16,
  fs: u16,
  ss: u16,
  err: u64,
  trapno: u64,
  oldmask: bits64,
  cr2: u64,
  fpstate: u64,
  _reserved: array(bits64, 8),
});
export const ucontext = struct({ uc_flags: u64, uc_link: u64, uc_stack: stack_t, uc_mcontext: sigcontext, uc_sigmask: sigset });
export const signalFrame = struct({ pretcode: u64, uc: ucontext, info: siginfo });

/** Where what a frame holds lies in it: sigreturn reads members of it, not all that there is. */
const CONTEXT_AT = signalFrame.offsets.uc + ucontext.offsets.uc_mcontext;
export const frameOffsets = {
  registers: CONTEXT_AT + sigcontext.offsets.registers,
  vectors: CONTEXT_AT + sigcontext.offsets.fpstate,
  stack: signalFrame.offsets.uc + ucontext.offsets.uc_stack,
  mask: signalFrame.offsets.uc + ucontext.offsets.uc_sigmask,
} as const;

/** FXSAVE's area: without XSAVE in CPUID, Linux saves just that, and no magic numbers after it. */
export const VECTORS_SIZE = 512;
/** With XSAVE the area is longer, and says so in bytes that FXSAVE leaves to software (struct _fpx_sw_bytes; arch/x86/kernel/fpu/signal.c). */
export const extendedVectors = { size: 836, states: 7, stateSize: 832, magicAt: 464, magic: 0x4650_5853, endMagic: 0x4650_5845 } as const;
