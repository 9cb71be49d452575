// Why a task no longer runs.
import type { Access } from "../memory/page-answer.ts";

export type Stop =
  /** Exactly the budget was spent. */
  | { readonly kind: "budget" }
  /** RIP is after it, RCX and R11 are set, and it has counted as a tick. */
  | { readonly kind: "syscall" }
  /** The instruction at RIP has not happened. `address` is negative in the kernel's half. `isExhausted`: there was no frame left. */
  | {
      readonly kind: "fault";
      readonly address: number;
      readonly access: Access;
      readonly signal: "SIGSEGV" | "SIGBUS";
      readonly code: number;
      readonly isExhausted?: true;
    }
  | { readonly kind: "exception"; readonly signal: "SIGFPE" | "SIGILL" | "SIGTRAP" | "SIGSEGV" | "SIGBUS"; readonly code: number; readonly address: number }
  /** An instruction that Chronix does not serve yet. */
  | { readonly kind: "missing"; readonly address: number; readonly bytes: Uint8Array };
