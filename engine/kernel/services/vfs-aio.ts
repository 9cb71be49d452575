// Asynchronous requests (io_submit(2)). Files here never make one wait for a disk, so a request has ended when it is submitted; one on a pipe that is empty waits there, as on Linux.
import type { Draft } from "immer";
import type { AioRequest } from "../../abi/arguments/aio-requests.ts";
import { O_ACCMODE, O_RDONLY, O_WRONLY } from "../../abi/constants/open-flags.ts";
import { type Errno, errnoNumber } from "../../abi/errno.ts";
import { encodeField, u32 } from "../../abi/field.ts";
import type { Bytes } from "../../abi/memory-view.ts";
import { aioFlags, aioOperations, KEY_AT } from "../../abi/structs/aio.ts";
import type { Kernel } from "../kernel.ts";
import { aioChannel, complete, contextOf, createContext, destroyContext, MOST_REQUESTS, requestsInUse, takeEvents } from "../objects/aio.ts";
import { deadlineAfter } from "../objects/clock.ts";
import { signalCounter } from "../objects/event-counters.ts";
import { fileKinds, type IoResult } from "../objects/file-kinds.ts";
import { openFileOf } from "../objects/open-files.ts";
import { restoreMask, setTemporaryMask } from "../objects/pending.ts";
import { whyNotFlags, withFlags } from "../objects/rw-flags.ts";
import { taskOf } from "../objects/tasks.ts";
import { type Call, type Calls, done, fail, OK, type Outcome, wait } from "../service.ts";
import type { OpenFile } from "../state/vfs.ts";
import type { AioContext, AioEvent } from "../state/vmm.ts";

const { PREAD, PWRITE, FSYNC, FDSYNC, PREADV, PWRITEV } = aioOperations;
const MOST_EVENTS = 0x1000_0000 / 32;
const SIGSET_SIZE = 8;

/** How far io_submit has come, where one of its requests waits. */
interface SubmitMemo {
  readonly index: number;
  readonly moved: number;
}
type Started =
  | { readonly kind: "ended"; readonly res: number }
  | { readonly kind: "refused"; readonly errno: Errno }
  | { readonly kind: "block"; readonly channels: readonly string[]; readonly moved: number };
const refused = (errno: Errno): Started => ({ kind: "refused", errno });
const ended = (res: number): Started => ({ kind: "ended", res });
const failed = (errno: Errno): Started => ended(-errnoNumber(errno));

