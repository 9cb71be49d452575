// Code that the kernel maps into every program, for clocks without a call (vdso(7)), and before it a page of data that it reads. Both are pages of one file that has no name.
// docs/decisions/vdso.md: why the time stamp counter counts virtual nanoseconds.
import { PAGE_BYTES, pageCeil } from "../../abi/constants/address-space.ts";
import { protections } from "../../abi/constants/mmap.ts";
import { vdsoImage } from "../../loader/vdso-image.ts";
import type { Kernel } from "../kernel.ts";
import type { Area } from "../state/vmm.ts";
import { type Areas, highestGap, place } from "./areas.ts";
import { createInode, hold, inodeOf } from "./inodes.ts";
import { areasOf } from "./spaces.ts";

const { PROT_READ, PROT_EXEC } = protections;
const DATA_NAME = "[vvar]";
const CODE_BYTES = pageCeil(vdsoImage.length);

/** What CLOCK_REALTIME is at boot, and its fraction: the code adds what has passed since. */
function dataPage(kernel: Kernel): Uint8Array {
  const { epochSeconds, realtimeOffsetNanos } = kernel.time;
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt.asUintN(64, BigInt(epochSeconds)), true);
  view.setBigUint64(8, BigInt(realtimeOffsetNanos), true);
  return bytes;
}
export function createVdso(kernel: Kernel): void {
  const fileSystem = kernel.vfs.mounts.findIndex(mount => mount?.type === "pipefs");
  const id = createInode(kernel, { fileSystem, kind: "file", mode: 0, uid: 0, gid: 0 });
  hold(kernel, id);
  const inode = inodeOf(kernel, id);
  const code = Array.from({ length: CODE_BYTES / PAGE_BYTES }, (_, i) => vdsoImage.slice(i * PAGE_BYTES, (i + 1) * PAGE_BYTES));
  Object.assign(inode, { size: PAGE_BYTES + CODE_BYTES, pieces: [dataPage(kernel), ...code], usedPieces: 1 + code.length });
  kernel.system.vdso = id;
}
/** The areas with those of the vdso, and where its code begins; `null` where there is no room: a program does without. */
export function withVdso(kernel: Kernel, areas: Areas, top: number): { readonly areas: Areas; readonly address: number } | null {
  const { vdso } = kernel.system;
  const start = vdso === 0 ? undefined : highestGap(areas, PAGE_BYTES + CODE_BYTES, top);
  if (start === undefined) return null;
  const address = start + PAGE_BYTES;
  const common = { maxProtection: PROT_READ | PROT_EXEC, isShared: false, growsDown: false, isLocked: false } as const;
  const backing = (offset: number, path: string): Area["backing"] => ({ kind: "file", inode: vdso, offset, path });
  const data: Area = { ...common, start, end: address, protection: PROT_READ, backing: backing(0, DATA_NAME), name: DATA_NAME };
  const code: Area = {
    ...common,
    start: address,
    end: address + CODE_BYTES,
    protection: PROT_READ | PROT_EXEC,
    backing: backing(PAGE_BYTES, "[vdso]"),
    name: "[vdso]",
  };
  return { areas: place(place(areas, data), code), address };
}
/** CLOCK_REALTIME was set: the data is another, and what programs have of it is fetched anew. */
export function refreshVdso(kernel: Kernel): void {
  const { vdso } = kernel.system;
  if (vdso === 0) return;
  inodeOf(kernel, vdso).pieces[0] = dataPage(kernel);
  for (const [space, value] of kernel.vmm.spaces)
    for (const { name, start, end } of areasOf(value)) if (name === DATA_NAME) kernel.effect({ kind: "unmap", space, start, end });
}
