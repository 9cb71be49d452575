// Standard input where the host gave a pipe: the read end of one whose writer is the world. What comes, comes as input events.
import { O_NONBLOCK } from "../../abi/constants/open-flags.ts";
import { POLLHUP, READABLE } from "../../abi/constants/poll-events.ts";
import type { Bytes } from "../../abi/memory-view.ts";
import type { Kernel } from "../kernel.ts";
import { takeBytes } from "../objects/byte-queue.ts";
import type { FileKind } from "../objects/file-kinds.ts";
import { isAwaited, wake } from "../objects/waiting.ts";

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
  delete worldInput.isSought;
  wake(kernel, WORLD_INPUT_CHANNEL);
}
/** The clock jumps: whoever looked for input may look again. */
export function forgetSeeking(kernel: Kernel): void {
  delete kernel.vfs.worldInput.isSought;
}
/** Somebody found nothing and goes on. Such a guest may do so for ever, sleeping between: this says that the world must be asked before the clock jumps. */
function seek({ vfs: { worldInput } }: Kernel): void {
  if (worldInput.length === 0 && !worldInput.hasEnded) worldInput.isSought = true;
}

/** Somebody waits for what the world has not given yet, or has looked for it, and it may still give something. */
export function inputIsAwaited(kernel: Kernel): boolean {
  const { hasEnded, isSought } = kernel.vfs.worldInput;
  return !hasEnded && (isSought === true || isAwaited(kernel, WORLD_INPUT_CHANNEL));
}

export const worldInput: FileKind = {
  isSeekable: false,
  read(kernel, { open, count }) {
    const state = kernel.vfs.worldInput;
    if (count > 0 && state.length > 0) return { kind: "done", value: takeBytes(state, count) };
    if (count === 0 || state.hasEnded) return { kind: "done", value: NONE };
    if ((open.flags & O_NONBLOCK) !== 0) {
      seek(kernel);
      return { kind: "fail", errno: "EAGAIN" };
    }
    return { kind: "block", channels: CHANNELS };
  },
  write: () => ({ kind: "fail", errno: "EBADF" }),
  poll(kernel) {
    seek(kernel);
    const { length, hasEnded } = kernel.vfs.worldInput;
    return { mask: (length > 0 ? READABLE : 0) | (hasEnded ? POLLHUP : 0), channels: CHANNELS };
  },
  ioctls: {
    [FIONREAD]: kernel => {
      seek(kernel);
      return { kind: "done", value: { out: kernel.vfs.worldInput.length } };
    },
  },
};
