// Standard output and error where the host gave pipes: the world reads at once, so that writing never waits. `object` is 1 or 2.
import { WRITABLE } from "../../abi/constants/poll-events.ts";
import type { FileKind } from "../objects/file-kinds.ts";

export const worldOutput: FileKind = {
  isSeekable: false,
  read: () => ({ kind: "fail", errno: "EBADF" }),
  write(kernel, { open, bytes }) {
    if (bytes.length > 0) kernel.effect({ kind: "output", to: open.object === 1 ? "stdout" : "stderr", bytes });
    return { kind: "done", value: bytes.length };
  },
  poll: () => READY,
};
const READY = { mask: WRITABLE, channels: [] };
