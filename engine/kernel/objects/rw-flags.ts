// What one transfer asks for beyond its file's own flags (preadv2(2); include/linux/fs.h, kiocb_set_rw_flags).
import type { Draft } from "immer";
import { O_APPEND, O_NONBLOCK } from "../../abi/constants/open-flags.ts";
import { rwFlags } from "../../abi/constants/rw-flags.ts";
import type { Errno } from "../../abi/errno.ts";
import type { FileKindName, OpenFile } from "../state/vfs.ts";

const { RWF_NOWAIT, RWF_APPEND, RWF_NOAPPEND, RWF_ATOMIC } = rwFlags;
const KNOWN = Object.values(rwFlags).reduce((all, flag) => all | flag, 0);
/** FMODE_NOWAIT. */
const canBeImpatient: ReadonlySet<FileKindName> = new Set(["regular", "pipe", "socket", "eventfd", "timerfd", "signalfd"]);

export function whyNotFlags({ kind }: Draft<OpenFile>, flags: number): Errno | null {
  if ((flags & ~KNOWN) !== 0) return "EOPNOTSUPP";
  if ((flags & RWF_APPEND) !== 0 && (flags & RWF_NOAPPEND) !== 0) return "EINVAL";
  if ((flags & RWF_NOWAIT) !== 0 && !canBeImpatient.has(kind)) return "EOPNOTSUPP";
  // No file here promises to be written all or not at all.
  return (flags & RWF_ATOMIC) !== 0 ? "EOPNOTSUPP" : null;
}
/** The transfer, with the file's flags changed for as long as it takes. */
export function withFlags<T>(open: Draft<OpenFile>, flags: number, transfer: () => T): T {
  if (flags === 0) return transfer();
  const own = open.flags;
  open.flags =
    (own | ((flags & RWF_NOWAIT) !== 0 ? O_NONBLOCK : 0) | ((flags & RWF_APPEND) !== 0 ? O_APPEND : 0)) & ((flags & RWF_NOAPPEND) !== 0 ? ~O_APPEND : ~0);
  const result = transfer();
  open.flags = own;
  return result;
}
