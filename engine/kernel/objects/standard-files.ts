// What the first process finds open as 0, 1 and 2: the terminal, or pipes that the world gave; and where in the file system it starts.
import type { BootParameters } from "../../../events/kernel-event.ts";
import { O_LARGEFILE, O_RDONLY, O_RDWR, O_WRONLY } from "../../abi/constants/open-flags.ts";
import type { Kernel } from "../kernel.ts";
import type { FileKindName, Location } from "../state/vfs.ts";
import { binaryOfText } from "./binary-string.ts";
import { createContext } from "./fs-contexts.ts";
import { inodeOf } from "./inodes.ts";
import { throughMounts } from "./locations.ts";
import { createOpenFile, createTable, place } from "./open-files.ts";
import { createPipeInode } from "./pipes.ts";
import { entriesOf } from "./unlisted-folders.ts";

export const WORLD_TERMINAL_PATH = "/dev/pts/0";

/** The table of the first process. On the terminal all three are one open file, as a login gives them. */
export function openStandardFiles(kernel: Kernel, { standard, user }: Pick<BootParameters, "standard" | "user">): number {
  const table = createTable(kernel);
  let terminal: number | undefined;
  standard.forEach((what, fd) => {
    if (what === "terminal") terminal ??= openTerminal(kernel);
    const openFile = what === "terminal" ? terminal! : openWorldPipe(kernel, fd, user);
    place(kernel, { files: table }, fd, openFile, false);
  });
  return table;
}
function openTerminal(kernel: Kernel): number {
  const inode = placeOf(kernel, WORLD_TERMINAL_PATH);
  if (!inode || !("inode" in inode)) throw new Error(`${WORLD_TERMINAL_PATH} is missing: the terminal's node is made before the standard files are opened.`);
  const object = inodeOf(kernel, inode.inode).device![1];
  return createOpenFile(kernel, { kind: "terminal", flags: O_RDWR | O_LARGEFILE, inode: inode.inode, object, path: WORLD_TERMINAL_PATH });
}
function openWorldPipe(kernel: Kernel, fd: number, { uid, gid }: BootParameters["user"]): number {
  const kind: FileKindName = fd === 0 ? "world-input" : "world-output";
  const inode = createPipeInode(kernel, uid, gid);
  inodeOf(kernel, inode).opens = { kind, object: fd };
  return createOpenFile(kernel, { kind, flags: fd === 0 ? O_RDONLY : O_WRONLY, inode, object: fd, path: `pipe:[${inode}]` });
}

/** Root `/`, and the working directory where it exists (else `/`). */
export function createFirstContext(kernel: Kernel, workingDirectory: string): number {
  const root = kernel.vfs.mounts[0]!.root;
  const found = placeOf(kernel, binaryOfText(workingDirectory));
  return createContext(kernel, { ...root }, isDirectoryPlace(kernel, found) ? found : { ...root });
}
const isDirectoryPlace = (kernel: Kernel, found: Location | undefined): found is Location =>
  found !== undefined && (!("inode" in found) || inodeOf(kernel, found.inode).kind === "directory");

/** A place by an absolute path without links, before there is a process whose permissions could be asked. */
export function placeOf(kernel: Kernel, path: string): Location | undefined {
  let here: Location = { ...kernel.vfs.mounts[0]!.root };
  for (const name of path.split("/").filter(Boolean)) {
    if (!("inode" in here)) return undefined;
    const inode = inodeOf(kernel, here.inode);
    const child: number | undefined = inode.kind === "directory" ? entriesOf(kernel, inode).get(name) : undefined;
    if (child === undefined) return undefined;
    here = throughMounts(kernel, { inode: child });
  }
  return here;
}
