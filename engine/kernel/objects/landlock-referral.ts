// Linking and renaming in a Landlock domain (security/landlock/fs.c, current_check_refer_path): into another directory only where REFER is allowed on both sides,
// and where the file does not gain by it what it was not allowed before.
import type { Draft } from "immer";
import { ALL_LANDLOCK_ACCESS, landlockAccess } from "../../abi/constants/landlock.ts";
import type { Errno } from "../../abi/errno.ts";
import type { Kernel } from "../kernel.ts";
import type { Task } from "../state/proc-table.ts";
import type { Inode, Location } from "../state/vfs.ts";
import { inodeOf } from "./inodes.ts";
import { allowAt, FILE_ACCESS, isBeyond, isNoneMissing, type Layers, MAKING, type Missing, missingOf, refusalIn, removing, upwards } from "./landlock.ts";
import { layersOf } from "./landlock-domains.ts";
import { isSamePlace } from "./locations.ts";

const { LANDLOCK_ACCESS_FS_REFER: REFER } = landlockAccess;
/** All rights there are. */
const ALL = -1;

export interface Referral {
  readonly file: Draft<Inode>;
  readonly from: number;
  readonly to: number;
  /** What is there already, if anything. */
  readonly target: Draft<Inode> | null;
  readonly isMoved: boolean;
  readonly isExchanged: boolean;
}
interface Side {
  readonly request: number;
  readonly missing: Missing;
  readonly child: Missing;
  readonly isDirectory: boolean;
}
function sideOf(kernel: Kernel, layers: Layers, directory: number, child: Draft<Inode> | null, request: number): Side {
  const missing = missingOf(layers, ALL);
  const { root } = kernel.vfs.mounts[inodeOf(kernel, directory).fileSystem]!;
  for (const place of upwards(kernel, { inode: directory })) {
    allowAt(layers, missing, place, ALL_LANDLOCK_ACCESS);
    if (isNoneMissing(missing) || isSamePlace(place, root)) break;
  }
  const own = missingOf(layers, ALL);
  if (child) allowAt(layers, own, { inode: child.id }, ALL_LANDLOCK_ACCESS);
  return { request, missing, child: own, isDirectory: child?.kind === "directory" };
}
/** Whether what moves from one side to the other is forbidden there all that it was. */
const losesNothing = (from: Side, to: Side): boolean => {
  const relevant = from.isDirectory ? ALL_LANDLOCK_ACCESS : FILE_ACCESS;
  return from.missing.every((rights, i) => (rights & from.child[i]! & relevant & ~to.missing[i]!) === 0);
};
const scope = ({ missing, request }: Side): boolean => {
  missing.forEach((rights, i) => {
    missing[i] = rights & request;
  });
  return isNoneMissing(missing);
};
function isReferralAllowed(kernel: Kernel, layers: Layers, from: Side, to: Side, mountRoot: Location, isExchanged: boolean): boolean {
  let isScoped = false;
  const settle = (): boolean => {
    if (isScoped || !losesNothing(from, to) || (isExchanged && !losesNothing(to, from))) return false;
    isScoped = true;
    const [isFromOver, isToOver] = [scope(from), scope(to)];
    return isFromOver && isToOver;
  };
  for (const place of upwards(kernel, mountRoot)) {
    if (settle()) return true;
    for (const side of [from, to]) allowAt(layers, side.missing, place, isScoped ? side.request : ALL_LANDLOCK_ACCESS);
    if (isNoneMissing(from.missing) && isNoneMissing(to.missing)) return true;
  }
  return false;
}
/** EACCES where what is done is forbidden as such; EXDEV where only its going into another directory is, so that whoever asks copies it instead. */
export function refusalToRefer(kernel: Kernel, task: Draft<Task>, { file, from, to, target, isMoved, isExchanged }: Referral): Errno | null {
  if (task.landlock === undefined || isBeyond(kernel, { inode: to })) return null;
  const atSource = (isExchanged ? MAKING[target!.kind] : 0) | (isMoved ? removing(file) : 0);
  const atTarget = MAKING[file.kind] | (isMoved && target ? removing(target) : 0);
  if (from === to) return refusalIn(kernel, task, to, atSource | atTarget);
  const layers = layersOf(kernel, task);
  const mountRoot = kernel.vfs.mounts[inodeOf(kernel, to).fileSystem]!.root as Location;
  const source = sideOf(kernel, layers, from, file, atSource | REFER);
  const destination = sideOf(kernel, layers, to, isExchanged ? target : null, atTarget | REFER);
  if (isNoneMissing(source.missing) && isNoneMissing(destination.missing)) return null;
  if (isReferralAllowed(kernel, layers, source, destination, mountRoot, isExchanged)) return null;
  const isForbidden = ({ missing, request }: Side): boolean => missing.some(rights => (rights & request & ~REFER) !== 0);
  return isForbidden(source) || isForbidden(destination) ? "EACCES" : "EXDEV";
}
