// Open files of /proc: content is made by a read at the beginning, and kept, so that the reads after it fit together. Writes take effect at once.
import type { Draft } from "immer";
import { READABLE, WRITABLE } from "../../abi/constants/poll-events.ts";
import type { Bytes } from "../../abi/memory-view.ts";
import type { Kernel } from "../kernel.ts";
import { binary } from "../objects/binary-string.ts";
import type { FileKind, IoResult } from "../objects/file-kinds.ts";
import { contentNow, isThere, type MemoryFile, memoryFile, writeProc } from "../objects/proc-tree.ts";
import type { OpenFile } from "../state/vfs.ts";

/** mem takes as much as can be stored, whatever the pages' permissions say; what others show is not to be written. */
function writeMemory(
  kernel: Kernel,
  open: Draft<OpenFile>,
  { isMemory, space }: MemoryFile,
  bytes: Bytes,
  offset: number | null,
  room: number | undefined,
): IoResult<number> {
  if (!isMemory || room === undefined) return { kind: "fail", errno: "EINVAL" };
  if (space === undefined) return { kind: "done", value: 0 };
  if (room === 0 && bytes.length > 0) return { kind: "fail", errno: "EIO" };
  const address = offset ?? open.offset;
  if (room > 0) kernel.effect({ kind: "poke", space, store: { address, bytes: bytes.slice(0, room) } });
  if (offset === null) open.offset = address + room;
  return { kind: "done", value: room };
}
export const proc: FileKind = {
  isSeekable: true,
  read(kernel, { task, open, count, offset, shown }) {
    const virtual = open.virtual!;
    const start = offset ?? open.offset;
    if (shown) {
      const file = memoryFile(kernel, task, virtual);
      if (file?.isOrphaned) return { kind: "fail", errno: "ESRCH" };
      if (file?.isMemory && file.space !== undefined && shown.length === 0 && count > 0) return { kind: "fail", errno: "EIO" };
      if (offset === null) open.offset = start + shown.length;
      return { kind: "done", value: shown };
    }
    const isAnew = start === 0 || virtual.content === undefined;
    const content = isAnew ? contentNow(kernel, task, virtual) : isThere(kernel, task, virtual.path) ? virtual.content : undefined;
    if (!content) return { kind: "fail", errno: "ESRCH" };
    if (isAnew) open.virtual = { ...virtual, content };
    const value = content.slice(start, start + count);
    if (offset === null) open.offset = start + value.length;
    return { kind: "done", value };
  },
  write(kernel, { task, open, bytes, offset, room }) {
    const file = memoryFile(kernel, task, open.virtual!);
    if (file) return writeMemory(kernel, open, file, bytes, offset, room);
    const errno = writeProc(kernel, task, open.virtual!.path, binary(bytes));
    if (errno) return { kind: "fail", errno };
    if (offset === null) open.offset += bytes.length;
    return { kind: "done", value: bytes.length };
  },
  poll: () => ({ mask: READABLE | WRITABLE, channels: [] }),
};
