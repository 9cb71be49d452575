// Inotify instances as files: what is read is what happened (inotify(7)).
import { O_NONBLOCK } from "../../abi/constants/open-flags.ts";
import { READABLE } from "../../abi/constants/poll-events.ts";
import { bytesOf } from "../objects/binary-string.ts";
import type { FileKind } from "../objects/file-kinds.ts";
import { destroyInotify, inotifyChannel, inotifyOf } from "../objects/inotify.ts";
import type { InotifyNews } from "../state/poll.ts";

const HEADER = 16;
const FIONREAD = 0x541b;
/** Names end in NULs up to a multiple of the header's size. */
const nameBytes = (name: string): number => (name === "" ? 0 : Math.ceil((name.length + 1) / HEADER) * HEADER);
const sizeOf = ({ name }: InotifyNews): number => HEADER + nameBytes(name);
function encode(bytes: Uint8Array, at: number, { wd, mask, cookie, name }: InotifyNews): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at);
  view.setInt32(0, wd, true);
  view.setUint32(4, mask >>> 0, true);
  view.setUint32(8, cookie, true);
  view.setUint32(12, nameBytes(name), true);
  bytes.set(bytesOf(name), at + HEADER);
}

export const inotify: FileKind = {
  isSeekable: false,
  read(kernel, { open, count }) {
    const instance = inotifyOf(kernel, open.object);
    const [first] = instance.queue;
    if (!first) return open.flags & O_NONBLOCK ? { kind: "fail", errno: "EAGAIN" } : { kind: "block", channels: [inotifyChannel(open.object)] };
    if (sizeOf(first) > count) return { kind: "fail", errno: "EINVAL" };
    let [length, taken] = [0, 0];
    while (taken < instance.queue.length && length + sizeOf(instance.queue[taken]!) <= count) length += sizeOf(instance.queue[taken++]!);
    const value = new Uint8Array(length);
    let at = 0;
    for (const news of instance.queue.splice(0, taken)) {
      encode(value, at, news);
      at += sizeOf(news);
    }
    return { kind: "done", value };
  },
  write: () => ({ kind: "fail", errno: "EBADF" }),
  poll: (kernel, { object }) => ({ mask: inotifyOf(kernel, object).queue.length > 0 ? READABLE : 0, channels: [inotifyChannel(object)] }),
  ioctls: {
    [FIONREAD]: (kernel, { open }) => ({ kind: "done", value: { out: inotifyOf(kernel, open.object).queue.reduce((sum, news) => sum + sizeOf(news), 0) } }),
  },
  close: (kernel, { object }) => destroyInotify(kernel, object),
};
