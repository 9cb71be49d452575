// Whether the reader of a file in /proc/PID may look into that process (ptrace(2), "Ptrace access mode checking", PTRACE_MODE_READ_FSCREDS).
import { can } from "../objects/credentials.ts";
import { processOf } from "../objects/tasks.ts";
import type { ProcessQuestion } from "./entry.ts";

export function mayTrace({ kernel, reader, process }: Pick<ProcessQuestion, "kernel" | "reader" | "process">): boolean {
  if (reader.pid === process.pid) return true;
  const caller = processOf(kernel, reader.pid).credentials;
  if (can(caller, "CAP_SYS_PTRACE")) return true;
  const { ruid, euid, suid, rgid, egid, sgid } = process.credentials;
  const isSame = [ruid, euid, suid].every(id => id === caller.fsuid) && [rgid, egid, sgid].every(id => id === caller.fsgid);
  return isSame && process.isDumpable;
}
