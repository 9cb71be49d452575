// Everything outside a machine, seen from inside: what it is given (inputs, choices) and what it gives (output). The machine knows nothing else of its host.
import type { Input } from "../events/kernel-event.ts";

/** What the guest does to a link, a connection that leads outside. The world answers by inputs. */
export type LinkAct =
  /** connect(2) to a loopback address where nobody in the machine listens: `host` in digits. The answer is `dialled` or `refused`. */
  | { readonly kind: "dial"; readonly host: string; readonly port: number }
  /** The incoming connection has reached its listener: from now on bytes may come. */
  | { readonly kind: "open" }
  | { readonly kind: "send"; readonly bytes: Readonly<Uint8Array> }
  /** So many bytes of what came are read. */
  | { readonly kind: "taken"; readonly count: number }
  /** It sends no more. */
  | { readonly kind: "end" }
  /** Nobody in the machine has it any more; what was sent is still to be delivered. */
  | { readonly kind: "close" }
  /** As `close`, but broken off: nobody listens, or not all that came was read. */
  | { readonly kind: "reset" };

export interface World {
  /** The guest's terminal or a standard stream shows these bytes. */
  output(to: "terminal" | "stdout" | "stderr", bytes: Readonly<Uint8Array>): void;
  /** Absent: the machine has no outside, and what a guest dials is not answered. */
  link?(link: number, act: LinkAct): void;
  /** Something a user should know of once: a call that is not served, an instruction that is missing. */
  note(text: string): void;
  /** An errno to answer instead of performing this call, where somebody wants to see what happens then. */
  inject?(task: number, number: number, seq: number): string | undefined;
}
export const silentWorld: World = { output() {}, note() {} };
export type { Input };
