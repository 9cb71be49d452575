// Process accounting (acct(2), acct(5)): a record of each process that ends, in the third version of its form (kernel/acct.c).
import type { Draft } from "immer";
import { inotifyEvents } from "../../abi/constants/inotify-events.ts";
import { endingSignal, hasDumpedCore } from "../../abi/constants/wait-options.ts";
import type { Kernel } from "../kernel.ts";
import type { Process, Task } from "../state/proc-table.ts";
import { bytesOf } from "./binary-string.ts";
import { roomFor, writeContent } from "./content.ts";
import { notifyOpenFile } from "./file-events.ts";
import { inodeOf, touchModified } from "./inodes.ts";
import { terminalNumber } from "./pseudo-terminals.ts";
import { cpuTime } from "./scheduling.ts";
import { areasOf, spaceOf } from "./spaces.ts";
import { presentSecond } from "./stamps.ts";

const RECORD = 64;
const VERSION = 3;
/** Forked and never executed; dumped a core; ended by a signal. */
const FLAGS = { AFORK: 1, ACORE: 8, AXSIG: 16 } as const;
/** A hundredth of a second. */
const UNIT_NANOS = 10_000_000;
const BILLION = 1_000_000_000;
const NAME = 48;

/** comp_t: 13 bits, and how often three more were cut off, the last of which rounds. */
function compressed(value: number): number {
  let [fraction, exponent, isHalf] = [Math.floor(value), 0, false];
  while (fraction > 0x1fff) {
    isHalf = (fraction & 4) !== 0;
    fraction = Math.floor(fraction / 8);
    exponent++;
  }
  if (isHalf && ++fraction > 0x1fff) {
    fraction = Math.floor(fraction / 8);
    exponent++;
  }
  return exponent > 7 ? 0xffff : (exponent << 13) | fraction;
}
/** A float that is cut off instead of rounded. */
function cutFloat(value: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value);
  if (view.getFloat32(0) > value) view.setUint32(0, view.getUint32(0) - 1);
  return view.getUint32(0);
}
function recordOf(kernel: Kernel, process: Draft<Process>, task: Draft<Task>, status: number): Uint8Array {
  const bytes = new Uint8Array(RECORD);
  const view = new DataView(bytes.buffer);
  const { pid, parent, credentials, startNanos, terminal, hasExecuted } = process;
  const elapsedNanos = kernel.nowNanos - startNanos;
  const { userNanos, systemNanos } = cpuTime(kernel, process);
  const memory = areasOf(spaceOf(kernel, task.space)).reduce((sum, { start, end }) => sum + end - start, 0);
  bytes[0] = (hasExecuted ? 0 : FLAGS.AFORK) | (hasDumpedCore(status) ? FLAGS.ACORE : 0) | (endingSignal(status) === 0 ? 0 : FLAGS.AXSIG);
  bytes[1] = VERSION;
  view.setUint16(2, terminalNumber(terminal), true);
  [status, credentials.ruid, credentials.rgid, pid, parent, presentSecond(kernel) - Math.floor(elapsedNanos / BILLION)].forEach((value, i) => {
    view.setUint32(4 + 4 * i, value, true);
  });
  view.setUint32(28, cutFloat(Math.floor(elapsedNanos / UNIT_NANOS)), true);
  [userNanos / UNIT_NANOS, systemNanos / UNIT_NANOS, memory / 1024].forEach((value, i) => {
    view.setUint16(32 + 2 * i, compressed(value), true);
  });
  bytes.set(bytesOf(task.name), NAME);
  return bytes;
}
/** The process ends with this task. */
export function account(kernel: Kernel, process: Draft<Process>, task: Draft<Task>, status: number): void {
  const open = kernel.system.accounting === undefined ? null : kernel.vfs.openFiles[kernel.system.accounting]!;
  if (!open) return;
  const inode = inodeOf(kernel, open.inode);
  const record = recordOf(kernel, process, task, status);
  // A record that has no room is lost.
  if (roomFor(kernel, inode, inode.size, RECORD) < RECORD) return;
  writeContent(kernel, inode, inode.size, record);
  touchModified(kernel, inode);
  notifyOpenFile(kernel, open, inotifyEvents.IN_MODIFY);
}
