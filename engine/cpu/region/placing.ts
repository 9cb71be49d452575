// What a region is compiled for.
import type { GuestMemory } from "../../memory/guest-memory.ts";
import { layout } from "../../memory/layout.ts";
import { fileOffset } from "../register-file.ts";
import { mxcsrBits } from "../sse/mxcsr.ts";

/** What a region's code relies on. Its slot is not among it: that comes from the record which leads to it, so that one module serves wherever it is put. */
export interface Placing {
  /** Whether MXCSR's PE is recorded and masked: then inexact results need no second thought, for as long as it stays so. */
  readonly isInexactRecorded: boolean;
  /** Where the region counts how often it is entered, the ticks it retires, and how often each way out is taken; absent where nobody asks. */
  readonly counters?: number;
}
/** A region's counters: how often it is entered, the ticks it retires, how often its dispatcher is gone through; behind them one for each way out. */
export const counter = { entered: 0, ticks: 1, dispatched: 2 } as const;
export const FIRST_WAY_OUT = 3;
export const MOST_WAYS_OUT = 2045;

/** Whether the register file has MXCSR's PE recorded, and masked: inexact results need no second thought. */
export function isInexactRecorded({ linear }: GuestMemory): boolean {
  const both = mxcsrBits.inexact | mxcsrBits.inexactMask;
  return (linear.view.getUint16(layout.registers + fileOffset.mxcsr, true) & both) === both;
}
