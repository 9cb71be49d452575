// The root file system as a machine has left it, as entries of an image. What is mounted elsewhere (/proc, /dev, /tmp of the host) is not in it.
import { readContent } from "../engine/kernel/objects/content.ts";
import { IMAGE_FILE_SYSTEM, inodeIn } from "../engine/kernel/objects/image-inodes.ts";
import { timestampOf } from "../engine/kernel/objects/stamps.ts";
import type { KernelState } from "../engine/kernel/state/kernel-state.ts";
import type { Inode } from "../engine/kernel/state/vfs.ts";
import type { ImageEntry, StoredContent, StoredContents } from "../engine/loader/image.ts";

export interface LeftMachine {
  readonly state: KernelState;
  readonly contents: StoredContents;
}

/** `store` takes the contents that are not the image's own. */
export function machineRoot({ state, contents }: LeftMachine, store: (bytes: Uint8Array) => StoredContent): readonly ImageEntry[] {
  const root = state.vfs.mounts[IMAGE_FILE_SYSTEM]?.root;
  if (!root || !("inode" in root)) throw new Error("The machine has no root file system.");
  const entries: ImageEntry[] = [];
  const firstNames = new Map<number, string>();

  const visit = (id: number, path: string): void => {
    const inode = inodeIn(state, contents, id);
    if (!inode) throw new Error(`The machine has a name for inode ${id}, which is not there.`);
    if (inode.kind === "socket" || inode.fileSystem !== IMAGE_FILE_SYSTEM) return;
    const first = firstNames.get(id);
    firstNames.set(id, first ?? path);
    entries.push(first === undefined ? { ...entryOf(inode, path), ...contentOf(inode) } : { ...entryOf(inode, path), hardLinkTo: first });
    for (const [name, child] of inode.entries ?? []) visit(child, path === "/" ? `/${name}` : `${path}/${name}`);
  };
  const contentOf = (inode: Inode): Pick<ImageEntry, "stored"> => {
    if (inode.kind !== "file") return {};
    const own = inode.stored === undefined ? undefined : contents.get(inode.stored);
    return { stored: own ?? store(readContent({ contents }, inode as Parameters<typeof readContent>[1], 0, inode.size)) };
  };
  visit(root.inode, "/");
  return entries;
}

function entryOf({ kind, mode, uid, gid, modified, target, device }: Inode, path: string): ImageEntry {
  return {
    path,
    kind: kind as ImageEntry["kind"],
    mode: mode & 0o7777,
    uid,
    gid,
    mtimeSeconds: timestampOf(modified).seconds,
    ...(target !== undefined && { target }),
    ...(device !== undefined && { device }),
  };
}
