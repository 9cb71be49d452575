// execve and execveat: objects/programs.ts loads the program; here is what else the process leaves behind (execve(2), "Effect on process attributes").
import { signals } from "../../abi/constants/signals.ts";
import type { Bytes } from "../../abi/memory-view.ts";
import { awaitAnswer } from "../answers.ts";
import type { Kernel } from "../kernel.ts";
import { binary } from "../objects/binary-string.ts";
import { isElevated } from "../objects/credentials.ts";
import { becomeLeader, endOtherTasks, leaveMemory } from "../objects/exits.ts";
import { resetHandlers } from "../objects/handler-tables.ts";
import { destroyProcessTimers } from "../objects/kernel-timers.ts";
import { closeOnExec, copyTable, releaseTable } from "../objects/open-files.ts";
import { type LoadRequest, loadProgram } from "../objects/programs.ts";
import { processOf, taskOf } from "../objects/tasks.ts";
import { noteExecution } from "../objects/trace-stops.ts";
import { type Call, type Calls, fail, GONE, type Outcome } from "../service.ts";

type Vectors = { readonly argv: readonly Bytes[]; readonly envp: readonly Bytes[] };

function execute(kernel: Kernel, call: Call<Vectors>, request: Omit<LoadRequest, "tid" | "argv" | "environment">): Outcome<never> {
  const { tid, pid } = call;
  const spaceBefore = taskOf(kernel, tid).space;
  const loaded = loadProgram(kernel, { ...request, tid, argv: call.args.argv.map(binary), environment: call.args.envp.map(binary) });
  if (loaded.kind === "wait") return awaitAnswer(kernel, call, loaded);
  if (loaded.kind === "fail") return fail(loaded.errno);
  const process = processOf(kernel, pid);
  endOtherTasks(kernel, process, tid);
  leaveMemory(kernel, taskOf(kernel, tid), spaceBefore);
  const task = becomeLeader(kernel, process, tid);

  if (kernel.vfs.tables.get(task.files)!.users > 1) {
    const own = copyTable(kernel, task.files);
    releaseTable(kernel, task.files);
    task.files = own;
  }
  closeOnExec(kernel, task.files);
  resetHandlers(kernel, task);
  task.alternateStack = { address: 0, size: 0, flags: 0 };
  task.threadPointers = { fs: 0, gs: 0 };
  task.restartBlock = null;
  task.rseq = null;
  delete process.barriers;
  delete process.processKeyring;
  delete task.threadKeyring;
  destroyProcessTimers(kernel, pid);
  process.exitSignal = signals.SIGCHLD;
  process.hasExecuted = true;
  process.isDumpable = !isElevated(process.credentials);
  // prctl(2): not kept by a program that gains privileges.
  if (isElevated(process.credentials)) process.parentDeathSignal = 0;
  noteExecution(kernel, task, tid);
  return GONE;
}

const AT_SYMLINK_NOFOLLOW = 0x100;
const AT_EMPTY_PATH = 0x1000;

export const executionCalls: Pick<Calls<"procTable">, "execve" | "execveat"> = {
  execve: (kernel, call) => execute(kernel, call, { path: call.args.pathname && binary(call.args.pathname) }),
  execveat(kernel, call) {
    const { dirfd, pathname, flags } = call.args;
    if ((flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) !== 0) return fail("EINVAL");
    return execute(kernel, call, {
      dirfd,
      path: pathname && binary(pathname),
      allowEmpty: (flags & AT_EMPTY_PATH) !== 0,
      followLast: (flags & AT_SYMLINK_NOFOLLOW) === 0,
    });
  },
};