function result<T>(outcome: IoResult<T>, moved: number, finish: (value: T) => number): Started {
  if (outcome.kind === "done") return ended(moved + finish(outcome.value));
  if (outcome.kind === "fail") return moved > 0 ? ended(moved) : failed(outcome.errno);
  return { kind: "block", channels: outcome.channels, moved: moved + (outcome.moved ?? 0) };
}
/** The bytes go to the places of the request, as far as these can be stored to. */
function spread(kernel: Kernel, space: number, places: NonNullable<AioRequest["places"]>, bytes: Bytes): number {
  let at = 0;
  for (const { address, length, room } of places) {
    const part = bytes.slice(at, at + Math.min(length, room));
    if (part.length > 0) kernel.effect({ kind: "write", space, store: { address, bytes: part } });
    at += part.length;
    if (room < length) break;
  }
  return at;
}
function move(kernel: Kernel, call: Call<unknown>, open: Draft<OpenFile>, { fields, bytes, places }: AioRequest, moved: number): Started {
  const task = taskOf(kernel, call.tid);
  const kind = fileKinds[open.kind];
  const isWriting = fields.aio_lio_opcode === PWRITE || fields.aio_lio_opcode === PWRITEV;
  const flagErrno = whyNotFlags(open, fields.aio_rw_flags);
  if (flagErrno) return refused(flagErrno);
  if ((open.flags & O_ACCMODE) === (isWriting ? O_RDONLY : O_WRONLY)) return refused("EBADF");
  if (open.kind === "directory" || open.kind === "epoll") return refused("EINVAL");
  if (isWriting ? !bytes : !places) return refused("EFAULT");
  const offset = kind.isSeekable ? fields.aio_offset : null;
  if (offset !== null && offset < 0) return refused("EINVAL");
  const common = { task, open, due: call.due, memo: null };
  if (isWriting) {
    const request = { ...common, offset: offset === null ? null : offset + moved, bytes: bytes!.subarray(moved), isContinued: moved > 0 };
    return result(
      withFlags(open, fields.aio_rw_flags, () => kind.write(kernel, request)),
      moved,
      value => value,
    );
  }
  const count = places!.reduce((sum, { length }) => sum + length, 0);
  if (count > 0 && places![0]!.room === 0 && places![0]!.length > 0) return failed("EFAULT");
  return result(
    withFlags(open, fields.aio_rw_flags, () => kind.read(kernel, { ...common, count, offset })),
    0,
    value => spread(kernel, task.space, places!, value),
  );
}
/** One request, in the order of io_submit_one and __io_submit_one. */
function start(kernel: Kernel, call: Call<unknown>, context: Draft<AioContext>, request: AioRequest, moved: number): Started {
  const { fields } = request;
  const task = taskOf(kernel, call.tid);
  if (fields.aio_reserved2 !== 0n) return refused("EINVAL");
  if (context.events.length >= context.capacity) return refused("EAGAIN");
  const open = openFileOf(kernel, task, fields.aio_fildes | 0);
  if (!open) return refused("EBADF");
  if ((fields.aio_flags & aioFlags.IOCB_FLAG_RESFD) !== 0) {
    const counter = openFileOf(kernel, task, fields.aio_resfd | 0);
    if (!counter) return refused("EBADF");
    if (counter.kind !== "eventfd") return refused("EINVAL");
  }
  if (!request.isKeyWritable) return refused("EFAULT");
  const operation = fields.aio_lio_opcode;
  if (operation === PREAD || operation === PWRITE || operation === PREADV || operation === PWRITEV) return move(kernel, call, open, request, moved);
  if (operation !== FSYNC && operation !== FDSYNC) return refused("EINVAL");
  const isUnused = fields.aio_buf === 0 && fields.aio_offset === 0 && fields.aio_nbytes === 0 && fields.aio_rw_flags === 0;
  return isUnused && (open.kind === "regular" || open.kind === "directory") ? ended(0) : refused("EINVAL");
}
function finish(kernel: Kernel, call: Call<unknown>, context: Draft<AioContext>, { address, fields }: AioRequest, res: number): void {
  const task = taskOf(kernel, call.tid);
  kernel.effect({ kind: "write", space: task.space, store: { address: address + KEY_AT, bytes: encodeField(u32, 0) } });
  complete(kernel, task.space, context, { data: fields.aio_data, obj: address, res });
  if ((fields.aio_flags & aioFlags.IOCB_FLAG_RESFD) === 0) return;
  const counter = openFileOf(kernel, task, fields.aio_resfd | 0);
  if (counter) signalCounter(kernel, counter.object);
}

