// /proc/locks: every advisory lock that is held, by file (proc_locks(5)).
import { deviceOf } from "../objects/file-status.ts";
import { inodeOf } from "../objects/inodes.ts";
import { NO_END } from "../objects/locks.ts";
import { hexadecimal, type Question } from "./entry.ts";

const kinds = { posix: "POSIX", ofd: "OFDLCK", flock: "FLOCK" } as const;

export function lockTable({ kernel }: Question): string {
  const lines = [...kernel.vfs.locks].flatMap(([inode, locks]) => {
    const [major, minor] = deviceOf(inodeOf(kernel, inode).fileSystem);
    const file = `${hexadecimal(major, 2)}:${hexadecimal(minor, 2)}:${inode}`;
    return locks.map(({ kind, isExclusive, pid, start, end }) => {
      const range = `${start} ${end === NO_END ? "EOF" : end - 1}`;
      return `${kinds[kind].padEnd(6)} ADVISORY  ${isExclusive ? "WRITE" : "READ "} ${pid} ${file} ${range}\n`;
    });
  });
  return lines.map((line, index) => `${index + 1}: ${line}`).join("");
}
