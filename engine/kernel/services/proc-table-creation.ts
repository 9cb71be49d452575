// fork, vfork, clone and clone3: what Linux refuses (kernel/fork.c, copy_process), then a birth.
import type { Draft } from "immer";
import { CLONE_CLEAR_SIGHAND, cloneFlags, EXIT_SIGNAL_MASK, NAMESPACES } from "../../abi/constants/clone-flags.ts";
import { LAST_SIGNAL } from "../../abi/constants/signals.ts";
import type { Errno } from "../../abi/errno.ts";
import { CLONE_ARGS_SIZE_VER0 } from "../../abi/structs/clone-arguments.ts";
import type { Kernel } from "../kernel.ts";
import { type BirthRequest, bear, FORK, hasRoomForTask } from "../objects/births.ts";
import { can } from "../objects/credentials.ts";
import { storeWord } from "../objects/futex-owners.ts";
import { freeDescriptor, hasRoomForOpenFile } from "../objects/open-files.ts";
import { openProcess } from "../objects/pidfds.ts";
import { FIRST_PROCESS, processOf, taskOf } from "../objects/tasks.ts";
import { noteBirth } from "../objects/trace-stops.ts";
import { type Call, type Calls, done, fail, type PlainOutcome } from "../service.ts";
import { PID_MAX, type Process } from "../state/proc-table.ts";

const {
  CLONE_VM,
  CLONE_FS,
  CLONE_SIGHAND,
  CLONE_THREAD,
  CLONE_PARENT,
  CLONE_PIDFD,
  CLONE_DETACHED,
  CLONE_NEWNS,
  CLONE_NEWUSER,
  CLONE_VFORK,
  CLONE_PARENT_SETTID,
} = cloneFlags;
const PAGE = 4096;
const KNOWN = Object.values(cloneFlags).reduce((all, flag) => all + flag, 0) + CLONE_CLEAR_SIGHAND;

function refusal(process: Draft<Process>, flags: number): Errno | null {
  const has = (flag: number): boolean => (flags & flag) !== 0;
  if (has(CLONE_FS) && (has(CLONE_NEWNS) || has(CLONE_NEWUSER))) return "EINVAL";
  if (has(CLONE_THREAD) && !has(CLONE_SIGHAND)) return "EINVAL";
  if (has(CLONE_SIGHAND) && !has(CLONE_VM)) return "EINVAL";
  // init has no siblings.
  if (has(CLONE_PARENT) && process.pid === FIRST_PROCESS) return "EINVAL";
  // Namespaces as in a kernel without them: first whether one may, then that there are none.
  if (has(NAMESPACES)) return has(CLONE_NEWUSER) || can(process.credentials, "CAP_SYS_ADMIN") ? "EINVAL" : "EPERM";
  return has(CLONE_PIDFD) && (has(CLONE_THREAD) || has(CLONE_DETACHED)) ? "EINVAL" : null;
}
function create(kernel: Kernel, call: Call<unknown>, request: BirthRequest): PlainOutcome {
  const process = processOf(kernel, call.pid);
  const refused = refusal(process, request.flags);
  if (refused) return fail(refused);
  if (!hasRoomForTask(kernel, process)) return fail("EAGAIN");
  const parent = taskOf(kernel, call.tid);
  const wantsDescriptor = (request.flags & CLONE_PIDFD) !== 0;
  if (wantsDescriptor && !hasRoomForOpenFile(kernel)) return fail("ENFILE");
  if (wantsDescriptor && freeDescriptor(kernel, parent) === null) return fail("EMFILE");
  const tid = bear(kernel, call.tid, request);
  noteBirth(kernel, parent, tid, request.flags, request.exitSignal);
  if (wantsDescriptor) {
    const opened = openProcess(kernel, parent, tid, 0);
    if (opened.kind === "done") storeWord(kernel, parent.space, request.descriptorAt, opened.value);
  }
  return done(tid, {});
}

/** A number that is asked for, in the only namespace (kernel/pid.c, alloc_pid). */
function whyNotNumber(kernel: Kernel, call: Call<unknown>, tid: number): Errno | null {
  if (tid < 1 || tid >= PID_MAX) return "EINVAL";
  const { credentials } = processOf(kernel, call.pid);
  if (!can(credentials, "CAP_CHECKPOINT_RESTORE") && !can(credentials, "CAP_SYS_ADMIN")) return "EPERM";
  const { tasks, processes } = kernel.procTable;
  const isTaken = tasks.has(tid) || [...processes.values()].some(one => one.pid === tid || one.group === tid || one.session === tid);
  return isTaken ? "EEXIST" : null;
}

export const creationCalls: Pick<Calls<"procTable">, "fork" | "vfork" | "clone" | "clone3"> = {
  fork: (kernel, call) => create(kernel, call, FORK),
  vfork: (kernel, call) => create(kernel, call, { ...FORK, flags: CLONE_VFORK | CLONE_VM }),
  clone(kernel, call) {
    const { flags, stack, parent_tid, child_tid, tls } = call.args;
    // Both would be stored at the same place.
    if ((flags & CLONE_PIDFD) !== 0 && (flags & CLONE_PARENT_SETTID) !== 0) return fail("EINVAL");
    return create(kernel, call, {
      flags: flags & ~EXIT_SIGNAL_MASK,
      clearsHandlers: false,
      exitSignal: flags & EXIT_SIGNAL_MASK,
      stack,
      parentTid: parent_tid,
      childTid: child_tid,
      threadPointer: tls,
      descriptorAt: parent_tid,
    });
  },
  clone3(kernel, call) {
    const { size } = call.args;
    if (size > PAGE) return fail("E2BIG");
    if (size < CLONE_ARGS_SIZE_VER0) return fail("EINVAL");
    const { fields, hasUnknown, tids } = call.args.cl_args!;
    if (hasUnknown) return fail("E2BIG");
    if (tids === "invalid") return fail("EINVAL");
    const low = fields.flags % 0x1_0000_0000;
    const high = Math.floor(fields.flags / 0x1_0000_0000);
    const clearsHandlers = high === 1;
    if (fields.flags > KNOWN || high > 1 || (low & EXIT_SIGNAL_MASK) !== 0 || (low & CLONE_DETACHED) !== 0) return fail("EINVAL");
    if (clearsHandlers && (low & CLONE_SIGHAND) !== 0) return fail("EINVAL");
    if (fields.exit_signal > LAST_SIGNAL || ((low & (CLONE_THREAD | CLONE_PARENT)) !== 0 && fields.exit_signal !== 0)) return fail("EINVAL");
    if (tids === null) return fail("EFAULT");
    if ((fields.stack === 0) !== (fields.stack_size === 0)) return fail("EINVAL");
    const [tid, ...inOthers] = tids;
    const refused = tid === undefined ? null : inOthers.length > 0 ? "EINVAL" : whyNotNumber(kernel, call, tid);
    if (refused) return fail(refused);
    return create(kernel, call, {
      flags: low | 0,
      clearsHandlers,
      exitSignal: fields.exit_signal,
      stack: fields.stack + fields.stack_size,
      parentTid: fields.parent_tid,
      childTid: fields.child_tid,
      threadPointer: fields.tls,
      descriptorAt: fields.pidfd,
      ...(tid === undefined ? {} : { tid }),
    });
  },
};
