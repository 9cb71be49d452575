// struct sched_param and struct sched_attr (sched_setscheduler(2), sched_setattr(2)).
import type { Arg } from "../argument.ts";
import { decodeField, i32, struct, u32, u64 } from "../field.ts";
import { uint64 } from "../memory-view.ts";

export const schedParam = struct({ sched_priority: i32 });
export const schedAttr = struct({
  size: u32,
  sched_policy: u32,
  sched_flags: u64,
  sched_nice: i32,
  sched_priority: u32,
  sched_runtime: u64,
  sched_deadline: u64,
  sched_period: u64,
});
/** Says its own size: shorter ones than the first version's are refused, longer ones must end in zeros. */
export interface SchedulingRequest {
  readonly size: number;
  readonly fields: ReturnType<(typeof schedAttr)["get"]> | null;
  readonly hasUnknown: boolean;
}
const PAGE = 4096;
export const schedAttrIn: Arg<SchedulingRequest | null> = {
  label: "sched_attr",
  decode(raw, memory) {
    if (uint64(raw) === 0) return null;
    const size = decodeField(u32, memory.read(uint64(raw), 4)) || schedAttr.size;
    if (size < schedAttr.size || size > PAGE) return { size, fields: null, hasUnknown: false };
    const bytes = memory.read(uint64(raw), size);
    return { size, fields: decodeField(schedAttr, bytes), hasUnknown: bytes.subarray(schedAttr.size).some(byte => byte !== 0) };
  },
  format: (raw, { before, raws }) => {
    const fields = schedAttrIn.decode(raw, before, raws)?.fields;
    return fields ? schedAttr.format(fields) : `0x${uint64(raw).toString(16)}`;
  },
};
