// Linux's asynchronous input and output. Handled by engine/kernel/services/vfs-aio.ts.
import { Address, inOutStruct, inStruct, Long, outArray, Uint } from "../argument.ts";
import { AioContext, aioRequests } from "../arguments/aio-requests.ts";
import { bits64 } from "../field.ts";
import { row } from "../row.ts";
import { iocb, ioEvent } from "../structs/aio.ts";
import { maskWithSize } from "../structs/fd-set.ts";
import { timespec } from "../structs/timespec.ts";

const memory = { classes: ["memory"] } as const;
export const aioRows = {
  io_setup: row(206, "vfs", { nr_events: Uint, ctxp: inOutStruct(bits64) }, memory),
  io_destroy: row(207, "vfs", { ctx: AioContext }, memory),
  io_getevents: row(208, "vfs", { ctx: AioContext, min_nr: Long, nr: Long, events: outArray(ioEvent, "nr"), timeout: inStruct(timespec) }),
  io_submit: row(209, "vfs", { ctx: AioContext, nr: Long, iocbpp: aioRequests("nr") }, { missing: "IOCB_CMD_POLL" }),
  io_cancel: row(210, "vfs", { ctx: AioContext, iocb: inStruct(iocb), result: Address }),
  io_pgetevents: row(333, "vfs", {
    ctx: AioContext,
    min_nr: Long,
    nr: Long,
    events: outArray(ioEvent, "nr"),
    timeout: inStruct(timespec),
    sig: maskWithSize,
  }),
};
