// Core files (core(5)): whether a signal leaves one, which memory is in it, and how it comes into the working directory (fs/coredump.c, fs/binfmt_elf.c).
// The pages that differ from what they were mapped from come with the event, since reducers read no memory; all else is made from the state.
import type { Draft } from "immer";
import type { DumpEvent } from "../../../events/kernel-event.ts";
import { PAGE_BYTES } from "../../abi/constants/address-space.ts";
import { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } from "../../abi/constants/open-flags.ts";
import { resources } from "../../abi/constants/resource-limits.ts";
import type { Bytes } from "../../abi/memory-view.ts";
import type { Kernel } from "../kernel.ts";
import type { Process, Task } from "../state/proc-table.ts";
import type { Area } from "../state/vmm.ts";
import { roomFor } from "./content.ts";
import { coreHeaders, coreNotes, type Segment } from "./core-notes.ts";
import { inodeOf, pieceAt, readContent, touchModified, writeContent } from "./inodes.ts";
import { discardOpenFile, hasRoomForOpenFile } from "./open-files.ts";
import { openPath } from "./opening.ts";
import { AT_FDCWD, plainCredentials } from "./paths.ts";
import { unlinkPath } from "./removal.ts";
import { areasOf, lowestReach, spaceOf } from "./spaces.ts";
import { processOf, taskOf } from "./tasks.ts";

const CORE_NAME = "core";
/** Below a page no core is begun. */
const LEAST_CORE = PAGE_BYTES;

/** Whether the process leaves a core file: not where it said otherwise, or gained privileges (prctl(2), PR_SET_DUMPABLE). */
export function leavesCore(kernel: Kernel, tid: number): boolean {
  const process = processOf(kernel, taskOf(kernel, tid).pid);
  return process.isDumpable && process.limits[resources.RLIMIT_CORE]![0] >= LEAST_CORE;
}
/** An area whose pages, as far as they have changed, belong to the core: as far down as it may have grown. */
export interface DumpedArea {
  readonly area: Area;
  readonly from: number;
}
/** As /proc/PID/coredump_filter is at first, 0x33: what is private, and shared memory without a file (core(5)). */
export function dumpedAreas(kernel: Kernel, spaceId: number): readonly DumpedArea[] {
  const space = spaceOf(kernel, spaceId);
  return areasOf(space)
    .map((area, i, all) => ({ area, from: area.growsDown ? Math.min(area.start, lowestReach(all, i, space.stackLimit)) : area.start }))
    .filter(({ area }) => !area.isNotDumped && !(area.isShared && area.backing.kind === "file"));
}
/** What lies at a page that nobody has changed; `null`: zeros. */
export function originOf(kernel: Kernel, { backing, start }: Area, address: number): Bytes | null {
  if (backing.kind !== "file") return null;
  const inode = inodeOf(kernel, backing.inode);
  return pieceAt(kernel, inode, (backing.offset + address - start) / PAGE_BYTES);
}

const ELF_MAGIC = 0x7f45_4c46;
/** The first page of a program or library tells a debugger which it is. */
function hasHeaderPage(kernel: Kernel, { backing, protection }: Area): boolean {
  if (backing.kind !== "file" || backing.offset !== 0 || (protection & 1) === 0) return false;
  const inode = inodeOf(kernel, backing.inode);
  if ((inode.mode & 0o111) !== 0) return true;
  const head = readContent(kernel, inode, 0, 4);
  return head.length === 4 && new DataView(head.buffer, head.byteOffset, 4).getUint32(0) === ELF_MAGIC;
}
/** Files that are shared and have no name any more are dumped as memory is. */
const isNameless = (kernel: Kernel, { backing, isShared }: Area): boolean =>
  isShared && (backing.kind !== "file" || inodeOf(kernel, backing.inode).links === 0);
