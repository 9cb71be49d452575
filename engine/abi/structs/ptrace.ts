// What ptrace(2) moves: struct user's places, struct ptrace_syscall_info, struct ptrace_peeksiginfo_args, struct ptrace_rseq_configuration (sys/user.h, include/uapi/linux/ptrace.h).
import { array, bits64, i32, struct, u8, u32, u64 } from "../field.ts";
import type { Bytes } from "../memory-view.ts";

/** struct user_regs_struct, in words. */
export const USER_REGISTERS = [
  ...["r15", "r14", "r13", "r12", "rbp", "rbx", "r11", "r10", "r9", "r8", "rax", "rcx", "rdx", "rsi", "rdi"],
  ...["orig_rax", "rip", "cs", "eflags", "rsp", "ss", "fs_base", "gs_base", "ds", "es", "fs", "gs"],
] as const;
export const WORD_BYTES = 8;
export const USER_REGISTERS_BYTES = USER_REGISTERS.length * WORD_BYTES;
export const indexOfRegister = (name: string): number => (USER_REGISTERS as readonly string[]).indexOf(name);
export const wordsOf = (bytes: Bytes): bigint[] => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: Math.floor(bytes.length / WORD_BYTES) }, (_, i) => view.getBigUint64(i * WORD_BYTES, true));
};
export function bytesOfWords(words: readonly bigint[]): Uint8Array {
  const bytes = new Uint8Array(words.length * WORD_BYTES);
  const view = new DataView(bytes.buffer);
  words.forEach((word, i) => {
    view.setBigUint64(i * WORD_BYTES, word, true);
  });
  return bytes;
}
/** struct user as the kernel has it: the general registers come first; of the eight debug registers DR4 and DR5 are none. */
export const userArea = { size: 928, debugRegisters: [848, 856, 864, 872, 896, 904] as readonly number[] } as const;
/** FXSAVE's area: struct user_fpregs_struct. */
export const FLOAT_REGISTERS_BYTES = 512;

export const callInfoKinds = { NONE: 0, ENTRY: 1, EXIT: 2, SECCOMP: 3 } as const;
const head = { op: u8, _padding: array(u8, 3), arch: u32, instruction_pointer: bits64, stack_pointer: bits64 };
export const callInfo = struct(head);
export const entryInfo = struct({ ...head, nr: bits64, args: array(bits64, 6) });
export const exitInfo = struct({ ...head, rval: bits64, is_error: u8 });
export const filterInfo = struct({ ...head, nr: bits64, args: array(bits64, 6), ret_data: u32, _reserved: u32 });
/** How much of each tells something (kernel/ptrace.c, ptrace_get_syscall_info). */
export const callInfoSizes = { none: 24, entry: 80, exit: 33, filter: 84, most: 88 } as const;

export const peekSignalsArguments = struct({ off: u64, flags: u32, nr: i32 });
export const PEEK_SHARED = 1;
export const SIGNAL_INFO_BYTES = 128;
export const rseqConfiguration = struct({ rseq_abi_pointer: u64, rseq_abi_size: u32, signature: u32, flags: u32, _pad: u32 });

/** Where in FXSAVE's and XSAVE's areas the words lie that are left to software: in XSAVE's, the first of them is XCR0 (arch/x86/include/asm/user.h). */
export const SOFTWARE_AT = 464;
/** NT_X86_XSTATE in the standard format: where its header lies, and the bits that the processor knows (Intel SDM vol. 1, 13.4.2). */
const XSTATE = { header: 512, headerEnd: 576, mxcsr: 24, known: 7n, knownMxcsr: 0xffff } as const;
/** Whether an XSAVE area is one that can be loaded (arch/x86/kernel/fpu/xstate.c, validate_user_xstate_header). */
export function isExtendedState(area: Bytes): boolean {
  const [state, compaction, ...reserved] = wordsOf(area.subarray(XSTATE.header, XSTATE.headerEnd));
  return (state! & ~XSTATE.known) === 0n && compaction === 0n && reserved.every(word => word === 0n) && isFloatState(area);
}
/** MXCSR has no bits that do not exist. */
export const isFloatState = (area: Bytes): boolean =>
  new DataView(area.buffer, area.byteOffset, area.length).getUint32(XSTATE.mxcsr, true) <= XSTATE.knownMxcsr;
