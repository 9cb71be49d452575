// The image's files on a tmpfs of the host, with devices and /proc, for as long as somebody runs something in it by chroot. Needs root on Linux.
import { execFileSync } from "node:child_process";
import { chmodSync, lchownSync, linkSync, lutimesSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ImageEntry } from "../../engine/loader/image.ts";
import type { Image } from "../../guest-images/image.ts";
import { contentBytes } from "../../guest-images/stored-image.ts";

export async function withNativeRoot<T>(image: Image, act: (root: string) => Promise<T>): Promise<T> {
  const root = mkdtempSync(join(tmpdir(), "chronix-native-"));
  execFileSync("mount", ["-t", "tmpfs", "-o", "mode=755", "none", root]);
  try {
    writeEntries(image.entries, root);
    writeDevices(root);
    execFileSync("mount", ["-t", "proc", "none", join(root, "proc")]);
    return await act(root);
  } finally {
    execFileSync("umount", ["-R", "-l", root]);
    rmSync(root, { recursive: true });
  }
}

function writeEntries(entries: readonly ImageEntry[], root: string): void {
  for (const entry of entries) {
    const { path, kind, target, mode, uid, gid, hardLinkTo } = entry;
    const at = join(root, path);
    if (hardLinkTo !== undefined) {
      linkSync(join(root, hardLinkTo), at);
      continue;
    }
    if (kind === "directory") mkdirSync(at, { recursive: true });
    if (kind === "file") writeFileSync(at, contentBytes(entry));
    if (kind === "symlink") symlinkSync(target ?? "", at);
    lchownSync(at, uid, gid);
    // Changing the owner drops set-user-id.
    if (kind !== "symlink") chmodSync(at, mode);
  }
  for (const { path, mtimeSeconds } of entries.toReversed()) lutimesSync(join(root, path), mtimeSeconds, mtimeSeconds);
}

const DEVICES: Readonly<Record<string, readonly [major: number, minor: number]>> = {
  null: [1, 3],
  zero: [1, 5],
  full: [1, 7],
  random: [1, 8],
  urandom: [1, 9],
  tty: [5, 0],
};
function writeDevices(root: string): void {
  for (const [name, [major, minor]] of Object.entries(DEVICES)) execFileSync("mknod", ["-m", "666", join(root, "dev", name), "c", `${major}`, `${minor}`]);
  const links = { fd: "/proc/self/fd", stdin: "/proc/self/fd/0", stdout: "/proc/self/fd/1", stderr: "/proc/self/fd/2" };
  for (const [name, target] of Object.entries(links)) symlinkSync(target, join(root, "dev", name));
}
