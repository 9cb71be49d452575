// Advisory locks on files: by process (fcntl(2)), by open file (F_OFD_SETLK), by open file on the whole (flock(2)). The calls are services/vfs-locks.ts.
import type { Kernel } from "../kernel.ts";
import type { FileLock } from "../state/vfs.ts";
import { wake } from "./waiting.ts";

/** A lock without an end: further than any file reaches. */
export const NO_END = Number.MAX_SAFE_INTEGER;
export const lockChannel = (inode: number): string => `lock:${inode}`;
const locksOf = (kernel: Kernel, inode: number): readonly FileLock[] => kernel.vfs.locks.get(inode) ?? [];
/** flock's locks and fcntl's do not see each other. */
const isSameFamily = (a: FileLock["kind"], b: FileLock["kind"]): boolean => (a === "flock") === (b === "flock");
const isOwner = (a: FileLock, b: FileLock): boolean => a.kind === b.kind && a.owner === b.owner;

/** The first lock, in the order of their starts, that another holds and that forbids `wanted`. */
export const conflictingLock = (kernel: Kernel, inode: number, wanted: FileLock): FileLock | undefined =>
  locksOf(kernel, inode).find(
    lock =>
      isSameFamily(lock.kind, wanted.kind) &&
      !isOwner(lock, wanted) &&
      (lock.isExclusive || wanted.isExclusive) &&
      lock.start < wanted.end &&
      wanted.start < lock.end,
  );

/** F_OFD_GETLK with F_UNLCK: the first lock in the range that the open file holds itself. */
export const ownLock = (kernel: Kernel, inode: number, wanted: FileLock): FileLock | undefined =>
  locksOf(kernel, inode).find(lock => isOwner(lock, wanted) && lock.start < wanted.end && wanted.start < lock.end);

/** The owner's locks in the range become `wanted`, or none: split, shortened and joined as fcntl(2) has it. */
export function setLock(kernel: Kernel, inode: number, wanted: FileLock, isUnlock: boolean): void {
  const others = locksOf(kernel, inode).filter(lock => !isOwner(lock, wanted));
  const own = locksOf(kernel, inode)
    .filter(lock => isOwner(lock, wanted))
    .flatMap(lock => [
      ...(lock.start < wanted.start ? [{ ...lock, end: Math.min(lock.end, wanted.start) }] : []),
      ...(lock.end > wanted.end ? [{ ...lock, start: Math.max(lock.start, wanted.end) }] : []),
    ]);
  const parts = joined(isUnlock ? own : [...own, wanted]);
  store(kernel, inode, [...others, ...parts]);
}
function joined(locks: readonly FileLock[]): readonly FileLock[] {
  const list: FileLock[] = [];
  for (const lock of locks.toSorted((a, b) => a.start - b.start)) {
    const last = list.at(-1);
    if (last && last.end === lock.start && last.isExclusive === lock.isExclusive) list[list.length - 1] = { ...last, end: lock.end };
    else list.push(lock);
  }
  return list;
}
function store(kernel: Kernel, inode: number, locks: readonly FileLock[]): void {
  if (locks.length > 0)
    kernel.vfs.locks.set(
      inode,
      locks.toSorted((a, b) => a.start - b.start),
    );
  else kernel.vfs.locks.delete(inode);
  wake(kernel, lockChannel(inode));
}

/** A process (by its descriptor table) closed a descriptor of the file, or ended. */
export const dropProcessLocks = (kernel: Kernel, table: number, inode: number): void =>
  dropLocks(kernel, inode, lock => lock.kind === "posix" && lock.owner === table);
/** The open file is closed for good. */
export const dropFileLocks = (kernel: Kernel, openFile: number, inode: number): void =>
  dropLocks(kernel, inode, lock => lock.kind !== "posix" && lock.owner === openFile);
function dropLocks(kernel: Kernel, inode: number, isMeant: (lock: FileLock) => boolean): void {
  const locks = locksOf(kernel, inode);
  const left = locks.filter(lock => !isMeant(lock));
  if (left.length !== locks.length) store(kernel, inode, left);
}
