// Calls about where a process is: working directory, root, umask.
import type { Draft } from "immer";
import type { Bytes } from "../../abi/memory-view.ts";
import type { Kernel } from "../kernel.ts";
import { bytesOf } from "../objects/binary-string.ts";
import { can, mayAccess } from "../objects/credentials.ts";
import { contextOf, setDirectory } from "../objects/fs-contexts.ts";
import { inodeOf } from "../objects/inodes.ts";
import { isSamePlace, isWithin, nodeAt, pathOf, placeOfOpenFile } from "../objects/locations.ts";
import { anyOpenFileOf } from "../objects/open-files.ts";
import { AT_FDCWD, plainCredentials, resolveBytes } from "../objects/paths.ts";
import { taskOf } from "../objects/tasks.ts";
import { type Calls, done, fail, OK, type PlainOutcome } from "../service.ts";
import type { Task } from "../state/proc-table.ts";
import type { Location } from "../state/vfs.ts";

const SEARCH = 1;
/** Why a process cannot be there. */
function enter(kernel: Kernel, task: Draft<Task>, place: Location, which: "root" | "workingDirectory"): PlainOutcome {
  const node = nodeAt(kernel, task, place);
  if (!node) return fail("ENOENT");
  if (node.kind !== "directory") return fail("ENOTDIR");
  const credentials = plainCredentials(kernel, task);
  if (!mayAccess(credentials, node, SEARCH)) return fail("EACCES");
  if (which === "root" && !can(credentials, "CAP_SYS_CHROOT")) return fail("EPERM");
  setDirectory(kernel, contextOf(kernel, task), which, place);
  return OK;
}
function enterPath(kernel: Kernel, tid: number, path: Bytes | null, which: "root" | "workingDirectory"): PlainOutcome {
  const task = taskOf(kernel, tid);
  const resolved = resolveBytes(kernel, task, AT_FDCWD, path, { followLast: true });
  if (resolved.kind === "fail") return resolved;
  return resolved.kind === "missing" ? fail("ENOENT") : enter(kernel, task, resolved.location, which);
}
/** As the process sees it: below its own root. */
function workingPath(kernel: Kernel, root: Location, place: Location): string {
  const path = pathOf(kernel, place);
  const top = pathOf(kernel, root);
  if (top === "/") return path;
  if (!isWithin(kernel, place, root)) return `(unreachable)${path}`;
  return isSamePlace(place, root) ? "/" : path.slice(top.length);
}

export const directoryCalls = {
  chdir: (kernel, { tid, args }) => enterPath(kernel, tid, args.path, "workingDirectory"),
  fchdir(kernel, { tid, args }) {
    const task = taskOf(kernel, tid);
    const open = anyOpenFileOf(kernel, task, args.fd);
    return open ? enter(kernel, task, placeOfOpenFile(kernel, open), "workingDirectory") : fail("EBADF");
  },
  chroot: (kernel, { tid, args }) => enterPath(kernel, tid, args.path, "root"),
  getcwd(kernel, { tid, args }) {
    const { root, workingDirectory } = contextOf(kernel, taskOf(kernel, tid));
    if ("inode" in workingDirectory && inodeOf(kernel, workingDirectory.inode).links === 0) return fail("ENOENT");
    const buf = bytesOf(`${workingPath(kernel, root, workingDirectory)}\0`);
    return buf.length > args.size ? fail("ERANGE") : done(buf.length, { buf });
  },
  umask(kernel, { tid, args }) {
    const context = contextOf(kernel, taskOf(kernel, tid));
    const before = context.umask;
    context.umask = args.mask & 0o777;
    return done(before, {});
  },
} satisfies Partial<Calls<"vfs">>;
