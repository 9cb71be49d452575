// /proc as a tree for the path walk: nodes are found by matching a path to the rows of proc/table.ts. Nothing is stored.
import type { Draft } from "immer";
import { O_ACCMODE, O_RDONLY } from "../../abi/constants/open-flags.ts";
import type { Errno } from "../../abi/errno.ts";
import type { Bytes } from "../../abi/memory-view.ts";
import type { Kernel } from "../kernel.ts";
import type { Entry, ProcessQuestion, Question } from "../proc/entry.ts";
import type { Shown } from "../proc/memory-files.ts";
import { spaceOfProcess } from "../proc/memory-summary.ts";
import { descriptorsOf, hasDescriptor } from "../proc/process-files.ts";
import { rows } from "../proc/table.ts";
import { mayTrace } from "../proc/tracing.ts";
import type { Task } from "../state/proc-table.ts";
import type { BinaryString, OpenFile } from "../state/vfs.ts";
import { bytesOf } from "./binary-string.ts";
import type { VirtualEntry, VirtualNode, VirtualTree } from "./virtual-files.ts";

const TASKS = "PID/task";
const TASK_PREFIX = `${TASKS}/TID`;
const IMPLICIT: Entry = { kind: "directory", mode: 0o555 };
/** All that is below a process is below each of its tasks as well, but for its tasks. */
const ofProcess = (pattern: string): string =>
  pattern === TASK_PREFIX ? "PID" : pattern.startsWith(`${TASK_PREFIX}/`) ? `PID${pattern.slice(TASK_PREFIX.length)}` : pattern;
const isOfTask = (pattern: string): boolean => pattern !== ofProcess(pattern);
/** By pattern; directories that hold rows come in when they are asked for: to find all of them takes half a millisecond, and a program asks for one or two. */
const table = new Map<string, Entry>(Object.entries(rows)).set("", IMPLICIT);
function entryOf(pattern: string): Entry | undefined {
  const name = ofProcess(pattern);
  if (isOfTask(pattern) && (name === TASKS || name.startsWith(`${TASKS}/`))) return undefined;
  const known = table.get(name);
  if (known || !Object.keys(rows).some(row => row.startsWith(`${name}/`))) return known;
  table.set(name, IMPLICIT);
  return IMPLICIT;
}
const known = new Map<string, readonly string[]>([[TASKS, ["TID"]]]);
/** The names in a directory, placeholders among them, in the table's order. */
function namesIn(directory: string): readonly string[] {
  let names = known.get(directory);
  if (!names) {
    const inside = directory === "" ? "" : `${ofProcess(directory)}/`;
    const all = Object.keys(rows).flatMap(row => (row.startsWith(inside) ? [row.slice(inside.length).split("/", 1)[0]!] : []));
    names = [...new Set(all)].filter(name => !isOfTask(directory) || name !== "task");
    known.set(directory, names);
  }
  return names;
}

