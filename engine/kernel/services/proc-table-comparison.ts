// kcmp(2): whether two tasks share something of the kernel. What is compared lies under numbers here, and these give the order.
import type { Draft } from "immer";
import { comparisons } from "../../abi/constants/comparisons.ts";
import type { Kernel } from "../kernel.ts";
import { anyOpenFileOf } from "../objects/open-files.ts";
import { processOf } from "../objects/tasks.ts";
import { maySee } from "../objects/tracing.ts";
import { type Calls, done, fail, type PlainOutcome } from "../service.ts";
import type { Task } from "../state/proc-table.ts";

const [EQUAL, LESS, GREATER] = [0, 1, 2];
const compared = (one: number, other: number): PlainOutcome => done(one === other ? EQUAL : one < other ? LESS : GREATER, {});
/** Without a number of its own, what a task has: 0, as the null pointer of Linux. */
const numbers: Readonly<Record<number, (kernel: Kernel, task: Draft<Task>) => number>> = {
  [comparisons.KCMP_VM]: (_, task) => task.space,
  [comparisons.KCMP_FILES]: (_, task) => task.files,
  [comparisons.KCMP_FS]: (_, task) => task.fsContext,
  [comparisons.KCMP_SIGHAND]: (_, task) => task.handlers,
  // An input-output context comes to be with ioprio_set, and is never shared.
  [comparisons.KCMP_IO]: (_, task) => (task.ioPriority === undefined ? 0 : task.tid),
  [comparisons.KCMP_SYSVSEM]: (kernel, task) => (kernel.ipc.undos.has(task.pid) ? task.pid : 0),
};

export const comparisonCalls: Pick<Calls<"procTable">, "kcmp"> = {
  kcmp(kernel, call) {
    const { pid1, pid2, type, idx1, idx2: second } = call.args;
    const { tasks } = kernel.procTable;
    const [one, other] = [tasks.get(pid1), tasks.get(pid2)];
    if (!one || !other || one.state === "dead" || other.state === "dead") return fail("ESRCH");
    if (![one, other].every(task => maySee(kernel, call.pid, processOf(kernel, task.pid), "real"))) return fail("EPERM");
    if (type === comparisons.KCMP_FILE) {
      const [mine, theirs] = [anyOpenFileOf(kernel, one, idx1), anyOpenFileOf(kernel, other, Number(second))];
      return mine && theirs ? compared(mine.id, theirs.id) : fail("EBADF");
    }
    if (type === comparisons.KCMP_EPOLL_TFD) {
      if (second === null) return fail("EFAULT");
      const { efd, tfd, toff } = second as { readonly efd: number; readonly tfd: number; readonly toff: number };
      const mine = anyOpenFileOf(kernel, one, idx1);
      if (!mine) return fail("EBADF");
      const epoll = anyOpenFileOf(kernel, other, efd);
      if (!epoll) return fail("EBADF");
      if (epoll.kind !== "epoll") return fail("EINVAL");
      const watched = [...kernel.poll.epolls.get(epoll.object)!.items.values()].map(id => kernel.poll.items.get(id)!).filter(item => item.fd === tfd);
      const item = watched[toff];
      return item ? compared(mine.id, item.openFile) : fail("ENOENT");
    }
    const number = numbers[type];
    return number ? compared(number(kernel, one), number(kernel, other)) : fail("EINVAL");
  },
};
