// Calls on descriptors: opening, reading and writing, copying descriptors, locks, what lies behind an open file. Handled by engine/kernel/services/vfs*.ts.
import {
  DirFd,
  Fd,
  flags,
  Id,
  Int,
  inBytes,
  inOutStruct,
  inSegments,
  Long,
  Mode,
  Offset,
  oneOf,
  outBytes,
  outSegments,
  outValue,
  Path,
  Size,
  text,
  Uint,
  Umask,
  variant,
} from "../argument.ts";
import { directoryRecords } from "../arguments/directory-records.ts";
import { openHow } from "../arguments/open-how.ts";
import { DescriptorFlags, FullOpenFlags, OpenMode } from "../arguments/open-mode.ts";
import { splicedSegments } from "../arguments/other-memory.ts";
import { fcntlCodes, fcntlCommands } from "../constants/fcntl-commands.ts";
import { O_CLOEXEC } from "../constants/open-flags.ts";
import { rwFlags } from "../constants/rw-flags.ts";
import { array, i32, i64 } from "../field.ts";
import { fileIoctls } from "../ioctls/file.ts";
import { networkIoctls } from "../ioctls/network.ts";
import { terminalIoctls } from "../ioctls/terminal.ts";
import type { Bytes, FilePlace } from "../memory-view.ts";
import { row } from "../row.ts";
import { stat } from "../structs/stat.ts";
import { statfs } from "../structs/statfs.ts";

const desc = { classes: ["desc"] } as const;
/** See MOST_TAKEN. */
const taking = { ...desc, missing: "more than 64 MiB at once is a short write" } as const;
const opening = { classes: ["desc", "file"], returns: "fd" } as const;
const Whence = oneOf({ SEEK_SET: 0, SEEK_CUR: 1, SEEK_END: 2, SEEK_DATA: 3, SEEK_HOLE: 4 });
const ioctls = { ...terminalIoctls, ...networkIoctls, ...fileIoctls };
const ioctlCodes = Object.fromEntries(Object.entries(ioctls).map(([name, { code }]) => [name, code | 0]));
const falloc = { FALLOC_FL_KEEP_SIZE: 1, FALLOC_FL_PUNCH_HOLE: 2, FALLOC_FL_COLLAPSE_RANGE: 8, FALLOC_FL_ZERO_RANGE: 16, FALLOC_FL_INSERT_RANGE: 32 } as const;
const SpliceFlags = flags({ SPLICE_F_MOVE: 1, SPLICE_F_NONBLOCK: 2, SPLICE_F_MORE: 4, SPLICE_F_GIFT: 8 });
const memoryFlags = flags({ MFD_CLOEXEC: 1, MFD_ALLOW_SEALING: 2, MFD_HUGETLB: 4, MFD_NOEXEC_SEAL: 8, MFD_EXEC: 16 });
const pair = array(i32, 2);
const scattered = ({ fd, iov }: { readonly fd: number; readonly iov: { readonly length: number } | null }, offset: number | null): FilePlace => ({
  fd,
  offset,
  count: iov?.length ?? 0,
});
const written = (fd: number, bytes: Bytes | null, offset: number | null): FilePlace => ({ fd, offset, count: bytes?.length ?? 0, isWritten: true });

