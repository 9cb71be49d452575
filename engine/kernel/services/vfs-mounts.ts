// mount(2) and umount2(2): file systems in memory, /proc, and changed flags. There are no block devices to mount.
import type { Draft } from "immer";
import type { Errno } from "../../abi/errno.ts";
import type { Bytes } from "../../abi/memory-view.ts";
import type { Kernel } from "../kernel.ts";
import { binary } from "../objects/binary-string.ts";
import { can } from "../objects/credentials.ts";
import { fileSystemOf, isRootOfMount } from "../objects/file-status.ts";
import { inodeOf } from "../objects/inodes.ts";
import { isDirectory } from "../objects/locations.ts";
import { setParameters } from "../objects/mount-parameters.ts";
import { addMount, attachMount, isMountBusy, KEPT_MOUNT_FLAGS, type NewMount, removeMount } from "../objects/mounts.ts";
import { AT_FDCWD, plainCredentials, resolveBytes } from "../objects/paths.ts";
import { taskOf } from "../objects/tasks.ts";
import { type Calls, fail, OK, type PlainOutcome } from "../service.ts";
import type { Task } from "../state/proc-table.ts";
import type { Location, Mount } from "../state/vfs.ts";

const MS_REMOUNT = 0x20;
const MS_BIND = 0x1000;
const MS_MOVE = 0x2000;
/** Changes of propagation: with one namespace there is nothing to propagate to. */
const MS_PROPAGATION = 0x1e_0000;
const UMOUNT_NOFOLLOW = 8;
const MNT_EXPIRE = 4;
const KNOWN_UMOUNT_FLAGS = 15;

/** Types that can be mounted, with the mode of their root; proc has none of its own. */
const mountable: Readonly<Record<string, { readonly type: Mount["type"]; readonly rootMode?: number }>> = {
  tmpfs: { type: "tmpfs", rootMode: 0o1777 },
  ramfs: { type: "tmpfs", rootMode: 0o755 },
  proc: { type: "proc" },
};
/** landlock(7): nobody in a domain changes what is mounted where. */
const mayMount = (kernel: Kernel, task: Draft<Task>): boolean => can(plainCredentials(kernel, task), "CAP_SYS_ADMIN") && task.landlock === undefined;
const textOf = (bytes: Bytes | null | undefined): string => (bytes ? binary(bytes) : "");

/** What the data say of the root directory. */
function parametersFor({ type, rootMode = 0 }: { readonly type: Mount["type"]; readonly rootMode?: number }, data: string): Partial<NewMount> | Errno {
  if (type !== "tmpfs") return {};
  const context = { type, phase: "parameters" as const, source: null, isReadOnly: false, mode: rootMode, uid: 0, gid: 0, mount: null };
  const errno = setParameters(context, data);
  return errno ?? { rootMode: context.mode & 0o7777, rootOwner: { uid: context.uid, gid: context.gid } };
}
/** MS_MOVE: the mount on the source covers the target instead. */
function moveTo(kernel: Kernel, task: Draft<Task>, source: Bytes | null | undefined, target: Location): PlainOutcome {
  if (!source || source.length === 0) return fail("EINVAL");
  const resolved = resolveBytes(kernel, task, AT_FDCWD, source, { followLast: true });
  if (resolved.kind === "fail") return resolved;
  if (resolved.kind === "missing") return fail("ENOENT");
  const { location } = resolved;
  const id = fileSystemOf(kernel, location);
  const { point } = kernel.vfs.mounts[id]!;
  if (!isRootOfMount(kernel, location) || point === null || !isDirectory(kernel, task, target) || !("inode" in target)) return fail("EINVAL");
  if (inodeOf(kernel, target.inode).fileSystem === id) return fail("ELOOP");
  attachMount(kernel, id, target.inode);
  return OK;
}

export const mountCalls = {
  mount(kernel, { tid, args }) {
    const task = taskOf(kernel, tid);
    const { mountflags } = args;
    const flags = mountflags & KEPT_MOUNT_FLAGS;
    const resolved = resolveBytes(kernel, task, AT_FDCWD, args.target, { followLast: true });
    if (resolved.kind === "fail") return resolved;
    if (resolved.kind === "missing") return fail("ENOENT");
    if (!mayMount(kernel, task)) return fail("EPERM");
    const { location } = resolved;
    const fileSystem = fileSystemOf(kernel, location);
    const { root } = kernel.vfs.mounts[fileSystem]!;
    const isRoot = "inode" in location ? "inode" in root && root.inode === location.inode : location.virtual === "";
    if ((mountflags & MS_REMOUNT) !== 0) {
      if (!isRoot) return fail("EINVAL");
      kernel.vfs.mounts[fileSystem]!.flags = flags;
      return OK;
    }
    if ((mountflags & MS_PROPAGATION) !== 0) return isRoot ? OK : fail("EINVAL");
    if ((mountflags & MS_BIND) !== 0) return fail("EINVAL");
    if ((mountflags & MS_MOVE) !== 0) return moveTo(kernel, task, args.source, location);
    const found = mountable[textOf(args.filesystemtype)];
    if (!found) return fail("ENODEV");
    if (!isDirectory(kernel, task, location)) return fail("ENOTDIR");
    const asked = parametersFor(found, textOf(args.data));
    if (typeof asked === "string") return fail(asked);
    // What lies below /proc exists only while it is looked at: nothing can be mounted there.
    if (!("inode" in location)) return fail("EINVAL");
    addMount(kernel, { ...found, ...asked, source: textOf(args.source) || "none", point: location.inode, flags });
    return OK;
  },
  umount2(kernel, { tid, args }) {
    const task = taskOf(kernel, tid);
    if ((args.flags & ~KNOWN_UMOUNT_FLAGS) !== 0) return fail("EINVAL");
    const resolved = resolveBytes(kernel, task, AT_FDCWD, args.target, { followLast: (args.flags & UMOUNT_NOFOLLOW) === 0 });
    if (resolved.kind === "fail") return resolved;
    if (resolved.kind === "missing") return fail("ENOENT");
    if (!can(plainCredentials(kernel, task), "CAP_SYS_ADMIN")) return fail("EPERM");
    const { location } = resolved;
    const fileSystem = fileSystemOf(kernel, location);
    const { root, point } = kernel.vfs.mounts[fileSystem]!;
    const isRoot = "inode" in location ? "inode" in root && root.inode === location.inode : location.virtual === "";
    if (!isRoot || (args.flags & MNT_EXPIRE) !== 0) return fail("EINVAL");
    if (!mayMount(kernel, task)) return fail("EPERM");
    if (point === null || isMountBusy(kernel, fileSystem) || hasMountWithin(kernel.vfs.mounts, id => inodeOf(kernel, id).fileSystem === fileSystem))
      return fail("EBUSY");
    removeMount(kernel, fileSystem);
    return OK;
  },
} satisfies Partial<Calls<"vfs">>;
const hasMountWithin = (mounts: readonly (Mount | null)[], isWithin: (point: number) => boolean): boolean =>
  mounts.some(mount => mount && mount.point !== null && isWithin(mount.point));
