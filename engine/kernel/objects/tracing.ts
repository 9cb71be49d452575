// Whether one process may look into another (ptrace(2), "Ptrace access mode checking").
import type { Draft } from "immer";
import type { Kernel } from "../kernel.ts";
import type { Process } from "../state/proc-table.ts";
import { can } from "./credentials.ts";
import { isWithinDomain } from "./landlock-domains.ts";
import { processOf } from "./tasks.ts";

/** `fs`: as the caller's file system ids allow it, for files of /proc; `real`: as the real ones do, for calls. */
export function maySee(kernel: Kernel, caller: number, process: Draft<Process>, ids: "fs" | "real"): boolean {
  if (caller === process.pid) return true;
  // Init has no task.
  const { tasks } = kernel.procTable;
  if (!isWithinDomain(kernel, tasks.get(process.pid) ?? {}, tasks.get(caller) ?? {})) return false;
  const own = processOf(kernel, caller).credentials;
  if (can(own, "CAP_SYS_PTRACE")) return true;
  const [uid, gid] = ids === "fs" ? [own.fsuid, own.fsgid] : [own.ruid, own.rgid];
  const { ruid, euid, suid, rgid, egid, sgid } = process.credentials;
  return [ruid, euid, suid].every(id => id === uid) && [rgid, egid, sgid].every(id => id === gid) && process.isDumpable;
}
