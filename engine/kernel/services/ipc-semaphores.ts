// Sets of semaphores (semget(2), semop(2), semctl(2)): all operations of a call happen at once, or the call waits.
import type { Draft } from "immer";
import { semaphoreCommands } from "../../abi/constants/semaphore-commands.ts";
import type { Bytes } from "../../abi/memory-view.ts";
import { commands, IPC_64, IPC_NOWAIT, MOST_SEMAPHORES, type SemaphoreOperation, type semid_ds, structureCommands } from "../../abi/structs/ipc.ts";
import { isValid, nanosOf } from "../../abi/structs/timespec.ts";
import type { Kernel } from "../kernel.ts";
import { deadlineAfter } from "../objects/clock.ts";
import { getOrCreate, mayChange, mayUse, now, permissionsFor, READ, semaphoreChannel, WRITE } from "../objects/ipc.ts";
import { plainCredentials } from "../objects/paths.ts";
import { taskOf } from "../objects/tasks.ts";
import { wake } from "../objects/waiting.ts";
import { type Call, type Calls, done, fail, type Outcome, type PlainOutcome, wait } from "../service.ts";
import type { SemaphoreSet } from "../state/ipc.ts";
import { semaphoreInformation } from "./ipc-information.ts";
import { permissionsOf } from "./ipc-segments.ts";

const MOST_VALUE = 32_767;
const SEM_UNDO = 0o10000;

interface WaitMemo {
  readonly deadlineNanos: number | null;
  /** It waits for more of this semaphore, or for none of it. */
  readonly index: number;
  readonly isForZero: boolean;
}
/** What would be there after all of them; else which cannot happen now, or why it never can. */
function tryAll(set: Draft<SemaphoreSet>, operations: readonly SemaphoreOperation[]): readonly number[] | SemaphoreOperation | "ERANGE" {
  const values = [...set.values];
  for (const operation of operations) {
    const { index, by } = operation;
    if (by === 0 ? values[index] !== 0 : values[index]! + by < 0) return operation;
    if (values[index]! + by > MOST_VALUE) return "ERANGE";
    values[index]! += by;
  }
  return values;
}
function operate(
  kernel: Kernel,
  call: Call<{ semid: number; sops: readonly SemaphoreOperation[] | null | undefined }>,
  timeout: { tv_sec: number; tv_nsec: number } | null,
): PlainOutcome {
  const { semid, sops } = call.args;
  if (sops === null || semid < 0) return fail("EINVAL");
  if (sops === undefined) return fail("E2BIG");
  if (timeout && !isValid(timeout)) return fail("EINVAL");
  const set = kernel.ipc.semaphores.get(semid);
  if (!set) return fail(call.due === "run" ? "EINVAL" : "EIDRM");
  if (sops.some(({ index }) => index >= set.values.length)) return fail("EFBIG");
  const isChanging = sops.some(({ by }) => by !== 0);
  if (!mayUse(plainCredentials(kernel, taskOf(kernel, call.tid)), set, isChanging ? WRITE : READ)) return fail("EACCES");
  const tried = tryAll(set, sops);
  if (tried === "ERANGE") return fail("ERANGE");
  if ("by" in tried) {
    if ((tried.flags & IPC_NOWAIT) !== 0 || call.due === "timeout") return fail("EAGAIN");
    const before = call.memo as WaitMemo | null;
    const deadlineNanos = before ? before.deadlineNanos : timeout && deadlineAfter(kernel, nanosOf(timeout));
    if (deadlineNanos !== null && deadlineNanos <= kernel.nowNanos) return fail("EAGAIN");
    const memo: WaitMemo = { deadlineNanos, index: tried.index, isForZero: tried.by === 0 };
    return wait(call, { channels: [semaphoreChannel(semid)], ...(deadlineNanos === null ? {} : { deadlineNanos }), memo }, "EINTR");
  }
  set.values = [...tried];
  set.operatedSeconds = now(kernel);
  for (const { index, by, flags } of sops) {
    set.users[index] = call.pid;
    if ((flags & SEM_UNDO) !== 0 && by !== 0) remember(kernel, call.pid, semid, index, -by);
  }
  if (isChanging) wake(kernel, semaphoreChannel(semid));
  return done(0, {});
}
function remember(kernel: Kernel, pid: number, set: number, index: number, by: number): void {
  const undos = kernel.ipc.undos.get(pid) ?? [];
  const found = undos.find(one => one.set === set && one.index === index);
  if (found) found.by += by;
  else kernel.ipc.undos.set(pid, [...undos, { set, index, by }]);
}
function waitersFor(kernel: Kernel, set: number, index: number, isForZero: boolean): number {
  const waiters = kernel.procTable.waiters.get(semaphoreChannel(set)) ?? [];
  return waiters.filter(tid => {
    const memo = kernel.procTable.tasks.get(tid)?.waiting?.memo as WaitMemo | null | undefined;
    return memo?.index === index && memo.isForZero === isForZero;
  }).length;
}
function changed(kernel: Kernel, set: Draft<SemaphoreSet>): void {
  set.changedSeconds = now(kernel);
  wake(kernel, semaphoreChannel(set.id));
}
function toldOf(set: Draft<SemaphoreSet>): ReturnType<(typeof semid_ds)["get"]> {
  return {
    sem_perm: permissionsOf(set),
    sem_otime: set.operatedSeconds,
    _r1: 0,
    sem_ctime: set.changedSeconds,
    _r2: 0,
    sem_nsems: set.values.length,
    _r3: [],
  };
}
type Answer = Outcome<{ arg: unknown }>;
const answer = (value: number, arg?: unknown): Answer => done(value, { arg });
/** What a command does to a set that is there and may be used so. */
interface Command {
  readonly needs: number | "owner";
  readonly isOfOne?: boolean;
  act(kernel: Kernel, call: Call<{ semnum: number; arg: unknown }>, set: Draft<SemaphoreSet>): Answer;
}
const { GETPID, GETVAL, GETALL, GETNCNT, GETZCNT, SETVAL, SETALL } = semaphoreCommands;
const COMMANDS: Readonly<Record<number, Command>> = {
  [GETVAL]: { needs: READ, isOfOne: true, act: (_, { args }, set) => answer(set.values[args.semnum]!) },
  [GETPID]: { needs: READ, isOfOne: true, act: (_, { args }, set) => answer(set.users[args.semnum]!) },
  [GETNCNT]: { needs: READ, isOfOne: true, act: (kernel, { args }, set) => answer(waitersFor(kernel, set.id, args.semnum, false)) },
  [GETZCNT]: { needs: READ, isOfOne: true, act: (kernel, { args }, set) => answer(waitersFor(kernel, set.id, args.semnum, true)) },
  [GETALL]: { needs: READ, act: (_, { args }, set) => ((args.arg as number) < 2 * set.values.length ? fail("EFAULT") : answer(0, [...set.values])) },
  [SETVAL]: {
    needs: WRITE,
    isOfOne: true,
    act(kernel, call, set) {
      const value = call.args.arg as number;
      if (value < 0 || value > MOST_VALUE) return fail("ERANGE");
      set.values[call.args.semnum] = value;
      set.users[call.args.semnum] = call.pid;
      changed(kernel, set);
      return answer(0);
    },
  },
  [SETALL]: {
    needs: WRITE,
    act(kernel, call, set) {
      const bytes = call.args.arg as Bytes;
      if (bytes.length < 2 * set.values.length) return fail("EFAULT");
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      const values = set.values.map((_, i) => view.getUint16(2 * i, true));
      if (values.some(value => value > MOST_VALUE)) return fail("ERANGE");
      set.values = values;
      set.users = values.map(() => call.pid);
      changed(kernel, set);
      return answer(0);
    },
  },
  [commands.IPC_STAT]: { needs: READ, act: (_, __, set) => answer(0, toldOf(set)) },
  // By place, which is the identifier.
  [structureCommands.SEM_STAT]: { needs: READ, act: (_, __, set) => answer(set.id, toldOf(set)) },
  [structureCommands.SEM_STAT_ANY]: { needs: 0, act: (_, __, set) => answer(set.id, toldOf(set)) },
  [commands.IPC_SET]: {
    needs: "owner",
    act(kernel, call, set) {
      const wanted = call.args.arg as ReturnType<(typeof semid_ds)["get"]> | null;
      if (!wanted) return fail("EFAULT");
      const { uid, gid, mode } = wanted.sem_perm;
      Object.assign(set, { uid, gid, mode: mode & 0o777, changedSeconds: now(kernel) });
      return answer(0);
    },
  },
  [commands.IPC_RMID]: {
    needs: "owner",
    act(kernel, _, set) {
      kernel.ipc.semaphores.delete(set.id);
      wake(kernel, semaphoreChannel(set.id));
      return answer(0);
    },
  },
};

