// The shape of a user address space on x86-64 with 47 address bits (arch/x86/include/asm/page_64_types.h), as Linux lays it out with address randomisation off.
export const PAGE_BYTES = 4096;
/** Above the last user address. */
export const TASK_SIZE = 0x7fff_ffff_f000;
export const STACK_TOP = TASK_SIZE;
/** vm.mmap_min_addr. */
export const MMAP_MIN_ADDRESS = 0x1_0000;
/** Between a stack that grows and what lies below it: 256 pages. */
export const STACK_GUARD_GAP = 0x10_0000;
/** vm.max_map_count. */
export const MAX_AREAS = 65_530;
/** Where a position-independent program is loaded. */
export const PIE_BASE = 0x5555_5555_4000;
const SMALLEST_GAP = 128 * 0x10_0000;

/** Where mmap begins to look, downwards: below the room that the stack may need (mmap_base in arch/x86/mm/mmap.c). */
export function mmapTopFor(stackLimit: number): number {
  const gap = Math.min(Math.max(stackLimit + STACK_GUARD_GAP, SMALLEST_GAP), Math.floor(TASK_SIZE / 6) * 5);
  return pageCeil(STACK_TOP - gap);
}
export const pageFloor = (address: number): number => address - (address % PAGE_BYTES);
export const pageCeil = (address: number): number => pageFloor(address + PAGE_BYTES - 1);
/** As PAGE_ALIGN does in the kernel: what lies near 2^64 wraps around to 0. */
export const pageSpan = (length: number): number => (length > 2 ** 64 - PAGE_BYTES ? 0 : pageCeil(length));
