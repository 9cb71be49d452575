// A log's bytes go to a file, at once: a process that is killed has lost nothing that was written.
import { closeSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { LogWriteFailure } from "./damage.ts";
import type { LogSink } from "./sink.ts";

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EFBIG: "the file has reached the size that is allowed",
  EIO: "the disk does not take it",
  EACCES: "that is not permitted",
  EPERM: "that is not permitted",
  EROFS: "the file system is read-only",
  ENOENT: "the folder does not exist",
  EISDIR: "it is a folder",
};

export class FileSink implements LogSink {
  readonly path: string;
  readonly #fd: number;
  #written = 0;
  /** Makes a new file, in place of one of this name. */
  constructor(path: string) {
    this.path = path;
    this.#fd = this.#tried(() => openSync(path, "w"));
  }
  write(bytes: Uint8Array): void {
    this.#tried(() => {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#fd, bytes, at);
    });
    this.#written += bytes.length;
  }
  close(): void {
    closeSync(this.#fd);
  }
  #tried<T>(act: () => T): T {
    try {
      return act();
    } catch (error) {
      const { code = "", message } = error as NodeJS.ErrnoException;
      this.#cut();
      throw new LogWriteFailure(
        `The log ${this.path} cannot be written: ${reasons[code] ?? message}${this.#written > 0 ? "; what was recorded before is in it" : ""}.`,
      );
    }
  }
  /** What was begun and could not be written whole is taken back, where the file system lets us. */
  #cut(): void {
    if (this.#fd === undefined) return;
    try {
      ftruncateSync(this.#fd, this.#written);
    } catch {
      // A reader finds the torn block by itself.
    }
  }
}
