// How an argument of the table is drawn, by what its row says of it: the first hint that fits by call and name, by name, or by label.
import type { AnyArg, Row } from "../../../engine/abi/row.ts";
import { type Kind, kinds, type Pool } from "./pools.ts";
import type { ShapeName } from "./shapes.ts";

export interface Draw {
  readonly pool: Pool;
  readonly values?: readonly number[];
  readonly shape?: ShapeName;
}
const pool = (name: Pool): Draw => ({ pool: name });
const at = (shape: ShapeName): Draw => ({ pool: "STRUCTURE", shape });
const choice = (...values: readonly number[]): Draw => ({ pool: "CHOICE", values });
const some = (...values: readonly number[]): Draw => ({ pool: "FLAGS", values });

/** Descriptors of these kinds. */
const fd = (...names: readonly Kind[]): Draw => ({ pool: "FD", values: kinds(...names) });

/** By `call.argument`, as a pattern. */
const byCall: readonly (readonly [RegExp, Draw])[] = [
  [/^(utimes|futimesat)\.times$|^(gettimeofday|settimeofday)\.|^select\.timeout$/, at("timeval")],
  [/^utimensat\.times$/, at("timespecs")],
  [/^utime\.times$/, at("number64")],
  [/^timerfd?_settime\.new_value$/, at("itimerspec")],
  [/^setitimer\.new_value$/, at("itimerval")],
  [/^fcntl\.arg$/, { pool: "STRUCTURE", shape: "fileLock" }],
  [/^ioctl\.argp$/, at("terminal")],
  [/^futex\.val3?$|^futex\.timeout$/, choice(0, 1, 2, -1)],
  [/^futex\.uaddr2?$/, pool("ADDRESS")],
  [/^prctl\.arg2$/, choice(0, 1, 2, 9, 15, 17)],
  [/^prctl\.arg/, choice(0, 0, 0, 1)],
  [/^(ms|se|sh)(g|m)get\.key$|^(msg|sem|shm)get\.key$/, choice(0, 1, 2, 3, 4)],
  [/^(shmat|shmctl|semop|semtimedop|semctl|msgctl|msgsnd|msgrcv)\.(shmid|semid|msqid)$/, choice(0, 1, 2, 3, 32_768, 32_769)],
  [/^semget\.nsems$|^semctl\.semnum$/, pool("COUNT")],
  [/^semctl\.arg$/, at("semaphoreValues")],
  [/^shmget\.size$/, choice(1, 4096, 65_536, 0, 1 << 20)],
  [/\.sockfd$/, fd("SOCKET")],
  [/\.epfd$|^epoll_p?wait/, fd("EPOLL")],
  [/^timerfd_.*\.fd$/, fd("TIMER")],
  [/^inotify_.*\.fd$/, fd("INOTIFY")],
  [/\.pidfd$/, fd("PROCESS")],
  [/^mq_.*\.mqdes$/, fd("QUEUE")],
  [/^(splice|tee|vmsplice)\.fd/, fd("PIPE", "PIPE", "FILE", "SOCKET")],
  [/^(getdents|getdents64|fchdir)\.fd$/, fd("DIRECTORY")],
  [/^(ftruncate|fallocate|mmap|sync_file_range|readahead|fadvise64|copy_file_range|flock|p(read|write)).*\.fd/, fd("FILE")],
  [/^sendfile\./, fd("FILE", "SOCKET", "PIPE")],
  [/^ioctl\.fd$/, fd("TERMINAL", "SOCKET", "FILE", "PIPE")],
  [/^signalfd4?\.ufd$/, { pool: "CHOICE", values: [-1, -1, 3, 30, 35] }],
  [/^(read|readv|write|writev)\.fd$/, fd("PIPE", "SOCKET", "EVENT", "TIMER", "SIGNALS", "INOTIFY", "TERMINAL", "FILE")],
  [/^timer_(?!create).*\.timerid$/, choice(0, 1, 2, 3, -1)],
  [/^socket(pair)?\.type$/, choice(1, 2, 5, 3, 0o4001, 0o2000001, 0o4002)],
  [/^socket(pair)?\.family$/, choice(1, 1, 1, 2, 2, 10, 16, 17)],
  [/^socket(pair)?\.protocol$/, choice(0, 0, 0, 0, 6, 17, 1)],
  [/^[gs]etsockopt\.optname$/, choice(...Array.from({ length: 62 }, (_, i) => i))],
  [/^[gs]etsockopt\.level$/, choice(1, 1, 1, 6, 0, 41, 17, 270)],
  [/^(sendto|connect|bind)\.addrlen$/, choice(0, 2, 3, 8, 16, 28, 110, 128)],
  [/^mount\.filesystemtype$/, pool("PATH")],
  [/^(exit|exit_group)\.status$/, choice(0, 1, 255, 256)],
  [/^(dup2|dup3)\.newfd$|^close_range\./, choice(3, 10, 20, 30, 39, 63, 200)],
  [/^alarm\.seconds$/, choice(0, 1, 2, 3600)],
  [/^rt_sigtimedwait\.set$/, at("set")],
  [/^(readlink|readlinkat)\.bufsiz$/, pool("SIZE")],
  [/^wait4\.options$|^waitid\.options$/, some(1, 1, 2, 4, 8, 0x4000_0000, 0x2000_0000, 0x100_0000, 0x8000_0000)],
  [/^clone\.flags$/, some(17, 0x11, 0x3d_0f00, 0x4111, 0x411, 0x211, 0x1011, 0x8011, 0x5_0f00, 0x20_0011, 0x100_0011, 0xa, 0x50, 0)],
  [/^clone3\.size$/, choice(88, 64, 80, 88, 120, 4096, 0)],
  [/^openat2\.size$/, choice(24, 24, 24, 32, 8)],
  [/^set_robust_list\.len$/, choice(24, 24, 12)],
  [/^rseq\./, choice(0, 32, 1, 0x5305_3053)],
  [/^capset\.hdrp$|^capget\.hdrp$/, at("capabilityHeader")],
  [/^(sched_setaffinity|sched_getaffinity)\.cpusetsize$/, choice(8, 128, 0, 4)],
  [/^mq_(open|unlink)\.name$/, pool("PATH")],
  [/^getrandom\.buflen$/, choice(0, 1, 16, 256, 257, 4096)],
  [/^(read|write|pread64|pwrite64|sendto|recvfrom)\.(count|len)$/, pool("SIZE")],
  [/^mq_time.*\.msg_len$/, choice(16, 64, 8192, 0)],
  [/^mq_time.*\.msg_prio$/, pool("COUNT")],
  [/^msg(snd|rcv)\.msgsz$/, choice(0, 8, 16, 64, 8192, -1)],
  [/^msgrcv\.msgtyp$/, choice(0, 1, 2, -2, -1)],
  [/^listen\.backlog$/, pool("COUNT")],
  [/^reboot\.(magic|magic2)$/, choice(-18_751_827, 672_274_793)],
  [/^personality\.persona$/, choice(0, -1, 8, 0x4_0000)],
];
const byName: Readonly<Record<string, Draw>> = {
  ...{ sigsetsize: choice(8, 8, 8, 8, 0, 16), sizemask: choice(8, 8, 8, 4), sigmask: at("set"), mask: at("set"), set: at("set") },
  ...{ timeout: at("timespec"), tmo_p: at("timespec"), req: at("timespec"), tp: at("timespec"), abs_timeout: at("timespec") },
  ...{ act: at("sigaction"), ss: at("stack"), info: at("siginfo"), sevp: at("sigevent"), new_limit: at("rlimit"), rlim: at("rlimit") },
  ...{ param: at("scheduling"), datap: at("capabilityData"), attr: at("queueAttributes"), newattr: at("queueAttributes"), event: at("epollEvent") },
  ...{ iovcnt: pool("COUNT"), nr_segs: pool("COUNT"), nfds: pool("COUNT"), vlen: pool("COUNT"), maxevents: pool("COUNT"), nsops: pool("COUNT") },
  ...{ nr_futexes: pool("COUNT"), size: pool("SIZE"), sig: pool("SIGNAL"), signum: pool("SIGNAL"), head: at("robustList"), pid: pool("PID") },
  ...{
    addrlen: at("length32"),
    optlen: at("length32"),
    who: pool("PID"),
    prio: choice(-20, 0, 5, 19, 40),
    advice: choice(0, 1, 2, 3, 4, 5, 8, 9, 14, 18, 100),
  },
  ...{
    fd: pool("FD"),
    mqdes: fd("QUEUE"),
    epfd: pool("FD"),
    dfd: pool("FD"),
    pathname: pool("PATH"),
    path: pool("PATH"),
    filename: pool("PATH"),
    new_root: pool("PATH"),
  },
  ...{ put_old: pool("PATH"), dirfd: pool("DIRFD"), addr: pool("ADDRESS"), length: pool("SIZE"), len: pool("SIZE"), flags: choice(0, 0, 0, 1, 2, 3, 4, 8, 16) },
  ...{ pidfd: fd("PROCESS"), iovec: at("iovec"), local_iov: at("iovec"), remote_iov: at("iovec"), liovcnt: pool("COUNT"), riovcnt: pool("COUNT") },
};
const byLabel: readonly (readonly [RegExp, Draw])[] = [
  [/^fd$/, pool("FD")],
  [/^dirfd$/, pool("DIRFD")],
  [/^path$/, pool("PATH")],
  [/^string$/, at("text")],
  [/^size$/, pool("SIZE")],
  [/^pid$/, pool("PID")],
  [/^id$/, pool("ID")],
  [/^offset$|^long$/, pool("OFFSET")],
  [/^mode$/, choice(0, 0o644, 0o755, 0o7777, 0o100644, 0o10644, 0o20666, 0o140755, 0o60600)],
  [/^address$/, pool("ADDRESS")],
  [/iovec/, at("iovec")],
  [/^pollfd/, at("pollfd")],
  [/^fd_set/, at("descriptorSet")],
  [/^sigset with size/, at("setWithSize")],
  [/^in sockaddr/, at("unixSockaddr")],
  [/m?msghdr/, at("msghdr")],
  [/^in option/, at("number32")],
  [/msgbuf/, at("message")],
  [/^sembuf/, at("semaphoreOperation")],
  [/^by cmd$/, at("ipcData")],
  [/^clone_args/, at("cloneArguments")],
  [/^open_how/, at("openHow")],
  [/^strings/, at("arguments")],
  [/^in array/, at("groups")],
  [/cpu mask/, at("mask")],
  [/^sched_attr/, at("schedulingAttributes")],
  [/^futex_waitv/, at("futexWaiter")],
  [/^futex/, pool("ADDRESS")],
  [/^in bytes/, at("bytes")],
  [/^in-out struct/, at("number64")],
  [/^in struct/, at("number64")],
  [/^out /, at("room")],
  [/^(residency|remaining|signal frame|rseq area)/, at("room")],
  [/^by /, at("number64")],
];

