// Who may change an inode's owner, mode and times, and what changing content or owner does to its set-id bits (inode(7), chmod(2), chown(2)).
import type { Draft } from "immer";
import { S_ISGID, S_ISUID } from "../../abi/constants/file-mode.ts";
import type { Kernel } from "../kernel.ts";
import type { Credentials, Task } from "../state/proc-table.ts";
import type { Inode } from "../state/vfs.ts";
import { can } from "./credentials.ts";
import { processOf } from "./tasks.ts";

export const isOwner = (credentials: Credentials, inode: Pick<Inode, "uid">): boolean => credentials.fsuid === inode.uid || can(credentials, "CAP_FOWNER");

/** A set-group-ID bit without group execution meant mandatory locking, and stays. */
export const withoutSetIds = (mode: number): number => mode & ~S_ISUID & ((mode & 0o010) !== 0 ? ~S_ISGID : -1);
/** Writing to a program takes its privileges (unless the writer could give them back). */
export function dropSetIds(kernel: Kernel, task: Draft<Task>, inode: Draft<Inode>): void {
  if (!can(processOf(kernel, task.pid).credentials, "CAP_FSETID")) inode.mode = withoutSetIds(inode.mode);
}
/** A sticky directory lets only the owner of an entry, or its own, remove it. */
export const isStickyRefusal = (credentials: Credentials, directory: Pick<Inode, "mode" | "uid">, inode: Pick<Inode, "uid">): boolean =>
  (directory.mode & 0o1000) !== 0 && credentials.fsuid !== inode.uid && credentials.fsuid !== directory.uid && !can(credentials, "CAP_FOWNER");
