// What CLONE_FS shares: root, working directory, umask. They keep their directories alive.
import type { Draft } from "immer";
import type { Kernel } from "../kernel.ts";
import type { Task } from "../state/proc-table.ts";
import type { FsContext, Location } from "../state/vfs.ts";
import { hold, release } from "./inodes.ts";

export function contextOf(kernel: Kernel, task: Pick<Draft<Task>, "fsContext">): Draft<FsContext> {
  const context = kernel.vfs.contexts.get(task.fsContext);
  if (!context) throw new Error(`File system context ${task.fsContext} is referred to but does not exist.`);
  return context;
}
const holdPlace = (kernel: Kernel, place: Location): void => {
  if ("inode" in place) hold(kernel, place.inode);
};
const releasePlace = (kernel: Kernel, place: Location): void => {
  if ("inode" in place) release(kernel, place.inode);
};

export function createContext(kernel: Kernel, root: Location, workingDirectory: Location, umask = 0o022): number {
  const { vfs } = kernel;
  const id = vfs.nextId++;
  holdPlace(kernel, root);
  holdPlace(kernel, workingDirectory);
  vfs.contexts.set(id, { users: 1, root: { ...root }, workingDirectory: { ...workingDirectory }, umask });
  return id;
}
/** fork. */
export function copyContext(kernel: Kernel, id: number): number {
  const { root, workingDirectory, umask } = kernel.vfs.contexts.get(id)!;
  return createContext(kernel, root, workingDirectory, umask);
}
/** CLONE_FS: one more task uses it. */
export function shareContext(kernel: Kernel, id: number): number {
  kernel.vfs.contexts.get(id)!.users++;
  return id;
}
export function releaseContext(kernel: Kernel, id: number): void {
  const context = kernel.vfs.contexts.get(id);
  if (!context || --context.users > 0) return;
  releasePlace(kernel, context.root);
  releasePlace(kernel, context.workingDirectory);
  kernel.vfs.contexts.delete(id);
}
export function setDirectory(kernel: Kernel, context: Draft<FsContext>, which: "root" | "workingDirectory", place: Location): void {
  holdPlace(kernel, place);
  const old = { ...context[which] };
  context[which] = { ...place };
  releasePlace(kernel, old);
}
