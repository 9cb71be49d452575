// Extended attributes (xattr(7)): names with a prefix that says whose they are, and values of bytes.
import type { Draft } from "immer";
import { inotifyEvents } from "../../abi/constants/inotify-events.ts";
import type { Errno } from "../../abi/errno.ts";
import type { Bytes } from "../../abi/memory-view.ts";
import type { Kernel } from "../kernel.ts";
import { isOwner } from "../objects/attributes.ts";
import { binary, bytesOf } from "../objects/binary-string.ts";
import { can, mayAccess } from "../objects/credentials.ts";
import { inodeOf, isReadOnly, touchChanged } from "../objects/inodes.ts";
import { notify } from "../objects/inotify.ts";
import { anyOpenFileOf } from "../objects/open-files.ts";
import { AT_FDCWD, plainCredentials, resolveBytes } from "../objects/paths.ts";
import { taskOf } from "../objects/tasks.ts";
import { type Call, type Calls, done, fail, OK, type Outcome, type PlainOutcome } from "../service.ts";
import type { Task } from "../state/proc-table.ts";
import type { Inode } from "../state/vfs.ts";

const XATTR_CREATE = 1;
const XATTR_REPLACE = 2;
const MOST_NAME = 255;
const MOST_VALUE = 65_536;
const READ = 4;
const WRITE = 2;

function byPath(kernel: Kernel, call: Call<{ path: Bytes | null }>, followLast: boolean): Draft<Inode> | Errno {
  const found = resolveBytes(kernel, taskOf(kernel, call.tid), AT_FDCWD, call.args.path, { followLast });
  if (found.kind === "fail") return found.errno;
  if (found.kind === "missing") return "ENOENT";
  return "inode" in found.location ? inodeOf(kernel, found.location.inode) : "EOPNOTSUPP";
}
function byDescriptor(kernel: Kernel, call: Call<{ fd: number }>): Draft<Inode> | Errno {
  const open = anyOpenFileOf(kernel, taskOf(kernel, call.tid), call.args.fd);
  if (!open) return "EBADF";
  return open.inode === 0 ? "EOPNOTSUPP" : inodeOf(kernel, open.inode);
}

/** Why the attribute cannot be touched (fs/xattr.c, xattr_permission). */
function refusal(kernel: Kernel, task: Draft<Task>, inode: Draft<Inode>, name: string, isWriting: boolean): Errno | null {
  const credentials = plainCredentials(kernel, task);
  if (isWriting && isReadOnly(kernel, inode)) return "EROFS";
  if (name.startsWith("security.")) return isWriting && !can(credentials, "CAP_SYS_ADMIN") ? "EPERM" : null;
  if (name.startsWith("trusted.")) return can(credentials, "CAP_SYS_ADMIN") ? null : isWriting ? "EPERM" : "ENODATA";
  if (!name.startsWith("user.")) return "EOPNOTSUPP";
  if (inode.kind !== "file" && inode.kind !== "directory") return isWriting ? "EPERM" : "ENODATA";
  const isSticky = inode.kind === "directory" && (inode.mode & 0o1000) !== 0;
  if (isWriting && isSticky && !isOwner(credentials, inode)) return "EPERM";
  return mayAccess(credentials, inode, isWriting ? WRITE : READ) ? null : "EACCES";
}
const isNameWrong = (name: string): boolean => name === "" || name.length > MOST_NAME;

