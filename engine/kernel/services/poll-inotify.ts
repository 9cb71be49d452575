// inotify_init1, inotify_add_watch and inotify_rm_watch.
import { ALL_INOTIFY_EVENTS, inotifyEvents } from "../../abi/constants/inotify-events.ts";
import { O_CLOEXEC, O_NONBLOCK, O_RDONLY } from "../../abi/constants/open-flags.ts";
import type { Kernel } from "../kernel.ts";
import { openAnonymous } from "../objects/anonymous-files.ts";
import { mayAccess } from "../objects/credentials.ts";
import { inodeOf } from "../objects/inodes.ts";
import { inotifyOf, removeWatch } from "../objects/inotify.ts";
import { openFileOf } from "../objects/open-files.ts";
import { AT_FDCWD, plainCredentials, resolveBytes } from "../objects/paths.ts";
import { taskOf } from "../objects/tasks.ts";
import { type Call, type Calls, done, fail, OK, type PlainOutcome } from "../service.ts";

const { IN_ONLYDIR, IN_DONT_FOLLOW, IN_MASK_CREATE, IN_MASK_ADD, IN_ONESHOT, IN_EXCL_UNLINK } = inotifyEvents;
const READ = 4;
function openInstance(kernel: Kernel, call: Call<unknown>, flags: number): PlainOutcome {
  if ((flags & ~(O_NONBLOCK | O_CLOEXEC)) !== 0) return fail("EINVAL");
  return openAnonymous(kernel, taskOf(kernel, call.tid), "inotify", O_RDONLY | flags, () => {
    const id = kernel.poll.nextId++;
    kernel.poll.inotifies.set(id, { queue: [], watches: new Map(), lastWatch: 0 });
    return id;
  });
}
export const inotifyCalls: Pick<Calls<"poll">, "inotify_init" | "inotify_init1" | "inotify_add_watch" | "inotify_rm_watch"> = {
  inotify_init: (kernel, call) => openInstance(kernel, call, 0),
  inotify_init1: (kernel, call) => openInstance(kernel, call, call.args.flags),
  inotify_add_watch(kernel, call) {
    const { fd, pathname, mask } = call.args;
    const has = (flag: number): boolean => (mask & flag) !== 0;
    if (!has(ALL_INOTIFY_EVENTS) || (has(IN_MASK_ADD) && has(IN_MASK_CREATE))) return fail("EINVAL");
    const task = taskOf(kernel, call.tid);
    const open = openFileOf(kernel, task, fd);
    if (!open) return fail("EBADF");
    if (open.kind !== "inotify") return fail("EINVAL");
    const found = resolveBytes(kernel, task, AT_FDCWD, pathname, { followLast: !has(IN_DONT_FOLLOW) });
    if (found.kind === "fail") return found;
    if (found.kind === "missing") return fail("ENOENT");
    // What is made from kernel state tells of no changes.
    if (!("inode" in found.location)) return fail("EOPNOTSUPP");
    const inode = inodeOf(kernel, found.location.inode);
    if (has(IN_ONLYDIR) && inode.kind !== "directory") return fail("ENOTDIR");
    if (!mayAccess(plainCredentials(kernel, task), inode, READ)) return fail("EACCES");
    const watches = kernel.poll.inodeWatches.get(inode.id) ?? [];
    const kept = mask & (ALL_INOTIFY_EVENTS | IN_ONESHOT | IN_EXCL_UNLINK);
    const before = watches.find(watch => watch.instance === open.object);
    if (before) {
      if (has(IN_MASK_CREATE)) return fail("EEXIST");
      before.mask = has(IN_MASK_ADD) ? before.mask | kept : kept;
      return done(before.wd, {});
    }
    const instance = inotifyOf(kernel, open.object);
    const wd = ++instance.lastWatch;
    instance.watches.set(wd, inode.id);
    kernel.poll.inodeWatches.set(inode.id, [...watches, { instance: open.object, wd, mask: kept }]);
    return done(wd, {});
  },
  inotify_rm_watch(kernel, call) {
    const { fd, wd } = call.args;
    const open = openFileOf(kernel, taskOf(kernel, call.tid), fd);
    if (!open) return fail("EBADF");
    if (open.kind !== "inotify" || !inotifyOf(kernel, open.object).watches.has(wd)) return fail("EINVAL");
    removeWatch(kernel, open.object, wd);
    return OK;
  },
};
