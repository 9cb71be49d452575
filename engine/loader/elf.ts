// Reads an ELF file's header and program headers (elf(5)), and says what to map where. Knows bytes only: no kernel, no memory.
import { PAGE_BYTES, pageCeil, pageFloor, TASK_SIZE } from "../abi/constants/address-space.ts";
import { protections } from "../abi/constants/mmap.ts";
import type { Errno } from "../abi/errno.ts";
import { bytes, decodeField, struct, u16, u32, u64 } from "../abi/field.ts";
import type { Bytes } from "../abi/memory-view.ts";

const header = struct({
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
const programHeader = struct({ p_type: u32, p_flags: u32, p_offset: u64, p_vaddr: u64, p_paddr: u64, p_filesz: u64, p_memsz: u64, p_align: u64 });

const ET_EXEC = 2;
const ET_DYN = 3;
const EM_X86_64 = 62;
const PT_LOAD = 1;
const PT_INTERP = 3;
const PT_GNU_STACK = 0x6474_e551;
const PF_X = 1;
const PF_W = 2;
const PF_R = 4;
/** Linux reads at most this much of them (load_elf_phdrs in fs/binfmt_elf.c). */
const MAX_HEADER_BYTES = 65_536;
const PATH_MAX = 4096;

/** A piece of the file to be mapped, and zeros after it. Addresses are relative to the load bias; `start` and `offset` lie on pages. */
export interface Segment {
  readonly start: number;
  readonly offset: number;
  /** Bytes of the mapping of the file, in pages; 0: only zeros. */
  readonly mappedBytes: number;
  readonly protection: number;
  /** Where the file's bytes end and zeros begin, and where these end; equal where there are none. */
  readonly zeroStart: number;
  readonly zeroEnd: number;
}
export interface Program {
  readonly isPositionIndependent: boolean;
  readonly entry: number;
  readonly segments: readonly Segment[];
  /** From the first segment's page to the last one's end. */
  readonly start: number;
  readonly end: number;
  readonly alignment: number;
  /** Where the program headers lie in memory, 0 where in no segment. */
  readonly headersAddress: number;
  readonly headersCount: number;
  readonly interpreter: Bytes | null;
  readonly isStackExecutable: boolean;
}
export type Parsed = { readonly kind: "program"; readonly program: Program } | { readonly kind: "fail"; readonly errno: Errno };
const refuse = (errno: Errno): Parsed => ({ kind: "fail", errno });

export const isElf = (start: Bytes): boolean => start[0] === 0x7f && start[1] === 0x45 && start[2] === 0x4c && start[3] === 0x46;

/** `read` gives at most `length` bytes of the file; fewer at its end. */
export function parseElf(read: (offset: number, length: number) => Bytes): Parsed {
  const start = read(0, header.size);
  if (start.length < header.size || !isElf(start)) return refuse("ENOEXEC");
  const elf = decodeField(header, start);
  if ((elf.e_type !== ET_EXEC && elf.e_type !== ET_DYN) || elf.e_machine !== EM_X86_64) return refuse("ENOEXEC");
  const headersBytes = elf.e_phnum * programHeader.size;
  if (elf.e_phentsize !== programHeader.size || headersBytes === 0 || headersBytes > MAX_HEADER_BYTES || !isPlausible(elf.e_phoff)) return refuse("ENOEXEC");
  const table = read(elf.e_phoff, headersBytes);
  if (table.length < headersBytes) return refuse("ENOEXEC");
  const headers = Array.from({ length: elf.e_phnum }, (_, i) => decodeField(programHeader, table, i * programHeader.size));

  let interpreter: Bytes | null = null;
  const named = headers.find(({ p_type }) => p_type === PT_INTERP);
  if (named) {
    if (named.p_filesz > PATH_MAX || named.p_filesz < 2 || !isPlausible(named.p_offset)) return refuse("ENOEXEC");
    const path = read(named.p_offset, named.p_filesz);
    if (path.length < named.p_filesz) return refuse("EIO");
    if (path.at(-1) !== 0) return refuse("ENOEXEC");
    interpreter = path.subarray(0, path.indexOf(0));
  }

  const loads = headers.filter(({ p_type }) => p_type === PT_LOAD);
  for (const { p_vaddr, p_memsz, p_filesz, p_offset } of loads) {
    if (p_vaddr >= TASK_SIZE || p_filesz > p_memsz || p_memsz > TASK_SIZE || TASK_SIZE - p_memsz < p_vaddr) return refuse("EINVAL");
    if (p_filesz > 0 && (p_offset % PAGE_BYTES !== p_vaddr % PAGE_BYTES || !isPlausible(p_offset))) return refuse("EINVAL");
  }
  const segments = loads.filter(({ p_memsz }) => p_memsz > 0).map(segmentOf);
  if (segments.length === 0 || elf.e_entry >= TASK_SIZE) return refuse("ENOEXEC");
  const holder = loads.find(({ p_offset, p_filesz }) => p_offset <= elf.e_phoff && elf.e_phoff < p_offset + p_filesz);
  const stack = headers.findLast(({ p_type }) => p_type === PT_GNU_STACK);
  return {
    kind: "program",
    program: {
      isPositionIndependent: elf.e_type === ET_DYN,
      entry: elf.e_entry,
      segments,
      start: Math.min(...segments.map(segment => segment.start)),
      end: Math.max(...segments.map(segment => pageCeil(segment.zeroEnd))),
      alignment: alignmentOf(loads.map(({ p_align }) => p_align)),
      headersAddress: holder ? elf.e_phoff - holder.p_offset + holder.p_vaddr : 0,
      headersCount: elf.e_phnum,
      interpreter,
      // Without the header x86-64 programs get an executable stack (elf_read_implies_exec in arch/x86/include/asm/elf.h).
      isStackExecutable: stack ? (stack.p_flags & PF_X) !== 0 : true,
    },
  };
}
/** No file is that large; larger numbers would not be exact. */
const isPlausible = (offset: number): boolean => offset < TASK_SIZE;

function segmentOf({ p_vaddr, p_offset, p_filesz, p_memsz, p_flags }: { [K in "p_vaddr" | "p_offset" | "p_filesz" | "p_memsz" | "p_flags"]: number }): Segment {
  const start = pageFloor(p_vaddr);
  const protection =
    (p_flags & PF_R ? protections.PROT_READ : 0) | (p_flags & PF_W ? protections.PROT_WRITE : 0) | (p_flags & PF_X ? protections.PROT_EXEC : 0);
  return {
    start,
    offset: p_filesz > 0 ? pageFloor(p_offset) : 0,
    mappedBytes: p_filesz > 0 ? pageCeil(p_vaddr + p_filesz) - start : 0,
    protection,
    zeroStart: p_filesz > 0 ? p_vaddr + p_filesz : start,
    zeroEnd: p_vaddr + p_memsz,
  };
}
/** The largest sensible p_align (maximum_alignment in fs/binfmt_elf.c). */
function alignmentOf(alignments: readonly number[]): number {
  const powers = alignments.filter(one => one > PAGE_BYTES && one <= 0x4000_0000 && Number.isInteger(Math.log2(one)));
  return Math.max(PAGE_BYTES, ...powers);
}
