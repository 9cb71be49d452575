// mount(2) and umount2(2): file systems in memory, /proc, and changed flags. There are no block devices to mount.
import type { Bytes } from "../../abi/memory-view.ts";
import { binary } from "../objects/binary-string.ts";
import { can } from "../objects/credentials.ts";
import { fileSystemOf } from "../objects/file-status.ts";
import { inodeOf } from "../objects/inodes.ts";
import { isDirectory } from "../objects/locations.ts";
import { addMount, isMountBusy, KEPT_MOUNT_FLAGS, removeMount } from "../objects/mounts.ts";
import { AT_FDCWD, plainCredentials, resolveBytes } from "../objects/paths.ts";
import { taskOf } from "../objects/tasks.ts";
import { type Calls, fail, OK } from "../service.ts";
import type { Mount } from "../state/vfs.ts";

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
const textOf = (bytes: Bytes | null | undefined): string => (bytes ? binary(bytes) : "");

export const mountCalls = {
  mount(kernel, { tid, args }) {
    const task = taskOf(kernel, tid);
    const { mountflags } = args;
    const flags = mountflags & KEPT_MOUNT_FLAGS;
    const resolved = resolveBytes(kernel, task, AT_FDCWD, args.target, { followLast: true });
    if (resolved.kind === "fail") return resolved;
    if (resolved.kind === "missing") return fail("ENOENT");
    if (!can(plainCredentials(kernel, task), "CAP_SYS_ADMIN")) return fail("EPERM");
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
    if ((mountflags & (MS_BIND | MS_MOVE)) !== 0) return fail("EINVAL");
    const found = mountable[textOf(args.filesystemtype)];
    if (!found) return fail("ENODEV");
    if (!isDirectory(kernel, task, location)) return fail("ENOTDIR");
    // What lies below /proc exists only while it is looked at: nothing can be mounted there.
    if (!("inode" in location)) return fail("EINVAL");
    addMount(kernel, { ...found, source: textOf(args.source) || "none", point: location.inode, flags });
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
    if (point === null || isMountBusy(kernel, fileSystem) || hasMountWithin(kernel.vfs.mounts, id => inodeOf(kernel, id).fileSystem === fileSystem))
      return fail("EBUSY");
    removeMount(kernel, fileSystem);
    return OK;
  },
} satisfies Partial<Calls<"vfs">>;
const hasMountWithin = (mounts: readonly (Mount | null)[], isWithin: (point: number) => boolean): boolean =>
  mounts.some(mount => mount && mount.point !== null && isWithin(mount.point));
