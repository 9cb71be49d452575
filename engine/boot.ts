// The first moment: from an image and boot parameters to the kernel's first state, and the effects that load the first program. Pure.
import type { BootParameters } from "../events/kernel-event.ts";
import type { Effect } from "./kernel/kernel.ts";
import { loadProgram } from "./kernel/objects/programs.ts";
import { bootFiles } from "./kernel/objects/root-files.ts";
import { flagsOfStandard } from "./kernel/objects/standard-files.ts";
import { bootProcess, FIRST_PROCESS } from "./kernel/objects/tasks.ts";
import { initialState } from "./kernel/services.ts";
import type { KernelState } from "./kernel/state/kernel-state.ts";
import { KernelStore } from "./kernel/store.ts";
import type { Image, ImageEntry } from "./loader/image.ts";

export interface Mount {
  readonly path: string;
  readonly digest: string;
  readonly isReadOnly: boolean;
  readonly entries: readonly ImageEntry[];
}
export type Booted =
  | { readonly kind: "booted"; readonly state: KernelState; readonly effects: readonly Effect[] }
  | { readonly kind: "fail"; readonly errno: string };

export function bootState(image: Image, mounts: readonly Mount[], parameters: BootParameters): Booted {
  const store = new KernelStore(initialState(parameters));
  const kernel = store.at(0);
  bootFiles(kernel, image, mounts);
  bootProcess(kernel, parameters);
  const loaded = loadProgram(kernel, { tid: FIRST_PROCESS, path: parameters.program, argv: parameters.argv, environment: parameters.environment });
  if (loaded.kind === "fail") return loaded;
  const effects = store.takeEffects();
  return { kind: "booted", state: store.current, effects };
}
