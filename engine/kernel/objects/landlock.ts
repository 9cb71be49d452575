// What a Landlock domain forbids (landlock(7); security/landlock/fs.c): each layer that handles an access must have a rule for it at the place, or above it.
import type { Draft } from "immer";
import { ALL_LANDLOCK_ACCESS, landlockAccess } from "../../abi/constants/landlock.ts";
import { O_ACCMODE, O_RDONLY, O_WRONLY } from "../../abi/constants/open-flags.ts";
import type { Errno } from "../../abi/errno.ts";
import type { Kernel } from "../kernel.ts";
import type { LandlockRules } from "../state/landlock.ts";
import type { Task } from "../state/proc-table.ts";
import type { Inode, Location } from "../state/vfs.ts";
import { plantAll } from "./image-inodes.ts";
import { inodeOf } from "./inodes.ts";
import { layersOf, placeKey } from "./landlock-domains.ts";
import { isSamePlace, parentOf } from "./locations.ts";
import type { Found } from "./paths.ts";

const {
  LANDLOCK_ACCESS_FS_EXECUTE: EXECUTE,
  LANDLOCK_ACCESS_FS_WRITE_FILE: WRITE_FILE,
  LANDLOCK_ACCESS_FS_READ_FILE: READ_FILE,
  LANDLOCK_ACCESS_FS_READ_DIR: READ_DIR,
  LANDLOCK_ACCESS_FS_REMOVE_DIR: REMOVE_DIR,
  LANDLOCK_ACCESS_FS_REMOVE_FILE: REMOVE_FILE,
  LANDLOCK_ACCESS_FS_REFER: REFER,
} = landlockAccess;
/** The rights that make sense for what is no directory. */
export const FILE_ACCESS = EXECUTE | WRITE_FILE | READ_FILE;
/** To make an entry of the kind. */
export const MAKING: { readonly [K in Inode["kind"]]: number } = {
  file: landlockAccess.LANDLOCK_ACCESS_FS_MAKE_REG,
  directory: landlockAccess.LANDLOCK_ACCESS_FS_MAKE_DIR,
  symlink: landlockAccess.LANDLOCK_ACCESS_FS_MAKE_SYM,
  character: landlockAccess.LANDLOCK_ACCESS_FS_MAKE_CHAR,
  block: landlockAccess.LANDLOCK_ACCESS_FS_MAKE_BLOCK,
  fifo: landlockAccess.LANDLOCK_ACCESS_FS_MAKE_FIFO,
  socket: landlockAccess.LANDLOCK_ACCESS_FS_MAKE_SOCK,
};
export const removing = ({ kind }: Pick<Inode, "kind">): number => (kind === "directory" ? REMOVE_DIR : REMOVE_FILE);

/** Whether nothing is forbidden there: file systems that nobody can mount, and memory files. */
export function isBeyond(kernel: Kernel, place: Location): boolean {
  if (!("inode" in place)) return false;
  const { fileSystem, seals } = inodeOf(kernel, place.inode);
  const type = kernel.vfs.mounts[fileSystem]?.type;
  return seals !== undefined || type === "pipefs" || type === "sockfs" || type === "anon_inodefs";
}
/** A place and all directories above it, across mounts: what a mount covers is not among them. */
export function* upwards(kernel: Kernel, from: Location): Generator<Location> {
  for (let here = from; ; ) {
    yield here;
    const above = parentOf(kernel, here);
    if (isSamePlace(above, here)) return;
    here = above;
  }
}
/** The directory that a file lies in, where it was not reached through it. */
export function directoryOf(kernel: Kernel, file: number): { readonly inode: number } | null {
  plantAll(kernel);
  for (const inode of kernel.vfs.inodes) if (inode?.entries) for (const id of inode.entries.values()) if (id === file) return { inode: inode.id };
  return null;
}
/** A file as it was found, and what lies above it. */
function* pathOfFile(kernel: Kernel, place: Location, parent: Location | null): Generator<Location> {
  if ("virtual" in place || inodeOf(kernel, place.inode).kind === "directory") {
    yield* upwards(kernel, place);
    return;
  }
  yield place;
  const directory = parent ?? directoryOf(kernel, place.inode);
  if (directory) yield* upwards(kernel, directory);
}

export type Layers = readonly Draft<LandlockRules>[];
/** By layer, the rights that no rule has allowed yet. REFER is forbidden by every layer. */
export type Missing = number[];
export const missingOf = (layers: Layers, access: number): Missing => layers.map(({ handled }) => access & (handled | REFER));
export const isNoneMissing = (missing: Missing): boolean => missing.every(rights => rights === 0);
/** What the rules at a place allow of these rights is not missing any more. */
export const allowAt = (layers: Layers, missing: Missing, place: Location, access: number): void =>
  layers.forEach(({ rules }, i) => {
    missing[i]! &= ~((rules.get(placeKey(place)) ?? 0) & access);
  });
function isAllowed(layers: Layers, path: Iterable<Location>, access: number): boolean {
  const missing = missingOf(layers, access);
  if (isNoneMissing(missing)) return true;
  for (const place of path) {
    allowAt(layers, missing, place, access);
    if (isNoneMissing(missing)) return true;
  }
  return false;
}
/** EACCES where the task may not do that in the directory. */
export function refusalIn(kernel: Kernel, task: Draft<Task>, directory: number, access: number): Errno | null {
  if (task.landlock === undefined) return null;
  const place = { inode: directory };
  return isBeyond(kernel, place) || isAllowed(layersOf(kernel, task), upwards(kernel, place), access) ? null : "EACCES";
}
/** What opening asks for: to read, to write, to list. */
function accessToOpen(flags: number, isDirectory: boolean): number {
  const access = flags & O_ACCMODE;
  const isReading = access !== O_WRONLY;
  if (isReading && isDirectory) return READ_DIR;
  return (isReading ? READ_FILE : 0) | (access !== O_RDONLY ? WRITE_FILE : 0);
}
/** EACCES where the task may not open what was found; not asked where only a place is opened (O_PATH). */
export function refusalToOpenFile(
  kernel: Kernel,
  task: Draft<Task>,
  { location, parent }: Pick<Found, "location" | "parent">,
  flags: number,
  isDirectory: boolean,
): Errno | null {
  return refusalTo(kernel, task, { location, parent }, accessToOpen(flags, isDirectory));
}
/** A program is read as well. */
export const refusalToExecute = (kernel: Kernel, task: Draft<Task>, found: Pick<Found, "location" | "parent">): Errno | null =>
  refusalTo(kernel, task, found, EXECUTE | READ_FILE);
function refusalTo(kernel: Kernel, task: Draft<Task>, { location, parent }: Pick<Found, "location" | "parent">, access: number): Errno | null {
  if (task.landlock === undefined || isBeyond(kernel, location)) return null;
  return isAllowed(layersOf(kernel, task), pathOfFile(kernel, location, parent), access & ALL_LANDLOCK_ACCESS) ? null : "EACCES";
}