interface Found {
  readonly pattern: string;
  readonly entry: Entry;
  /** For rows below PID: the process. */
  readonly question: Question & Partial<ProcessQuestion>;
}
const NUMBER = /^(0|[1-9]\d*)$/;
/** Numbers of a path become the placeholders of its pattern. */
function patternOf(path: BinaryString): { readonly pattern: string; readonly numbers: Readonly<Record<string, number>> } {
  const numbers: Record<string, number> = {};
  const pattern = path
    .split("/")
    .map((part, depth, parts) => {
      const above = parts[depth - 1];
      const placeholder = depth === 0 ? "PID" : above === "task" ? "TID" : above === "fd" || above === "fdinfo" ? "FD" : undefined;
      if (placeholder === undefined || !NUMBER.test(part)) return part;
      numbers[placeholder] = Number(part);
      return placeholder;
    })
    .join("/");
  return { pattern, numbers };
}
function match(kernel: Kernel, reader: Draft<Task>, path: BinaryString): Found | undefined {
  const { pattern, numbers } = patternOf(path);
  const entry = entryOf(pattern);
  if (!entry || isUnknown(kernel, entry) || /(^|\/)(PID|TID|FD)(\/|$)/.test(path)) return undefined;
  const { PID: pid, TID: tid, FD: fd = -1 } = numbers;
  if (pid === undefined) return { pattern, entry, question: { kernel, reader } };
  const process = processOfNumber(kernel, pid);
  if (!process || (tid !== undefined && !process.tasks.includes(tid))) return undefined;
  const task = kernel.procTable.tasks.get(tid ?? pid);
  const question: ProcessQuestion = { kernel, reader, process, task, fd };
  if (fd >= 0 && !hasDescriptor(question)) return undefined;
  return { pattern, entry, question };
}
/** Earlier machines have no such file. */
const isUnknown = ({ system }: Kernel, entry: Entry): boolean => entry.kind === "file" && entry.isMemory === true && system.parameters.memoryFiles !== "live";
/** A task's number finds its process too, though only processes are listed; what is told there is told of the task (proc(5)). */
const processOfNumber = (kernel: Kernel, number: number) => {
  const { tasks, processes } = kernel.procTable;
  return processes.get(number) ?? processes.get(tasks.get(number)?.pid ?? 0);
};
const isRefused = ({ entry, question }: Found): boolean =>
  entry.kind !== "directory" && entry.isPrivate === true && question.process !== undefined && !mayTrace(question as ProcessQuestion);

const ROOT_INODE = 1;
/** FNV-1a: the same path has the same number, whatever was looked at before. */
function inodeNumber(path: BinaryString): number {
  if (path === "") return ROOT_INODE;
  let hash = 0x811c_9dc5;
  for (let i = 0; i < path.length; i++) hash = Math.imul(hash ^ path.charCodeAt(i), 0x0100_0193);
  return 0x1_0000_0000 + (hash >>> 0);
}
const FD_LINK_SIZE = 64;
const subdirectories = (pattern: string): number =>
  namesIn(pattern).filter(name => entryOf(pattern === "" ? name : `${pattern}/${name}`)?.kind === "directory").length;

function nodeOf(path: BinaryString, { pattern, entry, question }: Found): VirtualNode {
  // What may not be traced belongs to root (proc_pid(5)); the directories of a process are its user's either way.
  const owner = question.process && (question.process.isDumpable || pattern === "PID") ? question.process.credentials : undefined;
  return {
    kind: entry.kind,
    mode: entry.kind === "symlink" ? (entry.modeOf?.(question) ?? entry.mode) : entry.mode,
    uid: owner?.euid ?? 0,
    gid: owner?.egid ?? 0,
    links: entry.kind === "directory" ? 2 + subdirectories(pattern) : 1,
    size: pattern.endsWith("/fd/FD") ? FD_LINK_SIZE : 0,
    inode: inodeNumber(path),
  };
}
/** What stands for a placeholder in a listing. */
const expansions: Readonly<Record<string, (question: ProcessQuestion) => readonly number[]>> = {
  PID: ({ kernel }) => [...kernel.procTable.processes.keys()].sort((a, b) => a - b),
  TID: ({ process }) => process.tasks,
  FD: descriptorsOf,
};
function contentOf({ entry, question }: Found): Bytes {
  const content = entry.kind === "file" ? entry.read(question) : "";
  return typeof content === "string" ? bytesOf(content) : content;
}
const NOTHING = new Uint8Array(0);
const failed = (errno: Errno): { readonly errno: Errno } => ({ errno });