export const fileRows = {
  read: row(0, "vfs", { fd: Fd, buf: outBytes("count"), count: Size }, { ...desc, place: ({ fd, count }) => ({ fd, offset: null, count }) }),
  write: row(1, "vfs", { fd: Fd, buf: inBytes("count"), count: Size }, { ...taking, place: ({ fd, buf }) => written(fd, buf, null) }),
  open: row(2, "vfs", { pathname: Path, flags: FullOpenFlags, mode: OpenMode }, opening),
  close: row(3, "vfs", { fd: Fd }, desc),
  fstat: row(5, "vfs", { fd: Fd, statbuf: outValue(stat) }, { classes: ["desc", "fstat", "%stat"] }),
  lseek: row(8, "vfs", { fd: Fd, offset: Offset, whence: Whence }, desc),
  ioctl: row(16, "vfs", { fd: Fd, op: oneOf(ioctlCodes), argp: variant("op", ioctls) }, desc),
  pread64: row(
    17,
    "vfs",
    { fd: Fd, buf: outBytes("count"), count: Size, offset: Offset },
    { ...desc, place: ({ fd, count, offset }) => ({ fd, offset, count }) },
  ),
  pwrite64: row(
    18,
    "vfs",
    { fd: Fd, buf: inBytes("count"), count: Size, offset: Offset },
    { ...taking, place: ({ fd, buf, offset }) => written(fd, buf, offset) },
  ),
  readv: row(19, "vfs", { fd: Fd, iov: outSegments("iovcnt"), iovcnt: Size }, { ...desc, place: args => scattered(args, null) }),
  writev: row(20, "vfs", { fd: Fd, iov: inSegments("iovcnt"), iovcnt: Size }, { ...taking, place: ({ fd, iov }) => written(fd, iov, null) }),
  pipe: row(22, "vfs", { pipefd: outValue(pair) }, desc),
  dup: row(32, "vfs", { oldfd: Fd }, { classes: ["desc"], returns: "fd" }),
  dup2: row(33, "vfs", { oldfd: Fd, newfd: Fd }, { classes: ["desc"], returns: "fd" }),
  sendfile: row(40, "vfs", { out_fd: Fd, in_fd: Fd, offset: inOutStruct(i64), count: Size }, { classes: ["desc", "network"] }),
  fcntl: row(
    72,
    "vfs",
    { fd: Fd, op: oneOf(fcntlCodes), arg: variant("op", fcntlCommands) },
    { classes: ["desc"], missing: "no signal tells of room in a socket" },
  ),
  flock: row(73, "vfs", { fd: Fd, op: flags({ LOCK_SH: 1, LOCK_EX: 2, LOCK_NB: 4, LOCK_UN: 8 }) }, desc),
  fsync: row(74, "vfs", { fd: Fd }, desc),
  fdatasync: row(75, "vfs", { fd: Fd }, desc),
  ftruncate: row(77, "vfs", { fd: Fd, length: Offset }, desc),
  getdents: row(78, "vfs", { fd: Fd, dirp: directoryRecords("count"), count: Uint }, desc),
  fchdir: row(81, "vfs", { fd: Fd }, desc),
  creat: row(85, "vfs", { pathname: Path, mode: Mode }, opening),
  fchmod: row(91, "vfs", { fd: Fd, mode: Mode }, desc),
  fchown: row(93, "vfs", { fd: Fd, owner: Id, group: Id }, desc),
  umask: row(95, "vfs", { mask: Umask }),
  fstatfs: row(138, "vfs", { fd: Fd, buf: outValue(statfs) }, { classes: ["desc", "fstatfs", "%statfs"] }),
  sync: row(162, "vfs", {}),
  readahead: row(187, "vfs", { fd: Fd, offset: Offset, count: Size }, desc),
  getdents64: row(217, "vfs", { fd: Fd, dirp: directoryRecords("count"), count: Uint }, desc),
  fadvise64: row(221, "vfs", { fd: Fd, offset: Offset, len: Offset, advice: Int }, desc),
  openat: row(257, "vfs", { dirfd: DirFd, pathname: Path, flags: FullOpenFlags, mode: OpenMode }, opening),
  openat2: row(437, "vfs", { dirfd: DirFd, pathname: Path, how: openHow, size: Size }, opening),
  sync_file_range: row(
    277,
    "vfs",
    { fd: Fd, offset: Offset, nbytes: Offset, flags: flags({ SYNC_FILE_RANGE_WAIT_BEFORE: 1, SYNC_FILE_RANGE_WRITE: 2, SYNC_FILE_RANGE_WAIT_AFTER: 4 }) },
    desc,
  ),
  fallocate: row(
    285,
    "vfs",
    { fd: Fd, mode: flags(falloc), offset: Offset, len: Offset },
    { classes: ["desc"], missing: "ranges cannot be collapsed or inserted" },
  ),
  dup3: row(292, "vfs", { oldfd: Fd, newfd: Fd, flags: DescriptorFlags }, { classes: ["desc"], returns: "fd" }),
  pipe2: row(293, "vfs", { pipefd: outValue(pair), flags: DescriptorFlags }, { classes: ["desc"], missing: "packets (O_DIRECT) are refused" }),
  preadv: row(
    295,
    "vfs",
    { fd: Fd, iov: outSegments("iovcnt"), iovcnt: Size, pos_l: Offset, pos_h: Long },
    { ...desc, place: args => scattered(args, args.pos_l) },
  ),
  pwritev: row(
    296,
    "vfs",
    { fd: Fd, iov: inSegments("iovcnt"), iovcnt: Size, pos_l: Offset, pos_h: Long },
    { ...taking, place: ({ fd, iov, pos_l }) => written(fd, iov, pos_l) },
  ),
  syncfs: row(306, "vfs", { fd: Fd }, desc),
  copy_file_range: row(326, "vfs", { fd_in: Fd, off_in: inOutStruct(i64), fd_out: Fd, off_out: inOutStruct(i64), len: Size, flags: Uint }, desc),
  preadv2: row(
    327,
    "vfs",
    { fd: Fd, iov: outSegments("iovcnt"), iovcnt: Size, pos_l: Offset, pos_h: Long, flags: flags(rwFlags) },
    { ...desc, place: args => scattered(args, args.pos_l === -1 ? null : args.pos_l) },
  ),
  pwritev2: row(
    328,
    "vfs",
    { fd: Fd, iov: inSegments("iovcnt"), iovcnt: Size, pos_l: Offset, pos_h: Long, flags: flags(rwFlags) },
    { ...desc, place: ({ fd, iov, pos_l }) => written(fd, iov, pos_l === -1 ? null : pos_l) },
  ),
  splice: row(275, "vfs", { fd_in: Fd, off_in: inOutStruct(i64), fd_out: Fd, off_out: inOutStruct(i64), len: Size, flags: SpliceFlags }, desc),
  tee: row(276, "vfs", { fd_in: Fd, fd_out: Fd, len: Size, flags: SpliceFlags }, desc),
  vmsplice: row(278, "vfs", { fd: Fd, iov: splicedSegments("nr_segs"), nr_segs: Size, flags: SpliceFlags }, desc),
  memfd_create: row(319, "vfs", { name: text(250), flags: memoryFlags }, { classes: ["desc"], returns: "fd", missing: "huge pages" }),
  memfd_secret: row(447, "vfs", { flags: flags({ O_CLOEXEC }) }, { classes: ["desc"], returns: "fd" }),
  close_range: row(436, "vfs", { first: Uint, last: Uint, flags: flags({ CLOSE_RANGE_UNSHARE: 2, CLOSE_RANGE_CLOEXEC: 4 }) }),
};
