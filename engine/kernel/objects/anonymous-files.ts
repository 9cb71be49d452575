// Open files that lie in no directory and have no inode of their own: epoll instances, event counters, timers, signal and process descriptors (Linux's anon_inode).
import type { Draft } from "immer";
import { O_CLOEXEC } from "../../abi/constants/open-flags.ts";
import type { Kernel } from "../kernel.ts";
import type { PlainOutcome } from "../service.ts";
import type { Task } from "../state/proc-table.ts";
import { anonymousKinds, type FileKindName } from "../state/vfs.ts";
import { createOpenFile, freeDescriptor, hasRoomForOpenFile, install } from "./open-files.ts";

/** A new descriptor of a new open file; `make` answers its object, once it is certain that there is room. */
export function openAnonymous(kernel: Kernel, task: Draft<Task>, kind: FileKindName, flags: number, make: () => number): PlainOutcome {
  if (!hasRoomForOpenFile(kernel)) return { kind: "fail", errno: "ENFILE" };
  if (freeDescriptor(kernel, task) === null) return { kind: "fail", errno: "EMFILE" };
  const openFile = createOpenFile(kernel, { kind, flags: flags & ~O_CLOEXEC, inode: 0, object: make(), path: anonymousKinds[kind]! });
  return { kind: "done", value: install(kernel, task, openFile, 0, (flags & O_CLOEXEC) !== 0)!, outs: {} };
}
