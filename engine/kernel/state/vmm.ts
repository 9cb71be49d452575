// The state of memory: which areas each address space has and what lies behind them. Page contents are the machine's (engine/memory).
import type { Bytes } from "../../abi/memory-view.ts";
import type { BinaryString } from "./vfs.ts";

export type Backing =
  | { readonly kind: "anonymous" }
  /** MAP_SHARED without a file, System V segments: pages are found by (object, index). */
  | { readonly kind: "object"; readonly object: number; readonly firstPage: number }
  | { readonly kind: "file"; readonly inode: number; readonly offset: number; readonly path: BinaryString };

/** set_mempolicy(2): the mode, MPOL_F_STATIC_NODES and the like, and the nodes that were asked for. */
export interface MemoryPolicy {
  readonly mode: number;
  readonly flags: number;
  readonly nodes: bigint;
}
/** A mapping, [start, end), page-aligned (mmap(2), proc_pid_maps(5)). A value: lists of areas are replaced, never changed in place. */
export interface Area {
  readonly start: number;
  readonly end: number;
  /** PROT_READ 1, PROT_WRITE 2, PROT_EXEC 4. */
  readonly protection: number;
  /** What mprotect may make of it: a shared mapping of a file opened for reading never becomes writable. */
  readonly maxProtection: number;
  readonly isShared: boolean;
  /** A stack: what is touched below its start, within `stackLimit`, belongs to it too. `start` stays, so that a page fault changes no state. */
  readonly growsDown: boolean;
  readonly isLocked: boolean;
  readonly backing: Backing;
  /** What a fork does with it, where not copying it (madvise(2)). */
  readonly onFork?: "omit" | "wipe";
  /** mbind(2): services/memory-policy.ts. */
  readonly policy?: bigint;
  /** madvise(2), MADV_DONTDUMP: core files are without it. */
  readonly isNotDumped?: true;
  /** memfd_secret(2): nobody sees it but the program's own instructions, and calls that it hands it to. */
  readonly isSecret?: true;
  /** Private memory that can be written no more: what had been set aside for it, and copies of a file's pages, are still there. */
  readonly hasBeenWritable?: true;
  /** `[stack]`, `[heap]`, `[vdso]`. */
  readonly name?: string;
}
/** How a request of io_submit(2) ended. */
export interface AioEvent {
  readonly data: bigint;
  /** The request's address. */
  readonly obj: number;
  readonly res: number;
}
/** io_setup(2)'s: a ring in memory, and the events that nobody has taken. */
export interface AioContext {
  /** Its ring's address. */
  readonly id: number;
  readonly length: number;
  readonly slots: number;
  /** How many requests may be under way or not taken. */
  readonly capacity: number;
  readonly head: number;
  readonly events: readonly AioEvent[];
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
  /** From here up to `mmapTop` no page is free: where the look for a gap may start, however many areas there are. */
  readonly fullFrom: number;
  /** RLIMIT_STACK at exec: how far areas that grow down may reach below their end. */
  readonly stackLimit: number;
  /** mlockall(MCL_FUTURE). */
  readonly locksFuture: boolean;
  /** modify_ldt(2): how many entries its table of descriptors has, all of them cleared. */
  readonly descriptors?: number;
  readonly aio?: readonly AioContext[];
  /** Where the program's arguments and environment lie, [start, end), and their bytes as at exec, for auxv and for machines without `BootParameters.memoryFiles`. */
  readonly argumentRange: readonly [number, number];
  readonly environmentRange: readonly [number, number];
  readonly arguments: Bytes;
  readonly environment: Bytes;
  readonly auxiliaryVector: Bytes;
}
export interface VmmState {
  readonly spaces: ReadonlyMap<number, Space>;
  readonly nextSpace: number;
  readonly nextObject: number;
  /** Inodes of files that are mapped with MAP_SHARED and writable: what the guest stores there must reach the file. */
  readonly sharedFiles: readonly number[];
  /** Each file and each shared memory that is mapped, by object (objects/mapped-objects.ts). */
  readonly mapped?: ReadonlyMap<number, MappedObject>;
}
/** How many areas of all spaces map it; of those, how many with MAP_SHARED, and so that what is stored there must reach a file. A value. */
export interface MappedObject {
  readonly areas: number;
  readonly shared: number;
  readonly writable: number;
}

export const initialVmm: VmmState = { spaces: new Map(), nextSpace: 1, nextObject: 1, sharedFiles: [], mapped: new Map() };