/** Named numbers come first: a set's bits together, an enumeration's one at a time. */
export function drawOf(call: string, name: string, arg: AnyArg): Draw {
  const hint = byCall.find(([pattern]) => pattern.test(`${call}.${name}`))?.[1];
  if (hint) return hint;
  if (arg.values) return { pool: /flags|^set$/.test(arg.label) ? "FLAGS" : "CHOICE", values: arg.values };
  return (
    (arg.label === "int" || arg.label === "unsigned" || /struct|^by /.test(arg.label) ? byName[name] : undefined) ??
    byLabel.find(([pattern]) => pattern.test(arg.label))?.[1] ??
    byName[name] ??
    pool("NUMBER")
  );
}

/** How often a call is made, where 4 is usual: what gives the others something to work on comes oftener, what only ends a task seldom. */
export function weightOf(call: string, row: Row): number {
  if (/^(exit|exit_group|rt_sigreturn|reboot|close_range|chroot|umount2|setrlimit|munmap|pause|rt_sigsuspend)$/.test(call)) return 1;
  if (row.service === "none") return 1;
  return /^(open|openat|socket|socketpair|pipe2?|mmap|clone|fork|dup|epoll_ctl|eventfd2|memfd_create|mkdir|symlink|link|write|read|futex|ioctl|fcntl|connect|sendmsg|recvmsg|accept)$/.test(
    call,
  )
    ? 10
    : 4;
}
