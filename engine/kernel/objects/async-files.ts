// Which open files tell their owners that they may have become ready (open(2), O_ASYNC). How they tell is input-signals.ts, which knows no kinds of file.
import type { Draft } from "immer";
import { O_ASYNC } from "../../abi/constants/open-flags.ts";
import type { Kernel } from "../kernel.ts";
import type { Task } from "../state/proc-table.ts";
import type { FileKindName, OpenFile } from "../state/vfs.ts";
import { fileKinds } from "./file-kinds.ts";
import { forgetAsync } from "./input-signals.ts";

/** Kinds that tell (those with `fasync` in Linux). */
const TELLING: ReadonlySet<FileKindName> = new Set(["pipe", "socket", "terminal", "inotify", "world-input"]);
export const tellsOfInput = ({ kind }: Pick<OpenFile, "kind">): boolean => TELLING.has(kind);
/** Sockets tell of what comes only: of room they would after a lack of it, which is not known here. */
function channelsOf(kernel: Kernel, task: Draft<Task>, open: Draft<OpenFile>): readonly string[] {
  const all = new Set(fileKinds[open.kind].poll(kernel, open, task).channels);
  return [...all].filter(channel => open.kind !== "socket" || !channel.endsWith(":write"));
}
/** From now on, or not any more; `fd` is told by the signal. */
export function setAsync(kernel: Kernel, task: Draft<Task>, open: Draft<OpenFile>, fd: number, isOn: boolean): void {
  forgetAsync(kernel, open);
  open.flags = isOn ? open.flags | O_ASYNC : open.flags & ~O_ASYNC;
  if (!isOn || !tellsOfInput(open)) return;
  open.telling = { fd, channels: [...channelsOf(kernel, task, open)] };
  kernel.poll.asyncs ??= new Map();
  for (const channel of open.telling.channels) kernel.poll.asyncs.set(channel, [...(kernel.poll.asyncs.get(channel) ?? []), open.id]);
}
