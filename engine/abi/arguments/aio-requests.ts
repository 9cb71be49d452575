// io_submit's requests: an array of pointers to them, and the memory that each leads to.
import { Address, type Arg, type Segment } from "../argument.ts";
import { decodeField } from "../field.ts";
import { type Bytes, type GuestReader, joined, orNull, uint64 } from "../memory-view.ts";
import { aioOperations, aioRing, iocb } from "../structs/aio.ts";
import { segmentsAt } from "./other-memory.ts";

export interface AioRequest {
  readonly address: number;
  readonly fields: ReturnType<(typeof iocb)["get"]>;
  /** Writing: the bytes; `null` where they cannot be read. */
  readonly bytes: Bytes | null;
  /** Reading: where they go, and how much of each place can be stored to; `null` where the vector cannot be read, or is none. */
  readonly places: readonly (Segment & { readonly room: number })[] | null;
  /** The kernel stores a key into the request. */
  readonly isKeyWritable: boolean;
}
/** More than any context takes. */
const MOST = 65_536;
const MOST_BYTES = 0x7fff_f000;
function requestAt(memory: GuestReader, address: number): AioRequest {
  const fields = decodeField(iocb, memory.read(address, iocb.size));
  const { aio_lio_opcode: operation, aio_buf, aio_nbytes } = fields;
  const isVector = operation === aioOperations.PREADV || operation === aioOperations.PWRITEV;
  const isMoving = isVector || operation === aioOperations.PREAD || operation === aioOperations.PWRITE;
  const segments = !isMoving
    ? []
    : isVector
      ? orNull(() => segmentsAt(aio_buf, memory, aio_nbytes))
      : [{ address: aio_buf, length: Math.min(aio_nbytes, MOST_BYTES) }];
  const isWriting = operation === aioOperations.PWRITE || operation === aioOperations.PWRITEV;
  return {
    address,
    fields,
    bytes: segments && isWriting ? orNull(() => joined(segments.map(one => memory.read(one.address, one.length)))) : null,
    places: segments && !isWriting ? segments.map(one => ({ ...one, room: one.length === 0 ? 0 : memory.roomOf(0, one.address, one.length) })) : null,
    isKeyWritable: memory.roomOf(0, address, iocb.size) === iocb.size,
  };
}
/** Up to the first that cannot be read, which is `null`. */
export const aioRequests = (count: string): Arg<readonly (AioRequest | null)[]> => ({
  label: `requests[${count}]`,
  decode(raw, memory, raws) {
    const length = Math.min(Math.max(0, Number(raws[count]!)), MOST);
    const found: (AioRequest | null)[] = [];
    for (let i = 0; i < length; i++) {
      const one = orNull(() => {
        const pointer = memory.read(uint64(raw) + 8 * i, 8);
        return requestAt(memory, Number(new DataView(pointer.buffer, pointer.byteOffset, 8).getBigUint64(0, true)));
      });
      found.push(one);
      if (!one) break;
    }
    return found;
  },
  format: (raw, view) => Address.format(raw, view),
});
export interface AioContextHead {
  readonly id: number;
  /** Where the program says that it has read up to; `null`: there is no ring. */
  readonly head: number | null;
}
/** aio_context_t: the address of the ring. */
export const AioContext: Arg<AioContextHead> = {
  label: "aio context",
  decode: (raw, memory) => ({ id: uint64(raw), head: orNull(() => decodeField(aioRing, memory.read(uint64(raw), aioRing.size)).head) }),
  format: Address.format,
};
