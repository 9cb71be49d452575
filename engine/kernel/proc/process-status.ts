// /proc/PID/stat, statm, status: what ps and top read (proc_pid_stat(5), proc_pid_statm(5), proc_pid_status(5)).
import type { Draft } from "immer";
import { protections } from "../../abi/constants/mmap.ts";
import { resources } from "../../abi/constants/resource-limits.ts";
import { bitOf, SIG_DFL, SIG_IGN } from "../../abi/constants/signals.ts";
import { maskOfPending } from "../objects/pending.ts";
import { terminalNumber } from "../objects/pseudo-terminals.ts";
import { childrenCpuTime, cpuTime } from "../objects/scheduling.ts";
import { areasOf } from "../objects/spaces.ts";
import type { Task } from "../state/proc-table.ts";
import { clockTicks, hexadecimal, type ProcessQuestion } from "./entry.ts";
import { kibibytes, type MemorySummary, spaceOfProcess, summarise } from "./memory-summary.ts";
import { mayTrace } from "./tracing.ts";

const PAGE = 4096;
const states: Readonly<Record<Task["state"], readonly [letter: string, word: string]>> = {
  ready: ["R", "running"],
  waiting: ["S", "sleeping"],
  stopped: ["T", "stopped"],
  traced: ["t", "tracing stop"],
  lent: ["D", "disk sleep"],
  dead: ["Z", "zombie"],
};
const INIT_NAME = "init";
export const nameOf = ({ task }: ProcessQuestion): string => task?.name ?? INIT_NAME;
const stateOf = ({ task, process }: ProcessQuestion): readonly [string, string] => {
  if (process.exitStatus !== null) return states.dead;
  return states[process.isStopped && task?.state !== "traced" && !task?.trace ? "stopped" : (task?.state ?? "waiting")];
};
interface Masks {
  readonly ignored: bigint;
  readonly caught: bigint;
}
function masksOf({ kernel, task }: ProcessQuestion): Masks {
  const actions = task && kernel.signal.tables.get(task.handlers)?.actions;
  let [ignored, caught] = [0n, 0n];
  actions?.forEach(({ handler }, signal) => {
    if (signal === 0 || handler === SIG_DFL) return;
    if (handler === SIG_IGN) ignored |= bitOf(signal);
    else caught |= bitOf(signal);
  });
  return { ignored, caught };
}
const foregroundOf = ({ kernel, process }: ProcessQuestion): number =>
  process.terminal === null ? -1 : (kernel.tty.terminals.get(process.terminal)?.foreground ?? -1);

const FORKED_WITHOUT_EXEC = 0x40;
const RANDOMIZED = 0x40_0000;
const UNLIMITED_RSS = 18446744073709551615n;
/** Addresses of program, stack and arguments; zeros for those who may not trace it. */
function addressesOf(
  question: ProcessQuestion,
): Readonly<Record<"code" | "codeEnd" | "stack" | "data" | "dataEnd" | "brk" | "arguments" | "argumentsEnd" | "environment" | "environmentEnd", number>> {
  const space = mayTrace(question) ? spaceOfProcess(question) : undefined;
  if (!space) return { code: 0, codeEnd: 0, stack: 0, data: 0, dataEnd: 0, brk: 0, arguments: 0, argumentsEnd: 0, environment: 0, environmentEnd: 0 };
  const areas = areasOf(space as Draft<typeof space>);
  const code = areas.find(area => area.protection & protections.PROT_EXEC);
  const data = areas.find(area => area.protection & protections.PROT_WRITE && area.backing.kind === "file");
  return {
    code: code?.start ?? 0,
    codeEnd: code?.end ?? 0,
    stack: space.argumentRange[0],
    data: data?.start ?? 0,
    dataEnd: data?.end ?? 0,
    brk: space.brkStart,
    arguments: space.argumentRange[0],
    argumentsEnd: space.argumentRange[1],
    environment: space.environmentRange[0],
    environmentEnd: space.environmentRange[1],
  };
}
const LOW_SIGNALS = 0x7fff_ffffn;

export function stat(question: ProcessQuestion): string {
  const { kernel, process, task } = question;
  const memory = summarise(spaceOfProcess(question));
  const [own, children] = [cpuTime(kernel, process), childrenCpuTime(process)];
  const { ignored, caught } = masksOf(question);
  const at = addressesOf(question);
  const niceness = task?.niceness ?? 0;
  const pending = task ? maskOfPending(task) : 0n;
  const policy = task?.scheduling.policy ?? 0;
  const realtimePriority = task?.scheduling.priority ?? 0;
  const isPrivate = !mayTrace(question);
  const fields: readonly (string | number | bigint)[] = [
    task?.tid ?? process.pid,
    `(${nameOf(question)})`,
    stateOf(question)[0],
    process.parent,
    process.group,
    process.session,
    terminalNumber(process.terminal),
    foregroundOf(question),
    RANDOMIZED | (process.hasExecuted ? 0 : FORKED_WITHOUT_EXEC),
    ...[0, 0, 0, 0],
    clockTicks(own.userNanos),
    clockTicks(own.systemNanos),
    clockTicks(children.userNanos),
    clockTicks(children.systemNanos),
    realtimePriority > 0 ? -1 - realtimePriority : 20 + niceness,
    niceness,
    Math.max(1, process.tasks.length),
    0,
    clockTicks(process.startNanos),
    memory.size,
    memory.size / PAGE,
    UNLIMITED_RSS,
    ...[at.code, at.codeEnd, at.stack, 0, 0],
    pending & LOW_SIGNALS,
    (task?.blocked ?? 0n) & LOW_SIGNALS,
    ignored & LOW_SIGNALS,
    caught & LOW_SIGNALS,
    ...[0, 0, 0],
    process.exitSignal,
    ...[0, realtimePriority, policy, 0, 0, 0],
    ...[at.data, at.dataEnd, at.brk, at.arguments, at.argumentsEnd, at.environment, at.environmentEnd],
    isPrivate ? 0 : (process.exitStatus ?? 0),
  ];
  return `${fields.join(" ")}\n`;
}

