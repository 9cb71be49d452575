// What a call's arguments lead to besides its own task's bytes: another task's memory (process_vm_readv(2)) and registers (ptrace(2)), and which pages have been touched (mincore(2), move_pages(2)).
import { MOST_TAKEN } from "./abi/argument.ts";
import { TASK_SIZE } from "./abi/constants/address-space.ts";
import { protections } from "./abi/constants/mmap.ts";
import { countAsBytes, type FilePlace, type OtherReader } from "./abi/memory-view.ts";
import type { Kernel } from "./kernel/kernel.ts";
import { indexAbove } from "./kernel/objects/areas.ts";
import { openFileOf } from "./kernel/objects/open-files.ts";
import { memoryFile } from "./kernel/objects/proc-tree.ts";
import { areasOf, findArea, reaching } from "./kernel/objects/spaces.ts";
import type { Looks } from "./kernel/proc/memory-files.ts";
import type { Space } from "./kernel/state/vmm.ts";
import type { GuestMemory } from "./memory/guest-memory.ts";
import { generalOf, vectorsOf } from "./task-registers.ts";

const PAGE = 4096;
const withinUser = (address: number, length: number): number => Math.max(0, Math.min(length, TASK_SIZE - address));

export class OtherMemory implements OtherReader {
  readonly #memory: GuestMemory;
  readonly #registers: ReadonlyMap<number, Uint8Array>;
  readonly #hasXsave: boolean;
  readonly #kernel: () => Kernel;
  readonly #caller: () => number;
  /** `caller`: the task whose call is decoded, which is 0 here. */
  constructor(memory: GuestMemory, registers: ReadonlyMap<number, Uint8Array>, hasXsave: boolean, kernel: () => Kernel, caller: () => number) {
    this.#memory = memory;
    this.#registers = registers;
    this.#hasXsave = hasXsave;
    this.#kernel = kernel;
    this.#caller = caller;
  }
  readOf(tid: number, address: number, length: number): Uint8Array {
    const space = this.#spaceOf(tid);
    if (space === undefined) return new Uint8Array(0);
    return this.#memory.read(space, address, this.#memory.readable(space, address, this.#openTo(space, address, length)))!;
  }
  roomOf(tid: number, address: number, length: number): number {
    const space = this.#spaceOf(tid);
    return space === undefined ? 0 : this.#memory.writable(space, address, this.#openTo(space, address, length));
  }
  forcedOf(tid: number, address: number, length: number): Uint8Array {
    const space = this.#spaceOf(tid);
    return space === undefined ? new Uint8Array(0) : this.#memory.peek(space, address, this.#openTo(space, address, length));
  }
  forcedRoomOf(tid: number, address: number, length: number): number {
    const space = this.#spaceOf(tid);
    return space === undefined ? 0 : this.#memory.pokeable(space, address, this.#openTo(space, address, length));
  }
  registersOf(tid: number, which: "general" | "vectors"): Uint8Array {
    const file = this.#registers.get(tid);
    if (!file) return new Uint8Array(0);
    return which === "general" ? generalOf(file, 0n) : vectorsOf(file, this.#hasXsave);
  }
  behind({ fd, offset, count, isWritten }: FilePlace): Uint8Array | undefined {
    const kernel = this.#kernel();
    const task = kernel.procTable.tasks.get(this.#caller())!;
    const open = openFileOf(kernel, task, fd);
    const file = open?.kind === "proc" ? memoryFile(kernel, task, open.virtual!) : undefined;
    if (!open || !file) return undefined;
    const { show, space, isMemory } = file;
    const start = offset ?? open.offset;
    if (isWritten) {
      const room = !isMemory || space === undefined ? 0 : this.#memory.pokeable(space, start, this.#openTo(space, start, withinUser(start, count)));
      return countAsBytes(room) as Uint8Array;
    }
    const found = space === undefined ? undefined : kernel.vmm.spaces.get(space);
    if (space === undefined || !found) return new Uint8Array(0);
    const looks: Looks = {
      anonymous: (address, length) => this.#readAnonymous(space, address, length),
      forced: (address, length) => this.#memory.peek(space, address, this.#openTo(space, address, withinUser(address, length))),
    };
    return show(found as Space, looks, start, Math.min(count, MOST_TAKEN)).slice();
  }
  /** Of private memory without a file alone (FOLL_ANON): what a file system would have to be asked for could keep the reader waiting for as long as it likes. */
  #readAnonymous(space: number, address: number, length: number): Uint8Array {
    const found = this.#kernel().vmm.spaces.get(space)!;
    let end = address;
    while (end < address + length) {
      const area = reaching(found, end);
      if (area?.backing.kind !== "anonymous" || (area.protection & protections.PROT_READ) === 0) break;
      end = area.end;
    }
    const wanted = Math.min(address + length, end) - address;
    return this.#memory.read(space, address, this.#memory.readable(space, address, wanted))!;
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
  /** How many of the bytes come before what is hidden from all but its own program (memfd_secret(2)). */
  #openTo(space: number, address: number, length: number): number {
    const found = this.#kernel().vmm.spaces.get(space);
    if (!found) return length;
    const areas = areasOf(found);
    for (let i = indexAbove(areas, address); i < areas.length && areas[i]!.start < address + length; i++)
      if (areas[i]!.isSecret) return Math.max(0, areas[i]!.start - address);
    return length;
  }
  #spaceOf(tid: number): number | undefined {
    const space = this.#kernel().procTable.tasks.get(tid === 0 ? this.#caller() : tid)?.space;
    return space === 0 ? undefined : space;
  }
}
