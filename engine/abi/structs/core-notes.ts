// What an ELF core file is made of on x86-64 (elf(5), include/uapi/linux/elf.h, elfcore.h): headers, and the notes about a process and its threads.
import { array, bits64, bytes, i32, i64, struct, u8, u16, u32, u64 } from "../field.ts";
import { timeval } from "./timespec.ts";

export const elfHeader = struct({
  e_ident: bytes(16),
  e_type: u16,
  e_machine: u16,
  e_version: u32,
  e_entry: u64,
  e_phoff: u64,
  e_shoff: u64,
  e_flags: u32,
  e_ehsize: u16,
  e_phentsize: u16,
  e_phnum: u16,
  e_shentsize: u16,
  e_shnum: u16,
  e_shstrndx: u16,
});
export const programHeader = struct({ p_type: u32, p_flags: u32, p_offset: u64, p_vaddr: u64, p_paddr: u64, p_filesz: u64, p_memsz: u64, p_align: u64 });
export const noteHeader = struct({ n_namesz: u32, n_descsz: u32, n_type: u32 });
export const noteTypes = {
  NT_PRSTATUS: 1,
  NT_FPREGSET: 2,
  NT_PRPSINFO: 3,
  NT_AUXV: 6,
  NT_X86_XSTATE: 0x202,
  NT_SIGINFO: 0x5349_4749,
  NT_FILE: 0x4649_4c45,
} as const;

/** struct user_regs_struct. */
export const USER_REGISTERS_BYTES = 27 * 8;
export const processStatus = struct({
  si_signo: i32,
  si_code: i32,
  si_errno: i32,
  pr_cursig: u16,
  pr_sigpend: bits64,
  pr_sighold: bits64,
  pr_pid: i32,
  pr_ppid: i32,
  pr_pgrp: i32,
  pr_sid: i32,
  pr_utime: timeval,
  pr_stime: timeval,
  pr_cutime: timeval,
  pr_cstime: timeval,
  pr_reg: bytes(USER_REGISTERS_BYTES),
  pr_fpvalid: i32,
});
export const processInformation = struct({
  pr_state: u8,
  pr_sname: u8,
  pr_zomb: u8,
  pr_nice: u8,
  pr_flag: i64,
  pr_uid: u32,
  pr_gid: u32,
  pr_pid: i32,
  pr_ppid: i32,
  pr_pgrp: i32,
  pr_sid: i32,
  pr_fname: bytes(16),
  pr_psargs: bytes(80),
});
/** NT_FILE: how many mappings, the unit of their offsets, then three words for each; their names follow. */
export const mappedFile = array(u64, 3);
