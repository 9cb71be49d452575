// Open directories of /proc. Their entries are listed by getdents through the tree; there is nothing to read or write.
import { READABLE, WRITABLE } from "../../abi/constants/poll-events.ts";
import type { FileKind } from "../objects/file-kinds.ts";

export const procDirectory: FileKind = {
  isSeekable: true,
  read: () => ({ kind: "fail", errno: "EISDIR" }),
  write: () => ({ kind: "fail", errno: "EBADF" }),
  poll: () => ({ mask: READABLE | WRITABLE, channels: [] }),
};