interface Asked {
  readonly min: number;
  readonly most: number;
  readonly timeout: { readonly tv_sec: number; readonly tv_nsec: number } | null;
}
interface EventsMemo {
  readonly deadlineNanos: number | null;
}
const BILLION = 1_000_000_000;
function getEvents(
  kernel: Kernel,
  call: Call<{ ctx: Parameters<typeof contextOf>[2] }>,
  { min, most, timeout }: Asked,
  mask: bigint | null,
): Outcome<{ events: readonly (AioEvent & { readonly res2: number })[] }> {
  const { space } = taskOf(kernel, call.tid);
  const context = contextOf(kernel, space, call.args.ctx, call.due === "run");
  if (!context || min < 0 || most < 0 || min > most) return fail("EINVAL");
  const nanos = timeout ? Math.min(timeout.tv_sec * BILLION + timeout.tv_nsec, Number.MAX_SAFE_INTEGER) : null;
  const isLate = call.due === "timeout" || (nanos !== null && nanos <= 0);
  if (context.events.length < min && !isLate && call.due !== "interrupt") {
    const memo = (call.memo as EventsMemo | null) ?? { deadlineNanos: nanos === null ? null : deadlineAfter(kernel, nanos) };
    if (mask !== null && call.due === "run") setTemporaryMask(kernel, call.tid, mask);
    const { deadlineNanos } = memo;
    return wait(call, { channels: [aioChannel(space, context.id)], ...(deadlineNanos === null ? {} : { deadlineNanos }), memo });
  }
  if (call.due === "interrupt" && context.events.length === 0) return fail(mask === null ? "EINTR" : "ERESTARTNOHAND");
  if (mask !== null && call.due !== "run") restoreMask(kernel, call.tid);
  const events = takeEvents(kernel, space, context, most).map(event => ({ ...event, res2: 0 }));
  return done(events.length, { events });
}

type Names = "io_setup" | "io_destroy" | "io_submit" | "io_cancel" | "io_getevents" | "io_pgetevents";
export const aioCalls: Pick<Calls<"vfs">, Names> = {
  io_setup(kernel, call) {
    const { nr_events: count, ctxp } = call.args;
    if (ctxp === null) return fail("EFAULT");
    if (ctxp !== 0n || count === 0 || count > MOST_EVENTS) return fail("EINVAL");
    if (requestsInUse(kernel) + count > MOST_REQUESTS) return fail("EAGAIN");
    const id = createContext(kernel, taskOf(kernel, call.tid).space, count);
    return id === null ? fail("ENOMEM") : done(0, { ctxp: BigInt(id) });
  },
  io_destroy(kernel, call) {
    const { space } = taskOf(kernel, call.tid);
    const context = contextOf(kernel, space, call.args.ctx, call.due === "run");
    if (!context) return fail("EINVAL");
    destroyContext(kernel, space, context);
    return OK;
  },
  io_submit(kernel, call) {
    const { ctx, nr, iocbpp: requests } = call.args;
    if (nr < 0) return fail("EINVAL");
    const context = contextOf(kernel, taskOf(kernel, call.tid).space, ctx, call.due === "run");
    if (!context) return fail("EINVAL");
    const memo = call.memo as SubmitMemo | null;
    const count = Math.min(nr, context.capacity);
    for (let index = memo?.index ?? 0; index < count; index++) {
      const request = requests[index];
      const started: Started = request ? start(kernel, call, context, request, memo?.index === index ? memo.moved : 0) : refused("EFAULT");
      if (started.kind === "refused") return index > 0 ? done(index, {}) : fail(started.errno);
      if (started.kind === "ended") finish(kernel, call, context, request!, started.res);
      else if (call.due !== "interrupt") return wait(call, { channels: started.channels, memo: { index, moved: started.moved } });
      else finish(kernel, call, context, request!, started.moved > 0 ? started.moved : -errnoNumber("EINTR"));
    }
    return done(count, {});
  },
  // Nothing is under way that could be cancelled.
  io_cancel: (_, call) => (call.args.iocb ? fail("EINVAL") : fail("EFAULT")),
  io_getevents(kernel, call) {
    const { min_nr: min, nr: most, timeout } = call.args;
    return getEvents(kernel, call, { min, most, timeout }, null);
  },
  io_pgetevents(kernel, call) {
    const { min_nr: min, nr: most, timeout, sig } = call.args;
    if (sig && sig.size !== SIGSET_SIZE && sig.mask !== null) return fail("EINVAL");
    return getEvents(kernel, call, { min, most, timeout }, sig?.mask ?? null);
  },
};
