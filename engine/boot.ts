// The first moment: from an image and boot parameters to the kernel's first state, and the effects that load the first program. Pure.
import type { BootParameters } from "../events/kernel-event.ts";
import { initialState } from "./kernel/initial-state.ts";
import { WORLD_TERMINAL } from "./kernel/input.ts";
import type { Effect } from "./kernel/kernel.ts";
import { binaryOfText } from "./kernel/objects/binary-string.ts";
import { bootProcess } from "./kernel/objects/first-process.ts";
import { loadProgram } from "./kernel/objects/programs.ts";
import { bootFiles, type HostFolder } from "./kernel/objects/root-files.ts";
import { createFirstContext, openStandardFiles } from "./kernel/objects/standard-files.ts";
import { FIRST_PROCESS } from "./kernel/objects/tasks.ts";
import { createTerminal } from "./kernel/objects/terminals.ts";
import { KernelStore } from "./kernel/store.ts";
import { type Image, storedContents } from "./loader/image.ts";

/** A copy of a host folder, made at boot. */
export interface Mount extends HostFolder {
  readonly digest: string;
}
export type Booted =
  /** The store is the caller's: nobody else has it. */
  { readonly kind: "booted"; readonly store: KernelStore; readonly effects: readonly Effect[] } | { readonly kind: "fail"; readonly errno: string };

export function bootState(image: Image, mounts: readonly Mount[], parameters: BootParameters): Booted {
  const store = new KernelStore(initialState(parameters), storedContents(image, ...mounts));
  const kernel = store.at(0);
  bootFiles(kernel, image, mounts);
  createTerminal(kernel, WORLD_TERMINAL, parameters.terminal);
  const files = openStandardFiles(kernel, parameters);
  bootProcess(kernel, parameters, { files, fsContext: createFirstContext(kernel, parameters.workingDirectory) });
  const loaded = loadProgram(kernel, {
    tid: FIRST_PROCESS,
    path: binaryOfText(parameters.program),
    argv: parameters.argv.map(binaryOfText),
    environment: parameters.environment.map(binaryOfText),
  });
  if (loaded.kind === "fail") return loaded;
  return { kind: "booted", store, effects: store.takeEffects() };
}
