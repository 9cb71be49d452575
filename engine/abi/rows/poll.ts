// Calls that wait for descriptors to be ready. Handled by engine/kernel/services/poll.ts.
import { type Arg, DirFd, Fd, flags, Int, inOutStruct, inStruct, oneOf, outArray, Path, Size, Uint } from "../argument.ts";
import { epollOperations } from "../constants/epoll.ts";
import { fanotifyEvents, fanotifyInit, fanotifyMarks } from "../constants/fanotify.ts";
import { inotifyEvents } from "../constants/inotify-events.ts";
import { O_CLOEXEC, O_NONBLOCK, openFlags } from "../constants/open-flags.ts";
import { int32, uint64 } from "../memory-view.ts";
import { row } from "../row.ts";
import { type EpollEvent, epollEvent } from "../structs/epoll-event.ts";
import { fdSet, maskWithSize } from "../structs/fd-set.ts";
import { pollArray } from "../structs/pollfd.ts";
import { sigset } from "../structs/sigaction.ts";
import { timespec, timeval } from "../structs/timespec.ts";
import { NullablePath } from "./path.ts";

const desc = { classes: ["desc"] } as const;
const sets = { readfds: fdSet("nfds", "in"), writefds: fdSet("nfds", "out"), exceptfds: fdSet("nfds", "except") };

/** EPOLL_CTL_DEL reads no event. */
const epollRequest: Arg<EpollEvent | null> = {
  ...inStruct(epollEvent),
  decode: (raw, memory, raws) => (int32(raws.op!) === epollOperations.EPOLL_CTL_DEL ? null : inStruct(epollEvent).decode(raw, memory, raws)),
};
const epolled = outArray(epollEvent, "maxevents");
const creating = { classes: ["desc"], returns: "fd" } as const;
const eventFlags = flags({ EFD_CLOEXEC: O_CLOEXEC, EFD_NONBLOCK: O_NONBLOCK, EFD_SEMAPHORE: 1 });
const signalFlags = flags({ SFD_CLOEXEC: O_CLOEXEC, SFD_NONBLOCK: O_NONBLOCK });

const Watched = flags(inotifyEvents);
const watching = {
  classes: ["desc", "file"],
  missing: "changes of /proc; a stored page of a mapping is no change; programs are not told to be closed",
} as const;

const fanotifyMask: Arg<number> = { ...flags(fanotifyEvents), decode: uint64 };
export const pollRows = {
  fanotify_init: row(
    300,
    "poll",
    { flags: flags(fanotifyInit), event_f_flags: flags(openFlags) },
    { ...creating, missing: "file handles: as no file system here gives them, groups that ask for them can mark nothing" },
  ),
  fanotify_mark: row(
    301,
    "poll",
    { fanotify_fd: Fd, flags: flags(fanotifyMarks), mask: fanotifyMask, dirfd: DirFd, pathname: NullablePath },
    {
      classes: ["desc", "file"],
      missing:
        "files of /proc; splice and asynchronous reads ask nobody; a signal with a handler withdraws what is asked, and it is asked again; of programs only that they are opened; a mapped file counts as closed with its descriptor",
    },
  ),
  inotify_init: row(253, "poll", {}, creating),
  inotify_init1: row(294, "poll", { flags: flags({ IN_CLOEXEC: O_CLOEXEC, IN_NONBLOCK: O_NONBLOCK }) }, creating),
  inotify_add_watch: row(254, "poll", { fd: Fd, pathname: Path, mask: Watched }, watching),
  inotify_rm_watch: row(255, "poll", { fd: Fd, wd: Int }, desc),
  epoll_create: row(213, "poll", { size: Int }, creating),
  epoll_create1: row(291, "poll", { flags: flags({ EPOLL_CLOEXEC: O_CLOEXEC }) }, creating),
  epoll_ctl: row(233, "poll", { epfd: Fd, op: oneOf(epollOperations), fd: Fd, event: epollRequest }, desc),
  epoll_wait: row(232, "poll", { epfd: Fd, events: epolled, maxevents: Int, timeout: Int }, desc),
  epoll_pwait: row(281, "poll", { epfd: Fd, events: epolled, maxevents: Int, timeout: Int, sigmask: inStruct(sigset), sigsetsize: Size }, desc),
  epoll_pwait2: row(441, "poll", { epfd: Fd, events: epolled, maxevents: Int, timeout: inStruct(timespec), sigmask: inStruct(sigset), sigsetsize: Size }, desc),
  eventfd: row(284, "poll", { initval: Uint }, creating),
  eventfd2: row(290, "poll", { initval: Uint, flags: eventFlags }, creating),
  signalfd: row(282, "poll", { ufd: Fd, mask: inStruct(sigset), sizemask: Size }, { classes: ["desc", "signal"], returns: "fd" }),
  signalfd4: row(289, "poll", { ufd: Fd, mask: inStruct(sigset), sizemask: Size, flags: signalFlags }, { classes: ["desc", "signal"], returns: "fd" }),
  poll: row(7, "poll", { fds: pollArray("nfds"), nfds: Uint, timeout: Int }, desc),
  select: row(23, "poll", { nfds: Int, ...sets, timeout: inOutStruct(timeval) }, desc),
  pselect6: row(270, "poll", { nfds: Int, ...sets, timeout: inOutStruct(timespec), sigmask: maskWithSize }, desc),
  ppoll: row(271, "poll", { fds: pollArray("nfds"), nfds: Uint, tmo_p: inOutStruct(timespec), sigmask: inStruct(sigset), sigsetsize: Size }, desc),
};
