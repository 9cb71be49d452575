// seccomp(2), and what prctl(2) has of it. What the filters then do to calls is objects/seccomp.ts.
import { seccompActions, seccompFlags, seccompModes, seccompOperations } from "../../abi/constants/seccomp.ts";
import type { Bytes } from "../../abi/memory-view.ts";
import type { Kernel } from "../kernel.ts";
import { isAccepted } from "../objects/bpf.ts";
import { can } from "../objects/credentials.ts";
import { addFilter, DATA_BYTES, hasRoomForFilter, mayAssign, setStrict, synchronise, thwarter } from "../objects/seccomp.ts";
import { processOf, taskOf } from "../objects/tasks.ts";
import { type Calls, done, fail, OK, type Outcome, type PlainOutcome } from "../service.ts";

const { SECCOMP_FILTER_FLAG_TSYNC: TSYNC, SECCOMP_FILTER_FLAG_TSYNC_ESRCH: TSYNC_ESRCH } = seccompFlags;
const { SECCOMP_FILTER_FLAG_LOG: LOG, SECCOMP_FILTER_FLAG_SPEC_ALLOW: SPEC_ALLOW } = seccompFlags;
/** Supervisors (seccomp_unotify(2)) are not served: their flags are unknown, as to a kernel before 5.0. */
const KNOWN = TSYNC | LOG | SPEC_ALLOW | TSYNC_ESRCH;
const NOT_THERE: readonly number[] = [seccompActions.USER_NOTIF];
/** struct seccomp_notif_sizes. */
const NOTIF_SIZES = Uint8Array.of(80, 0, 24, 0, 64, 0);

export function setStrictMode(kernel: Kernel, tid: number): PlainOutcome {
  const task = taskOf(kernel, tid);
  if (!mayAssign(task, seccompModes.STRICT)) return fail("EINVAL");
  setStrict(kernel, task);
  return OK;
}
/** The order is that of seccomp_set_mode_filter in kernel/seccomp.c. `program` is read when it is needed: reading it may fault. */
export function setFilter(kernel: Kernel, tid: number, flags: number, program: () => Bytes | null): PlainOutcome {
  const has = (flag: number): boolean => (flags & flag) !== 0;
  if ((flags & ~KNOWN) !== 0) return fail("EINVAL");
  const task = taskOf(kernel, tid);
  const filter = program();
  if (!filter) return fail("EINVAL");
  if (!task.hasNoNewPrivileges && !can(processOf(kernel, task.pid).credentials, "CAP_SYS_ADMIN")) return fail("EACCES");
  if (!isAccepted(filter, DATA_BYTES)) return fail("EINVAL");
  if (!mayAssign(task, seccompModes.FILTER)) return fail("EINVAL");
  if (!hasRoomForFilter(task, filter)) return fail("ENOMEM");
  const other = has(TSYNC) ? thwarter(kernel, task) : null;
  if (other !== null) return has(TSYNC_ESRCH) ? fail("ESRCH") : done(other, {});
  addFilter(kernel, task, filter);
  if (has(TSYNC)) synchronise(kernel, task);
  return OK;
}

export const seccompCalls: Pick<Calls<"procTable">, "seccomp"> = {
  seccomp(kernel, call) {
    const { operation, flags } = call.args;
    const withArgs = (outcome: PlainOutcome): Outcome<{ args: unknown }> => (outcome.kind === "done" ? done(outcome.value, { args: undefined }) : outcome);
    if (operation === seccompOperations.SECCOMP_SET_MODE_FILTER) return withArgs(setFilter(kernel, call.tid, flags, () => call.args.args as Bytes | null));
    if (operation === seccompOperations.SECCOMP_SET_MODE_STRICT)
      return flags !== 0 || Number(call.raws[2]) !== 0 ? fail("EINVAL") : withArgs(setStrictMode(kernel, call.tid));
    if (flags !== 0) return fail("EINVAL");
    if (operation === seccompOperations.SECCOMP_GET_NOTIF_SIZES) return done(0, { args: NOTIF_SIZES });
    if (operation !== seccompOperations.SECCOMP_GET_ACTION_AVAIL) return fail("EINVAL");
    const action = call.args.args as number | null;
    if (action === null) return fail("EFAULT");
    const known: readonly number[] = Object.values(seccompActions);
    return known.includes(action) && !NOT_THERE.includes(action) ? done(0, { args: undefined }) : fail("EOPNOTSUPP");
  },
};
