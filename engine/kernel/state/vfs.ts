// The state of files: inodes, open files, descriptor tables, pipes, mounts, locks.
import type { Bytes } from "../../abi/memory-view.ts";

/** Names, paths and link targets in state are binary strings: one character is one byte. */
export type BinaryString = string;

export interface Timestamp {
  readonly seconds: number;
  readonly nanos: number;
}

/** A file's content lies in pieces of 4 KiB: `null` is a hole, a shorter piece ends in zeros. Pieces are replaced, never written. */
export interface Inode {
  readonly id: number;
  /** The file system it belongs to: an index of `mounts`' file systems, also st_dev. */
  readonly fileSystem: number;
  readonly kind: "file" | "directory" | "symlink" | "character" | "block" | "fifo" | "socket";
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly links: number;
  readonly size: number;
  readonly pieces: readonly (Bytes | null)[];
  /** Directories: names to inode ids, without `.` and `..`. */
  readonly entries?: ReadonlyMap<BinaryString, number>;
  /** Directories: the parent's id. */
  readonly parent?: number;
  readonly target?: BinaryString;
  readonly device?: readonly [major: number, minor: number];
  /** fifos: the pipe, while anybody has it open. */
  readonly pipe?: number;
  readonly accessed: Timestamp;
  readonly modified: Timestamp;
  readonly changed: Timestamp;
  /** Open files and mappings that keep an unlinked inode alive. */
  readonly holders: number;
}

/** An open file description (open(2)). What it can do is told by its kind: engine/kernel/objects/file-kinds.ts. */
export interface OpenFile {
  readonly id: number;
  readonly kind: FileKindName;
  /** Access mode and status flags: O_RDONLY … O_NONBLOCK. */
  readonly flags: number;
  readonly offset: number;
  /** Descriptors that refer to it. */
  readonly references: number;
  /** Inode id; virtual files (/proc) have `virtual` instead. */
  readonly inode: number;
  /** pipe, terminal or other object id, by kind. */
  readonly object: number;
  /** /proc: the node's path below /proc and the content made when it was opened. */
  readonly virtual?: { readonly path: BinaryString; readonly content: Bytes };
  /** The path it was opened by, for /proc/PID/fd, maps and traces. */
  readonly path: BinaryString;
}
export type FileKindName = "regular" | "directory" | "pipe" | "device" | "terminal" | "ptmx" | "proc" | "proc-directory" | "world-input" | "world-output";

export interface Descriptor {
  readonly openFile: number;
  readonly isCloseOnExec: boolean;
}
/** Indexed by fd. Shared by tasks that were cloned with CLONE_FILES. */
export interface DescriptorTable {
  readonly users: number;
  readonly slots: readonly (Descriptor | null)[];
}
/** Root, working directory and umask, shared with CLONE_FS. */
export interface FsContext {
  readonly users: number;
  readonly root: Location;
  readonly workingDirectory: Location;
  readonly umask: number;
}
/** A directory or file as reached: an inode id, or a path below /proc for virtual ones. */
export type Location = { readonly inode: number } | { readonly virtual: BinaryString };

export interface Pipe {
  readonly buffers: readonly Bytes[];
  readonly length: number;
  readonly capacity: number;
  readonly readers: number;
  readonly writers: number;
}

export interface VfsState {
  /** Indexed by inode id; freed ids are `null` and listed in `freeInodes`. */
  readonly inodes: readonly (Inode | null)[];
  readonly freeInodes: readonly number[];
  readonly openFiles: readonly (OpenFile | null)[];
  readonly tables: ReadonlyMap<number, DescriptorTable>;
  readonly contexts: ReadonlyMap<number, FsContext>;
  readonly pipes: ReadonlyMap<number, Pipe>;
  readonly nextId: number;
}
