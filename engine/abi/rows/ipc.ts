// System V IPC. Handled by engine/kernel/services/ipc.ts.
import { Address, Fd, flags, Int, inBytes, inOutStruct, inStruct, Long, oneOf, outBytes, outStruct, outValue, Path, Size, Uint, variant } from "../argument.ts";
import { mqNotification } from "../arguments/mq-notification.ts";
import { FullOpenFlags, OpenMode } from "../arguments/open-mode.ts";
import { semaphoreCommands } from "../constants/semaphore-commands.ts";
import { u32 } from "../field.ts";
import { row } from "../row.ts";
import {
  commands,
  inSemaphoreValues,
  inTyped,
  msginfo,
  msqid_ds,
  outSemaphoreValues,
  outTyped,
  semaphoreOperations,
  semid_ds,
  seminfo,
  shmInUse,
  shmid_ds,
  shmLimits,
  structureCommands,
} from "../structs/ipc.ts";
import { mqAttributes } from "../structs/mq-attributes.ts";
import { timespec } from "../structs/timespec.ts";

const ipc = { classes: ["ipc"] } as const;
const memory = { classes: ["memory", "ipc"] } as const;
const Creation = flags({ IPC_CREAT: 0o1000, IPC_EXCL: 0o2000, IPC_NOWAIT: 0o4000 });
const all = structureCommands;
const shmCommands = { ...commands, SHM_LOCK: 11, SHM_UNLOCK: 12, SHM_STAT: all.SHM_STAT, SHM_INFO: all.SHM_INFO, SHM_STAT_ANY: all.SHM_STAT_ANY };
const semCommands = { ...commands, ...semaphoreCommands, SEM_STAT: all.SEM_STAT, SEM_INFO: all.SEM_INFO, SEM_STAT_ANY: all.SEM_STAT_ANY };
const msgCommands = { ...commands, MSG_STAT: all.MSG_STAT, MSG_INFO: all.MSG_INFO, MSG_STAT_ANY: all.MSG_STAT_ANY };

export const ipcRows = {
  shmget: row(29, "ipc", { key: Int, size: Size, shmflg: Creation }, { ...ipc, missing: "huge pages" }),
  shmat: row(
    30,
    "ipc",
    { shmid: Int, shmaddr: Address, shmflg: flags({ SHM_RDONLY: 0o10000, SHM_RND: 0o20000, SHM_REMAP: 0o40000, SHM_EXEC: 0o100000 }) },
    { ...memory, returns: "address" },
  ),
  shmctl: row(
    31,
    "ipc",
    {
      shmid: Int,
      cmd: oneOf(shmCommands),
      buf: variantOf(
        shmid_ds,
        [all.SHM_STAT, all.SHM_STAT_ANY],
        [
          [all.IPC_INFO, shmLimits],
          [all.SHM_INFO, shmInUse],
        ],
      ),
    },
    ipc,
  ),
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
      cmd: oneOf(semCommands),
      arg: variant("cmd", {
        IPC_SET: { code: commands.IPC_SET, arg: inOutStruct(semid_ds) },
        IPC_STAT: { code: commands.IPC_STAT, arg: inOutStruct(semid_ds) },
        SEM_STAT: { code: all.SEM_STAT, arg: outValue(semid_ds) },
        SEM_STAT_ANY: { code: all.SEM_STAT_ANY, arg: outValue(semid_ds) },
        IPC_INFO: { code: all.IPC_INFO, arg: outValue(seminfo) },
        SEM_INFO: { code: all.SEM_INFO, arg: outValue(seminfo) },
        SETVAL: { code: semaphoreCommands.SETVAL, arg: Int },
        GETALL: { code: semaphoreCommands.GETALL, arg: outSemaphoreValues },
        SETALL: { code: semaphoreCommands.SETALL, arg: inSemaphoreValues },
      }),
    },
    ipc,
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
    ipc,
  ),
  msgctl: row(
    71,
    "ipc",
    {
      msqid: Int,
      cmd: oneOf(msgCommands),
      buf: variantOf(
        msqid_ds,
        [all.MSG_STAT, all.MSG_STAT_ANY],
        [
          [all.IPC_INFO, msginfo],
          [all.MSG_INFO, msginfo],
        ],
      ),
    },
    ipc,
  ),
};
type Described = Parameters<typeof inOutStruct<any>>[0];
/** What the pointer of a command leads to. */
function variantOf(field: Described, stats: readonly number[], informations: readonly (readonly [number, Described])[]) {
  const told = (code: number, one: Described) => ({ code, arg: outValue(one) });
  return variant("cmd", {
    IPC_SET: { code: commands.IPC_SET, arg: inOutStruct(field) },
    IPC_STAT: { code: commands.IPC_STAT, arg: inOutStruct(field) },
    ...Object.fromEntries(stats.map(code => [`STAT ${code}`, told(code, field)])),
    ...Object.fromEntries(informations.map(([code, one]) => [`INFO ${code}`, told(code, one)])),
  });
}
