// The kernel's state by folding a log's events through the reducers alone: no processor, no guest memory.
import { bootState } from "../engine/boot.ts";
import type { KernelState } from "../engine/kernel/state/kernel-state.ts";
import type { KernelStore } from "../engine/kernel/store.ts";
import { reduce } from "../engine/kernel/transitions.ts";
import type { BootSource } from "../engine/machine-boot.ts";
import { firstDifference } from "../events/equality.ts";
import type { KernelEvent } from "../events/kernel-event.ts";

/** The state after all events, the boot event first. Throws a sentence where a reducer answers otherwise than was recorded. */
export function fold(events: Iterable<KernelEvent>, source: BootSource): KernelState {
  let store: KernelStore | undefined;
  let seq = 0;
  for (const event of events) {
    if (!store) {
      const booted = bootState(source.image, source.mounts, source.parameters);
      if (booted.kind === "fail") throw new Error(`The log begins with a boot that fails now: ${booted.errno}.`);
      store = booted.store;
    } else {
      const { answer } = reduce(store, event);
      store.takeEffects();
      if (answer && "result" in event) {
        const path = firstDifference({ result: event.result, stores: event.stores }, answer);
        if (path !== undefined) throw new Error(`Folding differs from the record at event ${seq}, in ${path}.`);
      }
    }
    seq++;
  }
  if (!store) throw new Error("The log has no events to fold.");
  return store.current;
}
