// An instruction that TypeScript performs: it changes the register file and memory, or answers why the instruction does not happen.
import type { CpuLevel } from "../../events/kernel-event.ts";
import type { RegisterFile } from "./register-file.ts";
import type { Refusal } from "./tier.ts";

export interface AssistContext {
  readonly file: RegisterFile;
  /** What the definition handed over. */
  readonly argument: bigint;
  /** Instructions retired since the machine's start. */
  readonly ticks: number;
  /** Of the machine: for RDRAND. */
  readonly seed: number;
  /** What CPUID says that there is. */
  readonly level: CpuLevel;
  /** The numbers of the register operands. */
  readonly registers: readonly number[];
  readonly immediate: number;
  /** The width of the form. */
  readonly bits: number;
  /** RFLAGS whole; in the file the arithmetic flags are not up to date. */
  changeFlags(change: (rflags: bigint) => bigint): void;
  /** All of wasm memory, and where the file lies in it: for what is to be fast. */
  readonly view: DataView;
  readonly fileAt: number;
  /** Where the definition handed over a place in memory: the bytes there. */
  memory(bytes: number): DataView;
}
/** `overflow`: it happens, and is a trap of which Linux makes what it makes of a general protection fault. */
export type Assist = (context: AssistContext) => Exclude<Refusal, "assist"> | "overflow" | undefined;
