// Accesses that cannot go to guest memory directly, for one instruction: those across two pages, and writes to a page of decoded code.
// They go to buffers, and come back when the instruction has happened.
import type { GuestMemory } from "../memory/guest-memory.ts";
import { BOUNCE_BYTES, BOUNCE_SLOTS, bounceSlot, layout } from "../memory/layout.ts";

interface Armed {
  readonly address: number;
  readonly bytes: number;
  readonly isWrite: boolean;
  /** What was there before; nothing of a page that can be written but not read. */
  readonly before: Uint8Array | undefined;
}

export class Bounce {
  readonly #memory: GuestMemory;
  readonly #armed: Armed[] = [];

  constructor(memory: GuestMemory) {
    this.#memory = memory;
  }
  /** Whether the access just armed is the instruction's first. */
  get isFirst(): boolean {
    return this.#armed.length === 1;
  }
  /** The access must be permitted. */
  arm(space: number, address: number, bytes: number, isWrite: boolean): void {
    const slot = this.#armed.length;
    const content = this.#memory.read(space, address, bytes);
    if (slot === BOUNCE_SLOTS || bytes > BOUNCE_BYTES)
      throw new Error(`An instruction makes more accesses across pages than there are buffers for, at 0x${address.toString(16)}.`);
    const { view, bytes: all } = this.#memory.linear;
    const at = layout.bounceSlots + slot * bounceSlot.bytes;
    // A page that can be written but not read has nothing to show.
    all.set(content ?? new Uint8Array(bytes), layout.bounceBuffers + slot * BOUNCE_BYTES);
    view.setBigInt64(at + bounceSlot.address, BigInt(address), true);
    view.setInt32(at + bounceSlot.length, bytes, true);
    view.setInt32(at + bounceSlot.state, isWrite ? 2 : 1, true);
    this.#armed.push({ address, bytes, isWrite, before: content });
  }
  /** Brings back what was written, if the instruction has happened. */
  disarm(space: number, hasHappened: boolean): void {
    this.#armed.forEach((armed, slot) => {
      this.#memory.linear.words[(layout.bounceSlots + slot * bounceSlot.bytes + bounceSlot.state) >>> 2] = 0;
      if (hasHappened && armed.isWrite) this.#bringBack(space, armed, layout.bounceBuffers + slot * BOUNCE_BYTES);
    });
    this.#armed.length = 0;
  }
  /** What an access has not changed may have been changed by another that overlaps it: ENTER looks whether it may write where it then pushes. */
  #bringBack(space: number, { address, bytes, before }: Armed, at: number): void {
    const written = this.#memory.linear.bytes.slice(at, at + bytes);
    const now = before && this.#memory.read(space, address, bytes);
    this.#memory.write(space, address, now ? now.map((byte, i) => (written[i] === before[i] ? byte : written[i]!)) : written);
  }
}
