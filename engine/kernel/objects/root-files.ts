// The files there are at boot: the image, the folders mounted from the host, and what a kernel puts into /dev and /proc.
import type { Draft } from "immer";
import { BootFailure } from "../../boot-failure.ts";
import type { FolderTree, Image, ImageEntry, StoredContents } from "../../loader/image.ts";
import type { Kernel } from "../kernel.ts";
import type { BinaryString, Inode } from "../state/vfs.ts";
import { binaryOfText } from "./binary-string.ts";
import { createEntryInode, takeAttributes, timeOf } from "./entry-inodes.ts";
import { plantListing } from "./image-inodes.ts";
import { addEntry, createInode, inodeOf, nameEntry, removeEntry } from "./inodes.ts";
import { ANONYMOUS_NAME } from "./locations.ts";
import { addMount, mountFlags } from "./mounts.ts";
import { addTerminalNode } from "./pseudo-terminals.ts";
import { placeOf } from "./standard-files.ts";
import { systemFiles } from "./system-files.ts";
import { folderPlace } from "./unlisted-folders.ts";
import { createVdso } from "./vdso.ts";

export interface HostFolder {
  readonly path: string;
  readonly isReadOnly: boolean;
  readonly entries: readonly ImageEntry[];
  /** Instead of entries: it is told folder by folder, and `contents` has what its files hold. */
  readonly tree?: FolderTree;
  readonly contents?: StoredContents;
}
const WORLD_TERMINAL = 0;
const TTY_GROUP = 5;

export function bootFiles(kernel: Kernel, image: Image, folders: readonly HostFolder[]): void {
  const { limits } = kernel.system;
  const { fileBytes, inodes } = limits;
  const root = addMount(kernel, { type: "overlay", source: "overlay", point: null, rootMode: 0o755 });
  addMount(kernel, { type: "pipefs", source: "pipefs", point: null, rootMode: 0o755 });
  addMount(kernel, { type: "sockfs", source: "sockfs", point: null, rootMode: 0o755 });
  createVdso(kernel);
  if (image.listing) plantListing(kernel, rootOf(kernel, root), image.listing);
  else plant(kernel, root, image.entries);
  const { MS_RDONLY, MS_NODEV, MS_NOSUID: nosuid, MS_NOEXEC: noexec } = mountFlags;
  addMount(kernel, { type: "proc", source: "proc", point: directoryAt(kernel, "/proc", 0o555), flags: nosuid | noexec | MS_NODEV });
  addMount(kernel, { type: "devtmpfs", source: "devtmpfs", point: directoryAt(kernel, "/dev", 0o755), rootMode: 0o755, flags: nosuid });
  plantDevices(kernel);
  addMount(kernel, { type: "devpts", source: "devpts", point: directoryAt(kernel, "/dev/pts", 0o755), rootMode: 0o755, flags: nosuid | noexec });
  addTerminalNode(kernel, WORLD_TERMINAL, { uid: kernel.system.parameters.user.uid, gid: TTY_GROUP });
  addMount(kernel, { type: "tmpfs", source: "tmpfs", point: directoryAt(kernel, "/dev/shm", 0o1777), rootMode: 0o1777, flags: nosuid | MS_NODEV });
  for (const [number, { path, isReadOnly, entries, tree }] of folders.entries()) {
    const [root] = entries;
    if (root?.kind === "file") {
      placeFile(kernel, binaryOfText(path), root);
      continue;
    }
    const point = directoryAt(kernel, binaryOfText(path), 0o755);
    const fileSystem = addMount(kernel, { type: "tmpfs", source: binaryOfText(path), point, rootMode: 0o755 });
    if (tree) plantTree(kernel, fileSystem, number, tree);
    else plant(kernel, fileSystem, entries);
    if (isReadOnly) kernel.vfs.mounts[fileSystem]!.flags = MS_RDONLY;
  }
  const system = addMount(kernel, {
    type: "sysfs",
    source: "sysfs",
    point: directoryAt(kernel, "/sys", 0o555),
    rootMode: 0o555,
    flags: nosuid | noexec | MS_NODEV | MS_RDONLY,
  });
  plant(kernel, system, systemFiles(kernel.system.parameters.epochSeconds));
  addNowhere(kernel);
  // The machine's limits are for what the guest adds.
  limits.fileBytes = fileBytes + kernel.system.fileBytesInUse;
  limits.inodes = inodes + kernel.vfs.inodes.length;
}

/** What open files that lie in no directory share: one inode, in a file system that nobody sees. */
function addNowhere(kernel: Kernel): void {
  const fileSystem = addMount(kernel, { type: "anon_inodefs", source: "anon_inodefs", point: null, rootMode: 0o755 });
  const { root } = kernel.vfs.mounts[fileSystem]!;
  if ("inode" in root) addEntry(kernel, root.inode, ANONYMOUS_NAME, createInode(kernel, { fileSystem, kind: "file", mode: 0o600, uid: 0, gid: 0 }));
}

