// modify_ldt(2): what a process without segments of its own reads, and clearing entries. Segments cannot be made: there is no room for them (arch/x86/kernel/ldt.c).
import type { Errno } from "../../abi/errno.ts";
import { errnoNumber } from "../../abi/errno.ts";
import type { Bytes } from "../../abi/memory-view.ts";
import type { Kernel } from "../kernel.ts";
import { spaceOf } from "../objects/spaces.ts";
import { taskOf } from "../objects/tasks.ts";
import { done, type Outcome, type Reducer } from "../service.ts";

const ENTRIES = 8192;
const ENTRY = 8;
const DEFAULT = 128;
const CODE = 3;
/** Of struct user_desc's flags: read_exec_only and seg_not_present alone. */
const CLEARED = 0x28;
const NOT_PRESENT = 0x20;
export const operations = { READ: 0, WRITE_OLD: 1, READ_DEFAULT: 2, WRITE: 0x11 } as const;

/** The call's result has 32 bits: an errno comes as a large number, which libc's syscall(2) does not recognise. */
const refuse = (errno: Errno): Outcome<{ ptr: unknown }> => done(2 ** 32 - errnoNumber(errno), { ptr: undefined });
const zeros = (count: number): Outcome<{ ptr: unknown }> => done(count, { ptr: new Uint8Array(count) });
function write(kernel: Kernel, tid: number, bytes: Bytes | null, isOld: boolean): Outcome<{ ptr: unknown }> {
  if (!bytes) return refuse("EINVAL");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const [entry, base, limit, flags] = [view.getUint32(0, true), view.getUint32(4, true), view.getUint32(8, true), view.getUint8(12)];
  if (entry >= ENTRIES) return refuse("EINVAL");
  if (((flags >> 1) & CODE) === CODE && (isOld || (flags & NOT_PRESENT) === 0)) return refuse("EINVAL");
  const isCleared = base === 0 && limit === 0 && (isOld || flags === CLEARED);
  if (!isCleared) return refuse((flags & 1) === 0 ? "EINVAL" : "ENOMEM");
  const space = spaceOf(kernel, taskOf(kernel, tid).space);
  space.descriptors = Math.max(space.descriptors ?? 0, entry + 1);
  return done(0, { ptr: undefined });
}
export const modify_ldt: Reducer<"modify_ldt"> = (kernel, { tid, args: { func, ptr, bytecount } }) => {
  if (func === operations.READ) return zeros(spaceOf(kernel, taskOf(kernel, tid).space).descriptors === undefined ? 0 : Math.min(bytecount, ENTRIES * ENTRY));
  if (func === operations.READ_DEFAULT) return zeros(Math.min(bytecount, DEFAULT));
  if (func === operations.WRITE || func === operations.WRITE_OLD) return write(kernel, tid, ptr as Bytes | null, func === operations.WRITE_OLD);
  return refuse("ENOSYS");
};
