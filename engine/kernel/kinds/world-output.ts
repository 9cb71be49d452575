// Standard output and error where the host gave pipes: the world reads at once, so that writing never waits, until it says that it reads no more. `object` is 1 or 2.
import { POLLERR, WRITABLE } from "../../abi/constants/poll-events.ts";
import { signals } from "../../abi/constants/signals.ts";
import type { Kernel } from "../kernel.ts";
import type { FileKind } from "../objects/file-kinds.ts";
import { kernelSignal, postToTask } from "../objects/signals.ts";

/** From now on it is a pipe without readers (pipe(7)). */
export function closeOutput(kernel: Kernel, to: "stdout" | "stderr"): void {
  kernel.vfs.closedOutputs.push(to === "stdout" ? 1 : 2);
}

export const worldOutput: FileKind = {
  isSeekable: false,
  read: () => ({ kind: "fail", errno: "EBADF" }),
  write(kernel, { task, open, bytes }) {
    if (bytes.length > 0 && kernel.vfs.closedOutputs.includes(open.object)) {
      postToTask(kernel, task.tid, kernelSignal(signals.SIGPIPE));
      return { kind: "fail", errno: "EPIPE" };
    }
    if (bytes.length > 0) kernel.effect({ kind: "output", to: open.object === 1 ? "stdout" : "stderr", bytes });
    return { kind: "done", value: bytes.length };
  },
  poll: (kernel, open) => (kernel.vfs.closedOutputs.includes(open.object) ? BROKEN : READY),
};
const READY = { mask: WRITABLE, channels: [] };
const BROKEN = { mask: WRITABLE | POLLERR, channels: [] };
