// Extended attributes (setxattr(2), getxattr(2), listxattr(2), removexattr(2)). Who may do what with which name: xattr(7), and xattr_permission in fs/xattr.c.
import type { Draft } from "immer";
import { inotifyEvents } from "../../abi/constants/inotify-events.ts";
import type { Errno } from "../../abi/errno.ts";
import type { Bytes } from "../../abi/memory-view.ts";
import type { Kernel } from "../kernel.ts";
import { binary, bytesOf } from "../objects/binary-string.ts";
import { can, mayAccess } from "../objects/credentials.ts";
import { notify } from "../objects/file-events.ts";
import { inodeOf, isReadOnly, touchChanged } from "../objects/inodes.ts";
import { openFileOf } from "../objects/open-files.ts";
import { AT_FDCWD, plainCredentials, resolveBytes } from "../objects/paths.ts";
import { taskOf } from "../objects/tasks.ts";
import { type Calls, done, fail, OK, type Outcome, type PlainOutcome } from "../service.ts";
import type { Credentials } from "../state/proc-table.ts";
import type { BinaryString, Inode } from "../state/vfs.ts";

type Failure = Extract<Outcome<never>, { kind: "fail" }>;
interface Subject {
  readonly inode: Draft<Inode>;
  readonly credentials: Credentials;
}
/** `null` is a file of /proc, which has no attributes. */
type Found = Subject | null | Failure;
const isFailure = (found: Found): found is Failure => found !== null && "errno" in found;

function atPath(kernel: Kernel, tid: number, path: Bytes | null, followLast: boolean): Found {
  const task = taskOf(kernel, tid);
  const resolved = resolveBytes(kernel, task, AT_FDCWD, path, { followLast });
  if (resolved.kind === "missing") return { kind: "fail", errno: "ENOENT" };
  if (resolved.kind === "fail") return { kind: "fail", errno: resolved.errno };
  return "inode" in resolved.location ? { inode: inodeOf(kernel, resolved.location.inode), credentials: plainCredentials(kernel, task) } : null;
}
function atDescriptor(kernel: Kernel, tid: number, fd: number): Found {
  const task = taskOf(kernel, tid);
  const open = openFileOf(kernel, task, fd);
  if (!open) return { kind: "fail", errno: "EBADF" };
  return open.inode === 0 ? null : { inode: inodeOf(kernel, open.inode), credentials: plainCredentials(kernel, task) };
}

const LONGEST_NAME = 255;
const MOST_VALUE_BYTES = 65_536;
/** A limit of ours for all of a file's attributes, as ext4 has one of a block. */
const MOST_BYTES = 65_536;
const ACCESS_LISTS: ReadonlySet<BinaryString> = new Set(["system.posix_acl_access", "system.posix_acl_default"]);
const WRITE = 2;
const READ = 4;

function nameOf(bytes: Bytes): BinaryString | null {
  return bytes.length === 0 || bytes.length > LONGEST_NAME ? null : binary(bytes);
}
/** Why the name cannot be read or written. */
function refusal({ inode, credentials }: Subject, name: BinaryString, access: typeof READ | typeof WRITE): Errno | null {
  const isWrite = access === WRITE;
  if (name.startsWith("trusted.")) return can(credentials, "CAP_SYS_ADMIN") ? null : isWrite ? "EPERM" : "ENODATA";
  if (name.startsWith("security.")) {
    const capability = name === "security.capability" ? "CAP_SETFCAP" : "CAP_SYS_ADMIN";
    return !isWrite || can(credentials, capability) ? null : "EPERM";
  }
  // Access control lists are none of the machine's: no file has one, none takes one.
  if (ACCESS_LISTS.has(name)) return isWrite ? "EOPNOTSUPP" : "ENODATA";
  if (!name.startsWith("user.")) return "EOPNOTSUPP";
  if (inode.kind !== "file" && inode.kind !== "directory") return isWrite ? "EPERM" : "ENODATA";
  const isSticky = inode.kind === "directory" && (inode.mode & 0o1000) !== 0;
  if (isWrite && isSticky && credentials.fsuid !== inode.uid && !can(credentials, "CAP_FOWNER")) return "EPERM";
  return mayAccess(credentials, inode, access) ? null : "EACCES";
}

