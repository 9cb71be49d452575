// Where a log's bytes go: anything that takes them in order.

export interface LogSink {
  /** Takes all of it, or throws `LogWriteFailure`. */
  write(bytes: Uint8Array): void;
  close(): void;
}
