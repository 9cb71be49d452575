import type { Block } from "./blocks.ts";
import { effectsOf } from "./effects.ts";

/** Vector registers of which an instruction writes the lowest lane alone, and the most that one of them writes. */
export function scalarRegisters(blocks: readonly Block[]): ReadonlyMap<number, 32 | 64> {
  const found = new Map<number, 32 | 64>();
  for (const { instruction } of blocks.flatMap(({ instructions }) => instructions)) {
    for (const { place, bits } of effectsOf(instruction.form).scalarTargets) {
      const number = instruction.registers[place]! >> 3;
      if (found.get(number) !== 64) found.set(number, bits);
    }
  }
  return found;
}
