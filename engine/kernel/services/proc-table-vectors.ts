// Where a process's arguments and environment lie, as it says itself: PR_SET_MM (PR_SET_MM(2const), kernel/sys.c). All that /proc/PID/cmdline and environ show follows from it.
import type { Draft } from "immer";
import { MMAP_MIN_ADDRESS, TASK_SIZE } from "../../abi/constants/address-space.ts";
import type { Kernel } from "../kernel.ts";
import { indexAbove } from "../objects/areas.ts";
import { can } from "../objects/credentials.ts";
import { areasOf, spaceOf } from "../objects/spaces.ts";
import { done, fail, type Outcome } from "../service.ts";
import type { Process, Task } from "../state/proc-table.ts";

/** Which end of which range. */
const ends: Readonly<Record<number, readonly ["argumentRange" | "environmentRange", 0 | 1]>> = {
  8: ["argumentRange", 0],
  9: ["argumentRange", 1],
  10: ["environmentRange", 0],
  11: ["environmentRange", 1],
};
export function moveVectors(
  kernel: Kernel,
  task: Draft<Task>,
  process: Draft<Process>,
  option: number,
  [address = 0, length = 0, unused = 0]: readonly number[],
): Outcome<{ arg2: unknown }> {
  if (length !== 0 || unused !== 0) return fail("EINVAL");
  if (!can(process.credentials, "CAP_SYS_RESOURCE")) return fail("EPERM");
  const end = ends[option];
  if (!end || address >= TASK_SIZE || address < MMAP_MIN_ADDRESS) return fail("EINVAL");
  const space = spaceOf(kernel, task.space);
  const [range, which] = end;
  const other = space[range][1 - which]!;
  if (which === 0 ? address > other : address < other) return fail("EINVAL");
  const areas = areasOf(space);
  if (indexAbove(areas, address) === areas.length) return fail("EFAULT");
  space[range] = which === 0 ? [address, other] : [other, address];
  return done(0, { arg2: undefined });
}
