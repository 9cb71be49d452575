// Reads an ELF file's header and program headers (elf(5)), and says what to map where. Knows bytes only: no kernel, no memory.
import { PAGE_BYTES, pageCeil, pageFloor, TASK_SIZE } from "../abi/constants/address-space.ts";
import { protections } from "../abi/constants/mmap.ts";
import type { Errno } from "../abi/errno.ts";
import type { Bytes } from "../abi/memory-view.ts";

/** Offsets of the members of Elf64_Ehdr and Elf64_Phdr. Read one by one: whole structures would cost exec more than all the rest of it. */
const header = { size: 64, e_type: 16, e_machine: 18, e_entry: 24, e_phoff: 32, e_phentsize: 54, e_phnum: 56 } as const;
const programHeader = { size: 56, p_type: 0, p_flags: 4, p_offset: 8, p_vaddr: 16, p_filesz: 32, p_memsz: 40, p_align: 48 } as const;
interface ProgramHeader {
  readonly p_type: number;
  readonly p_flags: number;
  readonly p_offset: number;
  readonly p_vaddr: number;
  readonly p_filesz: number;
  readonly p_memsz: number;
  readonly p_align: number;
}
const viewOf = (bytes: Bytes): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
/** Rounded above 2^53: no such address or size is valid. */
const wide = (view: DataView, at: number): number => view.getUint32(at, true) + view.getUint32(at + 4, true) * 0x1_0000_0000;
const programHeaderAt = (view: DataView, at: number): ProgramHeader => ({
  p_type: view.getUint32(at + programHeader.p_type, true),
  p_flags: view.getUint32(at + programHeader.p_flags, true),
  p_offset: wide(view, at + programHeader.p_offset),
  p_vaddr: wide(view, at + programHeader.p_vaddr),
  p_filesz: wide(view, at + programHeader.p_filesz),
  p_memsz: wide(view, at + programHeader.p_memsz),
  p_align: wide(view, at + programHeader.p_align),
});

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
  const elf = viewOf(start);
  const type = elf.getUint16(header.e_type, true);
  if ((type !== ET_EXEC && type !== ET_DYN) || elf.getUint16(header.e_machine, true) !== EM_X86_64) return refuse("ENOEXEC");
  const [entry, headersOffset] = [wide(elf, header.e_entry), wide(elf, header.e_phoff)];
  const headersCount = elf.getUint16(header.e_phnum, true);
  const headersBytes = headersCount * programHeader.size;
  if (elf.getUint16(header.e_phentsize, true) !== programHeader.size || headersBytes === 0 || headersBytes > MAX_HEADER_BYTES) return refuse("ENOEXEC");
  const table = isPlausible(headersOffset) ? read(headersOffset, headersBytes) : start.subarray(0, 0);
  if (table.length < headersBytes) return refuse("ENOEXEC");
  const view = viewOf(table);
  const headers = Array.from({ length: headersCount }, (_, i) => programHeaderAt(view, i * programHeader.size));

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
  if (segments.length === 0 || entry >= TASK_SIZE) return refuse("ENOEXEC");
  const holder = loads.find(({ p_offset, p_filesz }) => p_offset <= headersOffset && headersOffset < p_offset + p_filesz);
  const stack = headers.findLast(({ p_type }) => p_type === PT_GNU_STACK);
  return {
    kind: "program",
    program: {
      isPositionIndependent: type === ET_DYN,
      entry,
      segments,
      start: Math.min(...segments.map(segment => segment.start)),
      end: Math.max(...segments.map(segment => pageCeil(segment.zeroEnd))),
      alignment: alignmentOf(loads.map(({ p_align }) => p_align)),
      headersAddress: holder ? headersOffset - holder.p_offset + holder.p_vaddr : 0,
      headersCount,
      interpreter,
      // Without the header x86-64 programs get an executable stack (elf_read_implies_exec in arch/x86/include/asm/elf.h).
      isStackExecutable: stack ? (stack.p_flags & PF_X) !== 0 : true,
    },
  };
}
/** No file is that large; larger numbers would not be exact. */
const isPlausible = (offset: number): boolean => offset < TASK_SIZE;

function segmentOf({ p_vaddr, p_offset, p_filesz, p_memsz, p_flags }: ProgramHeader): Segment {
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
