// The state of memory: which areas each address space has and what lies behind them. Page contents are the machine's (engine/memory).
import type { BinaryString } from "./vfs.ts";

export type Backing =
  | { readonly kind: "anonymous" }
  /** MAP_SHARED without a file, System V segments: pages are found by (object, index). */
  | { readonly kind: "object"; readonly object: number; readonly firstPage: number }
  | { readonly kind: "file"; readonly inode: number; readonly offset: number; readonly path: BinaryString };

/** A mapping, [start, end), page-aligned (mmap(2), proc_pid_maps(5)). */
export interface Area {
  readonly start: number;
  readonly end: number;
  /** PROT_READ 1, PROT_WRITE 2, PROT_EXEC 4. */
  readonly protection: number;
  readonly isShared: boolean;
  readonly growsDown: boolean;
  readonly backing: Backing;
  /** For ELF segments: bytes of the file that count; what follows in the area is zero. Absent: up to the file's end. */
  readonly fileBytes?: number;
  /** `[stack]`, `[heap]`, `[vdso]`. */
  readonly name?: string;
}
export interface Space {
  /** Tasks that use it (CLONE_VM). */
  readonly users: number;
  /** Sorted by start, never overlapping. */
  readonly areas: readonly Area[];
  readonly brkStart: number;
  readonly brk: number;
  /** Where mmap starts to look, downwards. */
  readonly mmapTop: number;
  /** Program arguments and environment as at exec, for /proc/PID/cmdline and environ: [start, end). */
  readonly argumentRange: readonly [number, number];
  readonly environmentRange: readonly [number, number];
}
export interface VmmState {
  readonly spaces: ReadonlyMap<number, Space>;
  readonly nextSpace: number;
  readonly nextObject: number;
}
