// Where a log's bytes come from: anything that can be read at an offset.

export interface LogSource {
  /** How many bytes there are now; a log that is being written grows. */
  readonly size: number;
  /** Fewer bytes only at the end. */
  read(offset: number, length: number): Uint8Array;
  close(): void;
}
