// A log's bytes come from a file, read where they are needed.
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { LogDamage } from "./damage.ts";
import type { LogSource } from "./source.ts";

export class FileSource implements LogSource {
  readonly #fd: number;
  constructor(path: string) {
    try {
      this.#fd = openSync(path, "r");
    } catch (error) {
      throw new LogDamage(`The log ${path} cannot be opened: ${(error as Error).message}.`);
    }
    if (fstatSync(this.#fd).isFile()) return;
    closeSync(this.#fd);
    throw new LogDamage(`The log ${path} is not a file.`);
  }
  get size(): number {
    return fstatSync(this.#fd).size;
  }
  read(offset: number, length: number): Uint8Array {
    const bytes = Buffer.allocUnsafeSlow(Math.max(0, Math.min(length, this.size - offset)));
    let at = 0;
    while (at < bytes.length) {
      const count = readSync(this.#fd, bytes, at, bytes.length - at, offset + at);
      if (count === 0) break;
      at += count;
    }
    return bytes.subarray(0, at);
  }
  close(): void {
    closeSync(this.#fd);
  }
}
