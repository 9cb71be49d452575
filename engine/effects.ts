// Applies effects: what reducers decided about memory, registers and the world. The only code that turns kernel decisions into changes outside the kernel's state.
import { frameOffsets, SAVED_REGISTERS } from "./abi/structs/signal-frame.ts";
import { FXSAVE_BYTES, fromFxsave } from "./cpu/fxsave.ts";
import * as registerFile from "./cpu/register-file.ts";
import { restore, XCR0 } from "./cpu/xsave.ts";
import type { Effect, RegisterName, RegisterValues } from "./kernel/kernel.ts";
import { restoredFlags } from "./kernel/signal-frame.ts";
import type { GuestMemory } from "./memory/guest-memory.ts";
import { putSaved, putVectors } from "./task-registers.ts";
import type { World } from "./world.ts";

const PAGE = 4096;
/** The instruction that RIP has passed. */
const SYSCALL_BYTES = 2n;
const SAVED_FLAGS = 8 * SAVED_REGISTERS.indexOf("rflags");
type Appliers = { readonly [K in Effect["kind"]]: (effect: Extract<Effect, { kind: K }>) => void };

export class EffectApplier {
  readonly #memory: GuestMemory;
  readonly #registers: Map<number, Uint8Array>;
  readonly #world: World;
  readonly #halt: (status: number) => void;

  constructor(memory: GuestMemory, registers: Map<number, Uint8Array>, world: World, halt: (status: number) => void) {
    this.#memory = memory;
    this.#registers = registers;
    this.#world = world;
    this.#halt = halt;
  }
  apply(effects: readonly Effect[]): void {
    for (const effect of effects) (this.#appliers[effect.kind] as (effect: Effect) => void)(effect);
  }
  setRegisters(task: number, set: RegisterValues): void {
    const file = this.#registers.get(task);
    if (!file) return;
    for (const name in set) registerFile.set(file, name as RegisterName, BigInt(set[name as RegisterName]!));
  }

  readonly #appliers: Appliers = {
    createSpace: ({ space }) => this.#memory.createSpace(space),
    forkSpace: ({ parent, child }) => this.#memory.forkSpace(parent, child),
    destroySpace: ({ space }) => this.#memory.destroySpace(space),
    unmap: ({ space, start, end }) => this.#memory.unmap(space, start / PAGE, (end - start) / PAGE),
    protect: ({ space, start, end }) => this.#memory.protect(space, start / PAGE, (end - start) / PAGE),
    move: ({ space, from, to, length }) => this.#memory.move(space, from / PAGE, to / PAGE, length / PAGE),
    forgetShared: ({ object }) => this.#memory.forgetShared(object),
    storeShared: ({ object, offset, bytes }) => {
      for (let done = 0; done < bytes.length; ) {
        const [index, within] = [Math.floor((offset + done) / PAGE), (offset + done) % PAGE];
        const length = Math.min(bytes.length - done, PAGE - within);
        this.#memory.writeShared(object, index, within, (bytes as Uint8Array).subarray(done, done + length));
        done += length;
      }
    },
    clearShared: ({ object, start, end }) => {
      const first = Math.floor(start / PAGE);
      for (const { index } of this.#memory.sharedPages(object, first, Math.ceil(end / PAGE) - first)) {
        const [from, to] = [Math.max(start - index * PAGE, 0), Math.min(end - index * PAGE, PAGE)];
        this.#memory.writeShared(object, index, from, new Uint8Array(to - from));
      }
    },
    trimShared: ({ object, first }) => this.#memory.trimShared(object, first),
    // Not writable any more (clear_child_tid in an unmapped stack): Linux ignores that too.
    write: ({ space, store }) => {
      this.#memory.write(space, store.address, store.bytes);
    },
    poke: ({ space, store }) => this.#memory.poke(space, store.address, store.bytes as Uint8Array),
    copyRegisters: ({ from, to, set }) => {
      this.#registers.set(to, this.#registers.get(from)!.slice());
      this.setRegisters(to, set);
    },
    setRegisters: ({ task, set }) => this.setRegisters(task, set),
    setVectors: ({ task, vectors }) => putVectors(this.#registers.get(task)!, vectors),
    step: ({ task, isOn }) => {
      const file = this.#registers.get(task);
      if (file) registerFile.setTrapFlag(file, isOn);
    },
    restartCall: ({ task, number }) => {
      const file = this.#registers.get(task)!;
      this.setRegisters(task, { rax: number, rip: BigInt(registerFile.getNumber(file, "rip")) - SYSCALL_BYTES });
    },
    resetRegisters: ({ task, set }) => {
      this.#registers.set(task, registerFile.createRegisterFile());
      this.setRegisters(task, set);
    },
    restoreContext: ({ task, frame, vectors }) => {
      const file = this.#registers.get(task)!;
      const saved = new DataView(frame.buffer, frame.byteOffset + frameOffsets.registers, 8 * SAVED_REGISTERS.length);
      putSaved(file, saved);
      registerFile.setNumber(file, "rflags", restoredFlags(saved.getUint32(SAVED_FLAGS, true), registerFile.getLow(file, "rflags")));
      // An area that says what cannot be is taken for the shorter one.
      if (vectors && (vectors.length === FXSAVE_BYTES || restore(file, vectors as Uint8Array, XCR0))) fromFxsave(file, vectors);
    },
    dropTask: ({ task }) => {
      this.#registers.delete(task);
    },
    link: ({ link, act }) => this.#world.link?.(link, act),
    output: ({ to, bytes }) => this.#world.output(to, bytes),
    halt: ({ status }) => this.#halt(status),
  };
}
