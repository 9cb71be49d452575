// Everything outside a machine, seen from inside: what it is given (inputs, choices) and what it gives (output). The machine knows nothing else of its host.
import type { Input } from "../events/kernel-event.ts";

export interface World {
  /** The guest's terminal or a standard stream shows these bytes. */
  output(to: "terminal" | "stdout" | "stderr", bytes: Readonly<Uint8Array>): void;
  /** Something a user should know of once: a call that is not served, an instruction that is missing. */
  note(text: string): void;
  /** An errno to answer instead of performing this call, where somebody wants to see what happens then. */
  inject?(task: number, number: number, seq: number): string | undefined;
}
export const silentWorld: World = { output() {}, note() {} };
export type { Input };
