// How much memory an address space takes up, in bytes, by what it is for. Which pages have been touched is not kernel state, so all that is mapped
// counts as resident, save the part of the stack below what execve made.
import { protections } from "../../abi/constants/mmap.ts";
import type { Kernel } from "../kernel.ts";
import { areasOf } from "../objects/spaces.ts";
import type { Area, Space } from "../state/vmm.ts";
import type { ProcessQuestion } from "./entry.ts";

export interface MemorySummary {
  readonly size: number;
  readonly locked: number;
  /** Private and writable, without the stack. */
  readonly data: number;
  readonly stack: number;
  readonly code: number;
  readonly libraries: number;
  readonly anonymous: number;
  readonly file: number;
  readonly shared: number;
}
const { PROT_WRITE, PROT_EXEC } = protections;
const total = (areas: readonly Area[], holds: (area: Area) => boolean): number =>
  areas.reduce((sum, area) => sum + (holds(area) ? area.end - area.start : 0), 0);

export function summarise(space: Pick<Space, "areas"> | undefined): MemorySummary {
  const areas = space ? areasOf(space as Parameters<typeof areasOf>[0]) : [];
  const code = areas.find(area => area.protection & PROT_EXEC && area.backing.kind === "file");
  const codeBytes = code ? code.end - code.start : 0;
  return {
    size: total(areas, () => true),
    locked: total(areas, area => area.isLocked),
    data: total(areas, area => (area.protection & PROT_WRITE) !== 0 && !area.isShared && !area.growsDown),
    stack: total(areas, area => area.growsDown),
    code: codeBytes,
    libraries: total(areas, area => (area.protection & PROT_EXEC) !== 0 && area.backing.kind === "file") - codeBytes,
    anonymous: total(areas, area => area.backing.kind === "anonymous"),
    file: total(areas, area => area.backing.kind === "file"),
    shared: total(areas, area => area.backing.kind === "object"),
  };
}
/** The address space of the process, unless it has ended or never had one. */
export const spaceOfProcess = ({ kernel, task }: Pick<ProcessQuestion, "kernel" | "task">): Space | undefined =>
  task && task.state !== "dead" ? (kernel.vmm.spaces.get(task.space) as Space | undefined) : undefined;
export const kibibytes = (bytes: number): number => Math.floor(bytes / 1024);

/** Of all processes together, each address space once. */
export const memoryInUse = (kernel: Kernel): number => [...kernel.vmm.spaces.values()].reduce((sum, space) => sum + summarise(space as Space).size, 0);
