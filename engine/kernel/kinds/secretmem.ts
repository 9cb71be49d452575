// Files of memfd_secret(2): what is in them only mappings show.
import { READABLE, WRITABLE } from "../../abi/constants/poll-events.ts";
import type { FileKind } from "../objects/file-kinds.ts";

export const secretmem: FileKind = {
  isSeekable: false,
  read: () => ({ kind: "fail", errno: "EINVAL" }),
  write: () => ({ kind: "fail", errno: "EINVAL" }),
  poll: () => ({ mask: READABLE | WRITABLE, channels: [] }),
};
