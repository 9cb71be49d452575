// unshare(2) and setns(2) in a kernel without namespaces: what tasks of one process share can be given up, and there is no namespace to enter.
import { cloneFlags, NAMESPACES } from "../../abi/constants/clone-flags.ts";
import { can } from "../objects/credentials.ts";
import { copyContext, releaseContext } from "../objects/fs-contexts.ts";
import { undoSemaphores } from "../objects/ipc.ts";
import { anyOpenFileOf, copyTable, releaseTable } from "../objects/open-files.ts";
import { liveTasks, processOf, taskOf } from "../objects/tasks.ts";
import { type Calls, fail, OK } from "../service.ts";

const { CLONE_VM, CLONE_FS, CLONE_FILES, CLONE_SIGHAND, CLONE_THREAD, CLONE_SYSVSEM, CLONE_NEWUSER, CLONE_NEWIPC } = cloneFlags;
/** Only clone3 and unshare know it. */
const CLONE_NEWTIME = 0x80;
const KNOWN = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | CLONE_NEWTIME | NAMESPACES;

export const namespaceCalls: Pick<Calls<"procTable">, "unshare" | "setns"> = {
  // The order is that of ksys_unshare in kernel/fork.c.
  unshare(kernel, call) {
    const { flags } = call.args;
    const has = (flag: number): boolean => (flags & flag) !== 0;
    if ((flags & ~KNOWN) !== 0) return fail("EINVAL");
    const task = taskOf(kernel, call.tid);
    const process = processOf(kernel, call.pid);
    const isAlone = liveTasks(kernel, process).length === 1;
    if (!isAlone && has(CLONE_THREAD | CLONE_SIGHAND | CLONE_VM | CLONE_NEWUSER)) return fail("EINVAL");
    if (has(CLONE_SIGHAND | CLONE_VM) && kernel.signal.tables.get(task.handlers)!.users > 1) return fail("EINVAL");
    if (has(CLONE_VM) && kernel.vmm.spaces.get(task.space)!.users > 1) return fail("EINVAL");
    if (has(CLONE_NEWUSER)) return fail("EINVAL");
    if (has(NAMESPACES | CLONE_NEWTIME)) return fail(can(process.credentials, "CAP_SYS_ADMIN") ? "EINVAL" : "EPERM");
    if (has(CLONE_SYSVSEM | CLONE_NEWIPC) && isAlone) undoSemaphores(kernel, call.pid);
    if (has(CLONE_FS) && kernel.vfs.contexts.get(task.fsContext)!.users > 1) {
      const own = copyContext(kernel, task.fsContext);
      releaseContext(kernel, task.fsContext);
      task.fsContext = own;
    }
    if (has(CLONE_FILES) && kernel.vfs.tables.get(task.files)!.users > 1) {
      const own = copyTable(kernel, task.files);
      releaseTable(kernel, task.files);
      task.files = own;
    }
    return OK;
  },
  setns: (kernel, call) => fail(anyOpenFileOf(kernel, taskOf(kernel, call.tid), call.args.fd) ? "EINVAL" : "EBADF"),
};
