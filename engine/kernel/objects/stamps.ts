// Times of inodes: nanoseconds since 1970, as one bigint, which is a value: three fields may hold the same one.
import type { Kernel } from "../kernel.ts";
import type { Stamp, Timestamp } from "../state/vfs.ts";

const BILLION = 1_000_000_000;
const WIDE_BILLION = 1_000_000_000n;

/** What ext4 can keep (s_time_min and s_time_max): 1901 to 2446. Times beyond become these, without a fraction (fs/inode.c, timestamp_truncate). */
const LEAST_SECOND = -0x8000_0000;
const MOST_SECOND = 0x3_7fff_ffff;
export function stampOf({ seconds, nanos }: Timestamp): Stamp {
  if (seconds <= LEAST_SECOND || seconds >= MOST_SECOND) return BigInt(seconds < 0 ? LEAST_SECOND : MOST_SECOND) * WIDE_BILLION;
  return BigInt(seconds) * WIDE_BILLION + BigInt(nanos);
}
let [knownStamp, known]: [Stamp, Timestamp] = [0n, { seconds: 0, nanos: 0 }];
/** A file's three times are mostly one. */
export function timestampOf(stamp: Stamp): Timestamp {
  if (stamp !== knownStamp) [knownStamp, known] = [stamp, dividedStamp(stamp)];
  return known;
}
function dividedStamp(stamp: Stamp): Timestamp {
  // Rounded down, before 1970 too.
  const nanos = Number(((stamp % WIDE_BILLION) + WIDE_BILLION) % WIDE_BILLION);
  return { seconds: Number((stamp - BigInt(nanos)) / WIDE_BILLION), nanos };
}
/** CLOCK_REALTIME, now. */
export function presentStamp(kernel: Kernel): Stamp {
  const { epochSeconds, realtimeOffsetNanos } = kernel.time;
  return BigInt(epochSeconds) * WIDE_BILLION + BigInt(kernel.nowNanos + realtimeOffsetNanos);
}
/** The second it is now. */
export function presentSecond(kernel: Kernel): number {
  const { epochSeconds, realtimeOffsetNanos } = kernel.time;
  return epochSeconds + Math.floor((kernel.nowNanos + realtimeOffsetNanos) / BILLION);
}
