// wait(2)'s status word, shown by the macros that take it apart.

import { ptraceEvents, SYSGOOD_BIT } from "../constants/ptrace.ts";
import { signalName } from "../constants/signals.ts";
import { CONTINUED_STATUS, CORE_BIT, endingSignal, exitCode } from "../constants/wait-options.ts";
import { i32, shown } from "../field.ts";

const STOPPED = 0x7f;
function text(status: number): string {
  if (status === CONTINUED_STATUS) return "WIFCONTINUED(s)";
  const signal = endingSignal(status);
  if (signal === 0) return `WIFEXITED(s) && WEXITSTATUS(s) == ${exitCode(status)}`;
  if (signal === STOPPED) {
    const stop = exitCode(status);
    return `WIFSTOPPED(s) && WSTOPSIG(s) == ${signalName(stop & ~SYSGOOD_BIT)}${stop & SYSGOOD_BIT ? ` | 0x${SYSGOOD_BIT.toString(16)}` : ""}`;
  }
  return `WIFSIGNALED(s) && WTERMSIG(s) == ${signalName(signal)}${status & CORE_BIT ? " && WCOREDUMP(s)" : ""}`;
}
/** What a tracer is told besides the signal. */
function eventText(status: number): string {
  const event = status === CONTINUED_STATUS ? 0 : status >> 16;
  const name = Object.entries(ptraceEvents).find(([, number]) => number === event)?.[0];
  return name === undefined ? "" : `|${name}<<16`;
}
export const waitStatus = shown(i32, status => `[{${text(status)}}${eventText(status)}]`);
