// Process groups and sessions (setpgid(2), setsid(2)).
import type { Draft } from "immer";
import type { Kernel } from "../kernel.ts";
import { groupMembers, processesWhere, processOf } from "../objects/tasks.ts";
import { type Calls, done, fail, OK } from "../service.ts";
import type { Process } from "../state/proc-table.ts";

const named = (kernel: Kernel, own: number, pid: number): Draft<Process> | undefined => kernel.procTable.processes.get(pid === 0 ? own : pid);

export const groupCalls: Pick<Calls<"procTable">, "setpgid" | "getpgid" | "getpgrp" | "setsid" | "getsid"> = {
  setpgid(kernel, call) {
    const self = processOf(kernel, call.pid);
    const pid = call.args.pid || call.pid;
    const group = call.args.pgid || pid;
    if (group < 0) return fail("EINVAL");
    const target = kernel.procTable.processes.get(pid);
    // A thread that is no process.
    if (!target) return fail(kernel.procTable.tasks.has(pid) ? "EINVAL" : "ESRCH");
    if (target.parent === call.pid) {
      if (target.session !== self.session) return fail("EPERM");
      if (target.hasExecuted) return fail("EACCES");
    } else if (pid !== call.pid) return fail("ESRCH");
    if (target.session === pid) return fail("EPERM");
    if (group !== pid && !groupMembers(kernel, group).some(member => member.session === self.session)) return fail("EPERM");
    target.group = group;
    return OK;
  },
  getpgid(kernel, call) {
    const process = named(kernel, call.pid, call.args.pid);
    return process ? done(process.group, {}) : fail("ESRCH");
  },
  getpgrp: (kernel, call) => done(processOf(kernel, call.pid).group, {}),
  setsid(kernel, call) {
    const process = processOf(kernel, call.pid);
    // The leader of a group, or of one that has outlived it, cannot leave it behind.
    if (processesWhere(kernel, one => one.group === call.pid).length > 0) return fail("EPERM");
    Object.assign(process, { session: call.pid, group: call.pid, terminal: null });
    return done(call.pid, {});
  },
  getsid(kernel, call) {
    const process = named(kernel, call.pid, call.args.pid);
    return process ? done(process.session, {}) : fail("ESRCH");
  },
};
