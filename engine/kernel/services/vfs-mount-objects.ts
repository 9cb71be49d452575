// Mounts made and moved by descriptor: fsopen, fsconfig, fsmount, move_mount, open_tree, fspick, mount_setattr (fs/fsopen.c, fs/namespace.c). File systems are tmpfs and proc.
import type { Draft } from "immer";
import { fsconfigCommands, mountAttributes, moveMountFlags, openTreeFlags, pickFlags } from "../../abi/constants/mount-objects.ts";
import { O_CLOEXEC, O_DIRECTORY, O_PATH, O_RDWR } from "../../abi/constants/open-flags.ts";
import type { Errno } from "../../abi/errno.ts";
import type { Bytes } from "../../abi/memory-view.ts";
import type { Kernel } from "../kernel.ts";
import { openAnonymous } from "../objects/anonymous-files.ts";
import { binary } from "../objects/binary-string.ts";
import { can } from "../objects/credentials.ts";
import { fileSystemOf, isRootOfMount } from "../objects/file-status.ts";
import { inodeOf } from "../objects/inodes.ts";
import { isDirectory } from "../objects/locations.ts";
import { setParameter } from "../objects/mount-parameters.ts";
import { addMount, attachMount, KEPT_MOUNT_FLAGS, mountFlags } from "../objects/mounts.ts";
import { createOpenFile, freeDescriptor, hasRoomForOpenFile, install, openFileOf } from "../objects/open-files.ts";
import { openPath } from "../objects/opening.ts";
import { plainCredentials, type ResolveOptions, resolveBytes } from "../objects/paths.ts";
import { taskOf } from "../objects/tasks.ts";
import { type Call, type Calls, done, fail, OK, type PlainOutcome } from "../service.ts";
import type { Task } from "../state/proc-table.ts";
import type { FsContextState, Location } from "../state/vfs.ts";

const { MS_RDONLY } = mountFlags;
const mayMount = (kernel: Kernel, task: Draft<Task>): boolean => can(plainCredentials(kernel, task), "CAP_SYS_ADMIN");
const TYPES: readonly string[] = ["tmpfs", "ramfs", "proc"];
const CLOEXEC = 1;
const all = (names: Readonly<Record<string, number>>): number => Object.values(names).reduce((sum, flag) => sum | flag, 0);

function openContext(kernel: Kernel, task: Draft<Task>, context: FsContextState, isCloseOnExec: boolean): PlainOutcome {
  return openAnonymous(kernel, task, "fscontext", O_RDWR | (isCloseOnExec ? O_CLOEXEC : 0), () => {
    const id = kernel.vfs.nextId++;
    kernel.vfs.fsContexts ??= new Map();
    kernel.vfs.fsContexts.set(id, context);
    return id;
  });
}
function contextOf(kernel: Kernel, task: Draft<Task>, fd: number): Draft<FsContextState> | Errno {
  const open = openFileOf(kernel, task, fd);
  if (!open) return "EBADF";
  return open.kind === "fscontext" ? kernel.vfs.fsContexts!.get(open.object)! : "EINVAL";
}
/** Which arguments each command has: key, value, and the last number (fs/fsopen.c, fsconfig). */
function areArgumentsRight(cmd: number, key: boolean, value: boolean, aux: number): boolean {
  const { FSCONFIG_SET_FLAG, FSCONFIG_SET_STRING, FSCONFIG_SET_BINARY, FSCONFIG_SET_PATH, FSCONFIG_SET_PATH_EMPTY, FSCONFIG_SET_FD } = fsconfigCommands;
  if (cmd === FSCONFIG_SET_FLAG) return key && !value && aux === 0;
  if (cmd === FSCONFIG_SET_STRING) return key && value && aux === 0;
  if (cmd === FSCONFIG_SET_BINARY) return key && value && aux > 0 && aux <= 1024 * 1024;
  if (cmd === FSCONFIG_SET_PATH || cmd === FSCONFIG_SET_PATH_EMPTY) return key && value && (aux === -100 || aux >= 0);
  if (cmd === FSCONFIG_SET_FD) return key && !value && aux >= 0;
  return !key && !value && aux === 0;
}
const rootLocation = (kernel: Kernel, id: number): Location => kernel.vfs.mounts[id]!.root as Location;
function find(kernel: Kernel, call: Call<unknown>, dirfd: number, path: Bytes | null, options: ResolveOptions): Location | Errno {
  const found = resolveBytes(kernel, taskOf(kernel, call.tid), dirfd, path, options);
  if (found.kind === "fail") return found.errno;
  return found.kind === "missing" ? "ENOENT" : found.location;
}
const ATIME = 0x70;
/** The kept flags of a mount from MOUNT_ATTR_ ones: their numbers are the same. */
const keptOf = (attributes: number): number => attributes & KEPT_MOUNT_FLAGS;

