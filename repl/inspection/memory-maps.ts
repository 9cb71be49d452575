// The memory of a process as /proc/PID/maps shows it (proc_pid_maps(5)).
import type { KernelState } from "../../engine/kernel/state/kernel-state.ts";
import type { Area } from "../../engine/kernel/state/vmm.ts";
import { taskOfState } from "./processes.ts";

const hex = (address: number): string => address.toString(16).padStart(8, "0");
const rights = ({ protection, isShared }: Area): string =>
  `${protection & 1 ? "r" : "-"}${protection & 2 ? "w" : "-"}${protection & 4 ? "x" : "-"}${isShared ? "s" : "p"}`;
const nameOf = ({ backing, name }: Area): string => name ?? (backing.kind === "file" ? backing.path : backing.kind === "object" ? "/dev/zero (shared)" : "");

export interface MapRow {
  readonly range: string;
  readonly rights: string;
  readonly offset: number;
  readonly name: string;
  readonly bytes: number;
}
export function mapRows(state: KernelState, tid: number): readonly MapRow[] {
  const task = taskOfState(state, tid);
  const space = task && state.vmm.spaces.get(task.space);
  return (space?.areas ?? []).map(area => ({
    range: `${hex(area.start)}-${hex(area.end)}`,
    rights: rights(area),
    offset: area.backing.kind === "file" ? area.backing.offset : 0,
    name: nameOf(area),
    bytes: area.end - area.start,
  }));
}
export const mapText = (rows: readonly MapRow[]): string =>
  rows.map(({ range, rights: shown, offset, name }) => `${range.padEnd(25)} ${shown} ${hex(offset)} ${name}`.trimEnd()).join("\n");
