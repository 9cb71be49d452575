// The state of what programs wait with: epoll instances, event counters, signal descriptors.
import type { BinaryString } from "./vfs.ts";

/** An interest: a file, by descriptor and open file, in an epoll instance (epoll_ctl(2)). */
export interface EpollItem {
  readonly id: number;
  readonly epoll: number;
  readonly fd: number;
  readonly openFile: number;
  /** EPOLLIN … and EPOLLET, EPOLLONESHOT, EPOLLEXCLUSIVE; no events after a one-shot. */
  readonly events: number;
  readonly data: bigint;
  /** What is woken when the file may have become ready. */
  readonly channels: readonly string[];
  readonly isReady: boolean;
}
export interface Epoll {
  readonly id: number;
  /** Items by `fd:openFile`. */
  readonly items: ReadonlyMap<string, number>;
  /** Items that may be ready, the longest ready first. */
  readonly ready: readonly number[];
}
/** eventfd(2). */
export interface EventCounter {
  readonly count: bigint;
  readonly isSemaphore: boolean;
}
/** What happened to something that is watched. */
export interface InotifyNews {
  readonly wd: number;
  readonly mask: number;
  readonly cookie: number;
  readonly name: string;
}
export interface Inotify {
  readonly queue: readonly InotifyNews[];
  /** Inodes by watch descriptor. */
  readonly watches: ReadonlyMap<number, number>;
  readonly lastWatch: number;
}
export interface InodeWatch {
  readonly instance: number;
  readonly wd: number;
  readonly mask: number;
}
/** A mark of fanotify(7): on an inode, else on a file system or its mount. */
export interface FanotifyMark {
  readonly inode: number;
  readonly mask: number;
  readonly ignored: number;
  /** FAN_MARK_IGNORE: the ignored mask says itself whether it takes in directories and children. */
  readonly hasIgnoreFlags: boolean;
  /** A change of the file does not clear the ignored mask. */
  readonly survivesModify: boolean;
  readonly isEvictable: boolean;
}
/** `actor`: the process, or the thread, that did it. The inode is held. */
export interface FanotifyEvent {
  readonly mask: number;
  readonly inode: number;
  readonly path: BinaryString;
  readonly actor: number;
  /** The question that it asks. */
  readonly permission?: number;
}
/** What a group was asked: `fd` is the descriptor that it was given with the event. */
export interface PermissionQuestion {
  readonly group: number;
  readonly fd: number | null;
  readonly answer: "allow" | "deny" | null;
  /** Whoever asked has ended meanwhile. */
  readonly isCancelled: boolean;
}
export interface Fanotify {
  readonly flags: number;
  readonly eventFlags: number;
  readonly uid: number;
  readonly isUnprivileged: boolean;
  /** By what they are on: see `markKey`. */
  readonly marks: ReadonlyMap<string, FanotifyMark>;
  readonly queue: readonly FanotifyEvent[];
}
/** fcntl(2), F_NOTIFY: whose open file tells of which events, by which descriptor, and whether more than once. */
export interface DirectoryNotice {
  readonly openFile: number;
  /** The table of descriptors of who asked. */
  readonly files: number;
  readonly fd: number;
  readonly mask: number;
  readonly isRepeated: boolean;
}
export interface PollState {
  readonly permissions?: ReadonlyMap<number, PermissionQuestion>;
  readonly fanotifies?: ReadonlyMap<number, Fanotify>;
  readonly inotifies: ReadonlyMap<number, Inotify>;
  readonly inodeWatches: ReadonlyMap<number, readonly InodeWatch[]>;
  readonly lastCookie: number;
  readonly epolls: ReadonlyMap<number, Epoll>;
  readonly items: ReadonlyMap<number, EpollItem>;
  /** Items by the channels that they listen to, and by open file. */
  readonly watchers: ReadonlyMap<string, readonly number[]>;
  readonly watching: ReadonlyMap<number, readonly number[]>;
  /** Open files with O_ASYNC by the channels that they listen to. */
  readonly asyncs?: ReadonlyMap<string, readonly number[]>;
  /** F_NOTIFY's, by directory. */
  readonly directoryNotices?: ReadonlyMap<number, readonly DirectoryNotice[]>;
  readonly counters: ReadonlyMap<number, EventCounter>;
  /** signalfd(2): which signals each takes. */
  readonly signalMasks: ReadonlyMap<number, bigint>;
  /** pidfd_open(2). */
  readonly processes: ReadonlyMap<number, { readonly pid: number; readonly startNanos: number }>;
  readonly nextId: number;
}
export const emptyPoll: PollState = {
  inotifies: new Map(),
  inodeWatches: new Map(),
  lastCookie: 0,
  epolls: new Map(),
  items: new Map(),
  watchers: new Map(),
  watching: new Map(),
  counters: new Map(),
  signalMasks: new Map(),
  processes: new Map(),
  nextId: 1,
};
