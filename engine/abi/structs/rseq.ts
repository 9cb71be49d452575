// Restartable sequences (rseq(2), linux/rseq.h): the area that a thread registers, and the description of one sequence that its rseq_cs points to.
import { bits64, struct, u32 } from "../field.ts";

/** struct rseq, as far as it has members; the structure is aligned to, and at least as long as, `AREA_BYTES`. */
export const rseqArea = struct({ cpu_id_start: u32, cpu_id: u32, rseq_cs: bits64, flags: u32, node_id: u32, mm_cid: u32 });
export const AREA_BYTES = 32;
/** How much of it the kernel knows: what AT_RSEQ_FEATURE_SIZE says. */
export const KNOWN_BYTES = 28;
/** struct rseq_cs. */
export const rseqSection = struct({ version: u32, flags: u32, start_ip: bits64, post_commit_offset: bits64, abort_ip: bits64 });

/** RSEQ_CPU_ID_UNINITIALIZED: no registration. */
export const NO_CPU = 0xffff_ffff;
export const rseqFlags = { RSEQ_FLAG_UNREGISTER: 1 } as const;
