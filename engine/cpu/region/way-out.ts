// How compiled code is left.

/** Why and where. `elsewhere`: for an address outside the region; the others before an instruction, which the interpreter must do. */
export interface WayOut {
  readonly kind: "budget" | "memory" | "instruction" | "elsewhere";
  readonly rip: number;
}
/** As they stand in `layout.lastWayOut`. */
export const wayOutCodes = { elsewhere: 0, budget: 1, memory: 2, instruction: 3 } as const;
