// /proc/PID/maps and smaps, and what execve left on the stack: cmdline, environ, auxv (proc_pid_maps(5), proc_pid_smaps(5)).
import type { Draft } from "immer";
import { protections } from "../../abi/constants/mmap.ts";
import type { Bytes } from "../../abi/memory-view.ts";
import { isAccounted } from "../objects/areas.ts";
import { deviceOf } from "../objects/file-status.ts";
import { inodeIfThere } from "../objects/inodes.ts";
import { areasOf } from "../objects/spaces.ts";
import type { Area } from "../state/vmm.ts";
import { hexadecimal, type ProcessQuestion } from "./entry.ts";
import { kibibytes, spaceOfProcess } from "./memory-summary.ts";

const NOTHING = new Uint8Array(0);
const NAME_COLUMN = 73;
const { PROT_READ, PROT_WRITE, PROT_EXEC } = protections;

const areasOfProcess = (question: ProcessQuestion): readonly Area[] => {
  const space = spaceOfProcess(question);
  return space ? areasOf(space as Draft<typeof space>) : [];
};
const letters = ({ protection, isShared }: Area): string =>
  [protection & PROT_READ ? "r" : "-", protection & PROT_WRITE ? "w" : "-", protection & PROT_EXEC ? "x" : "-", isShared ? "s" : "p"].join("");

interface Place {
  readonly offset: number;
  readonly device: string;
  readonly inode: number;
  readonly name: string;
}
function placeOf({ kernel }: ProcessQuestion, { backing, name, isShared }: Area): Place {
  if (backing.kind === "file" && name === undefined) {
    const inode = inodeIfThere(kernel, backing.inode);
    const [major, minor] = deviceOf(inode?.fileSystem ?? 0);
    const isDeleted = !inode || inode.links === 0;
    return {
      offset: backing.offset,
      device: `${hexadecimal(major, 2)}:${hexadecimal(minor, 2)}`,
      inode: backing.inode,
      name: `${backing.path.replaceAll("\n", "\\012")}${isDeleted ? " (deleted)" : ""}`,
    };
  }
  // Shared memory without a file is a deleted file of a hidden tmpfs.
  if (backing.kind === "object" && isShared) return { offset: 0, device: "00:01", inode: backing.object, name: "/dev/zero (deleted)" };
  return { offset: 0, device: "00:00", inode: 0, name: name ?? "" };
}
function line(question: ProcessQuestion, area: Area): string {
  const { offset, device, inode, name } = placeOf(question, area);
  const head = `${hexadecimal(area.start, 8)}-${hexadecimal(area.end, 8)} ${letters(area)} ${hexadecimal(offset, 8)} ${device} ${inode} `;
  return `${name === "" ? head : head.padEnd(NAME_COLUMN) + name}\n`;
}
export const maps = (question: ProcessQuestion): string =>
  areasOfProcess(question)
    .map(area => line(question, area))
    .join("");

