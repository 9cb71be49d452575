// Boots the machine that a history is of, to be moved about in it. Who has the image and the mounts gives them; the parameters are the history's own.
import { type BootSource, boot } from "../engine/machine-boot.ts";
import { silentWorld, type World } from "../engine/world.ts";
import { LogDamage } from "../events/log/damage.ts";
import { recordedInjections } from "./changes.ts";
import { type MachineFactory, type Memory, ReplayedMachine } from "./replay-machine.ts";
import type { EventSource } from "./replaying.ts";

export class ReplayFactory implements MachineFactory<Memory> {
  readonly #source: Omit<BootSource, "parameters">;
  readonly #history: EventSource;
  readonly #world: World;
  constructor(source: Omit<BootSource, "parameters">, history: EventSource, world: World = silentWorld) {
    this.#source = source;
    this.#history = history;
    this.#world = world;
  }
  boot(): ReplayedMachine {
    const first = this.#history.event(0);
    if (first?.kind !== "boot") throw new LogDamage("The log does not start with a boot event; nothing can be replayed.");
    const { imageName, imageDigest } = first.parameters;
    if (this.#source.image.digest !== imageDigest)
      throw new LogDamage(`The log is of image ${imageName} with digest ${imageDigest}, and the image given has ${this.#source.image.digest}.`);
    const { output, note } = this.#world;
    const world: World = {
      output: (to, bytes) => output.call(this.#world, to, bytes),
      note: text => note.call(this.#world, text),
      inject: recordedInjections(this.#history),
    };
    // Paced: how far the clock jumped is in the log.
    return new ReplayedMachine(boot({ ...this.#source, parameters: first.parameters }, { world, isPaced: true }), this.#history);
  }
}