export const semaphoreCalls: Pick<Calls<"ipc">, "semget" | "semop" | "semtimedop" | "semctl"> = {
  semget(kernel, call) {
    const { key, nsems, semflg: flags } = call.args;
    if (nsems < 0 || nsems > MOST_SEMAPHORES) return fail("EINVAL");
    const task = taskOf(kernel, call.tid);
    const found = getOrCreate<SemaphoreSet>(
      kernel,
      task,
      kernel.ipc.semaphores,
      { key, flags },
      set => (nsems > set.values.length ? "EINVAL" : null),
      id => {
        if (nsems === 0) return "EINVAL";
        const zeros = (): number[] => Array.from({ length: nsems }, () => 0);
        const permitted = permissionsFor(plainCredentials(kernel, task), key, flags);
        kernel.ipc.semaphores.set(id, { ...permitted, id, values: zeros(), users: zeros(), operatedSeconds: 0, changedSeconds: now(kernel) });
        return null;
      },
    );
    return typeof found === "string" ? fail(found) : done(found, {});
  },
  semop: (kernel, call) => operate(kernel, call, null),
  semtimedop: (kernel, call) => operate(kernel, call, call.args.timeout),
  semctl(kernel, call) {
    const { semid, semnum } = call.args;
    if (semid < 0) return fail("EINVAL");
    const information = semaphoreInformation(kernel, call.args.cmd & ~IPC_64);
    if (information) return answer(information.value, information.told);
    const command = COMMANDS[call.args.cmd & ~IPC_64];
    const set = kernel.ipc.semaphores.get(semid);
    if (!command || !set) return fail("EINVAL");
    const credentials = plainCredentials(kernel, taskOf(kernel, call.tid));
    if (command.isOfOne && (semnum < 0 || semnum >= set.values.length)) return fail("EINVAL");
    if (command.needs === "owner" ? !mayChange(credentials, set) : !mayUse(credentials, set, command.needs))
      return fail(command.needs === "owner" ? "EPERM" : "EACCES");
    return command.act(kernel, call, set);
  },
};
