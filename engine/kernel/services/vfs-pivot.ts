// pivot_root(2): another mount becomes the root, and what was the root lies in a directory of it (fs/namespace.c).
import type { Draft } from "immer";
import type { Errno } from "../../abi/errno.ts";
import type { Bytes } from "../../abi/memory-view.ts";
import type { Kernel } from "../kernel.ts";
import { can } from "../objects/credentials.ts";
import { fileSystemOf, isRootOfMount } from "../objects/file-status.ts";
import { contextOf, setDirectory } from "../objects/fs-contexts.ts";
import { inodeOf } from "../objects/inodes.ts";
import { isDirectory, isSamePlace, isWithin } from "../objects/locations.ts";
import { swapRoot } from "../objects/mounts.ts";
import { AT_FDCWD, plainCredentials, resolveBytes } from "../objects/paths.ts";
import { taskOf } from "../objects/tasks.ts";
import { type Calls, fail, OK } from "../service.ts";
import type { Task } from "../state/proc-table.ts";
import type { Location } from "../state/vfs.ts";

function directoryAt(kernel: Kernel, task: Draft<Task>, path: Bytes | null): Location | Errno {
  const found = resolveBytes(kernel, task, AT_FDCWD, path, { followLast: true });
  if (found.kind === "fail") return found.errno;
  if (found.kind === "missing") return "ENOENT";
  return isDirectory(kernel, task, found.location) ? found.location : "ENOTDIR";
}
export const pivotCalls: Pick<Calls<"vfs">, "pivot_root"> = {
  pivot_root(kernel, { tid, args: { new_root, put_old } }) {
    const task = taskOf(kernel, tid);
    if (!can(plainCredentials(kernel, task), "CAP_SYS_ADMIN")) return fail("EPERM");
    const fresh = directoryAt(kernel, task, new_root);
    if (typeof fresh === "string") return fail(fresh);
    const place = directoryAt(kernel, task, put_old);
    if (typeof place === "string") return fail(place);
    if (task.landlock !== undefined) return fail("EPERM");
    const root = { ...contextOf(kernel, task).root };
    const isGone = (one: Location): boolean => "inode" in one && inodeOf(kernel, one.inode).links === 0;
    if (isGone(place) || isGone(fresh)) return fail("ENOENT");
    const [freshMount, oldMount, rootMount] = [fileSystemOf(kernel, fresh), fileSystemOf(kernel, place), fileSystemOf(kernel, root)];
    if (freshMount === rootMount || oldMount === rootMount) return fail("EBUSY");
    if (!isRootOfMount(kernel, root) || !isRootOfMount(kernel, fresh) || kernel.vfs.mounts[freshMount]!.point === null) return fail("EINVAL");
    if (!isWithin(kernel, place, fresh) || !isWithin(kernel, fresh, root)) return fail("EINVAL");
    // What lies below /proc exists only while it is looked at: nothing can be mounted there.
    if (!("inode" in place)) return fail("EINVAL");
    swapRoot(kernel, freshMount, rootMount, place.inode);
    // Whoever was at the old root is at the new one (chroot_fs_refs in fs/fs_struct.c).
    for (const context of kernel.vfs.contexts.values())
      for (const which of ["root", "workingDirectory"] as const) if (isSamePlace(context[which] as Location, root)) setDirectory(kernel, context, which, fresh);
    return OK;
  },
};
