// POSIX message queues (mq_open(3), mq_send(3), mq_receive(3), mq_getattr(3)): messages by priority, then in order.
import type { Draft } from "immer";
import { O_ACCMODE, O_CLOEXEC, O_CREAT, O_EXCL, O_NONBLOCK, O_RDONLY, O_WRONLY } from "../../abi/constants/open-flags.ts";
import { LAST_SIGNAL } from "../../abi/constants/signals.ts";
import { families } from "../../abi/constants/sockets.ts";
import type { Errno } from "../../abi/errno.ts";
import { notifications } from "../../abi/structs/sigevent.ts";
import { isValid, type Timespec } from "../../abi/structs/timespec.ts";
import type { Kernel } from "../kernel.ts";
import { binary } from "../objects/binary-string.ts";
import { deadlineAtRealtime } from "../objects/clock.ts";
import { can } from "../objects/credentials.ts";
import { contextOf } from "../objects/fs-contexts.ts";
import { mayUse, permissionsFor, READ, WRITE } from "../objects/ipc.ts";
import { isRegistered, notifyArrival, unregister } from "../objects/mqueue-notices.ts";
import { dropUnused, mqueueNamed, mqueueOf, receiveChannel, sendChannel } from "../objects/mqueues.ts";
import { addReference, createOpenFile, freeDescriptor, hasRoomForOpenFile, install, openFileOf } from "../objects/open-files.ts";
import { plainCredentials } from "../objects/paths.ts";
import { processOf, taskOf } from "../objects/tasks.ts";
import { wake } from "../objects/waiting.ts";
import { type Call, type Calls, done, fail, OK, type Outcome, wait } from "../service.ts";
import type { Mqueue } from "../state/ipc.ts";
import type { OpenFile } from "../state/vfs.ts";

const { SIGEV_SIGNAL, SIGEV_NONE, SIGEV_THREAD } = notifications;
const DEFAULT_MESSAGES = 10;
const DEFAULT_SIZE = 8192;
/** With and without CAP_SYS_RESOURCE (mq_overview(7), /proc/sys/fs/mqueue). */
const HARD = { messages: 65_536, size: 16_777_216 };
const SOFT = { messages: 10, size: 8192 };
const MOST_PRIORITY = 32_768;
const MOST_NAME = 255;

interface Found {
  readonly open: Draft<OpenFile>;
  readonly queue: Draft<Mqueue>;
}
function find(kernel: Kernel, call: Call<{ mqdes: number }>, refused: number | null): Found | null {
  const open = openFileOf(kernel, taskOf(kernel, call.tid), call.args.mqdes);
  if (open?.kind !== "mqueue" || (open.flags & O_ACCMODE) === refused) return null;
  return { open, queue: mqueueOf(kernel, open.object) };
}
function patience(kernel: Kernel, call: Call<unknown>, open: Draft<OpenFile>, until: Timespec | null, channel: string): Outcome<never> {
  if ((open.flags & O_NONBLOCK) !== 0) return fail("EAGAIN");
  const deadlineNanos = until ? deadlineAtRealtime(kernel, until) : null;
  if (call.due === "timeout" || (deadlineNanos !== null && deadlineNanos <= kernel.nowNanos)) return fail("ETIMEDOUT");
  return wait(call, { channels: [channel], ...(deadlineNanos === null ? {} : { deadlineNanos }) });
}
function create(
  kernel: Kernel,
  call: Call<unknown>,
  name: string,
  mode: number,
  asked: { mq_maxmsg: number; mq_msgsize: number } | null,
): Draft<Mqueue> | Errno {
  const task = taskOf(kernel, call.tid);
  const credentials = plainCredentials(kernel, task);
  const most = can(credentials, "CAP_SYS_RESOURCE") ? HARD : SOFT;
  const [messages, size] = asked ? [asked.mq_maxmsg, asked.mq_msgsize] : [DEFAULT_MESSAGES, DEFAULT_SIZE];
  if (messages <= 0 || size <= 0 || messages > most.messages || size > most.size) return "EINVAL";
  const id = kernel.ipc.nextId++;
  const permitted = permissionsFor(credentials, 0, mode & ~contextOf(kernel, task).umask);
  kernel.ipc.mqueues.set(id, { ...permitted, id, name, messages: [], bytes: 0, mostMessages: messages, mostSize: size, opens: 0, isUnlinked: false });
  return mqueueOf(kernel, id);
}

