// name_to_handle_at(2) and open_by_handle_at(2): no file system here gives handles, as overlayfs does not on Linux (fs/fhandle.c).
import { AT_EMPTY_PATH, AT_SYMLINK_FOLLOW } from "../../abi/constants/at-flags.ts";
import { can } from "../objects/credentials.ts";
import { anyOpenFileOf } from "../objects/open-files.ts";
import { AT_FDCWD, plainCredentials, resolveBytes } from "../objects/paths.ts";
import { taskOf } from "../objects/tasks.ts";
import { type Calls, fail } from "../service.ts";

/** The same bit as AT_SYMLINK_NOFOLLOW's neighbours: a handle only to compare with. */
const AT_HANDLE_FID = 0x200;
const AT_HANDLE_MNT_ID_UNIQUE = 1;
const MAX_HANDLE_SZ = 128;

export const handleCalls: Pick<Calls<"vfs">, "name_to_handle_at" | "open_by_handle_at"> = {
  name_to_handle_at(kernel, call) {
    const { dirfd, pathname, flags } = call.args;
    if ((flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH | AT_HANDLE_FID | AT_HANDLE_MNT_ID_UNIQUE)) !== 0) return fail("EINVAL");
    const options = { followLast: (flags & AT_SYMLINK_FOLLOW) !== 0, allowEmpty: (flags & AT_EMPTY_PATH) !== 0 };
    const found = resolveBytes(kernel, taskOf(kernel, call.tid), dirfd, pathname, options);
    if (found.kind === "fail") return found;
    return fail(found.kind === "missing" ? "ENOENT" : "EOPNOTSUPP");
  },
  open_by_handle_at(kernel, call) {
    const { mount_fd } = call.args;
    const task = taskOf(kernel, call.tid);
    if (mount_fd !== AT_FDCWD && !anyOpenFileOf(kernel, task, mount_fd)) return fail("EBADF");
    if (!can(plainCredentials(kernel, task), "CAP_DAC_READ_SEARCH")) return fail("EPERM");
    const { handle } = call.args;
    if (!handle) return fail("EFAULT");
    return fail(handle.handle_bytes > MAX_HANDLE_SZ || handle.handle_bytes === 0 ? "EINVAL" : "ESTALE");
  },
};
