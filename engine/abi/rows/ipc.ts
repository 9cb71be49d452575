// System V IPC. Handled by engine/kernel/services/ipc.ts.
import { Address, Fd, flags, Int, inBytes, inOutStruct, inStruct, Long, oneOf, outBytes, outStruct, Path, Size, Uint, variant } from "../argument.ts";
import { mqNotification } from "../arguments/mq-notification.ts";
import { FullOpenFlags, OpenMode } from "../arguments/open-mode.ts";
import { u32 } from "../field.ts";
import { row } from "../row.ts";
import { commands, inTyped, msqid_ds, outTyped, semaphoreOperations, semaphoreValues, semid_ds, shmid_ds } from "../structs/ipc.ts";
import { mqAttributes } from "../structs/mq-attributes.ts";
import { timespec } from "../structs/timespec.ts";

const ipc = { classes: ["ipc"] } as const;
const memory = { classes: ["memory", "ipc"] } as const;
const Creation = flags({ IPC_CREAT: 0o1000, IPC_EXCL: 0o2000, IPC_NOWAIT: 0o4000 });
export const semaphoreCommands = { GETPID: 11, GETVAL: 12, GETALL: 13, GETNCNT: 14, GETZCNT: 15, SETVAL: 16, SETALL: 17 } as const;
const information = "IPC_INFO and the like";

export const ipcRows = {
  shmget: row(29, "ipc", { key: Int, size: Size, shmflg: Creation }, { ...ipc, missing: "huge pages" }),
  shmat: row(
    30,
    "ipc",
    { shmid: Int, shmaddr: Address, shmflg: flags({ SHM_RDONLY: 0o10000, SHM_RND: 0o20000, SHM_REMAP: 0o40000, SHM_EXEC: 0o100000 }) },
    { ...memory, returns: "address" },
  ),
  shmctl: row(31, "ipc", { shmid: Int, cmd: oneOf({ ...commands, SHM_LOCK: 11, SHM_UNLOCK: 12 }), buf: variantOf(shmid_ds) }, { ...ipc, missing: information }),
  shmdt: row(67, "ipc", { shmaddr: Address }, memory),
  semget: row(64, "ipc", { key: Int, nsems: Int, semflg: Creation }, ipc),
  semop: row(65, "ipc", { semid: Int, sops: semaphoreOperations, nsops: Size }, ipc),
  semtimedop: row(220, "ipc", { semid: Int, sops: semaphoreOperations, nsops: Size, timeout: inStruct(timespec) }, ipc),
  semctl: row(
    66,
    "ipc",
    {
      semid: Int,
      semnum: Int,
      cmd: oneOf({ ...commands, ...semaphoreCommands }),
      arg: variant("cmd", {
        IPC_SET: { code: commands.IPC_SET, arg: inOutStruct(semid_ds) },
        IPC_STAT: { code: commands.IPC_STAT, arg: inOutStruct(semid_ds) },
        SETVAL: { code: semaphoreCommands.SETVAL, arg: Int },
        GETALL: { code: semaphoreCommands.GETALL, arg: semaphoreValues },
        SETALL: { code: semaphoreCommands.SETALL, arg: semaphoreValues },
      }),
    },
    { ...ipc, missing: information },
  ),
  mq_open: row(
    240,
    "ipc",
    { name: Path, flags: FullOpenFlags, mode: OpenMode, attr: inStruct(mqAttributes) },
    { classes: ["desc"], returns: "fd", missing: "the file system in which queues can be seen" },
  ),
  mq_unlink: row(241, "ipc", { name: Path }),
  mq_timedsend: row(
    242,
    "ipc",
    { mqdes: Fd, msg_ptr: inBytes("msg_len"), msg_len: Size, msg_prio: Uint, abs_timeout: inStruct(timespec) },
    { classes: ["desc"] },
  ),
  mq_timedreceive: row(
    243,
    "ipc",
    { mqdes: Fd, msg_ptr: outBytes("msg_len"), msg_len: Size, msg_prio: outStruct(u32), abs_timeout: inStruct(timespec) },
    { classes: ["desc"] },
  ),
  mq_notify: row(244, "ipc", { mqdes: Fd, notification: mqNotification }, { classes: ["desc"] }),
  mq_getsetattr: row(245, "ipc", { mqdes: Fd, newattr: inStruct(mqAttributes), oldattr: outStruct(mqAttributes) }, { classes: ["desc"] }),
  msgget: row(68, "ipc", { key: Int, msgflg: Creation }, ipc),
  msgsnd: row(69, "ipc", { msqid: Int, msgp: inTyped, msgsz: Long, msgflg: Creation }, ipc),
  msgrcv: row(
    70,
    "ipc",
    {
      msqid: Int,
      msgp: outTyped,
      msgsz: Long,
      msgtyp: Long,
      msgflg: flags({ MSG_NOERROR: 0o10000, MSG_EXCEPT: 0o20000, MSG_COPY: 0o40000, IPC_NOWAIT: 0o4000 }),
    },
    { ...ipc, missing: "MSG_COPY" },
  ),
  msgctl: row(71, "ipc", { msqid: Int, cmd: oneOf(commands), buf: variantOf(msqid_ds) }, { ...ipc, missing: information }),
};
function variantOf<T>(field: Parameters<typeof inOutStruct<T>>[0]) {
  return variant("cmd", {
    IPC_SET: { code: commands.IPC_SET, arg: inOutStruct(field) },
    IPC_STAT: { code: commands.IPC_STAT, arg: inOutStruct(field) },
  });
}