const amount = (name: string, bytes: number): string => `${`${name}:`.padEnd(16)}${String(kibibytes(bytes)).padStart(8)} kB\n`;
const ALWAYS_ZERO = [
  "Referenced",
  "Anonymous",
  "KSM",
  "LazyFree",
  "AnonHugePages",
  "ShmemPmdMapped",
  "FilePmdMapped",
  "Shared_Hugetlb",
  "Private_Hugetlb",
  "Swap",
  "SwapPss",
  "Locked",
] as const;
const PAGE = 4096;
interface Amounts {
  readonly size: number;
  readonly dirty: number;
  readonly anonymous: number;
  readonly shared: number;
  readonly locked: number;
}
function amountsOf(area: Area): Amounts {
  const size = area.end - area.start;
  const { kind } = area.backing;
  const only = (is: boolean): number => (is ? size : 0);
  const isOwn = isAccounted(area);
  const isDirty = isOwn || (area.protection & PROT_WRITE) !== 0;
  return { size, dirty: only(isDirty), anonymous: only(isOwn || kind === "anonymous"), shared: only(kind === "object"), locked: only(area.isLocked) };
}
/** Which pages are resident, clean or dirty is not known here: all that is mapped counts as private, and dirty where it may be written, or might be. */
function resident({ size, dirty, anonymous, locked }: Amounts, byKind: string): string {
  const known: Readonly<Record<string, number>> = { Referenced: size, Anonymous: anonymous, Locked: locked };
  return [
    amount("Rss", size),
    amount("Pss", size),
    amount("Pss_Dirty", dirty),
    byKind,
    amount("Shared_Clean", 0),
    amount("Shared_Dirty", 0),
    amount("Private_Clean", size - dirty),
    amount("Private_Dirty", dirty),
    ...ALWAYS_ZERO.map(name => amount(name, known[name] ?? 0)),
  ].join("");
}
const amounts = (area: Area): string =>
  [
    amount("Size", area.end - area.start),
    amount("KernelPageSize", PAGE),
    amount("MMUPageSize", PAGE),
    resident(amountsOf(area), ""),
    "THPeligible:           0\n",
  ].join("");
function mappingFlags(area: Area): string {
  const { protection, maxProtection, isShared, growsDown, isLocked } = area;
  const all: readonly (readonly [boolean, string])[] = [
    [(protection & PROT_READ) !== 0, "rd"],
    [(protection & PROT_WRITE) !== 0, "wr"],
    [(protection & PROT_EXEC) !== 0, "ex"],
    [isShared, "sh"],
    [(maxProtection & PROT_READ) !== 0, "mr"],
    [(maxProtection & PROT_WRITE) !== 0, "mw"],
    [(maxProtection & PROT_EXEC) !== 0, "me"],
    [growsDown, "gd"],
    [isLocked, "lo"],
    [isAccounted(area), "ac"],
  ];
  return `VmFlags: ${all.map(([isOn, flag]) => (isOn ? `${flag} ` : "")).join("")}\n`;
}
export const smaps = (question: ProcessQuestion): string =>
  areasOfProcess(question)
    .map(area => line(question, area) + detailsOf(area))
    .join("");
/** An area is a value: what is said of it does not change, and programs read it again and again. */
const details = new WeakMap<Area, string>();
function detailsOf(area: Area): string {
  const known = details.get(area);
  if (known !== undefined) return known;
  const text = amounts(area) + mappingFlags(area);
  details.set(area, text);
  return text;
}

/** smaps_rollup: all of it in one, and Pss by what it is for. */
export function smapsTogether(question: ProcessQuestion): string {
  const areas = areasOfProcess(question);
  const [first, last] = [areas[0], areas.at(-1)];
  if (!first || !last) return "";
  const all = areas.map(amountsOf);
  const sum = (of: keyof Amounts): number => all.reduce((total, amounts) => total + amounts[of], 0);
  const together: Amounts = { size: sum("size"), dirty: sum("dirty"), anonymous: sum("anonymous"), shared: sum("shared"), locked: sum("locked") };
  const { size, anonymous, shared } = together;
  const byKind = amount("Pss_Anon", anonymous) + amount("Pss_File", size - anonymous - shared) + amount("Pss_Shmem", shared);
  const head = `${hexadecimal(first.start, 8)}-${hexadecimal(last.end, 8)} ---p 00000000 00:00 0 `;
  return `${head.padEnd(NAME_COLUMN)}[rollup]\n${resident(together, byKind)}`;
}

export const commandLine = (question: ProcessQuestion): Bytes => spaceOfProcess(question)?.arguments ?? NOTHING;
export const environment = (question: ProcessQuestion): Bytes => spaceOfProcess(question)?.environment ?? NOTHING;
export const auxiliaryVector = (question: ProcessQuestion): Bytes => spaceOfProcess(question)?.auxiliaryVector ?? NOTHING;
