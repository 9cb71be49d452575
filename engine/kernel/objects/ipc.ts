// What System V's three kinds of object have in common: keys, identifiers and permissions (sysvipc(7)); and what the end of a process means to them.
import type { Draft } from "immer";
import type { Errno } from "../../abi/errno.ts";
import { IPC_CREAT, IPC_EXCL, IPC_PRIVATE } from "../../abi/structs/ipc.ts";
import type { Kernel } from "../kernel.ts";
import type { IpcPermissions } from "../state/ipc.ts";
import type { Credentials, Task } from "../state/proc-table.ts";
import { can, isMember } from "./credentials.ts";
import { plainCredentials } from "./paths.ts";
import { presentSecond } from "./stamps.ts";
import { wake } from "./waiting.ts";

export const READ = 4;
export const WRITE = 2;
export const semaphoreChannel = (id: number): string => `semaphores:${id}`;
export const queueChannel = (id: number): string => `queue:${id}`;

export function mayUse(credentials: Credentials, { uid, cuid, gid, cgid, mode }: IpcPermissions, wanted: number): boolean {
  if (can(credentials, "CAP_IPC_OWNER")) return true;
  const isOwner = credentials.euid === uid || credentials.euid === cuid;
  const isGroup = isMember(credentials, gid) || isMember(credentials, cgid);
  const bits = isOwner ? mode >> 6 : isGroup ? mode >> 3 : mode;
  return (bits & wanted) === wanted;
}
/** IPC_SET and IPC_RMID. */
export const mayChange = (credentials: Credentials, { uid, cuid }: IpcPermissions): boolean =>
  credentials.euid === uid || credentials.euid === cuid || can(credentials, "CAP_SYS_ADMIN");
export function permissionsFor(credentials: Credentials, key: number, mode: number): IpcPermissions {
  const { euid, egid } = credentials;
  return { key, uid: euid, gid: egid, cuid: euid, cgid: egid, mode: mode & 0o777 };
}

type Keyed = IpcPermissions & { readonly id: number };
/** The object of that key, or a new one (ipcget in ipc/util.c). `fits`: what else is asked of one that is there. */
export function getOrCreate<T extends Keyed>(
  kernel: Kernel,
  task: Draft<Task>,
  all: ReadonlyMap<number, T>,
  { key, flags }: { readonly key: number; readonly flags: number },
  fits: (found: T) => Errno | null,
  create: (id: number) => Errno | null,
): number | Errno {
  if (key !== IPC_PRIVATE) {
    for (const found of all.values()) {
      if (found.key !== key) continue;
      if ((flags & IPC_CREAT) !== 0 && (flags & IPC_EXCL) !== 0) return "EEXIST";
      const errno = fits(found);
      if (errno) return errno;
      const wanted = ((flags >> 6) | (flags >> 3) | flags) & 7;
      return mayUse(plainCredentials(kernel, task), found, wanted) ? found.id : "EACCES";
    }
    if ((flags & IPC_CREAT) === 0) return "ENOENT";
  }
  const id = kernel.ipc.nextId;
  const errno = create(id);
  if (errno) return errno;
  kernel.ipc.nextId++;
  return id;
}
export const now = (kernel: Kernel): number => presentSecond(kernel);

/** How many mappings of it there are. */
export function attachments(kernel: Kernel, object: number): number {
  let count = 0;
  for (const { areas } of kernel.vmm.spaces.values()) for (const { backing } of areas) if (backing.kind === "object" && backing.object === object) count++;
  return count;
}
/** A process ends: what it did with SEM_UNDO is undone. */
export function undoSemaphores(kernel: Kernel, pid: number): void {
  const { ipc } = kernel;
  const undos = ipc.undos.get(pid);
  if (!undos) return;
  ipc.undos.delete(pid);
  for (const { set: id, index, by } of undos) {
    const set = ipc.semaphores.get(id);
    if (!set) continue;
    set.values[index] = Math.min(32_767, Math.max(0, set.values[index]! + by));
    set.users[index] = pid;
    wake(kernel, semaphoreChannel(id));
  }
}
