// Timers read from a descriptor (timerfd_create(2)): how often they have expired since the last read.
import { O_NONBLOCK } from "../../abi/constants/open-flags.ts";
import { POLLIN } from "../../abi/constants/poll-events.ts";
import type { FileKind } from "../objects/file-kinds.ts";
import { continueDescriptorTimer, destroyTimer, kernelTimerOf, timerChannel } from "../objects/kernel-timers.ts";

const WORD = 8;
export const timerfd: FileKind = {
  isSeekable: false,
  read(kernel, { open, count }) {
    if (count < WORD) return { kind: "fail", errno: "EINVAL" };
    const timer = kernelTimerOf(kernel, open.object);
    if (timer.count === 0) return open.flags & O_NONBLOCK ? { kind: "fail", errno: "EAGAIN" } : { kind: "block", channels: [timerChannel(open.object)] };
    continueDescriptorTimer(kernel, timer);
    const value = new Uint8Array(WORD);
    new DataView(value.buffer).setBigUint64(0, BigInt(timer.count), true);
    timer.count = 0;
    return { kind: "done", value };
  },
  write: () => ({ kind: "fail", errno: "EINVAL" }),
  poll: (kernel, { object }) => ({ mask: kernelTimerOf(kernel, object).count > 0 ? POLLIN : 0, channels: [timerChannel(object)] }),
  close: (kernel, { object }) => destroyTimer(kernel, object),
};