interface Setting {
  readonly name: Bytes;
  readonly value: Bytes;
  readonly size: number;
  readonly flags: number;
}
const CREATE = 1;
const REPLACE = 2;
function set(kernel: Kernel, find: () => Found, { name: nameBytes, value, size, flags }: Setting): PlainOutcome {
  if ((flags & ~(CREATE | REPLACE)) !== 0) return fail("EINVAL");
  const name = nameOf(nameBytes);
  if (name === null) return fail("ERANGE");
  if (size > MOST_VALUE_BYTES) return fail("E2BIG");
  const found = find();
  if (isFailure(found)) return found;
  if (found === null) return fail("EOPNOTSUPP");
  const { inode } = found;
  if (isReadOnly(kernel, inode)) return fail("EROFS");
  const refused = refusal(found, name, WRITE);
  if (refused) return fail(refused);
  const attributes = new Map(inode.attributes);
  if ((flags & CREATE) !== 0 && attributes.has(name)) return fail("EEXIST");
  if ((flags & REPLACE) !== 0 && !attributes.has(name)) return fail("ENODATA");
  attributes.set(name, value.slice());
  const bytes = [...attributes].reduce((sum, [one, held]) => sum + one.length + held.length, 0);
  if (bytes > MOST_BYTES) return fail("ENOSPC");
  inode.attributes = attributes;
  touchChanged(kernel, inode);
  notify(kernel, inode, inotifyEvents.IN_ATTRIB);
  return OK;
}
function get(find: () => Found, nameBytes: Bytes, size: number): Outcome<{ value: Bytes }> {
  const name = nameOf(nameBytes);
  if (name === null) return fail("ERANGE");
  const found = find();
  if (isFailure(found)) return found;
  if (found === null) return fail("EOPNOTSUPP");
  const refused = refusal(found, name, READ);
  if (refused) return fail(refused);
  const value = found.inode.attributes?.get(name) as Bytes | undefined;
  return value ? given(value, size, bytes => ({ value: bytes })) : fail("ENODATA");
}
function list(find: () => Found, size: number): Outcome<{ list: Bytes }> {
  const found = find();
  if (isFailure(found)) return found;
  const names = [...(found?.inode.attributes?.keys() ?? [])].filter(name => !name.startsWith("trusted.") || can(found!.credentials, "CAP_SYS_ADMIN"));
  return given(bytesOf(names.map(name => `${name}\0`).join("")), size, bytes => ({ list: bytes }));
}
/** A buffer of no bytes asks how many there are. */
function given<O>(bytes: Bytes, size: number, outs: (bytes: Bytes) => O): Outcome<O> {
  if (size === 0) return done(bytes.length, outs(NOTHING));
  return bytes.length > size ? fail("ERANGE") : done(bytes.length, outs(bytes));
}
const NOTHING = new Uint8Array(0);
function remove(kernel: Kernel, find: () => Found, nameBytes: Bytes): PlainOutcome {
  const name = nameOf(nameBytes);
  if (name === null) return fail("ERANGE");
  const found = find();
  if (isFailure(found)) return found;
  if (found === null) return fail("EOPNOTSUPP");
  const { inode } = found;
  if (isReadOnly(kernel, inode)) return fail("EROFS");
  const refused = refusal(found, name, WRITE);
  if (refused) return fail(refused);
  if (!inode.attributes?.has(name)) return fail("ENODATA");
  inode.attributes.delete(name);
  touchChanged(kernel, inode);
  notify(kernel, inode, inotifyEvents.IN_ATTRIB);
  return OK;
}

export const extendedAttributeCalls = {
  setxattr: (kernel, { tid, args }) => set(kernel, () => atPath(kernel, tid, args.path, true), args),
  lsetxattr: (kernel, { tid, args }) => set(kernel, () => atPath(kernel, tid, args.path, false), args),
  fsetxattr: (kernel, { tid, args }) => set(kernel, () => atDescriptor(kernel, tid, args.fd), args),
  getxattr: (kernel, { tid, args }) => get(() => atPath(kernel, tid, args.path, true), args.name, args.size),
  lgetxattr: (kernel, { tid, args }) => get(() => atPath(kernel, tid, args.path, false), args.name, args.size),
  fgetxattr: (kernel, { tid, args }) => get(() => atDescriptor(kernel, tid, args.fd), args.name, args.size),
  listxattr: (kernel, { tid, args }) => list(() => atPath(kernel, tid, args.path, true), args.size),
  llistxattr: (kernel, { tid, args }) => list(() => atPath(kernel, tid, args.path, false), args.size),
  flistxattr: (kernel, { tid, args }) => list(() => atDescriptor(kernel, tid, args.fd), args.size),
  removexattr: (kernel, { tid, args }) => remove(kernel, () => atPath(kernel, tid, args.path, true), args.name),
  lremovexattr: (kernel, { tid, args }) => remove(kernel, () => atPath(kernel, tid, args.path, false), args.name),
  fremovexattr: (kernel, { tid, args }) => remove(kernel, () => atDescriptor(kernel, tid, args.fd), args.name),
} satisfies Partial<Calls<"vfs">>;
