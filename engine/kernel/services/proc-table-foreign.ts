// Calls on another process's memory (process_vm_readv(2), process_mrelease(2)).
import type { Draft } from "immer";
import type { Errno } from "../../abi/errno.ts";
import type { Kernel } from "../kernel.ts";
import { processNamedBy } from "../objects/pidfds.ts";
import { processOf, taskOf } from "../objects/tasks.ts";
import { maySee } from "../objects/tracing.ts";
import { type Call, type Calls, done, fail } from "../service.ts";
import type { Task } from "../state/proc-table.ts";

/** Whose memory it is, or why it may not be touched. */
function victim(kernel: Kernel, call: Call<unknown>, pid: number): Draft<Task> | Errno {
  const task = kernel.procTable.tasks.get(pid);
  if (!task || task.state === "dead") return "ESRCH";
  return maySee(kernel, call.pid, processOf(kernel, task.pid), "real") ? task : "EPERM";
}
const total = (segments: readonly { readonly length: number }[]): number => segments.reduce((sum, one) => sum + one.length, 0);

type Names = "process_vm_readv" | "process_vm_writev" | "process_mrelease";
export const foreignCalls: Pick<Calls<"procTable">, Names> = {
  // The order is that of process_vm_rw in mm/process_vm_access.c.
  process_vm_readv(kernel, call) {
    const { pid, local_iov: space, flags } = call.args;
    if (flags !== 0 || !space) return fail("EINVAL");
    if (space.length === 0) return done(0, { local_iov: undefined });
    const { remote_iov: remote } = call.args;
    if (!remote) return fail("EINVAL");
    if (total(remote.segments) === 0) return done(0, { local_iov: undefined });
    const task = victim(kernel, call, pid);
    if (typeof task === "string") return fail(task);
    return remote.bytes.length === 0 ? fail("EFAULT") : done(remote.bytes.length, { local_iov: { space, bytes: remote.bytes } });
  },
  process_vm_writev(kernel, call) {
    const { pid, local_iov: bytes, flags } = call.args;
    if (flags !== 0 || !bytes) return fail("EINVAL");
    if (bytes.length === 0) return done(0, {});
    const { remote_iov: remote } = call.args;
    if (!remote) return fail("EINVAL");
    if (total(remote.segments) === 0) return done(0, {});
    const task = victim(kernel, call, pid);
    if (typeof task === "string") return fail(task);
    let at = 0;
    remote.rooms.forEach((room, i) => {
      if (room > 0) kernel.effect({ kind: "write", space: task.space, store: { address: remote.segments[i]!.address, bytes: bytes.slice(at, at + room) } });
      at += room;
    });
    return at === 0 ? fail("EFAULT") : done(at, {});
  },
  // A process that is about to end has ended already; another's memory is not given back.
  process_mrelease(kernel, call) {
    if (call.args.flags !== 0) return fail("EINVAL");
    const process = processNamedBy(kernel, taskOf(kernel, call.tid), call.args.pidfd);
    if (typeof process === "string") return fail(process);
    return fail(process.exitStatus === null ? "EINVAL" : "ESRCH");
  },
};
