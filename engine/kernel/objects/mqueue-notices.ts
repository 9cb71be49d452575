// Who is told of a message that comes into an empty POSIX queue (mq_notify(3)).
import type { Draft } from "immer";
import { originCodes } from "../../abi/constants/signals.ts";
import type { Kernel } from "../kernel.ts";
import type { Mqueue, MqueueNotification } from "../state/ipc.ts";
import { receiveChannel } from "./mqueues.ts";
import { discardReference } from "./open-files.ts";
import { kernelSignal, postToProcess } from "./signals.ts";
import { tellSocket } from "./socket-transfer.ts";
import { processOf } from "./tasks.ts";

const { SI_MESGQ } = originCodes;
/** ipc/mqueue.c: the last byte of what a netlink socket is told. */
const WOKEN_UP = 1;
const REMOVED = 2;
/** The process that is registered, where it is still the same. */
export const isRegistered = (kernel: Kernel, { pid, startNanos }: Draft<MqueueNotification>): boolean =>
  kernel.procTable.processes.get(pid)?.startNanos === startNanos;
/** Nobody is told any more. */
export function unregister(kernel: Kernel, queue: Draft<Mqueue>, outcome = REMOVED): void {
  const { notification } = queue;
  if (!notification) return;
  delete queue.notification;
  const { socketFile, cookie } = notification;
  if (socketFile === undefined || !cookie) return;
  const told = (cookie as Uint8Array).slice();
  told[told.length - 1] = outcome;
  tellSocket(kernel, kernel.vfs.openFiles[socketFile]!.object, told);
  discardReference(kernel, socketFile);
}
const MQ_TIMEDRECEIVE = 243;
/** Receivers that a message has woken, and that have not taken it yet: on Linux it would not be in the queue any more. */
const wokenReceivers = (kernel: Kernel, id: number): number =>
  [...kernel.procTable.tasks.values()].filter(
    ({ waiting, due }) => waiting?.number === MQ_TIMEDRECEIVE && due === "resume" && waiting.channels.includes(receiveChannel(id)),
  ).length;
const hasReceiver = (kernel: Kernel, id: number): boolean =>
  (kernel.procTable.waiters.get(receiveChannel(id)) ?? []).some(tid => kernel.procTable.tasks.get(tid)?.waiting?.number === MQ_TIMEDRECEIVE);
/** A message has just been put into the queue; nobody has been woken for it yet. */
export function notifyArrival(kernel: Kernel, queue: Draft<Mqueue>, sender: number): void {
  const { notification } = queue;
  if (!notification || queue.messages.length - wokenReceivers(kernel, queue.id) !== 1 || hasReceiver(kernel, queue.id)) return;
  if (notification.signal !== 0 && isRegistered(kernel, notification)) {
    const { credentials } = processOf(kernel, sender);
    postToProcess(kernel, notification.pid, { ...kernelSignal(notification.signal, SI_MESGQ), pid: sender, uid: credentials.ruid, value: notification.value });
  }
  unregister(kernel, queue, WOKEN_UP);
}
