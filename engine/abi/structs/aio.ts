// Linux's asynchronous input and output (io_submit(2), include/uapi/linux/aio_abi.h).
import { bits64, i16, i64, struct, u16, u32, u64 } from "../field.ts";

export const iocb = struct({
  aio_data: bits64,
  aio_key: u32,
  aio_rw_flags: u32,
  aio_lio_opcode: u16,
  aio_reqprio: i16,
  aio_fildes: u32,
  aio_buf: u64,
  aio_nbytes: u64,
  aio_offset: i64,
  aio_reserved2: bits64,
  aio_flags: u32,
  aio_resfd: u32,
});
export const KEY_AT = 8;
export const aioOperations = { PREAD: 0, PWRITE: 1, FSYNC: 2, FDSYNC: 3, POLL: 5, NOOP: 6, PREADV: 7, PWRITEV: 8 } as const;
export const aioFlags = { IOCB_FLAG_RESFD: 1, IOCB_FLAG_IOPRIO: 2 } as const;
export const ioEvent = struct({ data: bits64, obj: u64, res: i64, res2: i64 });
/** The ring's head, in the program's memory: the kernel puts events behind it, and the program may take them itself. */
export const aioRing = struct({ id: u32, nr: u32, head: u32, tail: u32, magic: u32, compat_features: u32, incompat_features: u32, header_length: u32 });
export const RING = { headAt: 8, tailAt: 12, magic: 0xa10a_10a1, compatible: 1 } as const;
