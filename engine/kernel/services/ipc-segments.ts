// Shared memory segments (shmget(2), shmat(2), shmctl(2)).
import { PAGE_BYTES, pageCeil, TASK_SIZE } from "../../abi/constants/address-space.ts";
import { protections } from "../../abi/constants/mmap.ts";
import { commands, IPC_64, type permissions, type shmid_ds, structureCommands } from "../../abi/structs/ipc.ts";
import { highestGap, isFree } from "../objects/areas.ts";
import { attachments, getOrCreate, mayChange, mayUse, now, permissionsFor, READ, WRITE } from "../objects/ipc.ts";
import { plainCredentials } from "../objects/paths.ts";
import { areasOf, createObject, findArea, mapArea, spaceOf, unmapRange } from "../objects/spaces.ts";
import { taskOf } from "../objects/tasks.ts";
import { type Calls, done, fail, OK } from "../service.ts";
import type { IpcPermissions, Segment } from "../state/ipc.ts";
import { segmentInformation } from "./ipc-information.ts";

const { PROT_READ, PROT_WRITE, PROT_EXEC } = protections;
const SHM_RDONLY = 0o10000;
const SHM_RND = 0o20000;
const SHM_REMAP = 0o40000;
const SHM_EXEC = 0o100000;
const SHM_DEST = 0o1000;
const SHM_LOCK = 11;
const SHM_UNLOCK = 12;

type Permissions = ReturnType<(typeof permissions)["get"]>;
export const permissionsOf = ({ key, uid, gid, cuid, cgid, mode }: IpcPermissions): Permissions => ({
  key,
  uid,
  gid,
  cuid,
  cgid,
  mode,
  seq: 0,
  _pad: 0,
  _r1: 0,
  _r2: 0,
});

