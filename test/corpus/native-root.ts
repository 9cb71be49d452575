// The image's files on a tmpfs of the host, with devices and /proc, for as long as somebody runs something in it by chroot. Needs root on Linux.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import type { Image } from "../../guest-images/image.ts";
import { unpackRoot } from "../../guest-images/unpacked-root.ts";

export async function withNativeRoot<T>(image: Image, act: (root: string) => Promise<T>): Promise<T> {
  const root = mkdtempSync(join(tmpdir(), "chronix-native-"));
  execFileSync("mount", ["-t", "tmpfs", "-o", "mode=755", "none", root]);
  const giveUp = (signal: keyof typeof constants.signals): void => {
    release(root);
    process.exit(128 + constants.signals[signal]);
  };
  for (const signal of ENDING) process.once(signal, giveUp);
  try {
    unpackRoot(image.entries, root);
    writeDevices(root);
    execFileSync("mount", ["-t", "proc", "none", join(root, "proc")]);
    execFileSync("mkdir", ["-m", "1777", join(root, "dev/shm")]);
    execFileSync("mkdir", ["-p", join(root, "dev/pts")]);
    execFileSync("mount", ["-t", "devpts", "-o", "newinstance,ptmxmode=666,mode=620", "none", join(root, "dev/pts")]);
    return await act(root);
  } finally {
    for (const signal of ENDING) process.off(signal, giveUp);
    release(root);
  }
}
/** A run that is broken off takes its root along. */
const ENDING = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
function release(root: string): void {
  execFileSync("umount", ["-R", "-l", root]);
  rmSync(root, { recursive: true });
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
  const links = { fd: "/proc/self/fd", stdin: "/proc/self/fd/0", stdout: "/proc/self/fd/1", stderr: "/proc/self/fd/2", ptmx: "pts/ptmx" };
  for (const [name, target] of Object.entries(links)) symlinkSync(target, join(root, "dev", name));
}
