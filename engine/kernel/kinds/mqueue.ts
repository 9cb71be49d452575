// POSIX message queues as files: they can be polled, and read to be told of (mq_overview(7)). Messages go by calls of their own: services/ipc-mqueue.ts.
import { READABLE, WRITABLE } from "../../abi/constants/poll-events.ts";
import { bytesOf } from "../objects/binary-string.ts";
import type { FileKind } from "../objects/file-kinds.ts";
import { closeMqueue, mqueueOf, receiveChannel, sendChannel } from "../objects/mqueues.ts";

export const mqueue: FileKind = {
  isSeekable: true,
  read(kernel, { open, count, offset }) {
    const { bytes } = mqueueOf(kernel, open.object);
    const text = bytesOf(`QSIZE:${String(bytes).padEnd(10)} NOTIFY:0     SIGNO:0     NOTIFY_PID:0     \n`);
    const start = offset ?? open.offset;
    const value = text.slice(start, start + count);
    if (offset === null) open.offset = start + value.length;
    return { kind: "done", value };
  },
  write: () => ({ kind: "fail", errno: "EINVAL" }),
  poll(kernel, { object }) {
    const { messages, mostMessages } = mqueueOf(kernel, object);
    const mask = (messages.length > 0 ? READABLE : 0) | (messages.length < mostMessages ? WRITABLE : 0);
    return { mask, channels: [receiveChannel(object), sendChannel(object)] };
  },
  close: (kernel, { object }) => closeMqueue(kernel, object),
};
