// Standard input where the host gave a pipe: the read end of one whose writer is the world. What comes, comes as input events.
import { O_NONBLOCK } from "../../abi/constants/open-flags.ts";
import { POLLHUP, READABLE } from "../../abi/constants/poll-events.ts";
import type { Bytes } from "../../abi/memory-view.ts";
import type { Kernel } from "../kernel.ts";
import { takeBytes } from "../objects/byte-queue.ts";
import type { FileKind } from "../objects/file-kinds.ts";
import { wake } from "../objects/waiting.ts";

export const WORLD_INPUT_CHANNEL = "world:stdin";
const CHANNELS = [WORLD_INPUT_CHANNEL];
const NONE = new Uint8Array(0);
const FIONREAD = 0x541b;

/** The world writes, or with `null` closes its end; after that nothing can come. */
export function feedInput(kernel: Kernel, bytes: Bytes | null): void {
  const { worldInput } = kernel.vfs;
  if (worldInput.hasEnded) return;
  if (bytes === null) worldInput.hasEnded = true;
  else if (bytes.length > 0) {
    worldInput.buffers.push(bytes as Uint8Array);
    worldInput.length += bytes.length;
  }
  wake(kernel, WORLD_INPUT_CHANNEL);
}

export const worldInput: FileKind = {
  isSeekable: false,
  read(kernel, { open, count }) {
    const state = kernel.vfs.worldInput;
    if (count > 0 && state.length > 0) return { kind: "done", value: takeBytes(state, count) };
    if (count === 0 || state.hasEnded) return { kind: "done", value: NONE };
    if ((open.flags & O_NONBLOCK) !== 0) return { kind: "fail", errno: "EAGAIN" };
    return { kind: "block", channels: CHANNELS };
  },
  write: () => ({ kind: "fail", errno: "EBADF" }),
  poll(kernel) {
    const { length, hasEnded } = kernel.vfs.worldInput;
    return { mask: (length > 0 ? READABLE : 0) | (hasEnded ? POLLHUP : 0), channels: CHANNELS };
  },
  ioctls: { [FIONREAD]: kernel => ({ kind: "done", value: { out: kernel.vfs.worldInput.length } }) },
};
