// Calls on processes by descriptor (pidfd_open(2), pidfd_send_signal(2), pidfd_getfd(2)).
import { O_NONBLOCK } from "../../abi/constants/open-flags.ts";
import { LAST_SIGNAL, originCodes } from "../../abi/constants/signals.ts";
import { can } from "../objects/credentials.ts";
import { addReference, descriptor, discardReference, hasRoomForOpenFile, install } from "../objects/open-files.ts";
import { openProcess, processFile, processOfDescriptor, processToSignal } from "../objects/pidfds.ts";
import { postToProcess, signalFrom } from "../objects/signals.ts";
import { processOf, taskOf } from "../objects/tasks.ts";
import { type Calls, done, fail, OK } from "../service.ts";

export const pidfdCalls: Pick<Calls<"procTable">, "pidfd_open" | "pidfd_send_signal" | "pidfd_getfd"> = {
  pidfd_open(kernel, call) {
    const { pid, flags } = call.args;
    if ((flags & ~O_NONBLOCK) !== 0 || pid <= 0) return fail("EINVAL");
    if (!kernel.procTable.processes.has(pid)) return fail(kernel.procTable.tasks.has(pid) ? "EINVAL" : "ESRCH");
    return openProcess(kernel, taskOf(kernel, call.tid), pid, flags);
  },
  pidfd_send_signal(kernel, call) {
    const { pidfd, sig, info, flags } = call.args;
    if (flags !== 0) return fail("EINVAL");
    const target = processToSignal(kernel, taskOf(kernel, call.tid), pidfd);
    if (target === "EBADF") return fail("EBADF");
    if (info && info.signal !== sig) return fail("EINVAL");
    if (target === "ESRCH") return fail("ESRCH");
    const sender = processOf(kernel, call.pid);
    if (info && (info.code >= 0 || info.code === originCodes.SI_TKILL) && target.pid !== call.pid) return fail("EPERM");
    if (sig < 0 || sig > LAST_SIGNAL) return fail("EINVAL");
    const [mine, theirs] = [sender.credentials, target.credentials];
    const isSameUser = [mine.euid, mine.ruid].some(uid => uid === theirs.suid || uid === theirs.ruid);
    if (!isSameUser && !can(mine, "CAP_KILL")) return fail("EPERM");
    if (sig !== 0) postToProcess(kernel, target.pid, info ? { ...info, signal: sig } : signalFrom(sender, sig));
    return OK;
  },
  pidfd_getfd(kernel, call) {
    const { pidfd, targetfd, flags } = call.args;
    if (flags !== 0) return fail("EINVAL");
    const task = taskOf(kernel, call.tid);
    const open = processFile(kernel, task, pidfd);
    if (!open) return fail("EBADF");
    const target = processOfDescriptor(kernel, open.object);
    if (!target || target.exitStatus !== null) return fail("ESRCH");
    const [mine, theirs] = [processOf(kernel, call.pid).credentials, target.credentials];
    if (mine.fsuid !== theirs.suid && !can(mine, "CAP_SYS_PTRACE")) return fail("EPERM");
    const [holder] = target.tasks;
    // Init has no files here.
    const slot = holder === undefined ? undefined : descriptor(kernel, taskOf(kernel, holder), targetfd);
    if (!slot) return fail("EBADF");
    if (!hasRoomForOpenFile(kernel, 0)) return fail("ENFILE");
    const { openFile } = slot;
    addReference(kernel, openFile);
    const fd = install(kernel, task, openFile, 0, true);
    discardReference(kernel, openFile);
    return fd === null ? fail("EMFILE") : done(fd, {});
  },
};
