// ptrace(2): who may trace whom, and what a tracer asks of its tracee. The order of errors is that of kernel/ptrace.c. What stops a tracee is objects/trace-stops.ts; its registers are proc-table-ptrace-registers.ts.
import type { Draft } from "immer";
import type { AskedSignals, TracedPlace } from "../../abi/arguments/ptrace.ts";
import { ptraceEvents, ptraceOptions, ptraceRequests } from "../../abi/constants/ptrace.ts";
import { LAST_SIGNAL, signals, UNBLOCKABLE } from "../../abi/constants/signals.ts";
import type { Errno } from "../../abi/errno.ts";
import { decodeField, encodeField } from "../../abi/field.ts";
import type { Bytes } from "../../abi/memory-view.ts";
import { bytesOfWords, PEEK_SHARED, rseqConfiguration, WORD_BYTES, wordsOf } from "../../abi/structs/ptrace.ts";
import { siginfo } from "../../abi/structs/siginfo.ts";
import type { Kernel } from "../kernel.ts";
import { setMask } from "../objects/pending.ts";
import { kernelSignal, postToTask } from "../objects/signals.ts";
import { INIT_PROCESS, liveTasks, processOf, taskOf } from "../objects/tasks.ts";
import { detach, FREELY, type Going, resume } from "../objects/trace-stops.ts";
import { callForStop, link, standUp } from "../objects/traces.ts";
import { maySee } from "../objects/tracing.ts";
import { wakeTask } from "../objects/waiting.ts";
import { type Calls, done, fail } from "../service.ts";
import type { Task } from "../state/proc-table.ts";
import { callInformation, registerRequests } from "./proc-table-ptrace-registers.ts";

const P = ptraceRequests;
const KNOWN_OPTIONS = Object.values(ptraceOptions).reduce((all, option) => all | option, 0);

/** One request of a tracer to its tracee. */
export interface Request {
  readonly kernel: Kernel;
  readonly task: Draft<Task>;
  readonly place: TracedPlace;
  /** Reading it may fault. */
  data(): unknown;
}
/** What it answers: an errno, or a value and what goes where `data` leads. */
export type Reply = Errno | { readonly value?: number; readonly data?: unknown };
export type Requests = Readonly<Record<number, (request: Request) => Reply>>;
const NOTHING: Reply = {};

/** `data` is a signal to let through. */
const going =
  (how: Partial<Going>) =>
  ({ kernel, task, data }: Request): Reply => {
    const signal = Number(data());
    if (signal > LAST_SIGNAL) return "EIO";
    resume(kernel, task, { ...FREELY, ...how }, signal);
    return NOTHING;
  };
const hasUnknown = (options: number): boolean => (options & ~KNOWN_OPTIONS) !== 0 || options > KNOWN_OPTIONS;
const optionsRefusal = (options: number): Errno | null => (hasUnknown(options) || (options & ptraceOptions.PTRACE_O_SUSPEND_SECCOMP) !== 0 ? "EINVAL" : null);
function setOptions({ task, data }: Request): Reply {
  const options = Number(data());
  const refused = optionsRefusal(options);
  if (refused) return refused;
  task.trace!.options = options;
  return NOTHING;
}
const peek = ({ place }: Request): Reply => (place.bytes.length < WORD_BYTES ? "EIO" : { data: wordsOf(place.bytes)[0] });
function poke({ kernel, task, place, data }: Request): Reply {
  if (place.room < WORD_BYTES) return "EIO";
  kernel.effect({ kind: "poke", space: task.space, store: { address: place.address, bytes: bytesOfWords([data() as bigint]) } });
  return NOTHING;
}
/** Signals that wait for the task, or with PTRACE_PEEKSIGINFO_SHARED for its process, from the `off`th on. */
function peekSignals({ kernel, task, data }: Request): Reply {
  const { asked, room } = data() as AskedSignals;
  if ((asked.flags & ~PEEK_SHARED) !== 0 || asked.nr < 0) return "EINVAL";
  const queue = asked.flags & PEEK_SHARED ? processOf(kernel, task.pid).pending : task.pending;
  const wanted = queue.slice(asked.off, asked.off + asked.nr);
  if (wanted.length > 0 && room === 0) return "EFAULT";
  const told = wanted.slice(0, room).map(info => encodeField(siginfo, { ...info }));
  return { value: told.length, data: told };
}

