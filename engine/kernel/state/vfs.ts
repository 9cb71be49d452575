// The state of files: inodes, open files, descriptor tables, pipes, mounts, locks.
import type { Bytes } from "../../abi/memory-view.ts";
import type { LandlockState } from "./landlock.ts";

/** Names, paths and link targets in state are binary strings: one character is one byte. */
export type BinaryString = string;

export interface Timestamp {
  readonly seconds: number;
  readonly nanos: number;
}
/** The same as nanoseconds since 1970: see objects/stamps.ts. */
export type Stamp = bigint;

/** A file's content lies in pieces of 4 KiB: `null` is a hole, a shorter piece ends in zeros. Pieces are replaced, never written. */
export interface Inode {
  readonly id: number;
  /** The file system it belongs to: an index of `mounts`; st_dev follows from it. */
  readonly fileSystem: number;
  readonly kind: "file" | "directory" | "symlink" | "character" | "block" | "fifo" | "socket";
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly links: number;
  readonly size: number;
  readonly pieces: readonly (Bytes | null)[];
  /** The digest of the image's content, where the file still has that: `pieces` is empty until the file is first changed. */
  readonly stored?: string;
  /** How many pieces are no holes. */
  readonly usedPieces: number;
  /** Directories: names to inode ids, without `.` and `..`. */
  readonly entries?: ReadonlyMap<BinaryString, number>;
  /** Directories of a host's folder that nobody has looked into, so that `entries` is empty: where they lie there (objects/unlisted-folders.ts). */
  readonly unlisted?: BinaryString;
  /** Directories: the parent's id, its own in a file system's root, and the name there (empty in a root). */
  readonly parent?: number;
  readonly name?: BinaryString;
  /** A directory that was removed while somebody was in it holds its parent. */
  readonly keepsParent?: true;
  /** Directories: the file system mounted over it. */
  readonly mounted?: number;
  readonly target?: BinaryString;
  /** Extended attributes (xattr(7)), by full name. */
  readonly attributes?: ReadonlyMap<BinaryString, Bytes>;
  readonly device?: readonly [major: number, minor: number];
  /** fifos: the pipe, while anybody has it open. */
  readonly pipe?: number;
  /** Opening it opens this object of the world: standard input or output that the host gave as a pipe. */
  readonly opens?: { readonly kind: FileKindName; readonly object: number };
  /** Made with O_TMPFILE: it may get its first name by linkat. */
  readonly isUnnamed?: true;
  /** memfd_create(2)'s: what may not be done any more. */
  readonly seals?: number;
  readonly accessed: Stamp;
  readonly modified: Stamp;
  readonly changed: Stamp;
  /** From this second on (CLOCK_REALTIME) reading moves `accessed`: 0 where it does not lie after the last change (relatime, mount(8)). */
  readonly accessDueSeconds: number;
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
  /** /proc: the node's path below /proc, the content made when it was last read from its beginning, and the address space that content is of. */
  readonly virtual?: { readonly path: BinaryString; readonly content?: Bytes; readonly space?: number };
  /** The path it was opened by, for /proc/PID/fd, maps and traces. */
  readonly path: BinaryString;
  /** The mount that it keeps, as long as that is mounted nowhere (fsmount(2)). */
  readonly detached?: number;
  /** Who gets a signal when it may have become ready, as whom that was said, and by which (fcntl(2), F_SETOWN, F_SETSIG). */
  readonly owner?: { readonly type: number; readonly id: number; readonly uid: number; readonly euid: number };
  readonly signal?: number;
  /** What is done with it is told to nobody: it came with a fanotify event. */
  readonly isQuiet?: true;
  /** O_ASYNC: the descriptor that is told of, and the channels by which the file tells. */
  readonly telling?: { readonly fd: number; readonly channels: readonly string[] };
  /** Directories: the names as they were when reading began at the start, so that removing some while reading skips none. */
  readonly listing?: readonly BinaryString[];
}
export type FileKindName =
  | "regular"
  | "directory"
  | "pipe"
  | "device"
  | "terminal"
  | "ptmx"
  | "proc"
  | "proc-directory"
  | "world-input"
  | "world-output"
  | "epoll"
  | "eventfd"
  | "timerfd"
  | "signalfd"
  | "socket"
  | "pidfd"
  | "inotify"
  | "mqueue"
  | "fscontext"
  | "landlock"
  | "fanotify"
  | "secretmem";

/** Kinds without an inode of their own, and how /proc/PID/fd names them (Linux's anon_inode). */
export const anonymousKinds: Partial<Readonly<Record<FileKindName, string>>> = {
  epoll: "anon_inode:[eventpoll]",
  eventfd: "anon_inode:[eventfd]",
  timerfd: "anon_inode:[timerfd]",
  signalfd: "anon_inode:[signalfd]",
  pidfd: "anon_inode:[pidfd]",
  fscontext: "anon_inode:[fscontext]",
  inotify: "anon_inode:inotify",
  landlock: "anon_inode:[landlock-ruleset]",
  fanotify: "anon_inode:[fanotify]",
};

