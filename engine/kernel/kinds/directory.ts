// Directories: what is done with them goes through names, not bytes.
import { READABLE, WRITABLE } from "../../abi/constants/poll-events.ts";
import type { FileKind } from "../objects/file-kinds.ts";

export const directory: FileKind = {
  isSeekable: true,
  read: () => ({ kind: "fail", errno: "EISDIR" }),
  write: () => ({ kind: "fail", errno: "EBADF" }),
  poll: () => READY,
};
const READY = { mask: READABLE | WRITABLE, channels: [] };