export const procTree: VirtualTree = {
  find(kernel, task, path) {
    const found = match(kernel, task, path);
    return found && nodeOf(path, found);
  },
  list(kernel, task, path) {
    const found = match(kernel, task, path);
    if (!found) return [];
    const listed = namesIn(found.pattern).flatMap(name => expansions[name]?.(found.question as ProcessQuestion).map(String) ?? [name]);
    return listed.flatMap((name): VirtualEntry[] => {
      const child = path === "" ? name : `${path}/${name}`;
      const entry = entryOf(patternOf(child).pattern);
      return entry && !isUnknown(kernel, entry) ? [{ name, kind: entry.kind, inode: inodeNumber(child) }] : [];
    });
  },
  readlink(kernel, task, path) {
    const found = match(kernel, task, path);
    if (found?.entry.kind !== "symlink") return failed(found ? "EINVAL" : "ENOENT");
    if (isRefused(found)) return failed("EACCES");
    const text = found.entry.text(found.question);
    return text === undefined ? failed("ENOENT") : { text };
  },
  follow(kernel, task, path) {
    const found = match(kernel, task, path);
    return found?.entry.kind === "symlink" && !isRefused(found) ? found.entry.follow?.(found.question) : undefined;
  },
  open(kernel, task, path, flags) {
    const found = match(kernel, task, path);
    if (!found) return failed("ENOENT");
    if (isRefused(found)) return failed("EACCES");
    const isWriting = (flags & O_ACCMODE) !== O_RDONLY;
    // Settings that only tell refuse even the superuser (proc_sys(5)).
    if (isWriting && !("write" in found.entry) && found.pattern.startsWith("sys/")) return failed("EACCES");
    const space = found.entry.kind === "file" && found.entry.isOfSpace ? found.question.task?.space : undefined;
    // mm_access in kernel/fork.c.
    if (space !== undefined && memoryShown(kernel, found.entry) && !spaceOfProcess(found.question as ProcessQuestion)) return failed("ESRCH");
    return space === undefined ? {} : { space };
  },
};
/** One write(2) to a file of /proc: the errno where it is refused. */
export function writeProc(kernel: Kernel, task: Draft<Task>, path: BinaryString, text: string): Errno | undefined {
  const found = match(kernel, task, path);
  if (!found) return "ESRCH";
  if (found.entry.kind !== "file" || !found.entry.write) return "EIO";
  return found.entry.write(found.question, text);
}
/** The content as of now, for an open file that is read from its beginning again; `undefined`: what it tells of has ended. */
export function contentNow(kernel: Kernel, task: Draft<Task>, { path, space }: NonNullable<OpenFile["virtual"]>): Bytes | undefined {
  const found = match(kernel, task, path);
  if (space !== undefined && found?.question.task?.space !== space) return NOTHING;
  return found && contentOf(found);
}
/** What reads of the file show of a process's memory, where it is a file that does. */
const memoryShown = (kernel: Kernel, entry: Entry | undefined): Pick<MemoryFile, "show" | "isMemory"> | undefined =>
  entry?.kind === "file" && entry.shows && kernel.system.parameters.memoryFiles === "live"
    ? { show: entry.shows, isMemory: entry.isMemory === true }
    : undefined;
export interface MemoryFile {
  readonly show: Shown;
  readonly isMemory: boolean;
  /** `undefined`: there is none any more. */
  readonly space: number | undefined;
  /** Its process has ended, and it is asked by the process. */
  readonly isOrphaned: boolean;
}
/** An open file of /proc that shows memory: whose, as of now. */
export function memoryFile(kernel: Kernel, task: Draft<Task>, { path, space }: NonNullable<OpenFile["virtual"]>): MemoryFile | undefined {
  const shown = memoryShown(kernel, entryOf(patternOf(path).pattern));
  if (!shown) return undefined;
  if (space !== undefined) return { ...shown, space: kernel.vmm.spaces.has(space) ? space : undefined, isOrphaned: false };
  const found = match(kernel, task, path);
  const question = found?.question as ProcessQuestion | undefined;
  return { ...shown, space: question && spaceOfProcess(question) && question.task?.space, isOrphaned: !found };
}
export const isThere = (kernel: Kernel, task: Draft<Task>, path: BinaryString): boolean => match(kernel, task, path) !== undefined;