export const segmentCalls: Pick<Calls<"ipc">, "shmget" | "shmat" | "shmctl" | "shmdt"> = {
  shmget(kernel, call) {
    const { key, size, shmflg: flags } = call.args;
    const task = taskOf(kernel, call.tid);
    const found = getOrCreate<Segment>(
      kernel,
      task,
      kernel.ipc.segments,
      { key, flags },
      segment => (size > segment.size ? "EINVAL" : null),
      id => {
        if (size === 0 || size > Number.MAX_SAFE_INTEGER) return "EINVAL";
        if (size > kernel.system.parameters.memoryBytes) return "ENOMEM";
        kernel.ipc.segments.set(id, {
          ...permissionsFor(plainCredentials(kernel, task), key, flags),
          ...{ id, size, object: createObject(kernel), creator: call.pid, lastUser: 0 },
          ...{ attachedSeconds: 0, detachedSeconds: 0, changedSeconds: now(kernel), isRemoved: false },
        });
        return null;
      },
    );
    return typeof found === "string" ? fail(found) : done(found, {});
  },
  shmat(kernel, call) {
    const { shmid, shmflg: flags } = call.args;
    let { shmaddr: address } = call.args;
    if (shmid < 0) return fail("EINVAL");
    if (address % PAGE_BYTES !== 0) {
      if ((flags & SHM_RND) === 0) return fail("EINVAL");
      address -= address % PAGE_BYTES;
    }
    if (address === 0 && (flags & SHM_REMAP) !== 0) return fail("EINVAL");
    const segment = kernel.ipc.segments.get(shmid);
    if (!segment) return fail("EINVAL");
    const task = taskOf(kernel, call.tid);
    const isReadOnly = (flags & SHM_RDONLY) !== 0;
    if (!mayUse(plainCredentials(kernel, task), segment, isReadOnly ? READ : READ | WRITE)) return fail("EACCES");
    const space = spaceOf(kernel, task.space);
    const length = pageCeil(segment.size);
    const start = address === 0 ? highestGap(areasOf(space), length, space.mmapTop) : address;
    if (start === undefined || start + length > TASK_SIZE) return fail("ENOMEM");
    if (address !== 0 && (flags & SHM_REMAP) === 0 && !isFree(areasOf(space), start, start + length)) return fail("EINVAL");
    const protection = PROT_READ | (isReadOnly ? 0 : PROT_WRITE) | ((flags & SHM_EXEC) !== 0 ? PROT_EXEC : 0);
    mapArea(kernel, task.space, {
      ...{ start, end: start + length, protection, maxProtection: isReadOnly ? PROT_READ | PROT_EXEC : 7 },
      ...{ isShared: true, growsDown: false, isLocked: false },
      backing: { kind: "object", object: segment.object, firstPage: 0 },
    });
    segment.lastUser = call.pid;
    segment.attachedSeconds = now(kernel);
    return done(start, {});
  },
  shmdt(kernel, call) {
    const { shmaddr: address } = call.args;
    const task = taskOf(kernel, call.tid);
    const area = address % PAGE_BYTES === 0 ? findArea(spaceOf(kernel, task.space), address) : undefined;
    if (area?.start !== address || area.backing.kind !== "object") return fail("EINVAL");
    const { object } = area.backing;
    const segment = [...kernel.ipc.segments.values()].find(one => one.object === object);
    if (!segment) return fail("EINVAL");
    segment.lastUser = call.pid;
    segment.detachedSeconds = now(kernel);
    unmapRange(kernel, task.space, address, address + pageCeil(segment.size));
    return OK as never;
  },
  shmctl(kernel, call) {
    const { shmid, buf } = call.args;
    const cmd = call.args.cmd & ~IPC_64;
    if (shmid < 0 || cmd < 0) return fail("EINVAL");
    const information = segmentInformation(kernel, cmd);
    if (information) return done(information.value, { buf: information.told });
    const { SHM_STAT, SHM_STAT_ANY } = structureCommands;
    const isByPlace = cmd === SHM_STAT || cmd === SHM_STAT_ANY;
    if (!isByPlace && cmd !== commands.IPC_STAT && cmd !== commands.IPC_SET && cmd !== commands.IPC_RMID && cmd !== SHM_LOCK && cmd !== SHM_UNLOCK)
      return fail("EINVAL");
    const wanted = buf as ReturnType<(typeof shmid_ds)["get"]> | null;
    const segment = kernel.ipc.segments.get(shmid);
    if (cmd === commands.IPC_SET && !wanted) return fail("EFAULT");
    if (!segment) return fail("EINVAL");
    const credentials = plainCredentials(kernel, taskOf(kernel, call.tid));
    if (cmd === commands.IPC_STAT || isByPlace) {
      if (cmd !== SHM_STAT_ANY && !mayUse(credentials, segment, READ)) return fail("EACCES");
      const told: ReturnType<(typeof shmid_ds)["get"]> = {
        shm_perm: { ...permissionsOf(segment), mode: segment.mode | (segment.isRemoved ? SHM_DEST : 0) },
        shm_segsz: segment.size,
        shm_atime: segment.attachedSeconds,
        shm_dtime: segment.detachedSeconds,
        shm_ctime: segment.changedSeconds,
        shm_cpid: segment.creator,
        shm_lpid: segment.lastUser,
        shm_nattch: attachments(kernel, segment.object),
        _r1: 0,
        _r2: 0,
      };
      return done(isByPlace ? shmid : 0, { buf: told });
    }
    if (cmd === SHM_LOCK || cmd === SHM_UNLOCK) return mayChange(credentials, segment) ? done(0, { buf: undefined }) : fail("EPERM");
    if (!mayChange(credentials, segment)) return fail("EPERM");
    if (cmd === commands.IPC_SET) {
      const { uid, gid, mode } = wanted!.shm_perm;
      Object.assign(segment, { uid, gid, mode: mode & 0o777, changedSeconds: now(kernel) });
    } else if (attachments(kernel, segment.object) > 0) Object.assign(segment, { isRemoved: true, key: 0 });
    else {
      kernel.effect({ kind: "forgetShared", object: segment.object });
      kernel.ipc.segments.delete(shmid);
    }
    return done(0, { buf: undefined });
  },
};
