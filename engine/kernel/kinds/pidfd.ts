// Processes by descriptor (pidfd_open(2)): readable once the process has ended.
import { READABLE } from "../../abi/constants/poll-events.ts";
import type { FileKind } from "../objects/file-kinds.ts";
import { processOfDescriptor } from "../objects/pidfds.ts";
import { endChannel } from "../objects/process-channels.ts";

export const pidfd: FileKind = {
  isSeekable: false,
  read: () => ({ kind: "fail", errno: "EINVAL" }),
  write: () => ({ kind: "fail", errno: "EINVAL" }),
  poll(kernel, { object }) {
    const process = processOfDescriptor(kernel, object);
    return { mask: process && process.exitStatus === null ? 0 : READABLE, channels: [endChannel(kernel.poll.processes.get(object)!.pid)] };
  },
  close: (kernel, { object }) => void kernel.poll.processes.delete(object),
};
