// Structures of System V IPC on x86-64 (shmctl(2), semctl(2), msgctl(2)), and what semctl's and msgsnd's arguments point to.
import { Address, type Arg } from "../argument.ts";
import { array, bits64, i32, i64, struct, u16, u32, u64 } from "../field.ts";
import { type Bytes, int32, int64, uint64 } from "../memory-view.ts";

export const IPC_CREAT = 0o1000;
export const IPC_EXCL = 0o2000;
export const IPC_NOWAIT = 0o4000;
export const IPC_PRIVATE = 0;
export const commands = { IPC_RMID: 0, IPC_SET: 1, IPC_STAT: 2, IPC_INFO: 3 } as const;
/** Old programs' wish for the newer structures, which is all there is. */
export const IPC_64 = 0x100;
export const permissions = struct({ key: i32, uid: u32, gid: u32, cuid: u32, cgid: u32, mode: u32, seq: u16, _pad: u16, _r1: u64, _r2: u64 });
export const shmid_ds = struct({
  shm_perm: permissions,
  shm_segsz: u64,
  shm_atime: i64,
  shm_dtime: i64,
  shm_ctime: i64,
  shm_cpid: i32,
  shm_lpid: i32,
  shm_nattch: u64,
  _r1: u64,
  _r2: u64,
});
export const semid_ds = struct({ sem_perm: permissions, sem_otime: i64, _r1: u64, sem_ctime: i64, _r2: u64, sem_nsems: u64, _r3: array(u64, 2) });
export const msqid_ds = struct({
  msg_perm: permissions,
  msg_stime: i64,
  msg_rtime: i64,
  msg_ctime: i64,
  msg_cbytes: u64,
  msg_qnum: u64,
  msg_qbytes: u64,
  msg_lspid: i32,
  msg_lrpid: i32,
  _r: array(u64, 2),
});
/** Commands that tell of all objects, or of one by its place. */
export const structureCommands = {
  IPC_INFO: 3,
  MSG_STAT: 11,
  MSG_INFO: 12,
  MSG_STAT_ANY: 13,
  SHM_STAT: 13,
  SHM_INFO: 14,
  SHM_STAT_ANY: 15,
  SEM_STAT: 18,
  SEM_INFO: 19,
  SEM_STAT_ANY: 20,
} as const;
export const shmLimits = struct({ shmmax: bits64, shmmin: u64, shmmni: u64, shmseg: u64, shmall: bits64, _u: array(u64, 4) });
export const shmInUse = struct({ used_ids: i32, shm_tot: u64, shm_rss: u64, shm_swp: u64, swap_attempts: u64, swap_successes: u64 });
export const seminfo = struct({
  semmap: i32,
  semmni: i32,
  semmns: i32,
  semmnu: i32,
  semmsl: i32,
  semopm: i32,
  semume: i32,
  semusz: i32,
  semvmx: i32,
  semaem: i32,
});
export const msginfo = struct({ msgpool: i32, msgmap: i32, msgmax: i32, msgmnb: i32, msgmni: i32, msgssz: i32, msgtql: i32, msgseg: u16 });
export interface SemaphoreOperation {
  readonly index: number;
  readonly by: number;
  readonly flags: number;
}
const SEMOPM = 500;
const OPERATION = 6;
/** `null`: none; longer lists than there may be are `undefined` (E2BIG). */
export const semaphoreOperations: Arg<readonly SemaphoreOperation[] | null | undefined> = {
  label: "sembuf[nsops]",
  decode(raw, memory, raws) {
    const count = uint64(raws.nsops!);
    if (count === 0) return null;
    if (count > SEMOPM) return undefined;
    const bytes = memory.read(uint64(raw), count * OPERATION);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    return Array.from({ length: count }, (_, i) => ({
      index: view.getUint16(OPERATION * i, true),
      by: view.getInt16(OPERATION * i + 2, true),
      flags: view.getInt16(OPERATION * i + 4, true),
    }));
  },
  format: Address.format,
};
/** The most that a set has: SEMMSL. */
export const MOST_SEMAPHORES = 32_000;
/** As many values as a set has, which memory alone does not tell: as far as a set may need them, what can be read. */
export const inSemaphoreValues: Arg<Bytes> = {
  label: "unsigned short[]",
  decode: (raw, memory) => memory.readOf(0, uint64(raw), 2 * MOST_SEMAPHORES),
  format: Address.format,
};
/** The reducer is given the bytes that can be stored to, as far as a set may need them, and fails where they are too few. */
export const outSemaphoreValues: Arg<number, readonly number[] | undefined> = {
  label: "out unsigned short[]",
  decode: (raw, memory) => memory.roomOf(0, uint64(raw), 2 * MOST_SEMAPHORES),
  encode(out, raw) {
    if (!out || out.length === 0) return [];
    const bytes = new Uint8Array(2 * out.length);
    out.forEach((value, i) => {
      new DataView(bytes.buffer).setUint16(2 * i, value, true);
    });
    return [{ address: uint64(raw), bytes }];
  },
  format: Address.format,
};

const MOST_MESSAGE = 8192;
export interface TypedMessage {
  readonly type: number;
  readonly bytes: Bytes;
}
/** A message with its type before it; `null` where it is longer than there may be. */
export const inTyped: Arg<TypedMessage | null> = {
  label: "msgbuf[msgsz]",
  decode(raw, memory, raws) {
    const size = int64(raws.msgsz!);
    if (size < 0 || size > MOST_MESSAGE) return null;
    const bytes = memory.read(uint64(raw), 8 + size);
    return { type: Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigInt64(0, true)), bytes: bytes.subarray(8) };
  },
  format: Address.format,
};
export const outTyped: Arg<number, TypedMessage | undefined> = {
  label: "out msgbuf[msgsz]",
  decode: uint64,
  encode(out, raw) {
    if (!out) return [];
    const bytes = new Uint8Array(8 + out.bytes.length);
    new DataView(bytes.buffer).setBigInt64(0, BigInt(out.type), true);
    bytes.set(out.bytes as Uint8Array, 8);
    return [{ address: uint64(raw), bytes }];
  },
  extent: (_, raws) => 8 + Math.min(Math.max(0, int32(raws.msgsz!)), MOST_MESSAGE),
  format: Address.format,
};
