// Message queues (msgget(2), msgsnd(2), msgrcv(2), msgctl(2)).
import type { Draft } from "immer";
import { commands, IPC_64, IPC_NOWAIT, type msqid_ds, structureCommands } from "../../abi/structs/ipc.ts";
import { can } from "../objects/credentials.ts";
import { getOrCreate, mayChange, mayUse, now, permissionsFor, queueChannel, READ, WRITE } from "../objects/ipc.ts";
import { plainCredentials } from "../objects/paths.ts";
import { taskOf } from "../objects/tasks.ts";
import { wake } from "../objects/waiting.ts";
import { type Calls, done, fail, wait } from "../service.ts";
import type { MessageQueue } from "../state/ipc.ts";
import { queueInformation } from "./ipc-information.ts";
import { permissionsOf } from "./ipc-segments.ts";

const MOST_MESSAGE = 8192;
const MOST_BYTES = 16_384;
const MSG_NOERROR = 0o10000;
const MSG_EXCEPT = 0o20000;
const MSG_COPY = 0o40000;

/** Which message is taken (msgrcv(2)): the first, the first of a type or of another, or the first of the lowest type up to one. */
function placeOf({ messages }: Draft<MessageQueue>, type: number, flags: number): number {
  if (type === 0) return messages.length > 0 ? 0 : -1;
  if (type > 0) return messages.findIndex(message => ((flags & MSG_EXCEPT) !== 0 ? message.type !== type : message.type === type));
  let best = -1;
  messages.forEach((message, i) => {
    if (message.type <= -type && (best < 0 || message.type < messages[best]!.type)) best = i;
  });
  return best;
}

