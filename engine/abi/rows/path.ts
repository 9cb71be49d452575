// Calls on names: what a path leads to, making, moving and removing entries, mounts. Handled by engine/kernel/services/vfs*.ts.
import {
  Address,
  type Arg,
  DirFd,
  Fd,
  flags,
  Id,
  Int,
  inStruct,
  Mode,
  Offset,
  oneOf,
  outBytes,
  outText,
  outValue,
  Path,
  Size,
  text,
  Uint,
} from "../argument.ts";
import { FullOpenFlags } from "../arguments/open-mode.ts";
import * as at from "../constants/at-flags.ts";
import { fsconfigCommands, mountAttributes, moveMountFlags, openTreeFlags, pickFlags } from "../constants/mount-objects.ts";
import { array, decodeField, i64, struct, u64 } from "../field.ts";
import { type Bytes, uint32, uint64 } from "../memory-view.ts";
import { row } from "../row.ts";
import { fileHandle } from "../structs/file-handle.ts";
import { device, formatMode, isDevice, stat } from "../structs/stat.ts";
import { statfs } from "../structs/statfs.ts";
import { statx } from "../structs/statx.ts";
import { fileTime, timeval } from "../structs/timespec.ts";

const file = { classes: ["file"] } as const;
const atFile = { classes: ["desc", "file"] } as const;
const statAt = { classes: ["desc", "file", "fstat", "%stat"] } as const;
const Access = flags(at.accessModes, "F_OK");
const { AT_SYMLINK_NOFOLLOW, AT_SYMLINK_FOLLOW, AT_EMPTY_PATH, AT_EACCESS, AT_NO_AUTOMOUNT, AT_REMOVEDIR } = at;
const StatFlags = flags({ AT_SYMLINK_NOFOLLOW, AT_NO_AUTOMOUNT, AT_EMPTY_PATH });
const NodeMode: Arg<number> = { ...Mode, format: (raw, view) => formatMode(Mode.decode(raw, view.before, view.raws)) };
/** Only devices have one. */
const NodeDevice: Arg<number> = { ...Uint, format: (raw, view) => (isDevice(uint32(view.raws.mode!)) ? device.format(uint32(raw)) : "") };
const RenameFlags = flags({ RENAME_NOREPLACE: at.RENAME_NOREPLACE, RENAME_EXCHANGE: at.RENAME_EXCHANGE, RENAME_WHITEOUT: at.RENAME_WHITEOUT });
const mountFlagNames = {
  MS_RDONLY: 1,
  MS_NOSUID: 2,
  MS_NODEV: 4,
  MS_NOEXEC: 8,
  MS_REMOUNT: 32,
  MS_BIND: 4096,
  MS_MOVE: 8192,
  MS_REC: 16384,
  MS_SILENT: 32768,
  MS_PRIVATE: 1 << 18,
  MS_RELATIME: 1 << 21,
};
/** For utimensat NULL means the descriptor itself; mount needs neither source nor type where it only changes flags. */
export const NullablePath: Arg<Bytes | null | undefined> = {
  ...Path,
  decode: (raw, memory, raws) => (uint64(raw) === 0 ? undefined : Path.decode(raw, memory, raws)),
};
/** A text, for the file systems that there are. */
const MountData: Arg<Bytes | null> = {
  ...(text(4096) as Arg<Bytes | null>),
  decode: (raw, memory, raws) => (uint64(raw) === 0 ? null : text(4096).decode(raw, memory, raws)),
};
const utimbuf = struct({ actime: i64, modtime: i64 });

/** fsconfig's strings, where a command has them: NULL is none. */
const ConfigKey: Arg<Bytes | null> = {
  ...(text(256) as Arg<Bytes | null>),
  decode: (raw, memory, raws) => (uint64(raw) === 0 ? null : text(256).decode(raw, memory, raws)),
};
const ConfigValue: Arg<Bytes | null> = {
  ...ConfigKey,
  decode: (raw, memory, raws) => (Number(raws.cmd) === fsconfigCommands.FSCONFIG_SET_STRING && uint64(raw) !== 0 ? text(256).decode(raw, memory, raws) : null),
};
const mountAttributeFields = struct({ attr_set: u64, attr_clr: u64, propagation: u64, userns_fd: u64 });
/** struct mount_attr of the size that the call says; later versions' fields must be zero. */
const mountAttr: Arg<{ readonly fields: ReturnType<(typeof mountAttributeFields)["get"]>; readonly hasUnknown: boolean } | null> = {
  label: "mount_attr",
  decode(raw, memory, raws) {
    const size = uint64(raws.size!);
    if (size < mountAttributeFields.size || size > 4096) return null;
    const bytes = memory.read(uint64(raw), size);
    return { fields: decodeField(mountAttributeFields, bytes), hasUnknown: bytes.subarray(mountAttributeFields.size).some(byte => byte !== 0) };
  },
  format: Address.format,
};

