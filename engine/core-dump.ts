// What a core file needs of registers and guest memory (core(5)): the pages that differ from what they were mapped from. Reads only; the file is the kernel's (kernel/objects/core-file.ts).
import type { DumpEvent } from "../events/kernel-event.ts";
import type { Kernel } from "./kernel/kernel.ts";
import { dumpedAreas, originOf } from "./kernel/objects/core-file.ts";
import { liveTasks, processOf, taskOf } from "./kernel/objects/tasks.ts";
import type { GuestMemory } from "./memory/guest-memory.ts";
import { generalOf, vectorsOf } from "./task-registers.ts";

const PAGE = 4096;

export type DumpedThread = DumpEvent["threads"][number];
/** The task's registers as struct user_regs_struct and as FXSAVE or XSAVE lay them out. */
function threadOf(kernel: Kernel, tid: number, file: Uint8Array, hasXsave: boolean): DumpedThread {
  const { waiting } = taskOf(kernel, tid);
  return { tid, general: generalOf(file, waiting ? BigInt(waiting.number) : BigInt.asUintN(64, -1n)), vectors: vectorsOf(file, hasXsave) };
}
/** A shorter piece of a file ends in zeros. */
const isSame = (page: Uint8Array, origin: Readonly<Uint8Array> | null): boolean => page.every((byte, i) => byte === (origin?.[i] ?? 0));

/** The task that takes the signal comes first. */
export function dumpOf(
  kernel: Kernel,
  tid: number,
  registers: ReadonlyMap<number, Uint8Array>,
  memory: GuestMemory,
  hasXsave: boolean,
): Pick<DumpEvent, "threads" | "pages"> {
  const { pid, space } = taskOf(kernel, tid);
  const others = liveTasks(kernel, processOf(kernel, pid)).flatMap(task => (task.tid === tid ? [] : [task.tid]));
  const threads = [tid, ...others].map(one => threadOf(kernel, one, registers.get(one)!, hasXsave));
  const pages = dumpedAreas(kernel, space).flatMap(({ area, from }) => {
    const { backing } = area;
    const found =
      backing.kind === "object"
        ? memory.sharedPages(backing.object, backing.firstPage, (area.end - area.start) / PAGE).map(({ index, bytes }) => ({
            address: area.start + (index - backing.firstPage) * PAGE,
            bytes,
          }))
        : memory.presentPages(space, from / PAGE, (area.end - from) / PAGE).map(({ page, bytes }) => ({ address: page * PAGE, bytes }));
    return found
      .filter(({ address, bytes }) => !isSame(bytes, originOf(kernel, area, address)))
      .map(({ address, bytes }) => ({ address, bytes: bytes.slice() }));
  });
  // A stack may reach below the area that stands before it in the list.
  return { threads, pages: pages.sort((a, b) => a.address - b.address) };
}
