// What reducers and the kernel's objects are given: the slices, to be changed in place, the moment, and a list for effects on what is not kernel state.
import type { Draft } from "immer";
import type { Raw, Store } from "../abi/memory-view.ts";
import type { StoredContents } from "../loader/image.ts";
import type { LinkAct } from "../world.ts";
import type { KernelState } from "./state/kernel-state.ts";

export type RegisterName =
  | "rax"
  | "rbx"
  | "rcx"
  | "rdx"
  | "rsi"
  | "rdi"
  | "rbp"
  | "rsp"
  | "r8"
  | "r9"
  | "r10"
  | "r11"
  | "r12"
  | "r13"
  | "r14"
  | "r15"
  | "rip"
  | "rflags"
  | "fsBase"
  | "gsBase";
export type RegisterValues = { readonly [R in RegisterName]?: Raw };

/** What the machine does to memory, registers and the world once an event is reduced, in this order. Derived by the reducers, so never logged. */
export type Effect =
  | { readonly kind: "createSpace"; readonly space: number }
  | { readonly kind: "forkSpace"; readonly parent: number; readonly child: number }
  | { readonly kind: "destroySpace"; readonly space: number }
  | { readonly kind: "unmap"; readonly space: number; readonly start: number; readonly end: number }
  | { readonly kind: "protect"; readonly space: number; readonly start: number; readonly end: number }
  | { readonly kind: "move"; readonly space: number; readonly from: number; readonly to: number; readonly length: number }
  /** Nobody maps the MAP_SHARED object any more. */
  | { readonly kind: "forgetShared"; readonly object: number }
  /** A file that is mapped MAP_SHARED has changed: its pages do, where they are present. */
  | { readonly kind: "storeShared"; readonly object: number; readonly offset: number; readonly bytes: Readonly<Uint8Array> }
  | { readonly kind: "clearShared"; readonly object: number; readonly start: number; readonly end: number }
  /** The file has become shorter: pages from `first` on are no more. */
  | { readonly kind: "trimShared"; readonly object: number; readonly first: number }
  | { readonly kind: "write"; readonly space: number; readonly store: Store }
  /** As `write`, whatever the pages' permissions (ptrace(2)). */
  | { readonly kind: "poke"; readonly space: number; readonly store: Store }
  /** A new task starts as a copy of another's registers, changed as told. */
  | { readonly kind: "copyRegisters"; readonly from: number; readonly to: number; readonly set: RegisterValues }
  | { readonly kind: "setRegisters"; readonly task: number; readonly set: RegisterValues }
  /** A debugger's: FXSAVE's area or XSAVE's. */
  | { readonly kind: "setVectors"; readonly task: number; readonly vectors: Readonly<Uint8Array> }
  /** The trap flag: whether the task executes one instruction at a time. */
  | { readonly kind: "step"; readonly task: number; readonly isOn: boolean }
  /** All registers as after execve, then `set`. */
  | { readonly kind: "resetRegisters"; readonly task: number; readonly set: RegisterValues }
  /** A call that a signal interrupted is made again: RIP goes back over the instruction, RAX holds the call's number. */
  | { readonly kind: "restartCall"; readonly task: number; readonly number: number }
  /** rt_sigreturn: registers, vectors and flags from a signal frame. */
  | { readonly kind: "restoreContext"; readonly task: number; readonly frame: Readonly<Uint8Array>; readonly vectors: Readonly<Uint8Array> | null }
  | { readonly kind: "dropTask"; readonly task: number; readonly status: number; readonly isLast: boolean }
  | { readonly kind: "output"; readonly to: "terminal" | "stdout" | "stderr"; readonly bytes: Readonly<Uint8Array> }
  | { readonly kind: "link"; readonly link: number; readonly act: LinkAct }
  /** The first process has ended: the machine stops, with this wait status. */
  | { readonly kind: "halt"; readonly status: number };

export interface Kernel {
  readonly vfs: Draft<KernelState["vfs"]>;
  readonly vmm: Draft<KernelState["vmm"]>;
  readonly procTable: Draft<KernelState["procTable"]>;
  readonly signal: Draft<KernelState["signal"]>;
  readonly time: Draft<KernelState["time"]>;
  readonly tty: Draft<KernelState["tty"]>;
  readonly poll: Draft<KernelState["poll"]>;
  readonly net: Draft<KernelState["net"]>;
  readonly ipc: Draft<KernelState["ipc"]>;
  readonly system: Draft<KernelState["system"]>;
  /** Nanoseconds since boot, of this event. */
  readonly nowNanos: number;
  /** Instructions retired since boot. */
  readonly tick: number;
  /** Calls made since boot. */
  readonly calls: number;
  /** What files of the image hold that nobody has changed. */
  readonly contents: StoredContents;
  effect(effect: Effect): void;
  /** What the machine knows of whose turn it is may be wrong now: who is ready, due signals, deadlines or shared mappings have changed. */
  disturb(): void;
  /** Idle time is skipped. */
  skip(nanos: number): void;
}
