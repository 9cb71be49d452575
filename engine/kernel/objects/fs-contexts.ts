// Root, working directory and umask of tasks: shared with CLONE_FS, else copied. What lies at these places is the file system's.
import type { Kernel } from "../kernel.ts";

export function shareContext(kernel: Kernel, id: number): number {
  kernel.vfs.contexts.get(id)!.users++;
  return id;
}
export function copyContext(kernel: Kernel, id: number): number {
  const { root, workingDirectory, umask } = kernel.vfs.contexts.get(id)!;
  const copy = kernel.vfs.nextId++;
  kernel.vfs.contexts.set(copy, { users: 1, root: { ...root }, workingDirectory: { ...workingDirectory }, umask });
  return copy;
}
export function releaseContext(kernel: Kernel, id: number): void {
  const context = kernel.vfs.contexts.get(id);
  if (context && --context.users === 0) kernel.vfs.contexts.delete(id);
}
