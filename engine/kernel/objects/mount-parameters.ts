// What a file system that is to be mounted is told (mount(8), tmpfs(5)), one parameter after another.
import type { Draft } from "immer";
import type { Errno } from "../../abi/errno.ts";
import type { FsContextState } from "../state/vfs.ts";

/** Options that say nothing about the file system itself (fs/fs_context.c). */
const COMMON_FLAGS: readonly string[] = ["async", "dirsync", "lazytime", "mand", "sync", "nolazytime", "nomand", "nosync"];
const SIZES: readonly string[] = ["size", "nr_blocks", "nr_inodes", "huge", "mpol"];
const OCTAL = /^0?[0-7]{1,4}$/;
/** One parameter of a context; `null`: it is taken. */
export function setParameter(context: Draft<FsContextState>, key: string, value: string | null): Errno | null {
  if (key === "source") {
    if (value === null || context.source !== null) return "EINVAL";
    context.source = value;
  } else if (key === "ro" || key === "rw") context.isReadOnly = key === "ro";
  else if (COMMON_FLAGS.includes(key)) return value === null ? null : "EINVAL";
  else if (context.type !== "tmpfs") return "EINVAL";
  else if (key === "mode") {
    if (value === null || !OCTAL.test(value)) return "EINVAL";
    context.mode = Number.parseInt(value, 8);
  } else if (key === "uid" || key === "gid") {
    if (value === null || !/^\d+$/.test(value)) return "EINVAL";
    context[key] = Number(value);
  } else if (!SIZES.includes(key) || value === null) return "EINVAL";
  return null;
}

/** mount(2)'s data: parameters between commas. */
export function setParameters(context: Draft<FsContextState>, data: string): Errno | null {
  for (const one of data.split(",").filter(Boolean)) {
    const at = one.indexOf("=");
    const errno = at < 0 ? setParameter(context, one, null) : setParameter(context, one.slice(0, at), one.slice(at + 1));
    if (errno) return errno;
  }
  return null;
}