export function statm(question: ProcessQuestion): string {
  const memory = summarise(spaceOfProcess(question));
  const pages = [memory.size, memory.size, memory.file + memory.shared, memory.code, 0, memory.data + memory.stack, 0].map(bytes => Math.ceil(bytes / PAGE));
  return `${pages.join(" ")}\n`;
}

const row = (name: string, value: string | number): string => `${name}:\t${value}\n`;
const memoryRow = (name: string, bytes: number): string => `${name}:\t${String(kibibytes(bytes)).padStart(8)} kB\n`;
const memoryRows = (memory: MemorySummary): string =>
  (
    [
      ["VmPeak", memory.size],
      ["VmSize", memory.size],
      ["VmLck", memory.locked],
      ["VmPin", 0],
      ["VmHWM", memory.size],
      ["VmRSS", memory.size],
      ["RssAnon", memory.anonymous],
      ["RssFile", memory.file],
      ["RssShmem", memory.shared],
      ["VmData", memory.data],
      ["VmStk", memory.stack],
      ["VmExe", memory.code],
      ["VmLib", memory.libraries],
      ["VmPTE", Math.ceil(memory.size / PAGE / 512) * PAGE],
      ["VmSwap", 0],
    ] as const
  )
    .map(([name, bytes]) => memoryRow(name, bytes))
    .join("");
/** Comes after the memory rows, and only with them. */
const ADDRESS_SPACE_ROWS = "HugetlbPages:\t       0 kB\nCoreDumping:\t0\nTHP_enabled:\t0\nuntag_mask:\t0xffffffffffffffff\n";
const escaped = (name: string): string => name.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
const descriptorSlots = (slots: number): number => 2 ** Math.max(6, Math.ceil(Math.log2(Math.max(1, slots))));
const mask = (bits: bigint): string => hexadecimal(bits, 16);

export function status(question: ProcessQuestion): string {
  const { kernel, process, task } = question;
  const { credentials } = process;
  const { capabilities } = credentials;
  const [letter, word] = stateOf(question);
  const tid = task?.tid ?? process.pid;
  const space = spaceOfProcess(question);
  const { ignored, caught } = masksOf(question);
  const slots = task ? (kernel.vfs.tables.get(task.files)?.slots.length ?? 0) : 0;
  const umask = task && kernel.vfs.contexts.get(task.fsContext)?.umask;
  const queued = process.pending.length + (task?.pending.length ?? 0);
  return [
    row("Name", escaped(nameOf(question))),
    umask === undefined ? "" : row("Umask", `0${umask.toString(8).padStart(3, "0")}`),
    row("State", `${letter} (${word})`),
    row("Tgid", process.pid),
    row("Ngid", 0),
    row("Pid", tid),
    row("PPid", process.parent),
    row("TracerPid", task?.trace?.tracer ?? 0),
    row("Uid", [credentials.ruid, credentials.euid, credentials.suid, credentials.fsuid].join("\t")),
    row("Gid", [credentials.rgid, credentials.egid, credentials.sgid, credentials.fsgid].join("\t")),
    row("FDSize", descriptorSlots(slots)),
    row("Groups", `${credentials.groups.join(" ")} `),
    row("NStgid", process.pid),
    row("NSpid", tid),
    row("NSpgid", process.group),
    row("NSsid", process.session),
    row("Kthread", 0),
    space ? memoryRows(summarise(space)) + ADDRESS_SPACE_ROWS : "",
    row("Threads", Math.max(1, process.tasks.length)),
    row("SigQ", `${queued}/${process.limits[resources.RLIMIT_SIGPENDING]?.[0] ?? 0}`),
    row("SigPnd", mask(task ? maskOfPending(task) : 0n)),
    row("ShdPnd", mask(maskOfPending(process))),
    row("SigBlk", mask(task?.blocked ?? 0n)),
    row("SigIgn", mask(ignored)),
    row("SigCgt", mask(caught)),
    row("CapInh", mask(capabilities.inheritable)),
    row("CapPrm", mask(capabilities.permitted)),
    row("CapEff", mask(capabilities.effective)),
    row("CapBnd", mask(capabilities.bounding)),
    row("CapAmb", mask(0n)),
    row("NoNewPrivs", task?.hasNoNewPrivileges ? 1 : 0),
    row("Seccomp", task?.seccomp?.mode ?? 0),
    row("Seccomp_filters", task?.seccomp?.filters.length ?? 0),
    row("Speculation_Store_Bypass", "not vulnerable"),
    row("SpeculationIndirectBranch", "not affected"),
    row("Cpus_allowed", 1),
    row("Cpus_allowed_list", 0),
    row("Mems_allowed", 1),
    row("Mems_allowed_list", 0),
    row("voluntary_ctxt_switches", task?.switches?.voluntary ?? 0),
    row("nonvoluntary_ctxt_switches", task?.switches?.involuntary ?? 0),
  ].join("");
}
