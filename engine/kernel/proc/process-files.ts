// What a process has open and where it is: fd, fdinfo, exe, cwd, root, mounts, mountinfo (proc_pid_fd(5), proc_pid_mounts(5), proc_pid_mountinfo(5)).
import type { Draft } from "immer";
import { O_ACCMODE, O_CLOEXEC, O_RDONLY, O_WRONLY } from "../../abi/constants/open-flags.ts";
import type { Kernel } from "../kernel.ts";
import { deviceOf } from "../objects/file-status.ts";
import { inodeIfThere, inodeOf } from "../objects/inodes.ts";
import { pathOf, placeOfOpenFile } from "../objects/locations.ts";
import { mountFlags } from "../objects/mounts.ts";
import type { BinaryString, Descriptor, FsContext, Location, Mount, OpenFile } from "../state/vfs.ts";
import type { ProcessQuestion } from "./entry.ts";

const slotsOf = ({ kernel, task }: ProcessQuestion): readonly (Draft<Descriptor> | null)[] => (task && kernel.vfs.tables.get(task.files)?.slots) || [];
const isOpen = (slot: Draft<Descriptor> | null | undefined): slot is Draft<Descriptor> => slot?.reservedBy === undefined && slot != null;
export const descriptorsOf = (question: ProcessQuestion): readonly number[] => slotsOf(question).flatMap((slot, fd) => (isOpen(slot) ? [fd] : []));
export const hasDescriptor = (question: ProcessQuestion): boolean => isOpen(slotsOf(question)[question.fd]);
const openFileOf = (question: ProcessQuestion): Draft<OpenFile> | undefined => {
  const slot = slotsOf(question)[question.fd];
  return isOpen(slot) ? (question.kernel.vfs.openFiles[slot.openFile] ?? undefined) : undefined;
};
const isUnlinked = (kernel: Kernel, inode: number): boolean => inode !== 0 && inodeIfThere(kernel, inode)?.links === 0;

export function descriptorText(question: ProcessQuestion): BinaryString | undefined {
  const open = openFileOf(question);
  if (!open) return undefined;
  return open.path.startsWith("/") && isUnlinked(question.kernel, open.inode) ? `${open.path} (deleted)` : open.path;
}
export function descriptorPlace(question: ProcessQuestion): Location | undefined {
  const open = openFileOf(question);
  if (!open) return undefined;
  return placeOfOpenFile(question.kernel, open);
}
/** The owner's permissions on the link tell how the file is open. */
export function descriptorMode(question: ProcessQuestion): number {
  const access = (openFileOf(question)?.flags ?? O_RDONLY) & O_ACCMODE;
  return (access === O_WRONLY ? 0 : 0o400) | (access === O_RDONLY ? 0 : 0o200) | 0o100;
}
export function descriptorInformation(question: ProcessQuestion): string {
  const open = openFileOf(question);
  if (!open) return "";
  const isClosedOnExec = slotsOf(question)[question.fd]?.isCloseOnExec;
  const flags = open.flags | (isClosedOnExec ? O_CLOEXEC : 0);
  const mount = inodeIfThere(question.kernel, open.inode)?.fileSystem ?? question.kernel.vfs.mounts.findIndex(one => one?.type === "proc");
  return `pos:\t${open.offset}\nflags:\t0${flags.toString(8)}\nmnt_id:\t${mountNumber(mount)}\nino:\t${open.inode}\n`;
}

const contextOf = ({ kernel, task }: ProcessQuestion): Draft<FsContext> | undefined => task && kernel.vfs.contexts.get(task.fsContext);
export const placeOfProcess =
  (which: "root" | "workingDirectory") =>
  (question: ProcessQuestion): Location | undefined => {
    const place = contextOf(question)?.[which];
    return place && { ...place };
  };
