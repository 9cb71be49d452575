// swapon(2) and swapoff(2): no file can be swapped to. Block devices there are none, and the file systems are of those that Linux cannot swap to either: neither overlayfs nor tmpfs has
// a `read_folio`, so that their files are EINVAL before anything is read (mm/swapfile.c).
import type { Draft } from "immer";
import { O_RDWR } from "../../abi/constants/open-flags.ts";
import type { Errno } from "../../abi/errno.ts";
import type { Bytes } from "../../abi/memory-view.ts";
import type { Kernel } from "../kernel.ts";
import { binary } from "../objects/binary-string.ts";
import { can } from "../objects/credentials.ts";
import { discardOpenFile, hasRoomForOpenFile } from "../objects/open-files.ts";
import { openPath } from "../objects/opening.ts";
import { AT_FDCWD, plainCredentials } from "../objects/paths.ts";
import { taskOf } from "../objects/tasks.ts";
import { type Calls, fail } from "../service.ts";
import type { Task } from "../state/proc-table.ts";

/** SWAP_FLAGS_VALID: a priority, and whether what is free is discarded. */
const KNOWN = 0x7_ffff;
/** Opened as it would be, and let go again: what it is decides nothing. */
function whyNot(kernel: Kernel, task: Draft<Task>, path: Bytes | null): Errno {
  if (!hasRoomForOpenFile(kernel)) return "ENFILE";
  const opened = openPath(kernel, task, { dirfd: AT_FDCWD, path: path && binary(path), flags: O_RDWR, mode: 0 });
  if (opened.kind === "fail") return opened.errno;
  discardOpenFile(kernel, opened.openFile);
  return "EINVAL";
}
export const swapCalls: Pick<Calls<"vfs">, "swapon" | "swapoff"> = {
  swapon(kernel, { tid, args: { path, swapflags } }) {
    const task = taskOf(kernel, tid);
    if ((swapflags & ~KNOWN) !== 0) return fail("EINVAL");
    return fail(can(plainCredentials(kernel, task), "CAP_SYS_ADMIN") ? whyNot(kernel, task, path) : "EPERM");
  },
  swapoff(kernel, { tid, args: { path } }) {
    const task = taskOf(kernel, tid);
    return fail(can(plainCredentials(kernel, task), "CAP_SYS_ADMIN") ? whyNot(kernel, task, path) : "EPERM");
  },
};
