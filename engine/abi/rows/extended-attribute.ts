// Extended attributes of files (xattr(7)).
import { type Arg, Fd, flags, inBytes, outBytes, Path, Size, text } from "../argument.ts";
import type { Bytes } from "../memory-view.ts";
import { row } from "../row.ts";

/** One byte more than a name may have, so that a longer one is seen as too long. */
const NAME_LIMIT = 256;
const Name: Arg<Bytes> = text(NAME_LIMIT);
const SetFlags = flags({ XATTR_CREATE: 1, XATTR_REPLACE: 2 });
const file = { classes: ["file"], missing: "system.posix_acl_*: no access control lists" } as const;
const desc = { classes: ["desc"], missing: "system.posix_acl_*: no access control lists" } as const;
const set = { name: Name, value: inBytes("size"), size: Size, flags: SetFlags };
const get = { name: Name, value: outBytes("size"), size: Size };
const list = { list: outBytes("size"), size: Size };

export const extendedAttributeRows = {
  setxattr: row(188, "vfs", { path: Path, ...set }, file),
  lsetxattr: row(189, "vfs", { path: Path, ...set }, file),
  fsetxattr: row(190, "vfs", { fd: Fd, ...set }, desc),
  getxattr: row(191, "vfs", { path: Path, ...get }, file),
  lgetxattr: row(192, "vfs", { path: Path, ...get }, file),
  fgetxattr: row(193, "vfs", { fd: Fd, ...get }, desc),
  listxattr: row(194, "vfs", { path: Path, ...list }, file),
  llistxattr: row(195, "vfs", { path: Path, ...list }, file),
  flistxattr: row(196, "vfs", { fd: Fd, ...list }, desc),
  removexattr: row(197, "vfs", { path: Path, name: Name }, file),
  lremovexattr: row(198, "vfs", { path: Path, name: Name }, file),
  fremovexattr: row(199, "vfs", { fd: Fd, name: Name }, desc),
};