type Names = "mq_open" | "mq_unlink" | "mq_timedsend" | "mq_timedreceive" | "mq_getsetattr" | "mq_notify";
export const mqueueCalls: Pick<Calls<"ipc">, Names> = {
  mq_open(kernel, call) {
    const { flags, mode, attr } = call.args;
    const task = taskOf(kernel, call.tid);
    const name = call.args.name && binary(call.args.name);
    if (name === null || name.length > MOST_NAME) return fail("ENAMETOOLONG");
    if (name === "") return fail("ENOENT");
    if (name.includes("/")) return fail("EACCES");
    if (!hasRoomForOpenFile(kernel)) return fail("ENFILE");
    if (freeDescriptor(kernel, task) === null) return fail("EMFILE");
    const there = mqueueNamed(kernel, name);
    if (there && (flags & O_CREAT) !== 0 && (flags & O_EXCL) !== 0) return fail("EEXIST");
    if (!there && (flags & O_CREAT) === 0) return fail("ENOENT");
    const access = flags & O_ACCMODE;
    if (access === O_ACCMODE) return fail("EINVAL");
    const wanted = (access !== O_WRONLY ? READ : 0) | (access !== O_RDONLY ? WRITE : 0);
    if (there && !mayUse(plainCredentials(kernel, task), there, wanted)) return fail("EACCES");
    const queue = there ?? create(kernel, call, name, mode, attr);
    if (typeof queue === "string") return fail(queue);
    queue.opens++;
    const openFile = createOpenFile(kernel, { kind: "mqueue", flags: flags & (O_ACCMODE | O_NONBLOCK), inode: 0, object: queue.id, path: `/${name}` });
    return done(install(kernel, task, openFile, 0, (flags & O_CLOEXEC) !== 0)!, {});
  },
  mq_unlink(kernel, call) {
    const name = call.args.name && binary(call.args.name);
    if (name === null) return fail("ENAMETOOLONG");
    const queue = mqueueNamed(kernel, name);
    if (!queue) return fail("ENOENT");
    const credentials = plainCredentials(kernel, taskOf(kernel, call.tid));
    if (credentials.fsuid !== queue.uid && !can(credentials, "CAP_FOWNER")) return fail("EACCES");
    queue.isUnlinked = true;
    dropUnused(kernel, queue);
    return OK;
  },
  mq_timedsend(kernel, call) {
    const { msg_ptr: bytes, msg_len, msg_prio: priority, abs_timeout } = call.args;
    if (priority >= MOST_PRIORITY) return fail("EINVAL");
    if (abs_timeout && !isValid(abs_timeout)) return fail("EINVAL");
    const found = find(kernel, call, O_RDONLY);
    if (!found) return fail("EBADF");
    const { queue, open } = found;
    if (msg_len > queue.mostSize) return fail("EMSGSIZE");
    if (queue.messages.length >= queue.mostMessages) return patience(kernel, call, open, abs_timeout, sendChannel(queue.id));
    const behind = queue.messages.findIndex(message => message.type < priority);
    queue.messages.splice(behind < 0 ? queue.messages.length : behind, 0, { type: priority, bytes: bytes as Uint8Array });
    queue.bytes += bytes.length;
    notifyArrival(kernel, queue, call.pid);
    wake(kernel, receiveChannel(queue.id));
    return OK;
  },
  mq_timedreceive(kernel, call) {
    const { msg_len, abs_timeout } = call.args;
    if (abs_timeout && !isValid(abs_timeout)) return fail("EINVAL");
    const found = find(kernel, call, O_WRONLY);
    if (!found) return fail("EBADF");
    const { queue, open } = found;
    if (msg_len < queue.mostSize) return fail("EMSGSIZE");
    const message = queue.messages.shift();
    if (!message) return patience(kernel, call, open, abs_timeout, receiveChannel(queue.id));
    queue.bytes -= message.bytes.length;
    wake(kernel, sendChannel(queue.id));
    return done(message.bytes.length, { msg_ptr: message.bytes, msg_prio: message.type });
  },
  // The order is that of do_mq_notify in ipc/mqueue.c.
  mq_notify(kernel, call) {
    const { notification: wanted } = call.args;
    const task = taskOf(kernel, call.tid);
    const how = wanted?.event.sigev_notify;
    if (how !== undefined && how !== SIGEV_SIGNAL && how !== SIGEV_NONE && how !== SIGEV_THREAD) return fail("EINVAL");
    const signal = wanted?.event.sigev_signo ?? 0;
    if (how === SIGEV_SIGNAL && (signal < 0 || signal > LAST_SIGNAL)) return fail("EINVAL");
    if (wanted?.isCookieLost) return fail("EFAULT");
    const told = how === SIGEV_THREAD ? openFileOf(kernel, task, signal) : undefined;
    if (told === null) return fail("EBADF");
    if (told && told.kind !== "socket") return fail("ENOTSOCK");
    if (told && kernel.net.sockets.get(told.object)?.family !== families.AF_NETLINK) return fail("EINVAL");
    const found = find(kernel, call, null);
    if (!found) return fail("EBADF");
    const { queue } = found;
    if (queue.notification && !isRegistered(kernel, queue.notification)) unregister(kernel, queue);
    if (!wanted) {
      if (queue.notification?.pid === call.pid) unregister(kernel, queue);
      return OK;
    }
    if (queue.notification) return fail("EBUSY");
    const { startNanos } = processOf(kernel, call.pid);
    const plain = { pid: call.pid, startNanos, signal: how === SIGEV_SIGNAL ? signal : 0, value: wanted.event.sigev_value };
    if (told) addReference(kernel, told.id);
    queue.notification = told ? { ...plain, socketFile: told.id, cookie: wanted.cookie as Uint8Array } : plain;
    return OK;
  },
  mq_getsetattr(kernel, call) {
    const { newattr } = call.args;
    if (newattr && (newattr.mq_flags & ~O_NONBLOCK) !== 0) return fail("EINVAL");
    const found = find(kernel, call, null);
    if (!found) return fail("EBADF");
    const { queue, open } = found;
    const oldattr = {
      mq_flags: open.flags & O_NONBLOCK,
      mq_maxmsg: queue.mostMessages,
      mq_msgsize: queue.mostSize,
      mq_curmsgs: queue.messages.length,
      _reserved: [],
    };
    if (newattr) open.flags = (open.flags & ~O_NONBLOCK) | newattr.mq_flags;
    return done(0, { oldattr });
  },
};
