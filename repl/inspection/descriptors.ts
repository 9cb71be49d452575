// The open files of a process as rows: what fds and the process pane show.
import type { KernelState } from "../../engine/kernel/state/kernel-state.ts";
import { taskOfState } from "./processes.ts";

export interface DescriptorRow {
  readonly fd: number;
  readonly kind: string;
  /** r, w or rw, then flags. */
  readonly access: string;
  readonly offset: number;
  readonly name: string;
  readonly isCloseOnExec: boolean;
}
const ACCESS = ["r", "w", "rw", "?"] as const;
const O_APPEND = 0o2000;
const O_NONBLOCK = 0o4000;

export function descriptorRows(state: KernelState, tid: number): readonly DescriptorRow[] {
  const task = taskOfState(state, tid);
  const table = task && state.vfs.tables.get(task.files);
  return (table?.slots ?? []).flatMap((slot, fd) => {
    const open = slot && state.vfs.openFiles[slot.openFile];
    if (!slot || slot.reservedBy !== undefined || !open) return [];
    const access = ACCESS[open.flags & 3]! + (open.flags & O_APPEND ? " append" : "") + (open.flags & O_NONBLOCK ? " nonblock" : "");
    const name = open.path || `${open.kind}:[${open.object}]`;
    return [{ fd, kind: open.kind, access, offset: open.offset, name, isCloseOnExec: slot.isCloseOnExec }];
  });
}
export const descriptorText = (rows: readonly DescriptorRow[]): string =>
  [
    "  FD KIND          ACCESS      OFFSET NAME",
    ...rows.map(
      ({ fd, kind, access, offset, name, isCloseOnExec }) =>
        `${String(fd).padStart(4)} ${kind.padEnd(13)} ${access.padEnd(8)} ${String(offset).padStart(9)} ${name}${isCloseOnExec ? " (cloexec)" : ""}`,
    ),
  ].join("\n");