type Names = "fsopen" | "fsconfig" | "fsmount" | "move_mount" | "open_tree" | "fspick" | "mount_setattr";
export const mountObjectCalls: Pick<Calls<"vfs">, Names> = {
  fsopen(kernel, call) {
    const task = taskOf(kernel, call.tid);
    const { fsname, flags } = call.args;
    if (!mayMount(kernel, task)) return fail("EPERM");
    if ((flags & ~CLOEXEC) !== 0) return fail("EINVAL");
    const name = binary(fsname);
    if (!TYPES.includes(name)) return fail("ENODEV");
    const type = name === "proc" ? "proc" : "tmpfs";
    const mode = name === "ramfs" ? 0o755 : 0o1777;
    return openContext(kernel, task, { type, phase: "parameters", source: null, isReadOnly: false, mode, uid: 0, gid: 0, mount: null }, flags !== 0);
  },
  fsconfig(kernel, call) {
    const { fd, cmd, key, value, aux } = call.args;
    if (fd < 0) return fail("EINVAL");
    if (cmd < 0 || cmd > fsconfigCommands.FSCONFIG_CMD_CREATE_EXCL) return fail("EOPNOTSUPP");
    if (!areArgumentsRight(cmd, Number(call.raws[2]) !== 0, Number(call.raws[3]) !== 0, aux)) return fail("EINVAL");
    const task = taskOf(kernel, call.tid);
    const context = contextOf(kernel, task, fd);
    if (typeof context === "string") return fail(context);
    const { FSCONFIG_CMD_CREATE, FSCONFIG_CMD_RECONFIGURE, FSCONFIG_CMD_CREATE_EXCL, FSCONFIG_SET_FLAG, FSCONFIG_SET_STRING } = fsconfigCommands;
    if (cmd === FSCONFIG_CMD_CREATE || cmd === FSCONFIG_CMD_CREATE_EXCL) {
      if (context.phase !== "parameters" || context.mount !== null) return fail("EBUSY");
      context.phase = "created";
      return OK;
    }
    if (cmd === FSCONFIG_CMD_RECONFIGURE) {
      if (context.phase !== "parameters" || context.mount === null) return fail("EBUSY");
      if (task.landlock !== undefined) return fail("EPERM");
      const mount = kernel.vfs.mounts[context.mount];
      if (mount) mount.flags = context.isReadOnly ? mount.flags | MS_RDONLY : mount.flags & ~MS_RDONLY;
      return OK;
    }
    if (context.phase !== "parameters") return fail("EBUSY");
    // Nothing here takes binaries, paths or descriptors.
    const errno = cmd === FSCONFIG_SET_FLAG || cmd === FSCONFIG_SET_STRING ? setParameter(context, binary(key!), value && binary(value)) : "EINVAL";
    return errno ? fail(errno) : OK;
  },
  fsmount(kernel, call) {
    const { fd, flags, attr_flags: attributes } = call.args;
    const task = taskOf(kernel, call.tid);
    if (!mayMount(kernel, task)) return fail("EPERM");
    if ((flags & ~CLOEXEC) !== 0 || (attributes & ~all(mountAttributes)) !== 0) return fail("EINVAL");
    if ((attributes & ATIME) === ATIME) return fail("EINVAL");
    const context = contextOf(kernel, task, fd);
    if (typeof context === "string") return fail(context);
    if (context.phase !== "created") return fail(context.phase === "mounted" ? "EBUSY" : "EINVAL");
    if (!hasRoomForOpenFile(kernel)) return fail("ENFILE");
    if (freeDescriptor(kernel, task) === null) return fail("EMFILE");
    const { type, source, mode, uid, gid, isReadOnly } = context;
    const kept = keptOf(attributes) | (isReadOnly ? MS_RDONLY : 0);
    const owned = type === "proc" ? {} : { rootMode: mode & 0o7777, rootOwner: { uid, gid } };
    const id = addMount(kernel, { type, source: source ?? "none", point: null, flags: kept, ...owned });
    const root = rootLocation(kernel, id);
    context.phase = "mounted";
    const place = "inode" in root ? { kind: "directory" as const, inode: root.inode } : { kind: "proc-directory" as const, inode: 0 };
    const virtual = "inode" in root ? {} : { virtual: { path: "", content: new Uint8Array(0) } };
    const openFile = createOpenFile(kernel, { ...place, flags: O_PATH | O_DIRECTORY, path: "/", ...virtual });
    kernel.vfs.openFiles[openFile]!.detached = id;
    return done(install(kernel, task, openFile, 0, flags !== 0)!, {});
  },
  move_mount(kernel, call) {
    const { from_dirfd, from_pathname, to_dirfd, to_pathname, flags } = call.args;
    const { MOVE_MOUNT_F_EMPTY_PATH, MOVE_MOUNT_F_SYMLINKS, MOVE_MOUNT_T_EMPTY_PATH, MOVE_MOUNT_T_SYMLINKS } = moveMountFlags;
    const has = (flag: number): boolean => (flags & flag) !== 0;
    const task = taskOf(kernel, call.tid);
    if (!mayMount(kernel, task)) return fail("EPERM");
    if ((flags & ~all(moveMountFlags)) !== 0) return fail("EINVAL");
    if (has(moveMountFlags.MOVE_MOUNT_SET_GROUP | moveMountFlags.MOVE_MOUNT_BENEATH)) return fail("EINVAL");
    const to = find(kernel, call, to_dirfd, to_pathname, { followLast: has(MOVE_MOUNT_T_SYMLINKS), allowEmpty: has(MOVE_MOUNT_T_EMPTY_PATH) });
    if (typeof to === "string") return fail(to);
    const from = find(kernel, call, from_dirfd, from_pathname, { followLast: has(MOVE_MOUNT_F_SYMLINKS), allowEmpty: has(MOVE_MOUNT_F_EMPTY_PATH) });
    if (typeof from === "string") return fail(from);
    const open = has(MOVE_MOUNT_F_EMPTY_PATH) && (from_pathname?.length ?? 0) === 0 ? openOf(kernel, task, from_dirfd) : null;
    const id = open?.detached ?? fileSystemOf(kernel, from);
    const mount = kernel.vfs.mounts[id];
    if (task.landlock !== undefined) return fail("EPERM");
    if (!mount || !isRootOfMount(kernel, from) || (mount.point === null && open?.detached === undefined)) return fail("EINVAL");
    if (!isDirectory(kernel, task, to)) return fail("EINVAL");
    // What lies below /proc exists only while it is looked at: nothing can be mounted there.
    if (!("inode" in to)) return fail("EINVAL");
    if (inodeOf(kernel, to.inode).fileSystem === id) return fail("ELOOP");
    attachMount(kernel, id, to.inode);
    if (open) delete open.detached;
    return OK;
  },
  open_tree(kernel, call) {
    const { dirfd, pathname, flags } = call.args;
    const { OPEN_TREE_CLONE, AT_RECURSIVE, AT_SYMLINK_NOFOLLOW, AT_EMPTY_PATH, OPEN_TREE_CLOEXEC } = openTreeFlags;
    if ((flags & ~all(openTreeFlags)) !== 0) return fail("EINVAL");
    if ((flags & (AT_RECURSIVE | OPEN_TREE_CLONE)) === AT_RECURSIVE) return fail("EINVAL");
    const task = taskOf(kernel, call.tid);
    if ((flags & OPEN_TREE_CLONE) !== 0 && !mayMount(kernel, task)) return fail("EPERM");
    if (!hasRoomForOpenFile(kernel)) return fail("ENFILE");
    if (freeDescriptor(kernel, task) === null) return fail("EMFILE");
    const found = find(kernel, call, dirfd, pathname, { followLast: (flags & AT_SYMLINK_NOFOLLOW) === 0, allowEmpty: (flags & AT_EMPTY_PATH) !== 0 });
    if (typeof found === "string") return fail(found);
    // A file system is mounted once here.
    if ((flags & OPEN_TREE_CLONE) !== 0) return fail("EINVAL");
    const isCloseOnExec = (flags & OPEN_TREE_CLOEXEC) !== 0;
    if ((pathname?.length ?? 0) === 0) return reopen(kernel, task, dirfd, isCloseOnExec);
    const opened = openPath(kernel, task, { dirfd, path: pathname && binary(pathname), flags: O_PATH, mode: 0 });
    return opened.kind === "fail" ? fail(opened.errno) : done(install(kernel, task, opened.openFile, 0, isCloseOnExec)!, {});
  },
  fspick(kernel, call) {
    const { dirfd, pathname, flags } = call.args;
    const { FSPICK_CLOEXEC, FSPICK_SYMLINK_NOFOLLOW, FSPICK_EMPTY_PATH } = pickFlags;
    const task = taskOf(kernel, call.tid);
    if (!mayMount(kernel, task)) return fail("EPERM");
    if ((flags & ~all(pickFlags)) !== 0) return fail("EINVAL");
    const found = find(kernel, call, dirfd, pathname, { followLast: (flags & FSPICK_SYMLINK_NOFOLLOW) === 0, allowEmpty: (flags & FSPICK_EMPTY_PATH) !== 0 });
    if (typeof found === "string") return fail(found);
    if (!isRootOfMount(kernel, found)) return fail("EINVAL");
    const mount = fileSystemOf(kernel, found);
    const { type, source, flags: kept } = kernel.vfs.mounts[mount]!;
    const isReadOnly = (kept & MS_RDONLY) !== 0;
    const context: FsContextState = { type: type === "proc" ? "proc" : "tmpfs", phase: "parameters", source, isReadOnly, mode: 0, uid: 0, gid: 0, mount };
    return openContext(kernel, task, context, (flags & FSPICK_CLOEXEC) !== 0);
  },
  mount_setattr(kernel, call) {
    const { dirfd, pathname, flags, attr, size } = call.args;
    const { AT_EMPTY_PATH, AT_RECURSIVE, AT_SYMLINK_NOFOLLOW, AT_NO_AUTOMOUNT } = openTreeFlags;
    if ((flags & ~(AT_EMPTY_PATH | AT_RECURSIVE | AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT)) !== 0) return fail("EINVAL");
    if (size > 4096) return fail("E2BIG");
    if (size < 32 || !attr) return fail("EINVAL");
    const task = taskOf(kernel, call.tid);
    if (!mayMount(kernel, task)) return fail("EPERM");
    if (attr.hasUnknown) return fail("E2BIG");
    const { attr_set: set, attr_clr: clear, propagation } = attr.fields;
    if (set === 0 && clear === 0 && propagation === 0) return OK;
    const known = all(mountAttributes) | ATIME;
    if ((set & ~known) !== 0 || (clear & ~known) !== 0) return fail("EINVAL");
    // Times can only be told as one choice (fs/namespace.c, build_mount_kattr).
    if ((clear & ATIME) !== 0 ? (clear & ATIME) !== ATIME : (set & ATIME) !== 0) return fail("EINVAL");
    const found = find(kernel, call, dirfd, pathname, { followLast: (flags & AT_SYMLINK_NOFOLLOW) === 0, allowEmpty: (flags & AT_EMPTY_PATH) !== 0 });
    if (typeof found === "string") return fail(found);
    if (!isRootOfMount(kernel, found)) return fail("EINVAL");
    const mount = kernel.vfs.mounts[openOf(kernel, task, dirfd)?.detached ?? fileSystemOf(kernel, found)]!;
    mount.flags = (mount.flags & ~keptOf(clear)) | keptOf(set);
    return OK;
  },
};
const openOf = (kernel: Kernel, task: Draft<Task>, fd: number) => {
  const slot = kernel.vfs.tables.get(task.files)!.slots[fd];
  return slot ? kernel.vfs.openFiles[slot.openFile]! : null;
};
/** Another open file of the same place. */
function reopen(kernel: Kernel, task: Draft<Task>, fd: number, isCloseOnExec: boolean): PlainOutcome {
  const open = openOf(kernel, task, fd);
  if (!open) return fail("EBADF");
  const { kind, inode, object, path, virtual } = open;
  const openFile = createOpenFile(kernel, {
    kind,
    flags: O_PATH,
    inode,
    object,
    path,
    ...(virtual ? { virtual: { path: virtual.path, content: virtual.content as Bytes } } : {}),
  });
  return done(install(kernel, task, openFile, 0, isCloseOnExec)!, {});
}