type SetArgs = { name: Bytes; value: Bytes; size: number; flags: number };
function set(kernel: Kernel, call: Call<SetArgs>, find: () => Draft<Inode> | Errno): PlainOutcome {
  const { flags, size } = call.args;
  if ((flags & ~(XATTR_CREATE | XATTR_REPLACE)) !== 0) return fail("EINVAL");
  const name = binary(call.args.name);
  if (isNameWrong(name)) return fail("ERANGE");
  if (size > MOST_VALUE) return fail("E2BIG");
  const inode = find();
  if (typeof inode === "string") return fail(inode);
  const refused = refusal(kernel, taskOf(kernel, call.tid), inode, name, true);
  if (refused) return fail(refused);
  const isThere = inode.attributes?.has(name) ?? false;
  if (isThere && (flags & XATTR_CREATE) !== 0) return fail("EEXIST");
  if (!isThere && (flags & XATTR_REPLACE) !== 0) return fail("ENODATA");
  inode.attributes ??= new Map();
  inode.attributes.set(name, call.args.value as Uint8Array);
  touchChanged(kernel, inode);
  notify(kernel, inode, inotifyEvents.IN_ATTRIB);
  return OK;
}
function get(kernel: Kernel, call: Call<{ name: Bytes; size: number }>, find: () => Draft<Inode> | Errno): Outcome<{ value: Bytes }> {
  const name = binary(call.args.name);
  if (isNameWrong(name)) return fail("ERANGE");
  const inode = find();
  if (typeof inode === "string") return fail(inode);
  const refused = refusal(kernel, taskOf(kernel, call.tid), inode, name, false);
  if (refused) return fail(refused);
  const value = inode.attributes?.get(name);
  if (!value) return fail("ENODATA");
  return answer(value, call.args.size, bytes => ({ value: bytes }));
}
function answer<O>(bytes: Bytes, size: number, outs: (bytes: Bytes) => O): Outcome<O> {
  // Without room only the length is told.
  if (size === 0) return done(bytes.length, outs(new Uint8Array(0)));
  return size < bytes.length ? fail("ERANGE") : done(bytes.length, outs(bytes));
}
function list(kernel: Kernel, call: Call<{ size: number }>, find: () => Draft<Inode> | Errno): Outcome<{ list: Bytes }> {
  const inode = find();
  if (typeof inode === "string") return fail(inode);
  const isPrivileged = can(plainCredentials(kernel, taskOf(kernel, call.tid)), "CAP_SYS_ADMIN");
  const names = [...(inode.attributes?.keys() ?? [])].filter(name => isPrivileged || !name.startsWith("trusted."));
  return answer(bytesOf(names.map(name => `${name}\0`).join("")), call.args.size, bytes => ({ list: bytes }));
}
function remove(kernel: Kernel, call: Call<{ name: Bytes }>, find: () => Draft<Inode> | Errno): PlainOutcome {
  const name = binary(call.args.name);
  if (isNameWrong(name)) return fail("ERANGE");
  const inode = find();
  if (typeof inode === "string") return fail(inode);
  const refused = refusal(kernel, taskOf(kernel, call.tid), inode, name, true);
  if (refused) return fail(refused);
  if (!inode.attributes?.delete(name)) return fail("ENODATA");
  touchChanged(kernel, inode);
  notify(kernel, inode, inotifyEvents.IN_ATTRIB);
  return OK;
}

export const extendedCalls = {
  setxattr: (kernel, call) => set(kernel, call, () => byPath(kernel, call, true)),
  lsetxattr: (kernel, call) => set(kernel, call, () => byPath(kernel, call, false)),
  fsetxattr: (kernel, call) => set(kernel, call, () => byDescriptor(kernel, call)),
  getxattr: (kernel, call) => get(kernel, call, () => byPath(kernel, call, true)),
  lgetxattr: (kernel, call) => get(kernel, call, () => byPath(kernel, call, false)),
  fgetxattr: (kernel, call) => get(kernel, call, () => byDescriptor(kernel, call)),
  listxattr: (kernel, call) => list(kernel, call, () => byPath(kernel, call, true)),
  llistxattr: (kernel, call) => list(kernel, call, () => byPath(kernel, call, false)),
  flistxattr: (kernel, call) => list(kernel, call, () => byDescriptor(kernel, call)),
  removexattr: (kernel, call) => remove(kernel, call, () => byPath(kernel, call, true)),
  lremovexattr: (kernel, call) => remove(kernel, call, () => byPath(kernel, call, false)),
  fremovexattr: (kernel, call) => remove(kernel, call, () => byDescriptor(kernel, call)),
} satisfies Partial<Calls<"vfs">>;
