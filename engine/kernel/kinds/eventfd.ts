// Event counters (eventfd(2)).
import { O_NONBLOCK } from "../../abi/constants/open-flags.ts";
import { POLLIN, POLLOUT } from "../../abi/constants/poll-events.ts";
import { counterReadChannel, MOST_COUNTED } from "../objects/event-counters.ts";
import type { FileKind } from "../objects/file-kinds.ts";
import { wake } from "../objects/waiting.ts";

const WORD = 8;
const writeChannel = (id: number): string => `eventfd:${id}:write`;

export const eventfd: FileKind = {
  isSeekable: false,
  read(kernel, { open, count }) {
    const counter = kernel.poll.counters.get(open.object)!;
    if (count < WORD) return { kind: "fail", errno: "EINVAL" };
    if (counter.count === 0n)
      return open.flags & O_NONBLOCK ? { kind: "fail", errno: "EAGAIN" } : { kind: "block", channels: [counterReadChannel(open.object)] };
    const taken = counter.isSemaphore ? 1n : counter.count;
    counter.count -= taken;
    const value = new Uint8Array(WORD);
    new DataView(value.buffer).setBigUint64(0, taken, true);
    wake(kernel, writeChannel(open.object));
    return { kind: "done", value };
  },
  write(kernel, { open, bytes }) {
    const counter = kernel.poll.counters.get(open.object)!;
    if (bytes.length < WORD) return { kind: "fail", errno: "EINVAL" };
    const added = new DataView(bytes.buffer, bytes.byteOffset, WORD).getBigUint64(0, true);
    if (added > MOST_COUNTED) return { kind: "fail", errno: "EINVAL" };
    if (counter.count + added > MOST_COUNTED)
      return open.flags & O_NONBLOCK ? { kind: "fail", errno: "EAGAIN" } : { kind: "block", channels: [writeChannel(open.object)] };
    counter.count += added;
    wake(kernel, counterReadChannel(open.object));
    return { kind: "done", value: WORD };
  },
  poll(kernel, { object }) {
    const { count } = kernel.poll.counters.get(object)!;
    return { mask: (count > 0n ? POLLIN : 0) | (count < MOST_COUNTED ? POLLOUT : 0), channels: [counterReadChannel(object), writeChannel(object)] };
  },
  close: (kernel, { object }) => void kernel.poll.counters.delete(object),
};
