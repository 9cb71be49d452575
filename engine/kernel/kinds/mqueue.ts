// POSIX message queues as files: they can be polled, and read to be told of (mq_overview(7)). Messages go by calls of their own: services/ipc-mqueue.ts.
import { READABLE, WRITABLE } from "../../abi/constants/poll-events.ts";
import { notifications } from "../../abi/structs/sigevent.ts";
import type { Kernel } from "../kernel.ts";
import { bytesOf } from "../objects/binary-string.ts";
import type { FileKind } from "../objects/file-kinds.ts";
import { isRegistered, unregister } from "../objects/mqueue-notices.ts";
import { closeMqueue, mqueueOf, receiveChannel, sendChannel } from "../objects/mqueues.ts";

const { SIGEV_SIGNAL, SIGEV_NONE, SIGEV_THREAD } = notifications;
const filesOf = (kernel: Kernel, pid: number): readonly number[] =>
  kernel.procTable.processes.get(pid)!.tasks.map(tid => kernel.procTable.tasks.get(tid)?.files ?? 0);

export const mqueue: FileKind = {
  isSeekable: true,
  read(kernel, { open, count, offset }) {
    const { bytes, notification } = mqueueOf(kernel, open.object);
    const how = !notification ? 0 : notification.socketFile !== undefined ? SIGEV_THREAD : notification.signal === 0 ? SIGEV_NONE : SIGEV_SIGNAL;
    const [signal, pid] = [how === SIGEV_SIGNAL ? (notification?.signal ?? 0) : 0, notification?.pid ?? 0];
    const size = String(bytes).padEnd(10);
    const text = bytesOf(`QSIZE:${size} NOTIFY:${String(how).padEnd(5)} SIGNO:${String(signal).padEnd(5)} NOTIFY_PID:${String(pid).padEnd(6)}\n`);
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
  // Whoever closes a descriptor of the queue is not told any more, whichever descriptor it is (mq_close(3)).
  flush(kernel, { object }, table) {
    const queue = mqueueOf(kernel, object);
    const { notification } = queue;
    if (notification && isRegistered(kernel, notification) && filesOf(kernel, notification.pid).includes(table)) unregister(kernel, queue);
  },
  close: (kernel, { object }) => closeMqueue(kernel, object),
};
