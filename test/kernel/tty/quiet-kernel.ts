// A kernel with nothing in it but terminals and whatever a test puts there: plain mutable state, as a draft looks to reducers.
import type { Draft } from "immer";
import { initialState } from "../../../engine/kernel/initial-state.ts";
import type { Effect, Kernel } from "../../../engine/kernel/kernel.ts";
import { initialProcTable } from "../../../engine/kernel/state/proc-table.ts";
import { initialSignal } from "../../../engine/kernel/state/signal.ts";
import { initialSystem } from "../../../engine/kernel/state/system.ts";
import { initialTime } from "../../../engine/kernel/state/time.ts";
import { emptyTty } from "../../../engine/kernel/state/tty.ts";
import { emptyVfs } from "../../../engine/kernel/state/vfs.ts";
import type { BootParameters } from "../../../events/kernel-event.ts";
import { BOOT_PARAMETERS } from "../boot-parameters.ts";

export const PARAMETERS: BootParameters = { ...BOOT_PARAMETERS, standard: ["terminal", "terminal", "terminal"] };
export interface QuietKernel extends Kernel {
  nowNanos: number;
  readonly effects: Effect[];
}
export function quietKernel(): QuietKernel {
  const effects: Effect[] = [];
  const mutable = <T>(value: T): Draft<T> => structuredClone(value) as Draft<T>;
  return {
    vfs: mutable(emptyVfs),
    vmm: { spaces: new Map(), nextSpace: 1, nextObject: 1 } as unknown as Kernel["vmm"],
    procTable: mutable(initialProcTable),
    signal: mutable(initialSignal),
    time: mutable(initialTime(PARAMETERS)),
    tty: mutable(emptyTty),
    ipc: mutable(initialState(PARAMETERS).ipc),
    net: mutable(initialState(PARAMETERS).net),
    poll: mutable(initialState(PARAMETERS).poll),
    system: mutable(initialSystem(PARAMETERS)),
    nowNanos: 0,
    tick: 0,
    calls: 0,
    contents: new Map(),
    effects,
    effect: effect => effects.push(effect),
    disturb() {},
    skip() {},
  } as QuietKernel;
}
