// Which shared memory outlives its mappings (shmctl(2), IPC_RMID).
import type { Kernel } from "../kernel.ts";

/** Segments keep their pages though nobody maps them; those that were removed do not. */
export function keepsObject(kernel: Kernel, object: number): boolean {
  for (const segment of kernel.ipc.segments.values()) {
    if (segment.object !== object) continue;
    if (segment.isRemoved) kernel.ipc.segments.delete(segment.id);
    else return true;
  }
  return false;
}
