// struct sched_param and struct sched_attr (sched_setscheduler(2), sched_setattr(2)).
import { i32, struct, u32, u64 } from "../field.ts";

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
