// A file system that is being made (fsopen(2)): read for messages, of which there are none.
import type { FileKind } from "../objects/file-kinds.ts";

export const fscontext: FileKind = {
  isSeekable: false,
  read: () => ({ kind: "fail", errno: "ENODATA" }),
  write: () => ({ kind: "fail", errno: "EINVAL" }),
  poll: () => ({ mask: 0, channels: [] }),
  close: (kernel, { object }) => void kernel.vfs.fsContexts?.delete(object),
};
