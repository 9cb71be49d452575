// Writes a file so that a reader, a crash, a full disk or a second process sees the whole new file or the old one.
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writevSync } from "node:fs";
import { dirname } from "node:path";
import { UserMistake } from "./user-mistake.ts";

export function writeAtomically(path: string, pieces: readonly Uint8Array[]): void {
  const temporary = temporaryBeside(path);
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeSynced(temporary, pieces);
    renameSync(temporary, path);
  } catch (error) {
    removeIfThere(temporary);
    throw explained(error, path);
  }
}

/** Where the new file grows until it takes the place of the old one. */
export const temporaryBeside = (path: string): string => `${path}.${process.pid}-${process.hrtime.bigint().toString(36)}.tmp`;

/** For writing in steps: what hinders it is told as a sentence. */
export function withExplainedFailure(path: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    throw explained(error, path);
  }
}

/** Whatever hinders this hindered the writing, and that is what the user is told. */
function removeIfThere(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // As said.
  }
}

function writeSynced(path: string, pieces: readonly Uint8Array[]): void {
  const file = openSync(path, "wx", 0o644);
  try {
    for (const piece of pieces) writeWhole(file, piece);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function writeWhole(file: number, piece: Uint8Array): void {
  for (let at = 0; at < piece.length; ) at += writevSync(file, [piece.subarray(at)]);
}

function explained(error: unknown, path: string): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === "ENOSPC" || code === "EDQUOT")
    return new UserMistake(`No space is left for ${path}; free some, or set CHRONIX_HOME to a folder on another disk.`);
  if (code === "EACCES" || code === "EPERM" || code === "EROFS" || code === "ENOTDIR" || code === "EEXIST")
    return new UserMistake(`Cannot write ${path} (${code}); set CHRONIX_HOME to a folder that you can write.`);
  return error;
}
