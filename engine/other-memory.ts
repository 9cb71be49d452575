// The memory that a call's arguments lead to besides its own task's bytes: another task's (process_vm_readv(2)), and which pages have been touched (mincore(2), move_pages(2)).
import type { GuestReader } from "./abi/memory-view.ts";
import type { Kernel } from "./kernel/kernel.ts";
import { findArea } from "./kernel/objects/spaces.ts";
import type { GuestMemory } from "./memory/guest-memory.ts";

const PAGE = 4096;

export class OtherMemory implements Pick<GuestReader, "readOf" | "roomOf" | "touched"> {
  readonly #memory: GuestMemory;
  readonly #kernel: () => Kernel;
  readonly #ownSpace: () => number;
  /** `ownSpace`: that of the task whose call is decoded, which is 0 here. */
  constructor(memory: GuestMemory, kernel: () => Kernel, ownSpace: () => number) {
    this.#memory = memory;
    this.#kernel = kernel;
    this.#ownSpace = ownSpace;
  }
  readOf(tid: number, address: number, length: number): Uint8Array {
    const space = this.#spaceOf(tid);
    return space === undefined ? new Uint8Array(0) : this.#memory.read(space, address, this.#memory.readable(space, address, length))!;
  }
  roomOf(tid: number, address: number, length: number): number {
    const space = this.#spaceOf(tid);
    return space === undefined ? 0 : this.#memory.writable(space, address, length);
  }
  /** Up to the first page that is not mapped: a range may be as long as it likes. */
  touched(tid: number, address: number, pages: number): Uint8Array {
    const space = this.#spaceOf(tid);
    const found = space === undefined ? undefined : this.#kernel().vmm.spaces.get(space);
    if (space === undefined || !found) return new Uint8Array(1);
    const isTouched: number[] = [];
    while (isTouched.length < pages) {
      const at = address + isTouched.length * PAGE;
      const area = findArea(found, at);
      if (!area) break;
      const { backing } = area;
      const ahead = Math.floor((at - area.start) / PAGE);
      const isThere =
        backing.kind === "object" ? this.#memory.sharedPage(backing.object, backing.firstPage + ahead) : this.#memory.isPresent(space, Math.floor(at / PAGE));
      isTouched.push(isThere ? 1 : 0);
    }
    return Uint8Array.from(isTouched);
  }
  #spaceOf(tid: number): number | undefined {
    const space = tid === 0 ? this.#ownSpace() : this.#kernel().procTable.tasks.get(tid)?.space;
    return space === 0 ? undefined : space;
  }
}