/** The first page of [start, end) that has changed; pages come in the order of their addresses. */
function firstWithin(pages: DumpEvent["pages"], start: number, end: number): number | undefined {
  let [low, high] = [0, pages.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (pages[middle]!.address < start) low = middle + 1;
    else high = middle;
  }
  const address = pages[low]?.address;
  return address !== undefined && address < end ? address : undefined;
}
function segmentsOf(kernel: Kernel, spaceId: number, pages: DumpEvent["pages"]): readonly Segment[] {
  const space = spaceOf(kernel, spaceId);
  return areasOf(space).map((area, i, all) => {
    const lowest = area.growsDown ? firstWithin(pages, lowestReach(all, i, space.stackLimit), area.end) : undefined;
    const start = Math.min(area.start, lowest ?? area.start);
    const hasChanged = firstWithin(pages, start, area.end) !== undefined;
    const isWhole = !area.isNotDumped && (area.name === "[vdso]" || isNameless(kernel, area) || (!area.isShared && hasChanged));
    const size = isWhole ? area.end - start : !area.isNotDumped && !area.isShared && hasHeaderPage(kernel, area) ? PAGE_BYTES : 0;
    return { area, start, end: area.end, size };
  });
}

/** Writes from the start on, leaving holes, up to the limit (RLIMIT_CORE counts what is written, not the holes). */
interface Writer {
  /** `false`: no more can be written. */
  put(at: number, bytes: Bytes): boolean;
}
function writerOf(kernel: Kernel, inode: number, process: Draft<Process>): Writer {
  const [limit] = process.limits[resources.RLIMIT_CORE]!;
  const [longest] = process.limits[resources.RLIMIT_FSIZE]!;
  let written = 0;
  return {
    put(at, bytes) {
      const file = inodeOf(kernel, inode);
      if (written + bytes.length > limit || at + bytes.length > longest || roomFor(kernel, file, at, bytes.length) < bytes.length) return false;
      writeContent(kernel, file, at, bytes);
      written += bytes.length;
      return true;
    },
  };
}
const isZero = (bytes: Bytes): boolean => bytes.every(byte => byte === 0);
const NUL = new Uint8Array(1);

/** In order, until no more can be written. */
function writeSegments(kernel: Kernel, segments: readonly Segment[], event: DumpEvent, writer: Writer, dataAt: number): void {
  const changed = new Map(event.pages.map(({ address, bytes }) => [address, bytes]));
  let at = dataAt;
  let end = at;
  for (const { area, start, size } of segments) {
    for (let address = start; address < start + size; address += PAGE_BYTES, at += PAGE_BYTES) {
      const bytes = changed.get(address) ?? originOf(kernel, area, address);
      if (!bytes || isZero(bytes)) continue;
      if (!writer.put(at, bytes)) return;
      end = at + bytes.length;
    }
  }
  // A hole at the end: the file reaches behind it all the same.
  if (end < at) writer.put(at - 1, NUL);
}
/** The file that the core goes to: a new one, whatever lay there before; `null` where there is none to be had. */
function createCore(kernel: Kernel, task: Draft<Task>): number | null {
  if (!hasRoomForOpenFile(kernel)) return null;
  unlinkPath(kernel, task, AT_FDCWD, CORE_NAME);
  const opened = openPath(kernel, task, { dirfd: AT_FDCWD, path: CORE_NAME, flags: O_CREAT | O_WRONLY | O_NOFOLLOW | O_EXCL, mode: 0o600 });
  return opened.kind === "opened" ? opened.openFile : null;
}
/** The `dump` event: the file is written, and the process's status will say so (wait(2), WCOREDUMP). */
export function writeCore(kernel: Kernel, event: DumpEvent): void {
  const task = taskOf(kernel, event.task);
  const process = processOf(kernel, task.pid);
  const openFile = createCore(kernel, task);
  if (openFile === null) return;
  const { inode } = kernel.vfs.openFiles[openFile]!;
  if (inodeOf(kernel, inode).uid === plainCredentials(kernel, task).fsuid) {
    const segments = segmentsOf(kernel, task.space, event.pages);
    const notes = coreNotes(kernel, task, event, segments);
    const { headers, dataAt } = coreHeaders(
      segments,
      notes.reduce((sum, note) => sum + note.length, 0),
    );
    const writer = writerOf(kernel, inode, process);
    let at = headers.length;
    const hasNotes =
      writer.put(0, headers) &&
      notes.every(note => {
        at += note.length;
        return writer.put(at - note.length, note);
      });
    if (hasNotes) writeSegments(kernel, segments, event, writer, dataAt);
    touchModified(kernel, inodeOf(kernel, inode));
    // Told even of one that was cut short (fs/binfmt_elf.c, elf_core_dump).
    process.hasDumpedCore = true;
  }
  discardOpenFile(kernel, openFile);
}