export interface Descriptor {
  readonly openFile: number;
  readonly isCloseOnExec: boolean;
  /** The task whose open(2) still waits for a FIFO's other end: its number is taken, and to everybody else it is not open. */
  readonly reservedBy?: number;
}
/** Indexed by fd. Shared by tasks that were cloned with CLONE_FILES. */
export interface DescriptorTable {
  readonly users: number;
  readonly slots: readonly (Descriptor | null)[];
  /** All descriptors below are taken: where the look for a free one may start, however many there are. */
  readonly fullTo?: number;
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
  /** How often an end was opened: whoever waits in open(2) for the other end sees that it came, even where it left again (fifo(7)). */
  readonly readerOpens: number;
  readonly writerOpens: number;
}

/** A file system and where it is mounted. Each is mounted once, so its index stands for both. */
export interface Mount {
  readonly type: "overlay" | "tmpfs" | "devtmpfs" | "devpts" | "proc" | "sysfs" | "pipefs" | "sockfs" | "anon_inodefs";
  readonly source: BinaryString;
  /** The directory it covers; `null` for the root, and where nobody sees it (pipes). */
  readonly point: number | null;
  readonly root: Location;
  /** MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC (mount(2)). */
  readonly flags: number;
}

/** A lock on a range of a file, [start, end): by process (fcntl), by open file (F_OFD_SETLK), or on the whole by open file (flock). */
export interface FileLock {
  readonly kind: "posix" | "ofd" | "flock";
  /** The open file, or for `posix` the descriptor table, which stands for the process as in Linux. */
  readonly owner: number;
  /** Who took it, for F_GETLK. */
  readonly pid: number;
  readonly isExclusive: boolean;
  readonly start: number;
  readonly end: number;
}

/** Standard input where the host gave a pipe: what has come and is not read yet. */
export interface WorldInput {
  readonly buffers: readonly Bytes[];
  readonly length: number;
  readonly hasEnded: boolean;
  /** Somebody looked for more since the clock last jumped, and did not wait. */
  readonly isSought?: true;
}

/** A file system that is being made, or changed: then `mount` is which (fsopen(2), fspick(2)). */
export interface FsContextState {
  readonly type: "tmpfs" | "proc";
  readonly phase: "parameters" | "created" | "mounted";
  readonly source: BinaryString | null;
  readonly isReadOnly: boolean;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mount: number | null;
}
/** /proc/sys/fs/lease-break-time. */
export const LEASE_BREAK_SECONDS = 45;
/** fcntl(2), F_SETLEASE. */
export interface Lease {
  readonly openFile: number;
  /** Which the signal names. */
  readonly fd: number;
  /** F_WRLCK. */
  readonly isExclusive: boolean;
  /** Somebody waits: until when it is to be given back, or to become one for reading. */
  readonly releaseNanos?: number;
  readonly shareNanos?: number;
}
export interface VfsState {
  /** Indexed by inode id; freed ids are `null` and listed in `freeInodes`. Id 0 is never used. `undefined`: a file of the image that nobody has asked for (objects/image-inodes.ts). */
  readonly inodes: readonly (Inode | null | undefined)[];
  readonly freeInodes: readonly number[];
  /** Indexed by id; freed ids are listed in `freeOpenFiles`. */
  readonly openFiles: readonly (OpenFile | null)[];
  readonly freeOpenFiles: readonly number[];
  readonly tables: ReadonlyMap<number, DescriptorTable>;
  readonly contexts: ReadonlyMap<number, FsContext>;
  readonly pipes: ReadonlyMap<number, Pipe>;
  readonly mounts: readonly (Mount | null)[];
  /** The mount that lies nowhere else, where pivot_root(2) has made it another than the first. */
  readonly rootMount?: number;
  /** By inode. */
  readonly locks: ReadonlyMap<number, readonly FileLock[]>;
  /** By inode. */
  readonly leases?: ReadonlyMap<number, readonly Lease[]>;
  readonly worldInput: WorldInput;
  readonly landlock?: LandlockState;
  readonly fsContexts?: ReadonlyMap<number, FsContextState>;
  /** Of the world's outputs (1, 2), those that nobody reads any more. */
  readonly closedOutputs: readonly number[];
  /** For tables, contexts and pipes. */
  readonly nextId: number;
}

export const emptyVfs: VfsState = {
  inodes: [null],
  freeInodes: [],
  openFiles: [],
  freeOpenFiles: [],
  tables: new Map(),
  contexts: new Map(),
  pipes: new Map(),
  mounts: [],
  locks: new Map(),
  worldInput: { buffers: [], length: 0, hasEnded: false },
  closedOutputs: [],
  nextId: 1,
};