export const pathOfProcess =
  (which: "root" | "workingDirectory") =>
  (question: ProcessQuestion): BinaryString | undefined => {
    const place = contextOf(question)?.[which];
    if (!place) return undefined;
    const isGone = "inode" in place && isUnlinked(question.kernel, place.inode);
    return isGone ? `${inodeIfThere(question.kernel, place.inode)?.name ?? ""} (deleted)` : pathOf(question.kernel, place);
  };
const hasProgram = ({ process, task }: ProcessQuestion): boolean => task !== undefined && task.state !== "dead" && process.executable.inode !== 0;
export const executablePath = (question: ProcessQuestion): BinaryString | undefined => {
  if (!hasProgram(question)) return undefined;
  const { path, inode } = question.process.executable;
  return isUnlinked(question.kernel, inode) ? `${path} (deleted)` : path;
};
export const executablePlace = (question: ProcessQuestion): Location | undefined =>
  hasProgram(question) ? { inode: question.process.executable.inode } : undefined;

/** Without user namespaces users are themselves (user_namespaces(7)). */
export const SAME_USERS = "         0          0 4294967295\n";

// Mounts

const FIRST_MOUNT_NUMBER = 21;
const mountNumber = (id: number): number => FIRST_MOUNT_NUMBER + id;
/** Mounts that can be seen: those on a directory, and the root. */
const visibleMounts = (kernel: Kernel): readonly (readonly [id: number, mount: Draft<Mount>])[] =>
  kernel.vfs.mounts.flatMap((mount, id) => (mount && (mount.point !== null || id === (kernel.vfs.rootMount ?? 0)) ? [[id, mount] as const] : []));
const pointOf = (kernel: Kernel, mount: Draft<Mount>): BinaryString => (mount.point === null ? "/" : pathOf(kernel, { inode: mount.point }));
/** Spaces and the like would end the field (getmntent(3)). */
const escaped = (path: BinaryString): BinaryString => path.replace(/[ \t\n\\]/g, char => `\\${char.charCodeAt(0).toString(8).padStart(3, "0")}`);
const optionNames: readonly (readonly [flag: number, name: string])[] = [
  [mountFlags.MS_NOSUID, "nosuid"],
  [mountFlags.MS_NODEV, "nodev"],
  [mountFlags.MS_NOEXEC, "noexec"],
];
const optionsOf = ({ flags }: Draft<Mount>): string =>
  [flags & mountFlags.MS_RDONLY ? "ro" : "rw", ...optionNames.filter(([flag]) => flags & flag).map(([, name]) => name), "relatime"].join(",");
/** What the file system itself was told. */
const superOptions: { readonly [T in Mount["type"]]?: string } = { devpts: "gid=5,mode=620,ptmxmode=666", devtmpfs: "mode=755" };
const withSuper = (mount: Draft<Mount>, options: string): string => [options, ...(superOptions[mount.type] ? [superOptions[mount.type]] : [])].join(",");

export const mounts = ({ kernel }: ProcessQuestion): string =>
  visibleMounts(kernel)
    .map(([, mount]) => `${escaped(mount.source)} ${escaped(pointOf(kernel, mount))} ${mount.type} ${withSuper(mount, optionsOf(mount))} 0 0\n`)
    .join("");
export const mountInformation = ({ kernel }: ProcessQuestion): string =>
  visibleMounts(kernel)
    .map(([id, mount]) => {
      const above = mount.point === null ? 1 : mountNumber(inodeOf(kernel, mount.point).fileSystem);
      const device = deviceOf(id).join(":");
      const access = mount.flags & mountFlags.MS_RDONLY ? "ro" : "rw";
      return `${mountNumber(id)} ${above} ${device} / ${escaped(pointOf(kernel, mount))} ${optionsOf(mount)} - ${mount.type} ${escaped(mount.source)} ${withSuper(mount, access)}\n`;
    })
    .join("");
export const mountStatistics = ({ kernel }: ProcessQuestion): string =>
  visibleMounts(kernel)
    .map(([, mount]) => `device ${escaped(mount.source)} mounted on ${escaped(pointOf(kernel, mount))} with fstype ${mount.type}\n`)
    .join("");