export const queueCalls: Pick<Calls<"ipc">, "msgget" | "msgsnd" | "msgrcv" | "msgctl"> = {
  msgget(kernel, call) {
    const { key, msgflg: flags } = call.args;
    const task = taskOf(kernel, call.tid);
    const found = getOrCreate<MessageQueue>(
      kernel,
      task,
      kernel.ipc.queues,
      { key, flags },
      () => null,
      id => {
        kernel.ipc.queues.set(id, {
          ...permissionsFor(plainCredentials(kernel, task), key, flags),
          ...{ id, messages: [], bytes: 0, mostBytes: MOST_BYTES, lastSender: 0, lastReceiver: 0 },
          ...{ sentSeconds: 0, receivedSeconds: 0, changedSeconds: now(kernel) },
        });
        return null;
      },
    );
    return typeof found === "string" ? fail(found) : done(found, {});
  },
  msgsnd(kernel, call) {
    const { msqid, msgp, msgsz, msgflg } = call.args;
    if (msqid < 0 || msgsz < 0 || msgsz > MOST_MESSAGE || !msgp) return fail("EINVAL");
    if (msgp.type < 1) return fail("EINVAL");
    const queue = kernel.ipc.queues.get(msqid);
    if (!queue) return fail(call.due === "run" ? "EINVAL" : "EIDRM");
    if (!mayUse(plainCredentials(kernel, taskOf(kernel, call.tid)), queue, WRITE)) return fail("EACCES");
    if (queue.bytes + msgsz > queue.mostBytes || queue.messages.length + 1 > queue.mostBytes) {
      return (msgflg & IPC_NOWAIT) !== 0 ? fail("EAGAIN") : wait(call, { channels: [queueChannel(msqid)] }, "ERESTARTNOHAND");
    }
    queue.messages.push({ type: msgp.type, bytes: msgp.bytes as Uint8Array });
    queue.bytes += msgsz;
    Object.assign(queue, { lastSender: call.pid, sentSeconds: now(kernel) });
    wake(kernel, queueChannel(msqid));
    return done(0, {});
  },
  msgrcv(kernel, call) {
    const { msqid, msgsz, msgtyp, msgflg } = call.args;
    if (msqid < 0 || msgsz < 0) return fail("EINVAL");
    const isCopy = (msgflg & MSG_COPY) !== 0;
    if (isCopy && ((msgflg & MSG_EXCEPT) !== 0 || (msgflg & IPC_NOWAIT) === 0)) return fail("EINVAL");
    const queue = kernel.ipc.queues.get(msqid);
    if (!queue) return fail(call.due === "run" ? "EINVAL" : "EIDRM");
    if (!mayUse(plainCredentials(kernel, taskOf(kernel, call.tid)), queue, READ)) return fail("EACCES");
    // A copy is asked for by the message's place.
    const at = isCopy ? (queue.messages[msgtyp] ? msgtyp : -1) : placeOf(queue, msgtyp, msgflg);
    if (at < 0) return (msgflg & IPC_NOWAIT) !== 0 ? fail("ENOMSG") : wait(call, { channels: [queueChannel(msqid)] }, "ERESTARTNOHAND");
    const { type, bytes } = queue.messages[at]!;
    if (bytes.length > msgsz && (msgflg & MSG_NOERROR) === 0) return fail("E2BIG");
    // Copies are not cut (ipc/msgutil.c, copy_msg).
    if (isCopy) return bytes.length > msgsz ? fail("EINVAL") : done(bytes.length, { msgp: { type, bytes } });
    queue.messages.splice(at, 1);
    queue.bytes -= bytes.length;
    Object.assign(queue, { lastReceiver: call.pid, receivedSeconds: now(kernel) });
    wake(kernel, queueChannel(msqid));
    const given = bytes.subarray(0, msgsz);
    return done(given.length, { msgp: { type, bytes: given } });
  },
  msgctl(kernel, call) {
    const { msqid } = call.args;
    const cmd = call.args.cmd & ~IPC_64;
    const { MSG_STAT, MSG_STAT_ANY } = structureCommands;
    const isByPlace = cmd === MSG_STAT || cmd === MSG_STAT_ANY;
    if (msqid < 0) return fail("EINVAL");
    const information = queueInformation(kernel, cmd);
    if (information) return done(information.value, { buf: information.told });
    if (cmd !== commands.IPC_STAT && cmd !== commands.IPC_SET && cmd !== commands.IPC_RMID && !isByPlace) return fail("EINVAL");
    const wanted = call.args.buf as ReturnType<(typeof msqid_ds)["get"]> | null;
    if (cmd === commands.IPC_SET && !wanted) return fail("EFAULT");
    const queue = kernel.ipc.queues.get(msqid);
    if (!queue) return fail("EINVAL");
    const credentials = plainCredentials(kernel, taskOf(kernel, call.tid));
    if (cmd === commands.IPC_STAT || isByPlace) {
      if (cmd !== MSG_STAT_ANY && !mayUse(credentials, queue, READ)) return fail("EACCES");
      const told: ReturnType<(typeof msqid_ds)["get"]> = {
        msg_perm: permissionsOf(queue),
        msg_stime: queue.sentSeconds,
        msg_rtime: queue.receivedSeconds,
        msg_ctime: queue.changedSeconds,
        msg_cbytes: queue.bytes,
        msg_qnum: queue.messages.length,
        msg_qbytes: queue.mostBytes,
        msg_lspid: queue.lastSender,
        msg_lrpid: queue.lastReceiver,
        _r: [],
      };
      return done(isByPlace ? msqid : 0, { buf: told });
    }
    if (!mayChange(credentials, queue)) return fail("EPERM");
    if (cmd === commands.IPC_RMID) kernel.ipc.queues.delete(msqid);
    else {
      const { msg_qbytes: mostBytes, msg_perm } = wanted!;
      if (mostBytes > MOST_BYTES && !can(credentials, "CAP_SYS_RESOURCE")) return fail("EPERM");
      Object.assign(queue, { uid: msg_perm.uid, gid: msg_perm.gid, mode: msg_perm.mode & 0o777, mostBytes, changedSeconds: now(kernel) });
    }
    wake(kernel, queueChannel(msqid));
    return done(0, { buf: undefined });
  },
};
