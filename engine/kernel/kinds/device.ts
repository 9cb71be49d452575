// Character devices without a state of their own: null, zero, full, random, urandom (null(4), full(4), random(4)). `object` is the minor number.
import { READABLE, WRITABLE } from "../../abi/constants/poll-events.ts";
import type { Bytes } from "../../abi/memory-view.ts";
import type { Kernel } from "../kernel.ts";
import type { FileKind, IoResult } from "../objects/file-kinds.ts";
import { randomBytes } from "../objects/random.ts";

interface MemoryDevice {
  read(kernel: Kernel, count: number): Bytes;
  readonly isFull?: boolean;
}
/** What one read gives at most, so that a huge buffer does not cost the host one as huge. */
const MOST = 1 << 22;
const NONE = new Uint8Array(0);
const zeros = (_: Kernel, count: number): Bytes => new Uint8Array(Math.min(count, MOST));
const random = (kernel: Kernel, count: number): Bytes => randomBytes(kernel, Math.min(count, MOST));

const devices: Readonly<Record<number, MemoryDevice>> = {
  3: { read: () => NONE },
  5: { read: zeros },
  7: { read: zeros, isFull: true },
  8: { read: random },
  9: { read: random },
};
export const isMemoryDevice = (minor: number): boolean => minor in devices;
const FULL: IoResult<number> = { kind: "fail", errno: "ENOSPC" };

export const device: FileKind = {
  isSeekable: true,
  read: (kernel, { open, count }) => ({ kind: "done", value: devices[open.object]!.read(kernel, count) }),
  write: (_, { open, bytes }) => (devices[open.object]!.isFull ? FULL : { kind: "done", value: bytes.length }),
  poll: () => READY,
};
const READY = { mask: READABLE | WRITABLE, channels: [] };
