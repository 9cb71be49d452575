// Files of a past moment, read from the kernel's state without executing anything.
import { errnoText } from "../../engine/abi/errno.ts";
import type { Kernel } from "../../engine/kernel/kernel.ts";
import { binary, bytesOf } from "../../engine/kernel/objects/binary-string.ts";
import { inodeOf, readContent } from "../../engine/kernel/objects/inodes.ts";
import { nodeAt } from "../../engine/kernel/objects/locations.ts";
import { AT_FDCWD, resolve } from "../../engine/kernel/objects/paths.ts";
import { contentNow, procTree } from "../../engine/kernel/objects/proc-tree.ts";
import { entriesOf } from "../../engine/kernel/objects/unlisted-folders.ts";
import type { KernelState } from "../../engine/kernel/state/kernel-state.ts";
import type { Location } from "../../engine/kernel/state/vfs.ts";
import { KernelStore } from "../../engine/kernel/store.ts";
import type { StoredContents } from "../../engine/loader/image.ts";
import { Failure } from "../failure.ts";

/** A state, and whose eyes look: paths start at that task's working directory. */
export interface Look {
  readonly state: KernelState;
  readonly contents: StoredContents;
  readonly tick: number;
  readonly tid: number;
}
export interface FileRow {
  readonly name: string;
  readonly kind: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly target?: string;
}

/** Looks by the kernel's own path walk, on a draft that is dropped. */
function look<T>(
  { state, contents, tick, tid }: Look,
  path: string,
  followLast: boolean,
  see: (kernel: Kernel, location: Location, task: Parameters<typeof resolve>[1]) => T,
): T {
  const kernel = new KernelStore(state, contents).at(tick);
  const task = kernel.procTable.tasks.get(tid) ?? [...kernel.procTable.tasks.values()][0];
  if (!task) throw new Failure("No process is left whose files could be looked at; go to an earlier position.");
  const found = resolve(kernel, task, AT_FDCWD, binary(Buffer.from(path)), { followLast });
  if (found.kind !== "found") throw new Failure(`${path}: ${errnoText(found.kind === "fail" ? found.errno : "ENOENT")}.`);
  return see(kernel, found.location, task);
}
export function readFile(from: Look, path: string): Uint8Array {
  return look(from, path, true, (kernel, location, task) => {
    if ("virtual" in location) {
      const opened = procTree.open(kernel, task, location.virtual, 0);
      if ("errno" in opened) throw new Failure(`${path}: ${errnoText(opened.errno)}.`);
      return Uint8Array.from(contentNow(kernel, task, { path: location.virtual, ...opened }) ?? []);
    }
    const inode = inodeOf(kernel, location.inode);
    if (inode.kind !== "file") throw new Failure(`${path} is a ${inode.kind}, not a file.`);
    return readContent(kernel, inode, 0, inode.size).slice();
  });
}
function rowAt(kernel: Kernel, location: Location, task: Parameters<typeof resolve>[1], name: string): FileRow {
  if ("inode" in location) {
    const { kind, mode, uid, gid, size, target } = inodeOf(kernel, location.inode);
    return { name, kind, mode: mode & 0o7777, uid, gid, size, ...(target === undefined ? {} : { target }) };
  }
  const node = nodeAt(kernel, task, location)!;
  const link = node.kind === "symlink" ? procTree.readlink(kernel, task, location.virtual) : undefined;
  return { name, kind: node.kind, mode: node.mode & 0o7777, uid: node.uid, gid: node.gid, size: 0, ...(link && "text" in link ? { target: link.text } : {}) };
}
export function listFolder(from: Look, path: string): readonly FileRow[] {
  return look(from, path, true, (kernel, location, task) => {
    if ("virtual" in location) {
      if (nodeAt(kernel, task, location)?.kind !== "directory") return [rowAt(kernel, location, task, path)];
      return procTree
        .list(kernel, task, location.virtual)
        .map(({ name }) => rowAt(kernel, { virtual: location.virtual ? `${location.virtual}/${name}` : name }, task, name));
    }
    const inode = inodeOf(kernel, location.inode);
    if (inode.kind !== "directory") return [rowAt(kernel, location, task, path)];
    return [...entriesOf(kernel, inode)]
      .map(([name, inode]) => rowAt(kernel, { inode }, task, Buffer.from(bytesOf(name)).toString("utf8")))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  });
}
const kindLetters: Readonly<Record<string, string>> = { directory: "d", symlink: "l", character: "c", block: "b", fifo: "p", socket: "s" };
const rights = (mode: number): string => Array.from({ length: 9 }, (_, i) => (mode & (0o400 >> i) ? "rwx"[i % 3]! : "-")).join("");
export const fileText = (rows: readonly FileRow[]): string =>
  rows
    .map(
      ({ name, kind, mode, uid, gid, size, target }) =>
        `${kindLetters[kind] ?? "-"}${rights(mode)} ${String(uid).padStart(5)} ${String(gid).padStart(5)} ${String(size).padStart(9)} ${name}${target === undefined ? "" : ` -> ${target}`}`,
    )
    .join("\n");
