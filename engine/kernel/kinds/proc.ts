// Open files of /proc: content is made by a read at the beginning, and kept, so that the reads after it fit together. Writes take effect at once.
import { READABLE, WRITABLE } from "../../abi/constants/poll-events.ts";
import { binary } from "../objects/binary-string.ts";
import type { FileKind } from "../objects/file-kinds.ts";
import { contentNow, isThere, memoryFile, writeProc } from "../objects/proc-tree.ts";

export const proc: FileKind = {
  isSeekable: true,
  read(kernel, { task, open, count, offset, shown }) {
    const virtual = open.virtual!;
    const start = offset ?? open.offset;
    if (shown) {
      if (memoryFile(kernel, task, virtual)?.isOrphaned) return { kind: "fail", errno: "ESRCH" };
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
  write(kernel, { task, open, bytes, offset }) {
    const errno = writeProc(kernel, task, open.virtual!.path, binary(bytes));
    if (errno) return { kind: "fail", errno };
    if (offset === null) open.offset += bytes.length;
    return { kind: "done", value: bytes.length };
  },
  poll: () => ({ mask: READABLE | WRITABLE, channels: [] }),
};