export const pathRows = {
  stat: row(4, "vfs", { pathname: Path, statbuf: outValue(stat) }, { classes: ["file", "stat", "%stat"] }),
  lstat: row(6, "vfs", { pathname: Path, statbuf: outValue(stat) }, { classes: ["file", "lstat", "%stat"] }),
  access: row(21, "vfs", { pathname: Path, mode: Access }, file),
  truncate: row(76, "vfs", { path: Path, length: Offset }, file),
  getcwd: row(79, "vfs", { buf: outText("size"), size: Size }, file),
  chdir: row(80, "vfs", { path: Path }, file),
  rename: row(82, "vfs", { oldpath: Path, newpath: Path }, file),
  mkdir: row(83, "vfs", { pathname: Path, mode: Mode }, file),
  rmdir: row(84, "vfs", { pathname: Path }, file),
  link: row(86, "vfs", { oldpath: Path, newpath: Path }, file),
  unlink: row(87, "vfs", { pathname: Path }, file),
  symlink: row(88, "vfs", { target: Path, linkpath: Path }, file),
  readlink: row(89, "vfs", { pathname: Path, buf: outBytes("bufsiz"), bufsiz: Int }, file),
  chmod: row(90, "vfs", { pathname: Path, mode: Mode }, file),
  chown: row(92, "vfs", { pathname: Path, owner: Id, group: Id }, file),
  lchown: row(94, "vfs", { pathname: Path, owner: Id, group: Id }, file),
  utime: row(132, "vfs", { filename: Path, times: inStruct(utimbuf) }, file),
  mknod: row(133, "vfs", { pathname: Path, mode: NodeMode, dev: NodeDevice }, file),
  statfs: row(137, "vfs", { path: Path, buf: outValue(statfs) }, { classes: ["file", "statfs", "%statfs"] }),
  chroot: row(161, "vfs", { path: Path }, file),
  mount: row(
    165,
    "vfs",
    { source: NullablePath, target: Path, filesystemtype: NullablePath, mountflags: flags(mountFlagNames), data: MountData },
    { classes: ["file"], missing: "tmpfs, proc, remounting and moving; other types and bind mounts are refused" },
  ),
  umount2: row(
    166,
    "vfs",
    { target: Path, flags: flags({ MNT_FORCE: 1, MNT_DETACH: 2, MNT_EXPIRE: 4, UMOUNT_NOFOLLOW: 8 }) },
    { classes: ["file"], missing: "MNT_DETACH of a file system in use is refused" },
  ),
  utimes: row(235, "vfs", { filename: Path, times: inStruct(array(timeval, 2)) }, file),
  mkdirat: row(258, "vfs", { dirfd: DirFd, pathname: Path, mode: Mode }, atFile),
  mknodat: row(259, "vfs", { dirfd: DirFd, pathname: Path, mode: NodeMode, dev: NodeDevice }, atFile),
  fchownat: row(260, "vfs", { dirfd: DirFd, pathname: Path, owner: Id, group: Id, flags: flags({ AT_SYMLINK_NOFOLLOW, AT_EMPTY_PATH }) }, atFile),
  futimesat: row(261, "vfs", { dirfd: DirFd, pathname: Path, times: inStruct(array(timeval, 2)) }, atFile),
  newfstatat: row(262, "vfs", { dirfd: DirFd, pathname: Path, statbuf: outValue(stat), flags: StatFlags }, statAt),
  unlinkat: row(263, "vfs", { dirfd: DirFd, pathname: Path, flags: flags({ AT_REMOVEDIR }) }, atFile),
  renameat: row(264, "vfs", { olddirfd: DirFd, oldpath: Path, newdirfd: DirFd, newpath: Path }, atFile),
  linkat: row(265, "vfs", { olddirfd: DirFd, oldpath: Path, newdirfd: DirFd, newpath: Path, flags: flags({ AT_SYMLINK_FOLLOW, AT_EMPTY_PATH }) }, atFile),
  symlinkat: row(266, "vfs", { target: Path, newdirfd: DirFd, linkpath: Path }, atFile),
  readlinkat: row(267, "vfs", { dirfd: DirFd, pathname: Path, buf: outBytes("bufsiz"), bufsiz: Int }, atFile),
  fchmodat: row(268, "vfs", { dirfd: DirFd, pathname: Path, mode: Mode }, atFile),
  faccessat: row(269, "vfs", { dirfd: DirFd, pathname: Path, mode: Access }, atFile),
  utimensat: row(
    280,
    "vfs",
    { dirfd: DirFd, pathname: NullablePath, times: inStruct(array(fileTime, 2)), flags: flags({ AT_SYMLINK_NOFOLLOW, AT_EMPTY_PATH }) },
    atFile,
  ),
  renameat2: row(316, "vfs", { olddirfd: DirFd, oldpath: Path, newdirfd: DirFd, newpath: Path, flags: RenameFlags }, atFile),
  statx: row(
    332,
    "vfs",
    {
      dirfd: DirFd,
      pathname: Path,
      flags: StatFlags,
      mask: flags({ STATX_BASIC_STATS: 0x7ff, STATX_BTIME: 0x800, STATX_MNT_ID: 0x1000 }),
      statxbuf: outValue(statx),
    },
    statAt,
  ),
  faccessat2: row(439, "vfs", { dirfd: DirFd, pathname: Path, mode: Access, flags: flags({ AT_SYMLINK_NOFOLLOW, AT_EACCESS, AT_EMPTY_PATH }) }, atFile),
  name_to_handle_at: row(
    303,
    "vfs",
    { dirfd: DirFd, pathname: Path, handle: inStruct(fileHandle), mount_id: Address, flags: Int },
    { classes: ["desc", "file"], missing: "no file system here gives handles, as overlayfs does not; tmpfs on Linux does" },
  ),
  open_by_handle_at: row(
    304,
    "vfs",
    { mount_fd: DirFd, handle: inStruct(fileHandle), flags: FullOpenFlags },
    {
      classes: ["desc"],
      missing: "no file system here gives handles, as overlayfs does not; tmpfs on Linux does",
    },
  ),
  open_tree: row(
    428,
    "vfs",
    { dirfd: DirFd, pathname: Path, flags: flags(openTreeFlags) },
    {
      classes: ["desc", "file"],
      returns: "fd",
      missing: "OPEN_TREE_CLONE: a file system is mounted once",
    },
  ),
  move_mount: row(
    429,
    "vfs",
    { from_dirfd: DirFd, from_pathname: Path, to_dirfd: DirFd, to_pathname: Path, flags: flags(moveMountFlags) },
    { classes: ["desc", "file"], missing: "MOVE_MOUNT_SET_GROUP and MOVE_MOUNT_BENEATH" },
  ),
  fsopen: row(
    430,
    "vfs",
    { fsname: text(4096), flags: flags({ FSOPEN_CLOEXEC: 1 }) },
    { classes: ["desc"], returns: "fd", missing: "tmpfs, ramfs and proc only" },
  ),
  fsconfig: row(
    431,
    "vfs",
    { fd: Fd, cmd: oneOf(fsconfigCommands, "FSCONFIG_???"), key: ConfigKey, value: ConfigValue, aux: Int },
    { classes: ["desc", "file"], missing: "sizes of a tmpfs are not kept" },
  ),
  fsmount: row(432, "vfs", { fd: Fd, flags: flags({ FSMOUNT_CLOEXEC: 1 }), attr_flags: flags(mountAttributes) }, { classes: ["desc"], returns: "fd" }),
  fspick: row(433, "vfs", { dirfd: DirFd, pathname: Path, flags: flags(pickFlags) }, { classes: ["desc", "file"], returns: "fd" }),
  mount_setattr: row(
    442,
    "vfs",
    { dirfd: DirFd, pathname: Path, flags: flags(openTreeFlags), attr: mountAttr, size: Size },
    {
      classes: ["desc", "file"],
      missing: "times, propagation and mapped ids are not kept",
    },
  ),
};