const requests: Requests = {
  ...registerRequests,
  [P.PTRACE_CONT]: going({}),
  [P.PTRACE_SYSCALL]: going({ stopsAtCalls: true }),
  [P.PTRACE_SINGLESTEP]: going({ isStepping: true }),
  [P.PTRACE_SYSEMU]: going({ isEmulating: true }),
  [P.PTRACE_SYSEMU_SINGLESTEP]: going({ isEmulating: true, isStepping: true }),
  [P.PTRACE_PEEKTEXT]: peek,
  [P.PTRACE_PEEKDATA]: peek,
  [P.PTRACE_POKETEXT]: poke,
  [P.PTRACE_POKEDATA]: poke,
  [P.PTRACE_SETOPTIONS]: setOptions,
  [P.PTRACE_OLDSETOPTIONS]: setOptions,
  [P.PTRACE_GETEVENTMSG]: ({ task }) => ({ data: BigInt(task.trace!.message) }),
  [P.PTRACE_GETSIGINFO]({ task }) {
    const info = task.trace!.stop!.info;
    return info ? { data: { ...info } } : "EINVAL";
  },
  [P.PTRACE_SETSIGINFO]({ task, data }) {
    const info = decodeField(siginfo, data() as Bytes);
    const stop = task.trace!.stop!;
    if (!stop.info) return "EINVAL";
    stop.info = info;
    return NOTHING;
  },
  [P.PTRACE_PEEKSIGINFO]: peekSignals,
  [P.PTRACE_GETSIGMASK]: ({ task, place }) => (place.address === WORD_BYTES ? { data: task.savedMask ?? task.blocked } : "EINVAL"),
  [P.PTRACE_SETSIGMASK]({ kernel, task, place, data }) {
    if (place.address !== WORD_BYTES) return "EINVAL";
    const [mask] = wordsOf(data() as Bytes);
    task.savedMask = null;
    setMask(kernel, task, mask! & ~UNBLOCKABLE);
    return NOTHING;
  },
  [P.PTRACE_LISTEN]({ kernel, task }) {
    const { isSeized, stop, isTrapDue } = task.trace!;
    if (!isSeized || !stop?.info || stop.info.code >> 8 !== ptraceEvents.PTRACE_EVENT_STOP) return "EIO";
    stop.isListening = true;
    if (isTrapDue) standUp(kernel, task);
    return NOTHING;
  },
  [P.PTRACE_DETACH]({ kernel, task, data }) {
    const signal = Number(data());
    if (signal > LAST_SIGNAL) return "EIO";
    detach(kernel, task, signal);
    return NOTHING;
  },
  [P.PTRACE_GET_SYSCALL_INFO]: callInformation,
  [P.PTRACE_GET_RSEQ_CONFIGURATION]({ task: { rseq } }) {
    const { address, length, signature } = rseq ?? { address: 0, length: 0, signature: 0 };
    const told = encodeField(rseqConfiguration, { rseq_abi_pointer: address, rseq_abi_size: length, signature, flags: 0, _pad: 0 });
    return { value: rseqConfiguration.size, data: told };
  },
};
/** Those that a tracee need not have stopped for. */
const atAnyTime: Requests = {
  [P.PTRACE_KILL]({ kernel, task }) {
    if (task.state !== "dead") postToTask(kernel, task.tid, kernelSignal(signals.SIGKILL));
    return NOTHING;
  },
  [P.PTRACE_INTERRUPT]({ kernel, task }) {
    if (!task.trace!.isSeized || task.state === "dead") return "EIO";
    callForStop(kernel, task);
    return NOTHING;
  },
};

/** kernel/ptrace.c, ptrace_attach. */
function attach(kernel: Kernel, tid: number, task: Draft<Task>, isSeizing: boolean, { place, data }: Pick<Request, "place" | "data">): Reply {
  const options = isSeizing ? Number(data()) : 0;
  if (isSeizing && (place.word !== 0n || hasUnknown(options))) return "EIO";
  if (isSeizing && optionsRefusal(options)) return "EINVAL";
  const caller = taskOf(kernel, tid);
  if (task.pid === caller.pid || !maySee(kernel, caller.pid, processOf(kernel, task.pid), "real")) return "EPERM";
  if (task.state === "dead" || task.trace) return "EPERM";
  const wasStopped = task.state === "stopped";
  link(kernel, task, tid, isSeizing, options);
  if (!isSeizing) postToTask(kernel, task.tid, kernelSignal(signals.SIGSTOP));
  if (!wasStopped) return NOTHING;
  // What stood still stops for its tracer; a call that it waits in is interrupted first.
  task.trace!.isTrapDue = true;
  if (task.waiting && task.due === "run") {
    task.state = "waiting";
    wakeTask(kernel, task.tid, "interrupt");
  } else standUp(kernel, task);
  callForStop(kernel, task);
  return NOTHING;
}
/** Whoever made the process traces it (kernel/ptrace.c, ptrace_traceme). */
function traceMe(kernel: Kernel, tid: number): Reply {
  const task = taskOf(kernel, tid);
  const { parent, maker } = processOf(kernel, task.pid);
  if (task.trace) return "EPERM";
  // init would never ask anything of its tracees.
  if (parent === INIT_PROCESS) return NOTHING;
  const threads = liveTasks(kernel, processOf(kernel, parent)).map(one => one.tid);
  const tracer = threads.find(tid => tid === (maker ?? parent)) ?? threads[0];
  if (tracer !== undefined) link(kernel, task, tracer, false, 0);
  return NOTHING;
}
function answer(kernel: Kernel, tid: number, request: number, pid: number, given: Pick<Request, "place" | "data">): Reply {
  if (request === P.PTRACE_TRACEME) return traceMe(kernel, tid);
  const task = kernel.procTable.tasks.get(pid);
  if (!task) return "ESRCH";
  if (request === P.PTRACE_ATTACH || request === P.PTRACE_SEIZE) return attach(kernel, tid, task, request === P.PTRACE_SEIZE, given);
  if (task.trace?.tracer !== tid) return "ESRCH";
  const early = atAnyTime[request];
  if (early) return early({ kernel, task, ...given });
  const { stop } = task.trace;
  if (!stop || stop.isListening) return "ESRCH";
  return requests[request]?.({ kernel, task, ...given }) ?? "EIO";
}

export const ptraceCalls: Pick<Calls<"procTable">, "ptrace"> = {
  ptrace(kernel, call) {
    const { request, pid, addr } = call.args;
    const reply = answer(kernel, call.tid, request, pid, { place: addr, data: () => call.args.data });
    return typeof reply === "string" ? fail(reply) : done(reply.value ?? 0, { data: reply.data });
  },
};
