// Boots a machine: the first state, the first program loaded, the boot event published.
import type { BootParameters, KernelEvent } from "../events/kernel-event.ts";
import { errnoText } from "./abi/errno.ts";
import { bootState, type Mount } from "./boot.ts";
import { BootFailure } from "./boot-failure.ts";
import type { Image } from "./loader/image.ts";
import { Machine, type MachineOptions } from "./machine.ts";

export interface BootSource {
  readonly image: Image;
  readonly mounts: readonly Mount[];
  readonly parameters: BootParameters;
}
export interface BootOptions extends Omit<MachineOptions, "memoryBytes" | "quantumTicks"> {
  /** Told of every event, the boot event first. */
  readonly onEvent?: (event: KernelEvent, seq: number) => void;
}
export { BootFailure };

/** A machine after its boot event. Throws `BootFailure` with one sentence where the program cannot be loaded. */
export function boot({ image, mounts, parameters }: BootSource, options: BootOptions): Machine {
  const booted = bootState(image, mounts, parameters);
  if (booted.kind === "fail")
    throw new BootFailure(`${parameters.program} cannot be started in image ${parameters.imageName}: ${errnoText(booted.errno)} (${booted.errno}).`);
  const machine = new Machine(booted.store, {
    ...options,
    memoryBytes: parameters.memoryBytes,
    quantumTicks: parameters.quantumTicks,
  });
  if (options.onEvent) machine.onEvent = options.onEvent;
  machine.begin({ kind: "boot", tick: 0, parameters }, booted.effects);
  return machine;
}
