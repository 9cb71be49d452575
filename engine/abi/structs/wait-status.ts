// wait(2)'s status word, shown by the macros that take it apart.

import { signalName } from "../constants/signals.ts";
import { CONTINUED_STATUS, CORE_BIT, endingSignal, exitCode } from "../constants/wait-options.ts";
import { i32, shown } from "../field.ts";

const STOPPED = 0x7f;
function text(status: number): string {
  if (status === CONTINUED_STATUS) return "WIFCONTINUED(s)";
  const signal = endingSignal(status);
  if (signal === 0) return `WIFEXITED(s) && WEXITSTATUS(s) == ${exitCode(status)}`;
  if (signal === STOPPED) return `WIFSTOPPED(s) && WSTOPSIG(s) == ${signalName(exitCode(status))}`;
  return `WIFSIGNALED(s) && WTERMSIG(s) == ${signalName(signal)}${status & CORE_BIT ? " && WCOREDUMP(s)" : ""}`;
}
export const waitStatus = shown(i32, status => `[{${text(status)}}]`);
