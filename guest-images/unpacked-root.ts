// An image's files in a folder of the host. Owners are set where this process may (as root); devices are left to who mounts them.
import { chmodSync, lchownSync, linkSync, lutimesSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ImageEntry } from "../engine/loader/image.ts";
import { contentBytes } from "./stored-image.ts";

export function unpackRoot(entries: readonly ImageEntry[], root: string): void {
  const isRoot = process.getuid?.() === 0;
  for (const entry of entries) {
    const { path, kind, target, mode, uid, gid, hardLinkTo } = entry;
    const at = hostPath(root, path);
    if (hardLinkTo !== undefined) {
      linkSync(hostPath(root, hardLinkTo), at);
      continue;
    }
    if (kind === "directory") mkdirSync(at, { recursive: true });
    else if (kind === "file") writeFileSync(at, contentBytes(entry));
    else if (kind === "symlink") symlinkSync(Buffer.from(target ?? "", "latin1"), at);
    else continue;
    if (isRoot) lchownSync(at, uid, gid);
    // After the owner, whose change drops set-user-id. Without root a folder must stay one that can be filled.
    if (kind !== "symlink") chmodSync(at, isRoot || kind !== "directory" ? mode : mode | 0o700);
  }
  for (const { path, kind, mtimeSeconds } of entries.toReversed())
    if (kind === "directory" || kind === "file" || kind === "symlink") lutimesSync(hostPath(root, path), mtimeSeconds, mtimeSeconds);
}

/** Paths of images are bytes, which need not be text. */
const hostPath = (root: string, path: string): Buffer => Buffer.concat([Buffer.from(join(root, "/")), Buffer.from(path.slice(1), "latin1")]);