/** The entries become inodes of the file system; content stays where it is, in the image's buffer. */
function plant(kernel: Kernel, fileSystem: number, entries: readonly ImageEntry[]): void {
  const root = rootOf(kernel, fileSystem);
  const directories = new Map<BinaryString, number>([["", root.id]]);
  const linked = new Map<BinaryString, number>();
  for (const { hardLinkTo } of entries) if (hardLinkTo !== undefined) linked.set(hardLinkTo, NOT_YET);
  // Neighbours mostly lie in one directory.
  let folder = "";
  let parent = root.id;
  for (const entry of entries) {
    const { path, kind } = entry;
    if (path === "/") {
      takeAttributes(root, entry);
      continue;
    }
    const slash = path.lastIndexOf("/");
    if (slash !== folder.length || !path.startsWith(folder)) {
      folder = path.slice(0, slash);
      parent = directories.get(folder) ?? NOT_YET;
      if (parent === NOT_YET) throw new Error(`The image names ${path} before the folder it lies in.`);
    }
    const id = entry.hardLinkTo === undefined ? createEntryInode(kernel, fileSystem, entry) : plantedName(kernel, linked, entry);
    nameEntry(kernel, parent, path.slice(slash + 1), id);
    if (kind === "directory") directories.set(path, id);
    else if (linked.size > 0 && linked.has(path)) linked.set(path, id);
  }
}
const NOT_YET = 0;
function plantTree(kernel: Kernel, fileSystem: number, number: number, tree: FolderTree): void {
  const root = rootOf(kernel, fileSystem);
  takeAttributes(root, tree.root);
  root.unlisted = folderPlace(number, "/");
}
function rootOf(kernel: Kernel, fileSystem: number): Draft<Inode> {
  const { root } = kernel.vfs.mounts[fileSystem]!;
  if (!("inode" in root)) throw new Error("A virtual file system takes no entries.");
  return inodeOf(kernel, root.inode);
}
/** The file that this entry is another name of. */
function plantedName(kernel: Kernel, linked: ReadonlyMap<BinaryString, number>, entry: ImageEntry): number {
  const id = linked.get(entry.hardLinkTo!) ?? NOT_YET;
  if (id === NOT_YET) throw new Error(`The image names ${entry.path} as another name of ${entry.hardLinkTo}, which it has not named before.`);
  const inode = inodeOf(kernel, id);
  inode.modified = inode.changed = inode.accessed = timeOf(entry);
  return id;
}
/** A single file of the host: a copy in the file system that is there, instead of what has its name. */
function placeFile(kernel: Kernel, path: BinaryString, entry: ImageEntry): void {
  const slash = path.lastIndexOf("/");
  const folder = slash <= 0 ? (placeOf(kernel, "/") as { inode: number }).inode : directoryAt(kernel, path.slice(0, slash), 0o755);
  const name = path.slice(slash + 1);
  const { fileSystem, entries } = inodeOf(kernel, folder);
  if (entries?.has(name)) removeEntry(kernel, folder, name);
  const id = createEntryInode(kernel, fileSystem, entry);
  addEntry(kernel, folder, name, id);
}

/** The directory at an absolute path, made where it is missing. */
function directoryAt(kernel: Kernel, path: BinaryString, mode: number): number {
  const found = placeOf(kernel, path);
  if (found && "inode" in found && inodeOf(kernel, found.inode).kind === "directory") return found.inode;
  if (found) throw new BootFailure(`Nothing can be mounted on ${path}: it is no directory.`);
  const slash = path.lastIndexOf("/");
  const parent = slash === 0 ? placeOf(kernel, "/")! : { inode: directoryAt(kernel, path.slice(0, slash), 0o755) };
  if (!("inode" in parent)) throw new BootFailure(`Nothing can be mounted on ${path}: it lies in /proc.`);
  const { fileSystem } = inodeOf(kernel, parent.inode);
  const id = createInode(kernel, { fileSystem, kind: "directory", mode, uid: 0, gid: 0 });
  addEntry(kernel, parent.inode, path.slice(slash + 1), id);
  return id;
}

const characterDevices: Readonly<Record<string, readonly [major: number, minor: number, mode: number]>> = {
  null: [1, 3, 0o666],
  zero: [1, 5, 0o666],
  full: [1, 7, 0o666],
  random: [1, 8, 0o666],
  urandom: [1, 9, 0o666],
  tty: [5, 0, 0o666],
  console: [5, 1, 0o600],
  ptmx: [5, 2, 0o666],
};
const links: Readonly<Record<string, string>> = { fd: "/proc/self/fd", stdin: "/proc/self/fd/0", stdout: "/proc/self/fd/1", stderr: "/proc/self/fd/2" };
function plantDevices(kernel: Kernel): void {
  const { inode: directory } = placeOf(kernel, "/dev") as { inode: number };
  const { fileSystem } = inodeOf(kernel, directory);
  for (const [name, [major, minor, mode]] of Object.entries(characterDevices))
    addEntry(kernel, directory, name, createInode(kernel, { fileSystem, kind: "character", mode, uid: 0, gid: 0, device: [major, minor] }));
  for (const [name, target] of Object.entries(links))
    addEntry(kernel, directory, name, createInode(kernel, { fileSystem, kind: "symlink", mode: 0o777, uid: 0, gid: 0, target }));
}
