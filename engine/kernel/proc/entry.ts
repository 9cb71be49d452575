// What one row of /proc is, and what its generator is told. A row is a path pattern and an entry: see table.ts.
import type { Draft } from "immer";
import type { Errno } from "../../abi/errno.ts";
import type { Bytes } from "../../abi/memory-view.ts";
import type { Kernel } from "../kernel.ts";
import type { Process, Task } from "../state/proc-table.ts";
import type { BinaryString, Location } from "../state/vfs.ts";
import type { Shown } from "./memory-files.ts";

/** Who asks, and for files below /proc/PID about whom. */
export interface Question {
  readonly kernel: Kernel;
  readonly reader: Draft<Task>;
}
export interface ProcessQuestion extends Question {
  readonly process: Draft<Process>;
  /** The task of /proc/PID/task/TID or of /proc/TID: the leader, where TID is the process's. The init process has none. */
  readonly task: Draft<Task> | undefined;
  /** Below fd and fdinfo. */
  readonly fd: number;
}
interface Common {
  readonly mode: number;
  /** Only for those who may trace the process (ptrace(2), "Ptrace access mode checking"). */
  readonly isPrivate?: boolean;
}
export interface FileEntry<Q> extends Common {
  readonly kind: "file";
  /** Of the address space that the process had when the file was opened: empty once that is gone, by execve too, as Linux's open file holds the mm. */
  readonly isOfSpace?: boolean;
  read(question: Q): string | Bytes;
  /** Instead of what `read` makes, what reads show of the process's memory (`BootParameters.memoryFiles`). */
  readonly shows?: Shown;
  /** It is the memory itself: a place in it is an address, which may be written to, and where nothing is, reading fails. */
  readonly isMemory?: true;
  /** The text of one write(2). Without it writing is EIO. */
  write?(question: Q, text: string): Errno | undefined;
}
export interface LinkEntry<Q> extends Common {
  readonly kind: "symlink";
  /** `undefined`: there is no such link now. */
  text(question: Q): BinaryString | undefined;
  /** Where it leads, if not where its text says. */
  follow?(question: Q): Location | undefined;
  /** Permission bits that depend on what it is (fd/N). */
  modeOf?(question: Q): number;
}
export interface DirectoryEntry extends Common {
  readonly kind: "directory";
}
export type Entry<Q = any> = FileEntry<Q> | LinkEntry<Q> | DirectoryEntry;

export const READ_ALL = 0o444;
const LINK = 0o777;
export const file = (read: (question: Question) => string | Bytes, write?: FileEntry<Question>["write"]): FileEntry<Question> => ({
  kind: "file",
  mode: write ? 0o644 : READ_ALL,
  read,
  ...(write ? { write } : {}),
});
export const text = (content: string): FileEntry<Question> => file(() => content);
export const link = (target: (question: Question) => BinaryString | undefined): LinkEntry<Question> => ({ kind: "symlink", mode: LINK, text: target });
export const directory = (mode: number, isPrivate = false): DirectoryEntry => ({ kind: "directory", mode, isPrivate });

/** The same for files of one process. */
export const processFile = (
  read: (question: ProcessQuestion) => string | Bytes,
  options: Partial<FileEntry<ProcessQuestion>> = {},
): FileEntry<ProcessQuestion> => ({
  kind: "file",
  mode: options.write ? 0o644 : READ_ALL,
  ...options,
  read,
});
export const privateFile = (read: (question: ProcessQuestion) => string | Bytes, mode = 0o400): FileEntry<ProcessQuestion> =>
  processFile(read, { mode, isPrivate: true });
export const spaceFile = (read: (question: ProcessQuestion) => string | Bytes, options: Partial<FileEntry<ProcessQuestion>> = {}): FileEntry<ProcessQuestion> =>
  processFile(read, { mode: 0o400, isPrivate: true, isOfSpace: true, ...options });
export const processLink = (
  target: (question: ProcessQuestion) => BinaryString | undefined,
  options: Partial<LinkEntry<ProcessQuestion>> = {},
): LinkEntry<ProcessQuestion> => ({
  kind: "symlink",
  mode: LINK,
  isPrivate: true,
  ...options,
  text: target,
});

/** `left` filled with spaces up to `width`, as printf's %-*s. */
export const padded = (value: string | number, width: number): string => String(value).padEnd(width);
export const hexadecimal = (value: number | bigint, width: number): string => value.toString(16).padStart(width, "0");
/** Clock ticks as /proc counts them: USER_HZ is 100 (sysconf(3), _SC_CLK_TCK). */
export const clockTicks = (nanos: number): number => Math.floor(nanos / 10_000_000);
