// The auxiliary vector (getauxval(3)): what the kernel tells a program at its start.
import { PAGE_BYTES } from "../abi/constants/address-space.ts";
import { AREA_BYTES, KNOWN_BYTES } from "../abi/structs/rseq.ts";

export const auxiliaryTypes = {
  AT_NULL: 0,
  AT_PHDR: 3,
  AT_PHENT: 4,
  AT_PHNUM: 5,
  AT_PAGESZ: 6,
  AT_BASE: 7,
  AT_FLAGS: 8,
  AT_ENTRY: 9,
  AT_UID: 11,
  AT_EUID: 12,
  AT_GID: 13,
  AT_EGID: 14,
  AT_PLATFORM: 15,
  AT_HWCAP: 16,
  AT_CLKTCK: 17,
  AT_SECURE: 23,
  AT_RANDOM: 25,
  AT_HWCAP2: 26,
  AT_RSEQ_FEATURE_SIZE: 27,
  AT_RSEQ_ALIGN: 28,
  AT_EXECFN: 31,
  AT_SYSINFO_EHDR: 33,
  AT_MINSIGSTKSZ: 51,
} as const;
export type AuxiliaryType = keyof typeof auxiliaryTypes;
export type Auxiliary = readonly (readonly [AuxiliaryType, number])[];

const CLOCK_TICKS = 100;
const PROGRAM_HEADER_BYTES = 56;
/** A signal frame with the FXSAVE area, as glibc's sysconf(_SC_MINSIGSTKSZ) asks for it. */
const SIGNAL_FRAME_BYTES = 2048;

export interface AuxiliaryFacts {
  readonly headersAddress: number;
  readonly headersCount: number;
  /** Where the interpreter is loaded, 0 without one. */
  readonly base: number;
  readonly entry: number;
  readonly ruid: number;
  readonly euid: number;
  readonly rgid: number;
  readonly egid: number;
  readonly isSecure: boolean;
  readonly hardwareCapabilities: number;
  readonly moreCapabilities: number;
  /** Where the vdso lies, 0 without one. */
  readonly vdso: number;
}
/** In Linux's order (create_elf_tables in fs/binfmt_elf.c), with the addresses of what lies on the stack. */
export const auxiliaryVector = (facts: AuxiliaryFacts, random: number, fileName: number, platform: number): Auxiliary => [
  ...(facts.vdso === 0 ? [] : [["AT_SYSINFO_EHDR", facts.vdso] as const]),
  ["AT_MINSIGSTKSZ", SIGNAL_FRAME_BYTES],
  ["AT_HWCAP", facts.hardwareCapabilities],
  ["AT_PAGESZ", PAGE_BYTES],
  ["AT_CLKTCK", CLOCK_TICKS],
  ["AT_PHDR", facts.headersAddress],
  ["AT_PHENT", PROGRAM_HEADER_BYTES],
  ["AT_PHNUM", facts.headersCount],
  ["AT_BASE", facts.base],
  ["AT_FLAGS", 0],
  ["AT_ENTRY", facts.entry],
  ["AT_UID", facts.ruid],
  ["AT_EUID", facts.euid],
  ["AT_GID", facts.rgid],
  ["AT_EGID", facts.egid],
  ["AT_SECURE", facts.isSecure ? 1 : 0],
  ["AT_RANDOM", random],
  ["AT_HWCAP2", facts.moreCapabilities],
  ["AT_EXECFN", fileName],
  ["AT_PLATFORM", platform],
  ["AT_RSEQ_FEATURE_SIZE", KNOWN_BYTES],
  ["AT_RSEQ_ALIGN", AREA_BYTES],
  ["AT_NULL", 0],
];
