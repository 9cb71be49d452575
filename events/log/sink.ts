// Where a log's bytes go: anything that takes them in order.

export interface LogSink {
  /** Takes all of it, or throws `LogWriteFailure`. */
  write(bytes: Uint8Array): void;
  close(): void;
}
/** Keeps a log in memory. */
export class MemorySink implements LogSink {
  readonly #parts: Uint8Array[] = [];
  write(bytes: Uint8Array): void {
    this.#parts.push(bytes.slice());
  }
  close(): void {}
  get bytes(): Uint8Array {
    return Buffer.concat(this.#parts);
  }
}
