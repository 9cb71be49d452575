// Limits and adjustable properties of a process: limits, comm, oom_score_adj (proc_pid_limits(5), proc_pid_comm(5), proc_pid_oom_score_adj(5)).
import { resources } from "../../abi/constants/resource-limits.ts";
import type { Errno } from "../../abi/errno.ts";
import { isPrivileged } from "../objects/credentials.ts";
import { processOf } from "../objects/tasks.ts";
import { type ProcessQuestion, padded } from "./entry.ts";

const rows: readonly (readonly [resource: number, name: string, unit: string])[] = [
  [resources.RLIMIT_CPU, "Max cpu time", "seconds"],
  [resources.RLIMIT_FSIZE, "Max file size", "bytes"],
  [resources.RLIMIT_DATA, "Max data size", "bytes"],
  [resources.RLIMIT_STACK, "Max stack size", "bytes"],
  [resources.RLIMIT_CORE, "Max core file size", "bytes"],
  [resources.RLIMIT_RSS, "Max resident set", "bytes"],
  [resources.RLIMIT_NPROC, "Max processes", "processes"],
  [resources.RLIMIT_NOFILE, "Max open files", "files"],
  [resources.RLIMIT_MEMLOCK, "Max locked memory", "bytes"],
  [resources.RLIMIT_AS, "Max address space", "bytes"],
  [resources.RLIMIT_LOCKS, "Max file locks", "locks"],
  [resources.RLIMIT_SIGPENDING, "Max pending signals", "signals"],
  [resources.RLIMIT_MSGQUEUE, "Max msgqueue size", "bytes"],
  [resources.RLIMIT_NICE, "Max nice priority", ""],
  [resources.RLIMIT_RTPRIO, "Max realtime priority", ""],
  [resources.RLIMIT_RTTIME, "Max realtime timeout", "us"],
];
const LARGEST = 2 ** 63;
const shown = (limit: number): string => (limit >= LARGEST ? "unlimited" : String(limit));
const line = (name: string, soft: string, hard: string, unit: string): string =>
  `${padded(name, 25)} ${padded(soft, 20)} ${padded(hard, 20)} ${padded(unit, 10)}\n`;
export const limits = ({ process }: ProcessQuestion): string =>
  line("Limit", "Soft Limit", "Hard Limit", "Units") +
  rows
    .map(([resource, name, unit]) => {
      const [soft, hard] = process.limits[resource] ?? [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
      return line(name, shown(soft), shown(hard), unit);
    })
    .join("");

const LONGEST_NAME = 15;
/** Only the process itself may rename its tasks. */
export function rename({ reader, process, task }: ProcessQuestion, text: string): Errno | undefined {
  if (reader.pid !== process.pid || !task) return "EINVAL";
  task.name = text.replace(/[\0\n].*$/s, "").slice(0, LONGEST_NAME);
  return undefined;
}

const ADJUSTMENT_LIMIT = 1000;
export const adjustment = ({ process }: ProcessQuestion): string => `${process.oomScoreAdjustment ?? 0}\n`;
/** How ready the kernel would be to kill it for want of memory: here nothing is ever killed for that. */
export const oomScore = ({ process }: ProcessQuestion): string => `${Math.max(0, 666 + Math.trunc(((process.oomScoreAdjustment ?? 0) * 2) / 3))}\n`;
export function setAdjustment({ kernel, reader, process }: ProcessQuestion, text: string): Errno | undefined {
  const digits = /^\s*([+-]?\d+)\s*$/.exec(text)?.[1];
  const value = Number(digits);
  if (digits === undefined || Math.abs(value) > ADJUSTMENT_LIMIT) return "EINVAL";
  if (value < (process.oomScoreAdjustment ?? 0) && !isPrivileged(processOf(kernel, reader.pid).credentials)) return "EACCES";
  process.oomScoreAdjustment = value;
  return undefined;
}
/** Bytes moved are not counted: only how many calls were made is known, of every kind together. */
export const transfers = (): string => "rchar: 0\nwchar: 0\nsyscr: 0\nsyscw: 0\nread_bytes: 0\nwrite_bytes: 0\ncancelled_write_bytes: 0\n";
