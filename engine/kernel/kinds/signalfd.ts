// Signals read from a descriptor (signalfd(2)): the reader's own and its process's, which it has blocked.
import { O_NONBLOCK } from "../../abi/constants/open-flags.ts";
import { POLLIN } from "../../abi/constants/poll-events.ts";
import { encodeField } from "../../abi/field.ts";
import { signalfdInfo, signalfdInfoOf } from "../../abi/structs/signalfd-info.ts";
import type { FileKind } from "../objects/file-kinds.ts";
import { peek, refreshAttention, take } from "../objects/pending.ts";
import { signalChannel } from "../objects/signals.ts";

export const signalfd: FileKind = {
  isSeekable: false,
  read(kernel, { task, open, count }) {
    const most = Math.floor(count / signalfdInfo.size);
    if (most === 0) return { kind: "fail", errno: "EINVAL" };
    const mask = kernel.poll.signalMasks.get(open.object)!;
    const found: Uint8Array[] = [];
    while (found.length < most) {
      const info = take(kernel, task, mask);
      if (!info) break;
      found.push(encodeField(signalfdInfo, signalfdInfoOf(info)) as Uint8Array);
    }
    if (found.length === 0) return open.flags & O_NONBLOCK ? { kind: "fail", errno: "EAGAIN" } : { kind: "block", channels: [signalChannel(task.pid)] };
    refreshAttention(kernel, task);
    const value = new Uint8Array(found.length * signalfdInfo.size);
    found.forEach((bytes, i) => {
      value.set(bytes, i * signalfdInfo.size);
    });
    return { kind: "done", value };
  },
  write: () => ({ kind: "fail", errno: "EINVAL" }),
  poll: (kernel, open, task) => ({
    mask: peek(kernel, task, kernel.poll.signalMasks.get(open.object)!) ? POLLIN : 0,
    channels: [signalChannel(task.pid)],
  }),
  close: (kernel, { object }) => void kernel.poll.signalMasks.delete(object),
};
